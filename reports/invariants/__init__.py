"""What must be true of the data, whatever raced with whatever: `checkinvariants` prints it, every race and fault test ends with it.

Each check reads and yields one line for each broken row, beginning with the noun. Nothing here repairs.
"""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.clock import database_now
from sla.enums import AgreementState, Outcome
from sla.models import (
    Acceptance,
    AgreementVersion,
    Dispute,
    GeneralRequest,
    LedgerEntry,
    Offer,
    Payment,
    ServiceRequest,
)
from sla.text.canonical import hash_of
from units.models import Event

from ..actions.results import Prepared, result_hash
from ..actions.submission import revision_hash
from ..enums import IN_REVIEW, REPORT_TRANSITIONS, WITH_RESULT, CallState, ReportState, ReportStatus, ReportVerb
from ..models import Call, Evidence, Objection, Report, ResultVersion, ReturnRound, Revision, Snapshot
from .accounts import ACCOUNT_CHECKS
from .calls import CALL_CHECKS
from .clocks import CLOCK_CHECKS
from .disputes import CHECKS as DISPUTE_CHECKS
from .evidence import EVIDENCE_CHECKS
from .facts import FACT_CHECKS
from .files import FILE_CHECKS
from .lines import LINE_CHECKS
from .money import MONEY_CHECKS
from .objections import OBJECTION_CHECKS
from .replay import REPLAY_CHECKS
from .reports import REPORT_CHECKS
from .requests import REQUEST_CHECKS
from .reviews import REVIEW_CHECKS
from .rows import ROW_CHECKS
from .saying import Check, holds
from .seats import SEAT_CHECKS
from .terms import TERM_CHECKS
from .units import UNIT_CHECKS

S = ReportState
# What time can make of a stored state before anybody acts on it.
STATUSES = {
    S.NOT_STARTED: (ReportStatus.NOT_STARTED, ReportStatus.MISSED),
    S.DRAFT: (ReportStatus.DRAFT, ReportStatus.SUBMITTED, ReportStatus.MISSED),
    S.AWAITING_SIGN_OFF: (ReportStatus.AWAITING_SIGN_OFF, ReportStatus.SUBMITTED, ReportStatus.MISSED),
    S.SUBMITTED: (ReportStatus.SUBMITTED,),
    S.UNDER_REVIEW: (ReportStatus.UNDER_REVIEW,),
    S.RETURNED: (ReportStatus.RETURNED, ReportStatus.UNDER_REVIEW),
    S.ANNOUNCED: WITH_RESULT,
    S.EXCUSED: (ReportStatus.EXCUSED,),
    S.CANCELLED: (ReportStatus.CANCELLED,),
}
# A file that comes or goes is drafting as much as a word is: a report may begin with one.
AS_DRAFTING: dict[str, str] = dict.fromkeys(
    (ReportVerb.ADD_EVIDENCE, ReportVerb.REMOVE_EVIDENCE, ReportVerb.BRING_WORKBOOK), "draft"
)
# Verbs of Events that move a report's state; all others (reminders, findings …) leave it alone.
STEPS = {action for _status, action in REPORT_TRANSITIONS} | {ReportVerb.ASK, ReportVerb.LAPSE_RETURN, *AS_DRAFTING}

# Of what an Event of this verb gives the number, in its data.
NUMBERED: dict[str, str] = {ReportVerb.SUBMIT: "revision", ReportVerb.RETURN: "round", ReportVerb.ANNOUNCE: "version"}


def broken() -> Iterator[str]:
    """Every broken row of every check."""
    for check in CHECKS:
        yield from check()


def every_check(*, files: bool) -> tuple[Check, ...]:
    """With `files` also those that read the store."""
    return (*CHECKS, *FILE_CHECKS) if files else CHECKS


def figures() -> dict[str, int]:
    """How much was looked at: the line that a clean run prints."""
    counted = (
        Call, Report, Revision, Evidence, Snapshot, ResultVersion, Dispute, Acceptance, ServiceRequest, GeneralRequest,
        Payment, LedgerEntry, Event,
    )  # fmt: skip
    return {model._meta.model_name: model.objects.count() for model in counted}


