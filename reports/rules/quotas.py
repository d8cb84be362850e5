"""Who gives more room for evidence: whoever speaks for the provider, and administrators, whose disk it is."""

from datetime import datetime

from sla.rules import provider_membership
from units.models import Membership

from ..models import Call, Report
from . import conflicted


def quota_membership(person, call: Call, at: datetime, report: Report | None = None) -> Membership | None:
    """The coordinator's membership; for one unit none of somebody who reports for a unit in its line."""
    found = provider_membership(person, call.service, at)
    return None if found is None or (report is not None and conflicted(person, report, at)) else found


def can_raise_quotas(person, call: Call, at: datetime, report: Report | None = None) -> bool:
    return person.is_superuser or quota_membership(person, call, at, report) is not None
