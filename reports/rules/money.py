"""Who sees payments and who pays: the unit's own people, the provider's coordinators, auditors; nobody else, no reviewer."""

from datetime import datetime

from django.db.models import Q

from sla.models import Service
from sla.queries import provider_units
from units.enums import Role
from units.models import Unit
from units.queries import memberships_of, reach

from ..enums import ReportStatus
from ..models import Report
from . import UNIT_ROLES, is_open, submitting_roles, unit_membership

PAYABLE = (ReportStatus.NOT_STARTED, ReportStatus.DRAFT, ReportStatus.AWAITING_SIGN_OFF)


def money_units(person) -> list[Unit]:
    """The units whose statement is the person's own: those they report for or head."""
    return list({m.unit_id: m.unit for m in memberships_of(person) if m.role in UNIT_ROLES}.values())


def can_oversee_money(person) -> bool:
    """The ledger of all: coordinators of a provider, and auditors."""
    held = memberships_of(person)
    if any(m.role == Role.AUDITOR for m in held):
        return True
    units = provider_units(person)
    return bool(units) and Service.objects.filter(provider__in=units).exists()


def decided_services(person) -> list[Service]:
    """The services for whose provider the person speaks: theirs to refund and to reconcile."""
    return list(Service.objects.filter(provider__in=provider_units(person)).order_by("title", "pk"))


def decides_money(person) -> bool:
    return bool(decided_services(person))


def can_see_money(person) -> bool:
    return bool(money_units(person)) or can_oversee_money(person)


def money_within(person, prefix: str = "") -> Q:
    """A Q over service requests (`prefix` leads to them): those whose payments the person sees."""
    return (
        Q(**{f"{prefix}unit__in": [unit.pk for unit in money_units(person)]})
        | Q(**{f"{prefix}agreement__service__provider__in": provider_units(person)})
        | reach(person, {Role.AUDITOR}, field=f"{prefix}unit__path")
    )


def sees_payments_of(person, report: Report, at: datetime) -> bool:
    """Whether the page of this report tells the person of its fee's payment, not of its price alone."""
    return any(
        (m.role in UNIT_ROLES and m.unit_id == report.unit_id)
        or (m.role == Role.COORDINATOR and m.unit_id == report.call.service.provider_id)
        or (m.role == Role.AUDITOR and report.unit.path.startswith(m.unit.path))
        for m in memberships_of(person, at)
    )


def can_pay(person, report: Report, at: datetime) -> bool:
    """Whoever submits pays: from the opening to the last moment, until it is paid. A correction costs nothing."""
    return (
        report.request.price_rials > 0
        and report.request.paid_at is None
        and report.status in PAYABLE
        and is_open(report, at)
        and unit_membership(person, report, at, submitting_roles(report)) is not None
    )
