"""What must be true of every dispute: its count of days, its price, its positions, its offers, and that nothing follows its end."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce, Length
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.clock import database_now
from sla.calendar.dispute_end import compute
from sla.calendar.workdays import Week, WorkingCalendar
from sla.enums import AgreementVerb, OfferState, Outcome, Subject
from sla.models import ClockInterval, Dispute, DisputeFile, DisputeMessage, Offer, Position, RequestDecision
from sla.queries import days_deadline_then
from sla.queries.requests import DECISION
from sla.rules import RESULT
from units.models import Event

from ..enums import ReportVerb
from ..models import ExtensionRequest, Objection, Report, ResultVersion, ReturnRound
from ..models.querysets import AFTER_BANK
from ..rules.contestable_acts import NOUNS
from ..rules.offered_acts import EXCUSE, EXTENSION, FEE, TAKE_BACK
from .saying import holds

ENDED = Q(outcome__in=Outcome.values)

# Which Event tells that what an offer carried was done.
DONE_BY = {
    EXTENSION: ReportVerb.EXTEND,
    EXCUSE: ReportVerb.EXCUSE,
    TAKE_BACK: ReportVerb.WITHDRAW_RETURN,
    FEE: ReportVerb.LOWER_FEE,
}


@holds(_("The last day of a dispute follows from the calendar that was kept when it was filed."))
def months_are_counted_right() -> Iterator[str]:
    """The snapshot alone gives the last day and `final_at` again, whatever the calendar says today."""
    for dispute in Dispute.objects.iterator(chunk_size=500):
        try:
            end = compute(dispute.filed_at, dispute.rule, _calendar_of(dispute.calendar))
        except (KeyError, ValueError, TypeError):
            yield f"dispute {dispute.pk}: its snapshot of the calendar cannot be read"
            continue
        if (end.last_day, end.final_at) != (dispute.last_day, dispute.final_at) or end.snapshot != dispute.calendar:
            yield f"dispute {dispute.pk}: its snapshot gives {end.final_at}, not {dispute.final_at}"


def _calendar_of(snapshot: dict) -> WorkingCalendar:
    holidays = {
        date.fromisoformat(day["day"]): day["off"] for day in snapshot["days"] if day["off"] not in ("", "weekend")
    }
    later = tuple(
        Week(date.fromisoformat(week["starts"]), frozenset(week["weekend"]), (8, 16))
        for week in snapshot.get("weeks", [])
    )
    return WorkingCalendar(frozenset(snapshot["weekend"]), holidays, later=later)


@holds(_("No dispute was charged for."))
def contesting_is_free() -> Iterator[str]:
    for pk in Dispute.objects.exclude(request__price_rials=0).values_list("pk", flat=True):
        yield f"dispute {pk}: it was charged for"


@holds(_("The positions of a dispute are numbered without gaps from the contested act on."))
def positions_are_in_order() -> Iterator[str]:
    """Numbered from 0 without gaps, in the order of time. Position 0 is the contested act; only a question of
    interpretation starts with none, and its views are nobody's act."""
    found: dict[int, list[Position]] = defaultdict(list)
    for position in Position.objects.order_by("dispute_id", "number").iterator(chunk_size=500):
        found[position.dispute_id].append(position)
    for dispute in Dispute.objects.iterator(chunk_size=500):
        positions = found.get(dispute.pk, [])
        if [p.number for p in positions] != list(range(len(positions))):
            yield f"dispute {dispute.pk}: its positions are not numbered from 0 without gaps"
        if [p.at for p in positions] != sorted(p.at for p in positions):
            yield f"dispute {dispute.pk}: a position is older than the one before it"
        if dispute.subject == Subject.INTERPRETATION:
            if any(p.act_noun for p in positions):
                yield f"dispute {dispute.pk}: a question of interpretation is answered by an act"
            continue
        first = positions[0] if positions else None
        if first is None or (first.act_noun, first.act_key, first.by_id, first.at) != (
            dispute.subject_noun, dispute.subject_key, None, dispute.filed_at,
        ):  # fmt: skip
            yield f"dispute {dispute.pk}: position 0 is not what is contested"


@holds(_("An objection belongs to a dispute over an announced result."))
def objections_are_over_results() -> Iterator[str]:
    """A dispute has an objection exactly where a result is, or became, the provider's view."""
    linked = set(Objection.objects.values_list("dispute_id", flat=True))
    over = set(Position.objects.filter(act_noun=RESULT).values_list("dispute_id", flat=True))
    for pk in sorted(linked ^ over):
        yield f"dispute {pk}: {'an objection, and no result in its positions' if pk in linked else 'over a result without an objection'}"
    announced = {
        str(pk) for pk in ResultVersion.objects.filter(announced_at__isnull=False).values_list("pk", flat=True)
    }
    for pk, key in Position.objects.filter(act_noun=RESULT).values_list("dispute_id", "act_key"):
        if key not in announced:
            yield f"dispute {pk}: stands on result {key}, which was not announced"


