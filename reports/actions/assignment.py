"""Who reviews what. An assignment is the coordinator's word over a section and a subtree; it is made into one review row
for each report it covers, so that queues and independence are plain queries. Reports in the line of the reviewer, or of
whoever assigns, are left out and named; so are those on which the reviewer has worked as somebody's deputy."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sla.rules import provider_membership, speaking_membership
from units.actions.events import record, record_many, tell
from units.enums import Role
from units.models import Event, Membership, Person, Unit
from units.rules import own_membership_over

from ..enums import CallState, ReportState, ReportVerb, ReviewState
from ..models import Call, Report, Review, ReviewAssignment
from ..notices.review import assigned, handed_over
from ..queries import form_of
from ..queries.findings import assignments_of, under
from ..queries.hand_over import HandOver, plan, stood_in_on
from ..queries.lines import barred_reports, is_barred
from ..rules import can_decide
from .deciding import require_decider, why_not_decider
from .locking import lock_call, lock_report, require, require_reason

OF_CALL = ("call__agreement__service__provider",)
CLOSED = (ReportState.ANNOUNCED, ReportState.EXCUSED, ReportState.CANCELLED)


@dataclass(frozen=True)
class AssignmentOutcome:
    """`reviews` made. Left out: `conflicts`, because the reviewer is in their line; `barred`, because
    whoever assigns is, or is named for another unit only; `stood_in`, because the reviewer has worked on another of its
    reviews as a deputy."""

    assignment: ReviewAssignment
    reviews: list[Review] = field(default_factory=list)
    conflicts: list[Report] = field(default_factory=list)
    barred: list[Report] = field(default_factory=list)
    stood_in: list[Report] = field(default_factory=list)


def assign_reviewer(
    *, call: Call, reviewer: Person, unit: Unit, by: Person, section: str = "", lead: bool = False
) -> AssignmentOutcome:
    """Let the reviewer look at one section (all: "") of every report of the call in the unit's subtree.

    Refused where the person holds no reviewer's role over the unit, the section is unknown, or they review it already.
    """
    with transaction.atomic():
        call, at = lock_call(call)
        membership = require(
            provider_membership(by, call.service, at) or speaking_membership(by, call.service, unit, at),
            _("Only a coordinator of the provider assigns reviewers."),
        )
        outcome = _assign(call, reviewer, unit, section, lead, at=at, by=by)
        event = _record(ReportVerb.ASSIGN_REVIEWER, outcome, at=at, by=by, membership=membership)
        tell(event, assigned(outcome.assignment, len(outcome.reviews)))
    return outcome


def _assign(
    call: Call, reviewer: Person, unit: Unit, section: str, lead: bool, *, at: datetime, by: Person
) -> AssignmentOutcome:
    if call.state != CallState.PUBLISHED:
        raise Refused(_("Reviewers are assigned once the call is published."), code="not-published")
    roles = {Role.REVIEWER, Role.COORDINATOR} if lead else {Role.REVIEWER}
    if not own_membership_over(reviewer, unit.path, roles, at):
        raise Refused(
            _("%(person)s is not a reviewer of “%(unit)s”. Give them the role on the page of the unit first.")
            % {"person": reviewer, "unit": unit},
            code="not-a-reviewer",
        )
    if section and section not in {s.name for s in form_of(call.form_version).sections}:
        raise Refused(_("The form of this call has no such section."), code="no-such-section")
    reports = list(
        Report.objects.filter(under(unit), call=call).exclude(state__in=CLOSED).select_related("unit", *OF_CALL)
    )
    barred = [report for report in reports if not can_decide(by, report, at)]
    if barred and len(barred) == len(reports):
        raise why_not_decider(by, barred[0], at)
    conflicts = [report for report in reports if report not in barred and is_barred(reviewer, report, at)]
    open_to_both = [report for report in reports if report not in barred and report not in conflicts]
    worked = stood_in_on(reviewer, [report.pk for report in open_to_both])
    if worked and len(worked) == len(open_to_both):
        raise _stood_in(reviewer)
    stood_in = [report for report in open_to_both if report.pk in worked]
    theirs = [report for report in open_to_both if report.pk not in worked]
    assignment = _held_or_new(call, reviewer, unit, section, lead, theirs, at=at, by=by)
    return AssignmentOutcome(assignment, _materialise(assignment, theirs, at), conflicts, barred, stood_in)


def _stood_in(reviewer: Person) -> Refused:
    said = _(
        "%(person)s has worked on another review of this as a deputy. Reviewers of one report are independent: choose "
        "somebody else."
    )
    return Refused(said % {"person": reviewer}, code="stood-in")


def _held_or_new(
    call: Call, reviewer: Person, unit: Unit, section: str, lead: bool, reports: list[Report], *, at: datetime, by: Person
) -> ReviewAssignment:  # fmt: skip
    """The assignment that these reports come under. Refused where the reviewer has one over all of them already; one that
    leaves some out, because whoever gave it could not decide about them, is made whole by somebody else."""
    nested = [
        held
        for held in assignments_of(call).filter(reviewer=reviewer)
        if (held.unit.path.startswith(unit.path) or unit.path.startswith(held.unit.path))
        and (not held.section or not section or held.section == section)
    ]
    if nested:
        theirs = Review.objects.filter(report__in=reports, reviewer=reviewer).exclude(state=ReviewState.RELEASED)
        held_ones = {r.report_id for r in theirs if not r.section or not section or r.section == section}
        if all(report.pk in held_ones for report in reports):
            raise Refused(
                _("%(person)s reviews this already. End that assignment first if it should change.")
                % {"person": reviewer},
                code="assigned-already",
            )
    same = next((a for a in nested if (a.unit_id, a.section, a.lead) == (unit.pk, section, lead)), None)
    return same or ReviewAssignment.objects.create(
        call=call, section=section, unit=unit, reviewer=reviewer, lead=lead, assigned_at=at, assigned_by=by
    )


def _materialise(assignment: ReviewAssignment, reports: list[Report], at: datetime) -> list[Review]:
    """Review rows where the reviewer has none for this section yet; a lead who took one report over keeps that row. A report
    in whose section nothing is asked of the unit has nothing there to review."""
    if assignment.section:
        reports = [report for report in reports if f" {assignment.section} " not in report.not_reviewed]
    held = set(
        Review.objects.filter(report__in=reports, reviewer=assignment.reviewer, section=assignment.section)
        .exclude(state=ReviewState.RELEASED)
        .values_list("report_id", flat=True)
    )
    rows = [
        Review(
            report=report, section=assignment.section, reviewer=assignment.reviewer, lead=assignment.lead, assigned_at=at
        )
        for report in reports
        if report.pk not in held
    ]  # fmt: skip
    return Review.objects.bulk_create(rows, batch_size=1000)


def assign_for_new_report(report: Report, *, at: datetime) -> list[Review]:
    """Part of asking a unit late: every assignment of the call that covers the unit follows the new report."""
    above = {int(part) for part in report.unit_path.split(".") if part}
    made = []
    for assignment in assignments_of(report.call):
        if assignment.unit_id in above and not is_barred(assignment.reviewer, report, at):
            made += _materialise(assignment, [report], at)
    return made


def end_assignment(*, assignment: ReviewAssignment, by: Person, reason: str) -> ReviewAssignment:
    """Take an assignment back. What was handed in stays and counts; what was not is released. Forbidden where a report in the
    line of `by` is among them: somebody else ends it."""
    with transaction.atomic():
        call, at = lock_call(assignment.call)
        membership = require(provider_membership(by, call.service, at))
        assignment, released = _end(assignment, at=at, by=by, reason=require_reason(reason))
        _record_end(assignment, call, released, at=at, by=by, membership=membership, reason=reason)
    return assignment


def reassign(*, assignment: ReviewAssignment, reviewer: Person, by: Person, reason: str) -> AssignmentOutcome:
    """Hand a silent reviewer's assignment to somebody else, in one step."""
    with transaction.atomic():
        call, at = lock_call(assignment.call)
        membership = require(provider_membership(by, call.service, at))
        assignment, released = _end(assignment, at=at, by=by, reason=require_reason(reason))
        _record_end(assignment, call, released, at=at, by=by, membership=membership, reason=reason)
        outcome = _assign(call, reviewer, assignment.unit, assignment.section, assignment.lead, at=at, by=by)
        event = _record(ReportVerb.ASSIGN_REVIEWER, outcome, at=at, by=by, membership=membership)
        tell(event, assigned(outcome.assignment, len(outcome.reviews)))
    return outcome


