"""The curve of submissions: which share of the units asked had submitted when so much of the window was over.

Windows differ in length, so time is told in shares of the window. A unit counts from its first submission on.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, IntegerField, Value, When
from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import local_digits

from ...enums import CallState
from ...models import Call, Report, Revision
from ...queries import visible_calls, visible_reports
from ..charts import Chart, Series

STEPS = 20
EARLIER = 3  # calls behind
DASHES = ("mute", "plum", "blue")


@dataclass(frozen=True)
class Pace:
    """`shares[i]`: percent that had submitted at step i of STEPS, the last one after the closing; None: not yet."""

    call: Call
    asked: int
    shares: list[float | None]


def earlier_calls(call: Call, person) -> list[Call]:
    """The calls of the same service that opened before, the latest first."""
    found = visible_calls(person).filter(
        agreement__service=call.agreement.service_id, state=CallState.PUBLISHED, opens_at__lt=call.opens_at
    )
    return list(found.exclude(pk=call.pk).order_by("-opens_at", "-pk")[:EARLIER])


def instants(call: Call) -> list[datetime]:
    """When each step of the call's window is reached: STEPS + 1 instants from opening to closing."""
    window = call.closes_at - call.opens_at
    return [call.opens_at + window * step / STEPS for step in range(STEPS + 1)]


def paces(calls: list[Call], person, at: datetime) -> list[Pace]:
    """The curves of the calls over the reports that the person may see. Two queries, whatever their number and size."""
    reports = Report.objects.filter(visible_reports(person), call__in=calls).asked()
    asked = dict(reports.order_by().values_list("call_id").annotate(Count("pk")))
    whens = [
        When(report__call=call.pk, submitted_at__lte=instant, then=Value(step))
        for call in calls
        for step, instant in enumerate(instants(call))
    ]
    rows = (
        Revision.objects.filter(number=1, report__in=reports.values("pk"))
        .annotate(step=Case(*whens, default=Value(STEPS + 1), output_field=IntegerField()))
        .order_by()
        .values_list("report__call_id", "step")
        .annotate(Count("pk"))
    )
    counts = {(call, step): count for call, step, count in rows}
    return [_pace(call, asked.get(call.pk, 0), counts, at) for call in calls]


def _pace(call: Call, asked: int, counts: dict[tuple[int, int], int], at: datetime) -> Pace:
    total, shares = 0, []
    for step, instant in enumerate([*instants(call), call.closes_at]):
        total += counts.get((call.pk, step), 0)
        reached = instant <= at if step else True
        shares.append(100 * total / asked if asked and reached else None)
    # Where the window stands now, the curve ends at what there is now.
    last = next((n for n, share in enumerate(shares) if share is None), None)
    if asked and last is not None and call.opens_at <= at < call.closes_at:
        shares[last] = 100 * sum(n for (pk, _step), n in counts.items() if pk == call.pk) / asked
    return Pace(call, asked, shares)


def chart_of(found: list[Pace]) -> Chart:
    """The call itself, drawn through, with the earlier ones behind it, dashed."""
    labels = [
        _("Opening"),
        *(_("%(n)s%% of the time") % {"n": local_digits(100 * step // STEPS)} for step in range(1, STEPS)),
        _("Closing"),
        _("After the closing"),
    ]
    series = [
        Series(pace.call.title, pace.shares, "brand" if n == 0 else DASHES[n - 1], n > 0)
        for n, pace in enumerate(found)
    ]
    return Chart(
        "pace", _("Share of the units asked that had submitted, over the time of the call"), "line", _("Time"), labels, series,
        unit="٪", places=0, low=0, high=100, size="tall",
    )  # fmt: skip


def standing_now(found: list[Pace]) -> tuple[float | None, float | None, int]:
    """(share reached, the earlier calls' mean at the same point, of how many): None where there is nothing to compare."""
    now = found[0].shares
    step = max((n for n, share in enumerate(now) if share is not None), default=None)
    if step is None:
        return None, None, 0
    others = [share for pace in found[1:] if (share := pace.shares[step]) is not None]
    return now[step], sum(others) / len(others) if others else None, len(others)