# ------------------------------------------------------------------------------------------------------- reports
@holds(_("A unit has one report on a call."))
def one_report_a_unit_and_call() -> Iterator[str]:
    twice = Report.objects.values("call_id", "unit_id").annotate(n=Count("id")).filter(n__gt=1)
    for row in twice:
        yield f"report: call {row['call_id']} has {row['n']} of unit {row['unit_id']}"


@holds(_("Every submission came before its deadline, every correction before that of its return."))
def revisions_beat_their_deadline() -> Iterator[str]:
    """Before the last moment; an answer to a return before that return's own deadline."""
    for revision in Revision.objects.filter(submitted_at__gte=F("deadline")):
        yield f"revision {revision.pk}: submitted {revision.submitted_at} at or after {revision.deadline}"
    rounds = {(r.report_id, r.number): r for r in ReturnRound.objects.all()}
    for revision in Revision.objects.filter(correction_round__gt=0):
        round_ = rounds.get((revision.report_id, revision.correction_round))
        if round_ is None or round_.due_at != revision.deadline or round_.answered_at != revision.submitted_at:
            yield f"revision {revision.pk}: does not match return {revision.correction_round} of report {revision.report_id}"
    # A first submission is judged by the last moment of its time; later extensions move that only forwards.
    early = Report.objects.with_last_moment().filter(
        revisions__correction_round=0, revisions__submitted_at__gte=F("last_moment")
    )
    for code in early.values_list("tracking_code", flat=True):
        yield f"report {code}: a submission lies at or after its last moment"


@holds(
    _(
        "The hash of every submission, result and published agreement is that of its content, and an acceptance is over the published text."
    )
)
def hashes_are_right() -> Iterator[str]:
    hashed = ("report__tracking_code", "answers", "values", "evidence", "submitted_at", "sha256")
    for revision in Revision.objects.select_related("report").only(*hashed).iterator(chunk_size=500):
        found = revision_hash(
            revision.report, revision.answers, revision.values, revision.evidence, revision.submitted_at
        )
        if found != revision.sha256:
            yield f"revision {revision.pk}: its hash is not that of its content"
    for version in AgreementVersion.objects.filter(state=AgreementState.PUBLISHED).prefetch_related("sections"):
        if hash_of(version) != version.text_hash:
            yield f"agreement {version.pk}: its hash is not that of its text"
    said_by = ("report__tracking_code", "revision__sha256", "number", "score", "total", "missed", "sha256")
    for result in ResultVersion.objects.select_related("report", "revision").only(*said_by).iterator(chunk_size=500):
        said = Prepared(result.score, result.total, result.missed, result.revision)
        if result_hash(result.report, result.number, said) != result.sha256:
            yield f"result {result.pk}: its hash is not that of its content"
    for pk in Acceptance.objects.exclude(text_hash=F("agreement__text_hash")).values_list("pk", flat=True):
        yield f"acceptance {pk}: not over the published text"


@holds(_("The Events of a report are legal steps one after the other and end in its state."))
def histories_are_legal() -> Iterator[str]:
    """The Events of each report form a path through REPORT_TRANSITIONS that ends in the stored state."""
    states = dict(Report.objects.values_list("tracking_code", "state"))
    reached: dict[str, set[str]] = {}
    events = Event.objects.filter(noun="report").order_by("key", "id").values_list("key", "verb")
    for key, verb in events.iterator(chunk_size=5000):
        if verb not in STEPS:
            continue
        if verb == ReportVerb.ASK:
            reached[key] = {S.NOT_STARTED}
            continue
        after = {target for state in reached.get(key, ()) for target in _after(state, verb)}
        if not after and key in reached:
            yield f"report {key}: {verb} from {', '.join(sorted(reached[key])) or 'nothing'} is not legal"
            states.pop(key, None)
        reached[key] = after
    cancelled = set(Report.objects.filter(call__state=CallState.CANCELLED).values_list("tracking_code", flat=True))
    for code, state in states.items():
        allowed = reached.get(code, set()) | ({S.CANCELLED} if code in cancelled else set())
        if state not in allowed:
            yield f"report {code}: is {state}, its Events lead to {', '.join(sorted(allowed)) or 'nothing'}"