def _end(assignment: ReviewAssignment, *, at: datetime, by: Person, reason: str) -> tuple[ReviewAssignment, int]:
    """Refused as a whole where the reviewer judges, by this assignment, a report in the line of `by`."""
    assignment = ReviewAssignment.objects.select_for_update().get(pk=assignment.pk)
    if assignment.ended_at:
        raise Refused(_("This assignment has ended already."), code="ended-already")
    reports = Report.objects.filter(under(assignment.unit), call=assignment.call)
    own = Review.objects.filter(
        report__in=reports.values("pk"), reviewer=assignment.reviewer, section=assignment.section, state=ReviewState.ASSIGNED
    )  # fmt: skip
    barred = own.filter(barred_reports(by, at, "report__")).select_related("report__unit", "report__call").first()
    if barred is not None:
        raise why_not_decider(by, barred.report, at)
    assignment.ended_at = at
    assignment.save(update_fields=["ended_at"])
    released = own.update(state=ReviewState.RELEASED, released_at=at, reason=reason)
    return assignment, released


def reassign_review(*, review: Review, reviewer: Person, by: Person, reason: str) -> Review:
    """Hand one report of a silent reviewer to somebody else; the assignment itself goes on."""
    with transaction.atomic():
        report, at = lock_report(review.report)
        membership = require_decider(by, report, at)
        reason = require_reason(reason)
        review = Review.objects.select_for_update().select_related("reviewer").get(pk=review.pk)
        if review.state != ReviewState.ASSIGNED:
            raise Refused(_("This review is handed in or released already."), code="not-assigned")
        if not own_membership_over(reviewer, report.unit.path, {Role.REVIEWER}, at):
            raise Refused(
                _("%(person)s is not a reviewer of “%(unit)s”. Give them the role on the page of the unit first.")
                % {"person": reviewer, "unit": report.unit},
                code="not-a-reviewer",
            )
        if is_barred(reviewer, report, at):
            raise Refused(
                _("%(person)s reports for this unit, one above or one below it, and cannot review it.")
                % {"person": reviewer},
                code="conflict",
            )
        theirs = Review.objects.filter(report=report, reviewer=reviewer).exclude(state=ReviewState.RELEASED)
        if any(not r.section or not review.section or r.section == review.section for r in theirs):
            raise Refused(_("%(person)s reviews this already.") % {"person": reviewer}, code="assigned-already")
        if stood_in_on(reviewer, [report.pk]).get(report.pk, set()) - {review.pk}:
            raise _stood_in(reviewer)
        review.state, review.released_at, review.reason = ReviewState.RELEASED, at, reason
        review.save(update_fields=["state", "released_at", "reason"])
        made = Review.objects.create(
            report=report, section=review.section, reviewer=reviewer, lead=review.lead, assigned_at=at
        )
        record(
            ReportVerb.REASSIGN_REVIEW, noun="report", key=report.tracking_code, at=at, by=by, membership=membership,
            path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id,
            data={"section": review.section, "from": review.reviewer_id, "to": reviewer.pk, "reason": reason},
        )  # fmt: skip
    return made


