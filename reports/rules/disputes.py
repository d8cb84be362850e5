"""Who may do what in a dispute over a report, beside what `sla.rules` says of every dispute."""

from datetime import datetime

from sla.enums import Side
from sla.models import Dispute
from sla.rules import allows, side_of
from units.enums import UNIT_ROLES, Role
from units.models import Membership
from units.rules import acting_membership, membership_over

from ..models import Report
from ..queries.lines import is_barred
from . import made_score, side_over_report
from .contestable_acts import Act


def contested_review_membership(person, report: Report, at: datetime) -> Membership | None:
    """The membership with which the person made some of the contested score: they may write, not decide."""
    if is_barred(person, report, at):
        return None
    found = membership_over(person, report.unit.path, {Role.REVIEWER, Role.COORDINATOR}, at)
    return found if found and made_score(person, report) else None


def can_contest_act(person, act: Act, report: Report, at: datetime) -> bool:
    """Either side, within the objection days of the act, while it is neither in dispute nor settled."""
    return act.is_contestable(at) and side_over_report(person, report, at) is not None


def can_see_offers(person, dispute: Dispute, at: datetime) -> bool:
    """Prepared scores are between the two sides: those who speak for one, the unit's own people, and auditors."""
    return (
        side_of(person, dispute, at) is not None
        or acting_membership(person, dispute.unit, dispute.call_id, UNIT_ROLES, at) is not None
        or membership_over(person, dispute.unit.path, {Role.AUDITOR}, at) is not None
    )


def can_answer_lines(person, dispute: Dispute, at: datetime) -> bool:
    """Who speaks for the provider answers contested indicators while the two sides negotiate."""
    acting = side_of(person, dispute, at)
    return acting is not None and acting[0] == Side.PROVIDER and allows(dispute, "write")
