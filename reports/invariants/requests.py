"""What must be true of general requests: state and instants, clock, decision, dispute, files. Read by `checkinvariants`."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from sla.enums import NOT_AS_ASKED, AgreementVerb, EntryKind, GeneralState, Side, Subject
from sla.models import (
    ClockInterval,
    Dispute,
    GeneralRequest,
    LedgerEntry,
    RequestDecision,
    RequestFile,
    RequestMessage,
)
from sla.queries.requests import DECISION, PRICED, fee_contest_until
from units.models import Event

from .saying import holds

S = GeneralState


@holds(_("A general request is of its unit and type, and was opened when it was filed."))
def requests_stand_under_their_terms() -> Iterator[str]:
    """The service request is of the same unit and type, and was opened at the filing."""
    odd = GeneralRequest.objects.filter(filed_at__isnull=False).exclude(
        request__unit=F("unit"), request__request_type=F("request_type"), request__created_at__lte=F("filed_at")
    )
    for pk in odd.values_list("pk", flat=True):
        yield f"general request {pk}: its service request is another’s"


@holds(_("The clock of a general request runs, waits, stops or is void as the request’s state says."))
def request_clocks_tell_their_state() -> Iterator[str]:
    """Runs while the provider holds what is paid; stands still while a question waits; stopped where decided, void where
    withdrawn; never begun where the fee has not come."""
    mine = ClockInterval.objects.filter(request=OuterRef("request"))
    rows = GeneralRequest.objects.filter(filed_at__isnull=False).annotate(
        ran=Exists(mine), runs=Exists(mine.filter(ends_at=None)), paid=Exists(_paid())
    )
    for pk, state, asked, ran, runs, paid, stopped, voided in rows.values_list(
        "pk", "state", "asked_at", "ran", "runs", "paid", "request__stopped_at", "request__voided_at"
    ):
        if (stopped is not None) != (state == S.DECIDED):
            yield f"general request {pk}: is {state}, and its clock is {'stopped' if stopped else 'not stopped'}"
        if (voided is not None) != (state == S.WITHDRAWN):
            yield f"general request {pk}: is {state}, and its clock is {'void' if voided else 'not void'}"
        if ran and not paid:
            yield f"general request {pk}: its clock ran before its fee came"
        # A fee that has come is taken up a moment later: until then the clock has not run at all.
        if state == S.FILED and ran and runs != (asked is None):
            yield f"general request {pk}: {'waits for the unit and its clock runs' if asked else 'its clock stands still'}"
    for pk in rows.filter(ran=False, state=S.FILED, request__price_rials=0).values_list("pk", flat=True):
        yield f"general request {pk}: free, filed, and its clock never ran"


def _paid() -> QuerySet[GeneralRequest]:
    """Free, or its fee came once, whether or not it went back since."""
    credit = LedgerEntry.objects.filter(request=OuterRef("request"), kind=EntryKind.CREDIT)
    return GeneralRequest.objects.filter(Q(request__price_rials=0) | Exists(credit), pk=OuterRef("pk"))


@holds(_("A general request waits for the unit exactly while its last message is a question."))
def questions_wait_for_the_unit() -> Iterator[str]:
    """`asked_at` stands where the last word of the thread is a question."""
    last: dict[int, str] = dict(RequestMessage.objects.order_by("pk").values_list("general_id", "side"))
    for pk, asked in GeneralRequest.objects.filter(state=S.FILED).values_list("pk", "asked_at"):
        if (last.get(pk) == Side.PROVIDER) != (asked is not None):
            yield f"general request {pk}: its last message does not say whether it waits for the unit"


@holds(_("A general request is decided once, and again only where a dispute over it ended so."))
def requests_are_decided_once() -> Iterator[str]:
    """Decision 1 at the instant at which it was decided, by who may be contested in the days it was filed under; each later
    one by the agreement that ended a dispute over it, at that instant. None elsewhere."""
    found: dict[int, list[RequestDecision]] = defaultdict(list)
    for made in RequestDecision.objects.select_related("dispute").order_by("general_id", "number"):
        found[made.general_id].append(made)
    rows = GeneralRequest.objects.select_related("request").filter(filed_at__isnull=False)
    for general in rows.iterator(chunk_size=500):
        decisions = found.pop(general.pk, [])
        if [d.number for d in decisions] != list(range(1, len(decisions) + 1)):
            yield f"general request {general.pk}: its decisions are not numbered from 1 without gaps"
        if bool(decisions) != (general.state == S.DECIDED):
            yield f"general request {general.pk}: is {general.state} with {len(decisions)} decisions"
            continue
        for made in decisions:
            yield from _one(general, made, decisions)
    for pk in found:
        yield f"general request {pk}: decided, and never filed"


def _one(general: GeneralRequest, made: RequestDecision, every: list[RequestDecision]) -> Iterator[str]:
    if made.number == 1:
        if made.at != general.decided_at:
            yield f"decision {made.pk}: of another instant than its request was decided"
        if (made.contest_until is not None) != (general.contest_days is not None and made.decision in NOT_AS_ASKED):
            yield f"decision {made.pk}: may be contested otherwise than its request was filed under"
        return
    dispute = made.dispute
    keys = [str(d.pk) for d in every if d.number < made.number]
    if (
        dispute is None
        or (dispute.subject_noun, dispute.ended_at) != (DECISION, made.at)
        or dispute.subject_key not in keys
    ):
        yield f"decision {made.pk}: no dispute over its request ended with it"


@holds(_("A decision on a general request was contested within its days, by its unit or its provider."))
def decisions_are_contested_in_time() -> Iterator[str]:
    """A dispute over a decision was filed within its days, between its unit and its provider."""
    decisions = {str(d.pk): d for d in RequestDecision.objects.select_related("general__request_type")}
    for dispute in Dispute.objects.filter(Q(subject=Subject.REQUEST) | Q(subject_noun=DECISION)):
        made = decisions.get(dispute.subject_key)
        if made is None or (dispute.subject, dispute.subject_noun) != (Subject.REQUEST, DECISION):
            yield f"dispute {dispute.pk}: over no decision on a request"
        elif dispute.unit_id != made.general.unit_id:
            yield f"dispute {dispute.pk}: of another unit than the request it is over"
        elif made.contest_until is None or not made.at <= dispute.filed_at < made.contest_until:
            yield f"dispute {dispute.pk}: filed outside the days to contest decision {made.pk}"


@holds(_("The fee of a general request was contested by its own unit, within the days from its filing."))
def fees_are_contested_in_time() -> Iterator[str]:
    """A dispute over the fee of a general request: of its unit, and within the days from its filing."""
    found = {
        str(g.request_id): g for g in GeneralRequest.objects.filter(request__isnull=False).select_related("request")
    }
    for dispute in Dispute.objects.filter(subject=Subject.FEE, call_id=None):
        general = found.get(dispute.subject_key)
        if general is None or (dispute.unit_id, dispute.subject_noun) != (general.unit_id, PRICED):
            yield f"dispute {dispute.pk}: over no fee of a request of its unit"
        elif not general.opened.created_at <= dispute.filed_at < fee_contest_until(general):
            yield f"dispute {dispute.pk}: filed outside the days to contest the fee"


@holds(_("A general request was decided after its fee came, and no fee was taken after it was withdrawn."))
def request_money_is_owed_or_earned() -> Iterator[str]:
    """Decided and paid before it; no fee credited after a withdrawal."""
    unpaid = GeneralRequest.objects.filter(
        ~Q(request__paid_at__lte=F("decided_at")), state=S.DECIDED, request__price_rials__gt=0
    )
    for pk in unpaid.values_list("pk", flat=True):
        yield f"general request {pk}: decided before its fee was paid"
    late = GeneralRequest.objects.filter(state=S.WITHDRAWN, request__paid_at__gt=F("withdrawn_at"))
    for pk in late.values_list("pk", flat=True):
        yield f"general request {pk}: its fee was taken after it was withdrawn"


@holds(_("Filing, deciding and withdrawing a general request each have exactly one Event."))
def requests_have_their_events() -> Iterator[str]:
    """Filing, deciding and withdrawing are each told of exactly once."""
    verbs = {
        AgreementVerb.FILE_REQUEST: "filed_at",
        AgreementVerb.DECIDE_REQUEST: "decided_at",
        AgreementVerb.WITHDRAW_REQUEST: "withdrawn_at",
    }
    for verb, name in verbs.items():
        told = Event.objects.filter(noun="general_request", verb=verb).order_by().values_list("key")
        counts = dict(told.annotate(n=Count("pk")))
        for pk, instant in GeneralRequest.objects.values_list("pk", name):
            if counts.get(str(pk), 0) != (instant is not None):
                yield f"general request {pk}: {verb} is not told of exactly once"


@holds(_("Every file of a general request has a hash and content, and lies beside its own messages."))
def request_files_have_hashes() -> Iterator[str]:
    odd = RequestFile.objects.annotate(n=Length("sha256")).exclude(n=64, size__gt=0)
    for pk in odd.values_list("pk", flat=True):
        yield f"request file {pk}: without a hash or without content"
    strayed = RequestFile.objects.filter(message__isnull=False).exclude(message__general=F("general"))
    for pk in strayed.values_list("pk", flat=True):
        yield f"request file {pk}: beside a message of another request"


REQUEST_CHECKS = (
    requests_stand_under_their_terms,
    request_clocks_tell_their_state,
    questions_wait_for_the_unit,
    requests_are_decided_once,
    decisions_are_contested_in_time,
    fees_are_contested_in_time,
    request_money_is_owed_or_earned,
    requests_have_their_events,
    request_files_have_hashes,
)
