"""When a fee may be paid, and what its settlement does to the deadline. Who sees and pays: rules_money.py."""

from datetime import datetime

from django.db.models import Q

from sla.queries.payments import is_paid
from units.enums import Role

from ..models import ExtensionRequest, Report
from . import base_moment, last_moment, unit_membership

# An extension request that waits for a decision: its fee, where it has one, is paid.
FEE_SETTLED = Q(request__price_rials=0) | Q(request__paid_at__isnull=False)


def can_pay_extension(person, asked: ExtensionRequest, at: datetime) -> bool:
    """The head, until it is decided."""
    return (
        not is_paid(asked.request)
        and asked.decided_at is None
        and asked.request.voided_at is None
        and bool(unit_membership(person, asked.report, at, {Role.HEAD}))
    )


def held_open_by_bank(report: Report) -> bool:
    """Whether a payment that spanned the deadline has moved the report's last moment."""
    return last_moment(report) > base_moment(report)