@holds(_("What an offer carries was done exactly where it was accepted, when the dispute ended."))
def offers_do_what_they_say() -> Iterator[str]:
    """What an offer carries was done exactly where it was accepted, at the instant at which the dispute ended."""
    versions = {str(version.pk): version for version in ResultVersion.objects.filter(kind="offer").defer("score")}
    offered = set()
    for offer in Offer.objects.exclude(act_noun="").select_related("dispute").iterator(chunk_size=500):
        accepted = offer.state == OfferState.ACCEPTED
        if offer.act_noun == RESULT:
            offered.add(offer.act_key)
            version = versions.get(offer.act_key)
            if version is None or version.dispute_id != offer.dispute_id:
                yield f"offer {offer.pk}: names a result that was not prepared for it"
            elif (version.announced_at is not None) != accepted:
                yield f"offer {offer.pk}: is {offer.state}, its result is {'announced' if version.announced_at else 'not announced'}"
            elif accepted and version.announced_at != offer.dispute.ended_at:
                yield f"offer {offer.pk}: its result was announced at another instant than the dispute ended"
        elif accepted and not _was_done(offer):
            yield f"offer {offer.pk}: accepted, and what it carries was not done"
    for key in sorted(set(versions) - offered):
        yield f"result {key}: prepared for an offer that does not exist"


def _was_done(offer: Offer) -> bool:
    """Whether the record tells of the act at the instant of the acceptance."""
    dispute = offer.dispute
    if offer.act_noun == DECISION:
        return RequestDecision.objects.filter(dispute=dispute, at=dispute.ended_at, decision=offer.act_key).exists()
    verb = DONE_BY.get(offer.act_noun, "")
    told = Event.objects.filter(
        noun="report" if dispute.call_id else "general_request", verb=verb, at=dispute.ended_at,
        unit_id=dispute.unit_id, call_id=dispute.call_id,
    )  # fmt: skip
    if offer.act_noun == EXTENSION:
        told = told.filter(data__after=offer.act_key)
    return told.exists()


@holds(_("Every dispute was filed within its days."))
def filed_within_the_days_of_the_act() -> Iterator[str]:
    """An objection before the end of its window; another act within the objection days that began with it."""
    late = Objection.objects.filter(
        dispute__subject=Subject.RESULT, dispute__filed_at__gte=F("report__objection_until")
    )
    for pk in late.values_list("dispute_id", flat=True):
        yield f"dispute {pk}: filed after the objection window of the result"
    reports: dict[tuple[int | None, int], Report] = {
        (r.call_id, r.unit_id): r
        for r in Report.objects.select_related("call", "request").filter(
            call_id__in=Dispute.objects.exclude(call_id=None).values("call_id")
        )
    }
    of_requests = Q(subject=Subject.FEE, call_id=None)  # see invariants.requests
    for dispute in Dispute.objects.filter(subject__in=list(NOUNS)).exclude(of_requests).iterator(chunk_size=500):
        report = reports.get((dispute.call_id, dispute.unit_id))
        if report is None:
            yield f"dispute {dispute.pk}: over no report"
            continue
        begun = _instant_of(dispute, report)
        if begun is None:
            yield f"dispute {dispute.pk}: the act it is over is not there"
        elif not begun <= dispute.filed_at < days_deadline_then(begun, report.call.objection_days):
            yield f"dispute {dispute.pk}: filed outside the objection days of the act of {begun}"


def _instant_of(dispute: Dispute, report: Report) -> datetime | None:
    """When the contested act was done. A miss has the last moment that had passed at filing: an extension moves it later."""
    key = int(dispute.subject_key)
    if dispute.subject == Subject.EXTENSION:
        return ExtensionRequest.objects.filter(pk=key, report=report).values_list("decided_at", flat=True).first()
    if dispute.subject == Subject.RETURN:
        return ReturnRound.objects.filter(pk=key, report=report).values_list("returned_at", flat=True).first()
    if dispute.subject == Subject.FEE:
        if key == report.request_id:
            return max(report.request.created_at, report.call.opens_at)
        asked = ExtensionRequest.objects.filter(request_id=key, report=report)
        return asked.values_list("request__created_at", flat=True).first()
    if key != report.pk:
        return None
    # What a later act moved is read from the record: each extension says what held before it.
    return missed_at(report, dispute.filed_at)