def _after(state: str, verb: str) -> set[str]:
    if verb == ReportVerb.LAPSE_RETURN:
        return {S.UNDER_REVIEW} if state == S.RETURNED else set()
    action = AS_DRAFTING.get(verb, verb)
    found = {REPORT_TRANSITIONS.get((status, action)) for status in STATUSES[S(state)]}
    return {target for target in found if target}


@holds(
    _(
        "Each submission, return and announced result has exactly one Event, and no Event tells of one that is not there."
    )
)
def every_change_has_its_event() -> Iterator[str]:
    """Each revision, return, result, dispute and acceptance is told of by exactly one Event of its verb."""
    told: dict[tuple[str, str], int] = defaultdict(int)
    for verb, key, data in Event.objects.filter(noun="report", verb__in=NUMBERED).values_list("verb", "key", "data"):
        number = data.get(NUMBERED[verb])
        told[verb, f"{key}#{number}"] += 1
    rows = [
        (ReportVerb.SUBMIT, Revision.objects.values_list("report__tracking_code", "number")),
        (ReportVerb.RETURN, ReturnRound.objects.values_list("report__tracking_code", "number")),
        (ReportVerb.ANNOUNCE, ResultVersion.objects.filter(announced_at__isnull=False).values_list("report__tracking_code", "number")),
    ]  # fmt: skip
    for verb, things in rows:
        for code, number in things.iterator(chunk_size=5000):
            if told.pop((verb, f"{code}#{number}"), 0) != 1:
                yield f"event: {verb} {number} of report {code} is not told of exactly once"
    for verb, key in told:
        yield f"event: {verb} of {key} tells of nothing that is stored"


@holds(_("What is recorded as closed, lapsed or final lies in the past and at its own instant."))
def latches_agree_with_time() -> Iterator[str]:
    at = database_now()
    for code in Report.objects.filter(closed_for__gt=at).values_list("tracking_code", flat=True):
        yield f"report {code}: latched closed for an instant that lies ahead"
    passed = Report.objects.with_last_moment().filter(
        closed_for__gt=F("last_moment"), call__closed_early_at__isnull=True
    )
    for code in passed.values_list("tracking_code", flat=True):
        yield f"report {code}: latched closed for later than its last moment"
    for report in Report.objects.with_status(at).filter(final_at__isnull=False).exclude(status=ReportStatus.FINAL):
        yield f"report {report.tracking_code}: final_at is set and it is {report.status}"
    for code in Report.objects.filter(final_at__gt=at).values_list("tracking_code", flat=True):
        yield f"report {code}: final at an instant that lies ahead"
    lapsed = ReturnRound.objects.filter(lapsed_at__isnull=False).exclude(lapsed_at=F("due_at"))
    for pk in lapsed.values_list("pk", flat=True):
        yield f"return {pk}: lapsed at another instant than its deadline"
    loose = ReturnRound.objects.filter(ReturnRound.OPEN, report__state__in=(*IN_REVIEW, S.ANNOUNCED))
    for pk in loose.values_list("pk", flat=True):
        yield f"return {pk}: open while its report is not returned"


