"""What a unit has open: reports without a final result, disputes, payments under way, requests for more time and general
ones. What a change of
the tree must not lose sight of. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from sla.enums import LIVE_PAYMENTS, OPEN_DISPUTE
from sla.models import Dispute, GeneralRequest
from units.models import Membership, Succession, Unit

from ..enums import NOT_ASKED, CallState, ReportStatus
from ..models import ExtensionRequest, Report
from ..models.querysets import ReportQuerySet
from . import reports_at
from .requests import open_requests_of, still_open

OVER = (ReportStatus.FINAL, ReportStatus.EXCUSED, ReportStatus.CANCELLED)


@dataclass
class OpenMatter:
    """What of one unit is open in one call; `report` None: what belongs to no report."""

    unit_id: int
    call_id: int | None
    report: Report | None = None
    disputes: list[Dispute] = field(default_factory=list)
    extensions: int = 0
    payments: int = 0
    requests: list[GeneralRequest] = field(default_factory=list)


def open_reports(units: Collection[int], at: datetime) -> ReportQuerySet:
    """Of published calls, until the result is final; with status. For many units all are read, so look at the unit again."""
    found = reports_at(at).filter(_within("unit", units), call__state=CallState.PUBLISHED)
    return found.exclude(state__in=NOT_ASKED).filter(final_at=None)


def open_matters(units: Iterable[Unit], at: datetime) -> list[OpenMatter]:
    """Five queries, however many units; the newest call first, what belongs to none last."""
    ids = [unit.pk for unit in units]
    if not ids:
        return []
    reports = [r for r in open_reports(ids, at).order_by("-call_id", "pk") if r.status not in OVER]
    found: dict[tuple[int, int | None], OpenMatter] = {
        (r.unit_id, r.call_id): OpenMatter(r.unit_id, r.call_id, r) for r in reports
    }
    by_report = {report.pk: found[report.unit_id, report.call_id] for report in reports}
    disputes = (
        Dispute.objects.with_status(at)
        .filter(unit__in=ids, status__in=OPEN_DISPUTE)
        .select_related("agreement__service")
        .order_by("final_at", "pk")
    )
    for dispute in disputes:
        key = (dispute.unit_id, dispute.call_id)
        found.setdefault(key, OpenMatter(*key)).disputes.append(dispute)
    asked = ExtensionRequest.objects.filter(report__in=by_report, decided_at=None).values_list("report", flat=True)
    for report in asked:
        by_report[report].extensions += 1
    paying = Report.objects.filter(pk__in=by_report, request__payments__state__in=LIVE_PAYMENTS).order_by()
    for pk, n in paying.values_list("pk").annotate(n=Count("request__payments")):
        by_report[pk].payments = n
    general = open_requests_of(ids, at).with_status().select_related("request_type__service", "unit")
    for request in general.order_by("filed_at", "pk"):
        found.setdefault((request.unit_id, None), OpenMatter(request.unit_id, None)).requests.append(request)
    return list(found.values())


@dataclass
class Hanging:
    """What hangs on a unit: people with a seat there, reports without a final result, general requests without an answer."""

    people: int = 0
    reports: int = 0
    requests: int = 0


def hanging_on(units: Collection[int], at: datetime) -> dict[int, Hanging]:
    """By unit id, of those on which something hangs. Three queries, however many units."""
    found: dict[int, Hanging] = defaultdict(Hanging)
    seats = Membership.objects.valid_at(at).filter(_within("unit", units)).order_by()
    for unit, n in seats.values_list("unit").annotate(n=Count("person", distinct=True)):
        found[unit].people = n
    for unit, status in open_reports(units, at).order_by().values_list("unit", "status"):
        if status not in OVER and unit in units:
            found[unit].reports += 1
    asked = GeneralRequest.objects.filter(still_open(at), _within("unit", units)).order_by()
    for unit, n in asked.values_list("unit").annotate(n=Count("pk")):
        found[unit].requests = n
    return found


MOST_NAMED = 500  # ids in one statement; for more, all are read


def _within(name: str, units: Collection[int]) -> Q:
    return Q(**{f"{name}__in": units}) if len(units) < MOST_NAMED else Q()


# --------------------------------------------------------------------------------------------- who has lost their unit
def lost_reports(where: Q) -> QuerySet[Report]:
    """Open reports under `where` whose unit has ended and for which nobody has decided what becomes of them, or whose
    successor has ended too. Whether a result is final by time alone is not asked here; the sweep latches it."""
    return (
        Report.objects.filter(where, unit__retired_at__isnull=False, call__state=CallState.PUBLISHED, final_at=None)
        .exclude(state__in=NOT_ASKED)
        .filter(~Exists(_decided()))
    )


def _decided() -> QuerySet[Succession]:
    """Of a report in the outer query: what stands, unless it names a unit that has ended."""
    same = Succession.objects.standing().filter(unit=OuterRef("unit"), call_id=OuterRef("call_id"))
    return same.filter(Q(successor__isnull=True) | Q(successor__retired_at__isnull=True))


def lost_by_call(where: Q, most: int) -> list[Mapping[str, Any]]:
    """[{call_id, title, until, n}] of `lost_reports`, the nearest closing first."""
    rows = lost_reports(where).order_by().values("call_id", title=F("call__title"), until=F("call__closes_at"))
    return list(rows.annotate(n=Count("pk")).order_by("until", "call_id")[:most])


def successions_of(units: Iterable[Unit]) -> dict[tuple[int, int | None], Succession]:
    """What stands, by unit and call."""
    rows = Succession.objects.standing().filter(unit__in=[unit.pk for unit in units]).select_related("successor")
    return {(row.unit_id, row.call_id): row for row in rows}
