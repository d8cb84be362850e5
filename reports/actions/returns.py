"""Returning a report for correction: remarks on some indicators, a deadline of its own, and the clock pauses."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import listed, local_digits
from sajad_portal.lib.text import normalise
from sla.actions.clocks import pause_clock, resume_clock
from sla.enums import Subject
from sla.queries import days_deadline
from units.actions.events import record, tell
from units.enums import Role
from units.models import Membership, Person

from .. import notices
from ..enums import ReportState, ReportVerb, ReviewState
from ..models import Report, ReturnRound, Review, Revision
from ..notices import review as notices_review
from ..queries import asked_of, reports_at
from ..queries.editable import affected_indicators
from ..queries.findings import covers, in_hand, reviewed_indicators, reviews_of
from ..queries.judged_rows import judged_rows
from ..rules.offered_acts import TAKE_BACK
from ..rules.review import returning_membership, rounds_left
from ..xlsform.definition import FormDefinition
from .locking import lock_report, next_report_state, require, require_reason
from .restating import restate

SHORTEST = 3


def return_for_correction(*, report: Report, remarks: dict[str, str], by: Person, note: str = "") -> ReturnRound:
    """Give the report back with a remark on each indicator that is to be corrected ({code: text}).

    Only those may change, until the end of the call's correction days; unanswered, the last revision stands. Refused
    after the announcement, when no round is left, and without a remark; a reviewer remarks on their own sections only.
    """
    with transaction.atomic():
        report, at = lock_report(report)
        report = settle_lapsed_return(report, at)
        reviews = reviews_of(report)
        membership = require(
            returning_membership(by, report, reviews, at),
            _("Only a reviewer of this report or a coordinator of the provider returns it."),
        )
        report.state = next_report_state(report, "return")
        if not rounds_left(report):
            raise Refused(
                _("The call allows %(n)s returns and they are used up. Decide on what was submitted.")
                % {"n": local_digits(report.call.correction_rounds)},
                code="no-round-left",
            )
        definition = asked_of(report)
        mine = [review.section for review in in_hand(by, reviews, at)]
        # Who has none of its reviews decides about the report: a coordinator, or who is named for the unit.
        sections = [""] if membership.role == Role.COORDINATOR or not mine else mine
        remarks = _clean(remarks, definition, sections, report.revisions.latest("number"))
        round_ = _open_round(report, remarks, normalise(note), at=at, by=by)
        reopened = _reopen(reviews, definition, remarks)
        event = record(
            ReportVerb.RETURN, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
            unit_id=report.unit_id, call_id=report.call_id,
            data={
                "round": round_.number, "indicators": sorted(remarks), "due_at": round_.due_at.isoformat(),
                "reopened": [review.pk for review in reopened],
            },
        )  # fmt: skip
        tell(event, notices_review.returned(report, round_, at))
    return round_


def withdraw_return(*, report: Report, by: Person, reason: str) -> ReturnRound:
    """Take the return back before it is answered: what was submitted stands, the round is not used up, the review goes on.

    By whoever may return the report. In a dispute over the return it is the provider's new position.
    """
    with transaction.atomic():
        report, at = lock_report(report)
        membership = require(
            returning_membership(by, report, reviews_of(report), at),
            _("Only a reviewer of this report or a coordinator of the provider takes its return back."),
        )
        round_ = take_back(report, reason=require_reason(reason), at=at, by=by, membership=membership)
        restate(
            report, [Subject.RETURN], act_noun=TAKE_BACK, act_key=str(round_.pk), text=normalise(reason), at=at, by=by,
            membership=membership,
        )  # fmt: skip
    return round_


def take_back(report: Report, *, reason: str, at: datetime, by: Person, membership: Membership) -> ReturnRound:
    """Part of `withdraw_return` and of settling a dispute: the report is locked, the caller has asked who may."""
    state = next_report_state(report, "withdraw_return")
    round_ = ReturnRound.objects.get(ReturnRound.OPEN, report=report)
    round_.withdrawn_at, round_.withdrawn_by = at, by
    round_.save(update_fields=["withdrawn_at", "withdrawn_by"])
    resume_clock(report.request, at=at)
    report.state, report.correction_due_at = state, None
    report.save(update_fields=["state", "correction_due_at"])
    event = record(
        ReportVerb.WITHDRAW_RETURN, noun="report", key=report.tracking_code, at=at, by=by, membership=membership,
        path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id,
        data={"round": round_.number, "reason": reason},
    )  # fmt: skip
    tell(event, notices_review.return_withdrawn(report, reason, at))
    return round_


def _clean(remarks: dict[str, str], definition: FormDefinition, sections: list[str], last: Revision) -> dict[str, str]:
    """Remarks on indicators, answers, tables and rows within the reviewer's sections, in the order of the form; empty ones are left
    out. A row is one that the last submission has."""
    given = {code: normalise(text) for code, text in remarks.items() if normalise(text)}
    known = [*reviewed_indicators(definition), *judged_rows(definition, given, [last])]
    allowed = [i for i in known if any(covers(section, i) for section in sections)]
    if unknown := set(given) - {indicator.code for indicator in allowed}:
        raise Refused(
            _("You do not review %(codes)s; its own reviewer returns it.") % {"codes": listed(sorted(unknown))},
            code="not-yours",
        )
    if not given:
        raise Refused(
            _("Write what is to be corrected on at least one indicator; the unit sees exactly that."), code="no-remark"
        )
    for code, text in given.items():
        if len(text) < SHORTEST:
            raise Refused(
                _("The remark on %(code)s is too short to act on. Say what is to be corrected.") % {"code": code},
                code="short-remark",
            )
    return {indicator.code: given[indicator.code] for indicator in allowed if indicator.code in given}


def _open_round(report: Report, remarks: dict[str, str], note: str, *, at: datetime, by: Person) -> ReturnRound:
    """The round with its deadline; the report waits for the unit and the provider's clock stands still."""
    due_at = days_deadline(at, report.call.correction_days)
    report.correction_round += 1
    report.correction_due_at = due_at
    report.review_started_at = report.review_started_at or at
    report.save(update_fields=["state", "correction_round", "correction_due_at", "review_started_at"])
    run_clock_since_closing(report, at)
    pause_clock(report.request, at=at)
    return ReturnRound.objects.create(
        report=report, number=report.correction_round, remarks=remarks, note=note, returned_at=at, returned_by=by, due_at=due_at
    )  # fmt: skip