@holds(_("The snapshot of a closing holds what was submitted before it, and each report once."))
def snapshots_hold_what_was_accepted() -> Iterator[str]:
    """A snapshot's `submitted` is each report's last first-submission before its instant; the three lists share no report."""
    revisions = Revision.objects.filter(correction_round=0).order_by("number")
    of_call: dict[int, list] = defaultdict(list)
    for call_id, code, sha, at in revisions.values_list(
        "report__call_id", "report__tracking_code", "sha256", "submitted_at"
    ):
        of_call[call_id].append((code, sha, at))
    asked = defaultdict(set)
    for call_id, code in Report.objects.asked().values_list("call_id", "tracking_code"):
        asked[call_id].add(code)
    for snapshot in Snapshot.objects.iterator(chunk_size=100):
        expected = {code: sha for code, sha, at in of_call[snapshot.call_id] if at < snapshot.as_of}
        stored = dict(snapshot.submitted)
        codes = [*stored, *snapshot.missed, *snapshot.open]
        # A unit excused after the snapshot is no longer asked; what the snapshot said of it stays.
        if any(expected.get(code) != sha for code, sha in stored.items()):
            yield f"snapshot {snapshot.pk}: holds a submission that was not accepted before its instant"
        if any(code not in stored for code in expected if code in asked[snapshot.call_id]):
            yield f"snapshot {snapshot.pk}: lacks a submission that was accepted before its instant"
        if len(codes) != len(set(codes)):
            yield f"snapshot {snapshot.pk}: names a report twice"


@holds(_("An announced report has a result, and none was announced after it was final."))
def results_are_whole() -> Iterator[str]:
    for code in (
        Report.objects.filter(state=S.ANNOUNCED)
        .exclude(results__announced_at__isnull=False)
        .values_list("tracking_code", flat=True)
    ):
        yield f"report {code}: announced without a result"
    late = ResultVersion.objects.filter(announced_at__gt=F("report__final_at"))
    for pk in late.values_list("pk", flat=True):
        yield f"result {pk}: announced after the report’s result was final"


# --------------------------------------------------------------------------------------------- agreement, disputes
@holds(
    _(
        "A dispute ends once: by agreement on one offer, by withdrawal, or after its month with a position; nothing is added afterwards."
    )
)
def disputes_end_once() -> Iterator[str]:
    for dispute in Dispute.objects.filter(outcome=Outcome.FINAL):
        if dispute.end < dispute.final_at:
            yield f"dispute {dispute.pk}: final before its month had passed"
        if not dispute.positions.exists():
            yield f"dispute {dispute.pk}: final without a position"
    for dispute in Dispute.objects.filter(
        outcome__in=[Outcome.SETTLED, Outcome.WITHDRAWN], ended_at__gte=F("final_at")
    ):
        yield f"dispute {dispute.pk}: {dispute.outcome} at or after its month had passed"
    for offer in Offer.objects.filter(state="accepted").exclude(dispute__outcome=Outcome.SETTLED):
        yield f"offer {offer.pk}: accepted, its dispute not settled"
    for dispute in Dispute.objects.filter(outcome=Outcome.SETTLED).annotate(
        taken=Count("offers", filter=Q(offers__state="accepted"))
    ):
        if dispute.taken != 1:
            yield f"dispute {dispute.pk}: settled with {dispute.taken} accepted offers"
    for table in ("messages", "offers", "positions"):
        late = Dispute.objects.filter(ended_at__isnull=False, **{f"{table}__at__gt": F("ended_at")})
        for pk in late.values_list("pk", flat=True).distinct():
            yield f"dispute {pk}: something was added to its {table} after its end"
    for pk in Objection.objects.exclude(report=F("result__report")).values_list("pk", flat=True):
        yield f"objection {pk}: contests another report’s result"


CHECKS: tuple[Check, ...] = (
    one_report_a_unit_and_call,
    revisions_beat_their_deadline,
    hashes_are_right,
    histories_are_legal,
    every_change_has_its_event,
    latches_agree_with_time,
    snapshots_hold_what_was_accepted,
    results_are_whole,
    disputes_end_once,
    *FACT_CHECKS,
    *CALL_CHECKS,
    *REPORT_CHECKS,
    *REVIEW_CHECKS,
    *CLOCK_CHECKS,
    *REPLAY_CHECKS,
    *MONEY_CHECKS,
    *REQUEST_CHECKS,
    *OBJECTION_CHECKS,
    *DISPUTE_CHECKS,
    *SEAT_CHECKS,
    *EVIDENCE_CHECKS,
    *ROW_CHECKS,
    *ACCOUNT_CHECKS,
    *LINE_CHECKS,
    *TERM_CHECKS,
    *UNIT_CHECKS,
)