def hand_over_reviews(*, call: Call, reviews: Iterable[Review], reviewer: Person, by: Person, reason: str) -> HandOver:
    """Hand chosen reviews of the call to somebody else; the assignments themselves go on.

    What cannot go stays with who has it and is named; what was handed in or released meanwhile is left out. Refused where
    nothing can go, Forbidden where one of them is in the line of `by`. The call is held alone, so that nobody hands a review in while it changes hands.
    """
    with transaction.atomic():
        call, at = lock_call(call)
        membership = require(provider_membership(by, call.service, at))
        reason = require_reason(reason)
        chosen = Review.objects.filter(pk__in=[review.pk for review in reviews], report__call=call)
        still = chosen.filter(state=ReviewState.ASSIGNED).exclude(report__state__in=CLOSED)
        found = plan(still.select_related("report__unit", "report__call", "reviewer").order_by("pk"), reviewer, at)
        for review in found.free:
            if is_barred(by, review.report, at):
                raise why_not_decider(by, review.report, at)
        if not found.free:
            raise Refused(
                _("None of these can be handed to %(person)s. Choose others, or somebody else.") % {"person": reviewer},
                code="nothing-to-hand-over",
            )
        gone = Review.objects.filter(pk__in=[review.pk for review in found.free], state=ReviewState.ASSIGNED)
        gone.update(state=ReviewState.RELEASED, released_at=at, reason=reason)
        Review.objects.bulk_create(
            [
                Review(report=r.report, section=r.section, reviewer=reviewer, lead=r.lead, assigned_at=at)
                for r in found.free
            ],
            batch_size=1000,
        )
        event = _record_hand_over(call, found, reviewer, at=at, by=by, membership=membership, reason=reason)
        tell(event, handed_over(call, found.free, reviewer, reason))
    return found


