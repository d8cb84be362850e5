"""Who gives more room for evidence: whoever speaks for the provider, and administrators, whose disk it is."""

from datetime import datetime

from sla.rules import provider_membership
from units.models import Membership

from ..models import Call, Report
from . import deciding_membership


def quota_membership(person, call: Call, at: datetime, report: Report | None = None) -> Membership | None:
    """For the call the coordinator's membership; for one unit that of whoever decides about its report."""
    return provider_membership(person, call.service, at) if report is None else deciding_membership(person, report, at)


def can_raise_quotas(person, call: Call, at: datetime, report: Report | None = None) -> bool:
    return person.is_superuser or quota_membership(person, call, at, report) is not None
