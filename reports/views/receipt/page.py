"""A submission's receipt: when it arrived, how that stands to which deadline, and by which rule."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.deadlines import until
from sajad_portal.lib.periods import label
from units.pages.frame import SignedInRequest

from ...enums import Standing
from ...models import Report, Revision
from ...pages.payments.fees import fee_of_report
from ...pages.public.status import ahead, what_next
from ...queries import report_for
from ...rules import can_recall

TONES = {Standing.ON_TIME: "good", Standing.EXTENDED: "good", Standing.IN_GRACE: "warn"}


@dataclass(frozen=True)
class Receipt:
    revision: Revision
    standing: str
    tone: str
    rule: str


def receipt_of(revision: Revision) -> Receipt:
    return Receipt(revision, revision.get_standing_display(), TONES[Standing(revision.standing)], rule_words(revision))


def rule_words(revision: Revision) -> str:
    """The rule that the standing follows from, as a sentence with its instants."""
    rule = revision.rule
    parts = {"deadline": _moment(rule.get("last_moment"))}
    if rule.get("kind") == "correction":
        return (
            _("A correction, due by %(deadline)s. It does not change how the report stood to the call’s deadline.")
            % parts
        )
    closes = _parse(rule.get("closes_at"))
    extended = _parse(rule.get("extension_until"))
    grace = timedelta(seconds=rule.get("grace_seconds") or 0)
    due = max(moment for moment in (closes, extended, revision.submitted_at if closes is None else closes) if moment)
    parts |= {"closes": _said(closes), "extended": _said(extended), "due": _said(due), "last": _said(due + grace)}
    if revision.standing == Standing.ON_TIME:
        return _("Received before the closing of the call: %(closes)s.") % parts
    if revision.standing == Standing.IN_GRACE:
        return _("Received after the deadline, %(due)s, and before the end of the grace period, %(last)s.") % parts
    if extended and revision.submitted_at < extended:
        return _("The call closed: %(closes)s. The unit had an extension until %(extended)s and kept it.") % parts
    return (
        _("A payment that began before the deadline was settled after it; the report was accepted until %(deadline)s.")
        % parts
    )


def _parse(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _moment(text: str | None) -> str:
    return _said(_parse(text))


def _said(moment: datetime | None) -> str:
    """In the words of every other page: what ends at a midnight ends with the day before."""
    return until(moment) if moment else "—"


@access("can_read")
@require_GET
def receipt(request: SignedInRequest, code: str) -> HttpResponse:
    """The last receipt; `?n=` an earlier one."""
    at = database_now()
    report = report_for(request.user, code, at)
    found = list(report.revisions.select_related("submitted_by", "membership__deputy_for__person").order_by("-number"))
    wanted = request.GET.get("n", "")
    revision = next((item for item in found if not wanted or str(item.number) == wanted), None)
    if revision is None:
        raise Http404
    call = report.call
    context = {
        "report": report,
        "call": call,
        "period": label(call.period_kind, call.period_starts, call.period_ends),
        "receipt": receipt_of(revision),
        "others": [item for item in found if item != revision],
        "is_last": revision == found[0],
        "what_next": what_next(report),
        "steps": ahead(report),
        "fee": fee_of_report(report, request.user, at),
        "recallable": revision == found[0] and can_recall(request.user, report, at),
        "verify": request.build_absolute_uri(_track(report)),
    }
    return render(request, "reports/receipt/page.html", context)


def _track(report: Report) -> str:
    return reverse("reports:track") + f"?code={report.tracking_code}"
