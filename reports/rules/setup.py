"""Who sets the portal up."""

from datetime import datetime

from sla.rules import calendar_membership
from units.rules import can_set_up_portal


def can_see_setup(person, at: datetime) -> bool:
    """Administrators, and coordinators of a unit that provides a service."""
    return can_set_up_portal(person) or calendar_membership(person, at) is not None
