"""How long the agreement is in force for a unit's report, in words: derived from timestamps, recorded by nobody."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sajad_portal.lib.deadlines import until
from sla.models import AgreementVersion
from units.models import Unit

from ...enums import CallState
from ...models import Report
from ...rules.deadlines import force_ends_at, in_force


@dataclass(frozen=True)
class Force:
    """«در حال اجرا» until `ends_at` (exclusive), or «خاتمه‌یافته» since then. `why`: what that instant is."""

    report: Report
    begins_at: datetime
    ends_at: datetime
    is_on: bool
    why: str

    @property
    def word(self) -> str:
        return force_word(self.is_on)

    @property
    def until(self) -> str:
        """The end in words, with the year: a term of law, not a countdown."""
        return until(self.ends_at)


def force_word(is_on: bool) -> str:
    """«در حال اجرا» or «خاتمه‌یافته»."""
    return pgettext("agreement", "In force") if is_on else pgettext("agreement", "Ended")


def force_of(report: Report, at: datetime) -> Force:
    """For a report with its call and request loaded; asks the database nothing."""
    ends_at = force_ends_at(report)
    return Force(report, report.request.created_at, ends_at, in_force(report, at), _why(report, ends_at))


def _why(report: Report, ends_at: datetime) -> str:
    call = report.call
    if ends_at == call.cancelled_at:
        return _("the call was cancelled")
    if ends_at == report.excused_at:
        return _("the unit was excused")
    if ends_at != call.closes_at:
        return _("the unit’s own extension")
    if call.closed_early_at:
        return _("the call was closed early")
    return _("the call’s last deadline for submitting")


def reports_under_agreement(agreement: AgreementVersion, unit: Unit) -> QuerySet[Report]:
    """The unit's reports under this version, with what `force_of` reads."""
    return (
        Report.objects.filter(unit=unit, call__agreement=agreement)
        .exclude(call__state=CallState.DRAFT)
        .select_related("call", "request", "unit")
    )
