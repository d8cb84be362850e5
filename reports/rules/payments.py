"""Who sees payments and who pays, until when: the unit's own people, the provider's coordinators, auditors; no reviewer.

Whose money a person sees in lists: `queries.payments.money_within`.
"""

from datetime import datetime

from sla.models import GeneralRequest, Service
from sla.queries.payments import is_paid
from sla.rules.requests import asking_membership
from units.enums import Role
from units.models import Unit
from units.queries import memberships_of
from units.queries.naming import named_units, namings_of

from ..enums import UNSUBMITTED
from ..models import ExtensionRequest, Report
from ..queries.payments import can_oversee_money, decided_services, money_units
from . import submitting_roles, unit_membership
from .deadlines import base_moment, is_open, last_moment


def decides_money(person, at: datetime) -> bool:
    """Whether there is any unit about whose refunds the person may decide; about which, the verbs ask."""
    return bool(decided_services(person)) or bool(namings_of(person, at))


def can_see_money(person) -> bool:
    return bool(money_units(person)) or can_oversee_money(person)


def sees_payments_of(person, report: Report, at: datetime) -> bool:
    """Whether the page of this report tells the person of its fee's payment, not of its price alone."""
    return bool(unit_membership(person, report, at)) or _watches_money(person, report.call.service, report.unit, at)


def sees_payments_of_request(person, general: GeneralRequest, at: datetime) -> bool:
    """The same of a general request."""
    mine = asking_membership(person, general, at)
    return mine is not None or _watches_money(person, general.request_type.service, general.unit, at)


def _watches_money(person, service: Service, unit: Unit, at: datetime) -> bool:
    return unit.pk in named_units(person, service.provider_id, at) or any(
        (m.role == Role.COORDINATOR and m.unit_id == service.provider_id)
        or (m.role == Role.AUDITOR and unit.path.startswith(m.unit.path))
        for m in memberships_of(person, at)
    )


def can_pay(person, report: Report, at: datetime) -> bool:
    """Whoever submits pays: from the opening to the last moment, until it is paid. A correction costs nothing."""
    return (
        report.request.price_rials > 0
        and report.request.paid_at is None
        and report.status in UNSUBMITTED
        and is_open(report, at)
        and unit_membership(person, report, at, submitting_roles(report)) is not None
    )


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
