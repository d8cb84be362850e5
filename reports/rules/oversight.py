"""Who may read how the service's promises were kept."""

from datetime import datetime

from units.enums import Role
from units.queries import memberships_of

OVERSEEING = frozenset({Role.AUDITOR, Role.COORDINATOR})


def can_oversee(person, at: datetime) -> bool:
    """Auditors and coordinators, each over their subtree; an administrator reads all. Nobody changes anything there."""
    return person.is_superuser or any(m.role in OVERSEEING for m in memberships_of(person, at))
