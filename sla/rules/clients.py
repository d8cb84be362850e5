"""Who keeps the programs of a service, and who lends them a seat. Predicates only read."""

from datetime import datetime

from units.enums import Role
from units.models import Membership, Person
from units.queries import has_role

from ..models import Service
from . import provider_membership


def keeping_membership(person: Person, service: Service, at: datetime) -> Membership | None:
    """The membership with which the person admits programs and shuts them out: a coordinator of the provider."""
    return provider_membership(person, service, at)


def can_see_clients(person: Person) -> bool:
    return person.is_superuser or has_role(person, Role.COORDINATOR)


def can_bind(person: Person, membership: Membership, at: datetime) -> bool:
    """To their own seat, and nobody to anybody else's. Whether it is in force is said by the verb."""
    return membership.person_id == person.pk