def _reopen(reviews: list[Review], definition: FormDefinition, remarks: dict[str, str]) -> list[Review]:
    """Reviews handed in over what is to be corrected are open again: their reviewers look at the answer."""
    affected = affected_indicators(definition, remarks)
    touched = [i for i in reviewed_indicators(definition) if i.code in affected]
    found = [
        r for r in reviews if r.state == ReviewState.HANDED_IN and any(covers(r.section, i) for i in touched)
    ]  # fmt: skip
    for review in found:
        review.state, review.handed_in_at = ReviewState.ASSIGNED, None
        review.save(update_fields=["state", "handed_in_at"])
    return found


def run_clock_since_closing(report: Report, at: datetime) -> None:
    """Part of a verb that takes a submission up: one that was recalled and never repeated counts from the last moment on,
    and its clock stood still till then. Where the clock runs already, nothing changes."""
    if report.last_moment <= at:
        resume_clock(report.request, at=report.last_moment)


def settle_lapsed_return(report: Report, at: datetime) -> Report:
    """Part of a verb that reviews: record a correction's deadline that has passed and that no sweep has recorded yet."""
    if report.state != ReportState.RETURNED or report.correction_due_at is None or at < report.correction_due_at:
        return report
    lapse_return(report, at)
    return reports_at(at).get(pk=report.pk)


def lapse_return(report: Report, at: datetime) -> ReturnRound:
    """Part of a verb or the sweep: nobody answered in time. The report is locked.

    The last revision stands, review resumes, and the clock's pause ends at the deadline itself, not when it is recorded.
    """
    round_ = ReturnRound.objects.get(ReturnRound.OPEN, report=report)
    round_.lapsed_at = round_.due_at
    round_.save(update_fields=["lapsed_at"])
    resume_clock(report.request, at=round_.due_at)
    report.state, report.correction_due_at = ReportState.UNDER_REVIEW, None
    report.save(update_fields=["state", "correction_due_at"])
    event = record(
        ReportVerb.LAPSE_RETURN, noun="report", key=report.tracking_code, at=at, by=None, path=report.unit_path, unit_id=report.unit_id,
        call_id=report.call_id, data={"round": round_.number, "due_at": round_.due_at.isoformat()},
    )  # fmt: skip
    tell(event, notices.correction_lapsed(report, round_, at))
    return round_
