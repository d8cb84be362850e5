"""Who may do what about agreements, documents, the calendar and disputes, and when. Predicates only read."""

from datetime import datetime

from units.enums import Role
from units.models import Membership, Unit
from units.queries import memberships_of
from units.rules import membership_on

from .enums import AgreementState
from .models import AgreementVersion, Service
from .queries import has_accepted

__all__ = ["has_accepted"]


def provider_membership(person, service: Service, at: datetime) -> Membership | None:
    """The membership with which the person speaks for the provider: coordinator on exactly the provider unit."""
    return membership_on(person, service.provider, {Role.COORDINATOR}, at)


def is_provider_coordinator(person, service: Service, at: datetime) -> bool:
    return provider_membership(person, service, at) is not None


def head_membership(person, unit: Unit, at: datetime) -> Membership | None:
    """The membership with which the person signs for exactly this unit."""
    return membership_on(person, unit, {Role.HEAD}, at)


def headed_units(person, at: datetime) -> list[Unit]:
    return [m.unit for m in memberships_of(person, at) if m.role == Role.HEAD]


def can_edit_agreement(person, agreement: AgreementVersion, at: datetime) -> bool:
    return agreement.state == AgreementState.DRAFT and is_provider_coordinator(person, agreement.service, at)


def can_answer_agreement(person, agreement: AgreementVersion, unit: Unit, at: datetime) -> bool:
    """A head answers for exactly their unit, until it has accepted."""
    return (
        agreement.state == AgreementState.PUBLISHED
        and head_membership(person, unit, at) is not None
        and not has_accepted(unit, agreement)
    )


def can_manage_documents(person, service: Service, at: datetime) -> bool:
    return is_provider_coordinator(person, service, at)


def calendar_membership(person, at: datetime) -> Membership | None:
    """A coordinator of a unit that provides a service keeps the calendar that its deadlines roll over."""
    providers = set(Service.objects.values_list("provider_id", flat=True))
    return next((m for m in memberships_of(person, at) if m.role == Role.COORDINATOR and m.unit_id in providers), None)


def can_edit_calendar(person, at: datetime) -> bool:
    """Administrators keep the holidays, and so do coordinators of a provider."""
    return person.is_superuser or calendar_membership(person, at) is not None