def missed_at(report: Report, at: datetime) -> datetime:
    """The last moment as it stood at `at`."""
    own = (
        Event.objects.filter(noun="report", key=report.tracking_code, verb=ReportVerb.EXTEND, at__gte=at)
        .order_by("id")
        .first()
    )
    call = Event.objects.filter(
        noun="call", key=str(report.call_id), verb__in=[ReportVerb.EXTEND, ReportVerb.CLOSE_EARLY], at__gte=at
    ).order_by("id").first()  # fmt: skip
    extension = report.extension_until
    if own is not None:
        extension = datetime.fromisoformat(own.data["before"]) if own.data["before"] else None
    closes = datetime.fromisoformat(call.data["before"]) if call is not None else report.call.closes_at
    request = report.request
    base = max(closes, extension or closes) + report.call.grace
    if (span := request.bank_span) and span[0] < base <= span[1]:
        return max(base, span[1] + AFTER_BANK)
    return base


@holds(_("No message, offer or position comes after the end of a dispute."))
def nothing_follows_the_end() -> Iterator[str]:
    """No message and no offer at or after `final_at` or the end; a position only where the provider still owed its view."""
    ends = Coalesce("dispute__ended_at", "dispute__final_at")
    for table, rows in (("messages", DisputeMessage), ("offers", Offer)):
        late = rows.objects.annotate(end=ends).filter(Q(at__gte=F("dispute__final_at")) | Q(at__gt=F("end")))
        for pk in late.values_list("dispute_id", flat=True).distinct():
            yield f"dispute {pk}: something was added to its {table} after its end"
    for pk in Position.objects.filter(number__gt=0, at__gte=F("dispute__final_at")).values_list(
        "dispute_id", flat=True
    ):
        yield f"dispute {pk}: a position was replaced after its month had passed"
    early = Position.objects.filter(number=0, at__gte=F("dispute__final_at")).exclude(
        dispute__subject=Subject.INTERPRETATION, dispute__ended_at=F("at")
    )
    for pk in early.values_list("dispute_id", flat=True):
        yield f"dispute {pk}: a view recorded after the month did not end it"
    open_offers = Offer.objects.filter(state=OfferState.OPEN).exclude(dispute__outcome="")
    for pk in open_offers.values_list("pk", flat=True):
        yield f"offer {pk}: on the table of a dispute that has ended"


@holds(_("An ended dispute is recorded, its clock has stopped, and one Event tells of it."))
def ends_are_recorded_whole() -> Iterator[str]:
    """Ended: recorded, its clock stopped, told of once. Not ended: its clock runs."""
    for pk in Dispute.objects.filter(ENDED, recorded_at__isnull=True).values_list("pk", flat=True):
        yield f"dispute {pk}: ended and not recorded"
    for pk in Dispute.objects.filter(ENDED, request__stopped_at__isnull=True).values_list("pk", flat=True):
        yield f"dispute {pk}: ended and its clock goes on"
    running = ClockInterval.objects.filter(ends_at__isnull=True).values("request_id")
    for pk in Dispute.objects.filter(outcome="").exclude(request__in=running).values_list("pk", flat=True):
        yield f"dispute {pk}: open and its clock stands still"
    told = dict(
        Event.objects.filter(noun="dispute", verb=AgreementVerb.END)
        .order_by()
        .values_list("key")
        .annotate(n=Count("pk"))
    )
    for pk, outcome in Dispute.objects.values_list("pk", "outcome"):
        if told.pop(str(pk), 0) != bool(outcome):
            yield f"dispute {pk}: its end is not told of exactly once"
    at = database_now()
    for pk in Dispute.objects.filter(recorded_at__isnull=False, outcome="", final_at__gt=at).values_list(
        "pk", flat=True
    ):
        yield f"dispute {pk}: recorded as ended before its month had passed"


@holds(_("Every file of a dispute has a hash and content."))
def attached_files_have_hashes() -> Iterator[str]:
    odd = DisputeFile.objects.annotate(n=Length("sha256")).exclude(n=64, size__gt=0)
    for pk in odd.values_list("pk", flat=True):
        yield f"dispute file {pk}: without a hash or without content"


CHECKS = (
    months_are_counted_right,
    contesting_is_free,
    positions_are_in_order,
    objections_are_over_results,
    offers_do_what_they_say,
    filed_within_the_days_of_the_act,
    nothing_follows_the_end,
    ends_are_recorded_whole,
    attached_files_have_hashes,
)
