"""Who may do what, and when: predicates over calls and reports. They only read.

A report comes from `queries.reports_at(at)` (its call, unit and request loaded, `status` annotated as of `at`), so that the
page, the button and the verb ask the same question; the verb asks again under the lock.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from sla.enums import Side
from sla.rules import filing_side, is_provider_coordinator, speaking_membership
from units.enums import UNIT_ROLES, Role
from units.models import Event, Membership
from units.queries import memberships_of
from units.queries.naming import named_units
from units.rules import acting_membership, membership_over

from ..enums import IN_REVIEW, UNSENT, CallState, ReportState, ReportStatus, ReviewState
from ..models import Call, Report
from ..queries.lines import is_barred
from .deadlines import in_correction, is_open


# ------------------------------------------------------------------------------------------------------- the unit
def unit_membership(person, report: Report, at: datetime, roles=UNIT_ROLES) -> Membership | None:
    """The membership with which the person acts for exactly this report's unit, or for the one to which it was handed."""
    return acting_membership(person, report.unit_id, report.call_id, roles, at)


def can_read(person, report: Report, at: datetime) -> bool:
    own = membership_over(person, report.unit.path, set(Role.values), at) or unit_membership(person, report, at)
    return person.is_superuser or bool(own)


def is_writable(report: Report, at: datetime) -> bool:
    """Whether the draft may change, by state and time."""
    if in_correction(report, at):
        return True
    return report.status in (ReportStatus.NOT_STARTED, ReportStatus.DRAFT) and is_open(report, at)


def can_draft(person, report: Report, at: datetime) -> bool:
    return is_writable(report, at) and bool(unit_membership(person, report, at))


def can_request_sign_off(person, report: Report, at: datetime) -> bool:
    return (
        report.call.needs_sign_off
        and bool(unit_membership(person, report, at))
        and (in_correction(report, at) or (report.status == ReportStatus.DRAFT and is_open(report, at)))
    )


def submitting_roles(report: Report) -> Collection[str]:
    """The head; where the call wants no sign-off, the expert too."""
    return {Role.HEAD} if report.call.needs_sign_off else UNIT_ROLES


def can_sign(person, report: Report, at: datetime) -> bool:
    """Whether the person may submit, or send back what waits for a signature."""
    return bool(unit_membership(person, report, at, submitting_roles(report))) and (
        in_correction(report, at)
        or (report.status in (ReportStatus.DRAFT, ReportStatus.AWAITING_SIGN_OFF) and is_open(report, at))
    )


def is_recallable(report: Report, at: datetime) -> bool:
    """Until a reviewer starts and before the last moment; an answer to a return stays."""
    return (
        report.state == ReportState.SUBMITTED
        and report.review_started_at is None
        and report.correction_round == 0
        and is_open(report, at)
    )


def can_recall(person, report: Report, at: datetime) -> bool:
    return is_recallable(report, at) and bool(unit_membership(person, report, at, submitting_roles(report)))


def can_ask_extension(person, report: Report, at: datetime) -> bool:
    """A head, while nothing is submitted and no result is announced; before or after the closing."""
    return (
        report.status in UNSENT
        and report.call.state == CallState.PUBLISHED
        and bool(unit_membership(person, report, at, {Role.HEAD}))
    )


def side_over_report(person, report: Report, at: datetime) -> tuple[Side, Membership] | None:
    """For which side the person may file a dispute over something of this report."""
    acting = filing_side(person, report.unit, report.call.service, at, report.call_id)
    return None if acting and acting[0] == Side.PROVIDER and is_barred(person, report, at) else acting


def contesting_side(person, report: Report, at: datetime) -> tuple[Side, Membership] | None:
    """For which side the person may contest the result: the head for the unit, whoever decides about the report for the
    provider, but not one who made some of the score."""
    acting = side_over_report(person, report, at)
    if acting is None or (acting[0] == Side.PROVIDER and made_score(person, report)):
        return None
    return acting


def can_contest(person, report: Report, at: datetime) -> bool:
    """Either side, within the objection window, while no dispute over the result is open."""
    return report.status == ReportStatus.ANNOUNCED and contesting_side(person, report, at) is not None


# --------------------------------------------------------------------------------------------------- headquarters


def can_manage_call(person, call: Call, at: datetime) -> bool:
    """Publish, open, extend, close and cancel it, ask and excuse units, assign reviewers."""
    return is_provider_coordinator(person, call.service, at)


can_publish = can_manage_call


def can_decide_in(person, call: Call, at: datetime) -> bool:
    """About the call's reports: its coordinators, and whom an administrator named for one of its units."""
    if can_manage_call(person, call, at):
        return True
    named = named_units(person, call.service.provider_id, at)
    return bool(named) and call.reports.filter(unit__in=named).exists()


def can_prepare_calls(person, at: datetime) -> bool:
    """Write a call's draft or a form: any coordinator; publishing it is the provider's."""
    return any(m.role == Role.COORDINATOR for m in memberships_of(person, at))


def deciding_membership(person, report: Report, at: datetime) -> Membership | None:
    """With which the person decides about this report for the provider: assigns its reviewers, extends, excuses, grants,
    announces, gives money back. A coordinator of the provider, or whom an administrator named for the unit; nobody in the
    unit's line, now or while the report was open."""
    if is_barred(person, report, at):
        return None
    return speaking_membership(person, report.call.service, report.unit, at, report.call_id)


def can_decide(person, report: Report, at: datetime) -> bool:
    return deciding_membership(person, report, at) is not None


def review_membership(person, report: Report, at: datetime) -> Membership | None:
    """The reviewer's membership over the report's unit, where no conflict stands against it."""
    found = membership_over(person, report.unit.path, {Role.REVIEWER}, at)
    return found if found and not is_barred(person, report, at) else None


def can_review(person, report: Report, at: datetime) -> bool:
    return report.status in IN_REVIEW and bool(review_membership(person, report, at))


def score_makers(report: Report) -> set[int]:
    """Ids of the people whose findings are in the report's score: its reviewers, leads who settled something of it, and who
    worked in the place of one."""
    found = report.reviews.exclude(state=ReviewState.RELEASED).filter(Q(lead=False) | Q(items__isnull=False))
    deputies = Event.objects.filter(
        noun="report", key=report.tracking_code, membership__deputy_for__isnull=False, membership__role=Role.REVIEWER
    )
    return set(found.values_list("reviewer_id", flat=True).union(deputies.values_list("person_id", flat=True)))


def made_score(person, report: Report) -> bool:
    return person.pk in score_makers(report)


def announcing_membership(person, report: Report, at: datetime) -> Membership | None:
    """With which the person announces the result: whoever decides about the report; and
    inside a dispute over it, where a new version is the provider's view, nobody who made the contested score."""
    found = deciding_membership(person, report, at)
    if found is None:
        return None
    if report.status == ReportStatus.CONTESTED and made_score(person, report):
        return None
    return found


def can_announce(person, report: Report, at: datetime) -> bool:
    return announcing_membership(person, report, at) is not None