def _record_hand_over(
    call: Call, found: HandOver, reviewer: Person, *, at, by: Person, membership, reason: str
) -> Event:
    """One event for each report, as if it had been handed over singly, and one for the whole."""
    record_many(
        Event(
            at=at, verb=ReportVerb.REASSIGN_REVIEW, noun="report", key=review.report.tracking_code, path=review.report.unit_path,
            unit_id=review.report.unit_id, call_id=call.pk, person=by, membership=membership,
            data={"section": review.section, "from": review.reviewer_id, "to": reviewer.pk, "reason": reason},
        )
        for review in found.free
    )  # fmt: skip
    return record(
        ReportVerb.HAND_OVER_REVIEWS, noun="call", key=call.pk, at=at, by=by, membership=membership, path=call.service.provider.path,
        unit_id=call.service.provider_id, call_id=call.pk,
        data={
            "to": reviewer.pk, "name": reviewer.get_full_name(), "from": sorted({r.reviewer_id for r in found.free}),
            "reviews": len(found.free), "staying": [report.tracking_code for report in found.staying], "reason": reason,
        },
    )  # fmt: skip


def _record(verb: ReportVerb, outcome: AssignmentOutcome, *, at: datetime, by: Person, membership: Membership) -> Event:
    found = outcome.assignment
    return record(
        verb, noun="call", key=found.call_id, at=at, by=by, membership=membership, path=found.unit.path, unit_id=found.unit_id,
        call_id=found.call_id,
        data={
            "assignment": found.pk, "reviewer": found.reviewer_id, "name": found.reviewer.get_full_name(),
            "section": found.section, "lead": found.lead, "reviews": len(outcome.reviews), "conflicts": [report.tracking_code for report in outcome.conflicts],
            "barred": [report.tracking_code for report in outcome.barred],
            "stood_in": [report.tracking_code for report in outcome.stood_in],
        },
    )  # fmt: skip


def _record_end(assignment, call: Call, released: int, *, at: datetime, by: Person, membership, reason: str) -> Event:
    return record(
        ReportVerb.END_ASSIGNMENT, noun="call", key=call.pk, at=at, by=by, membership=membership, path=assignment.unit.path,
        unit_id=assignment.unit_id, call_id=call.pk,
        data={
            "assignment": assignment.pk, "reviewer": assignment.reviewer_id, "name": assignment.reviewer.get_full_name(),
            "released": released, "reason": reason,
        },
    )  # fmt: skip
