"""Room for evidence: the provider's coordinators hear that there is none, the unit that there is more."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from units.enums import UNIT_ROLES, Role
from units.notices import Message
from units.queries import people_with

from ..models import Call, Report
from ..queries.services import called
from . import people_of_reports


def no_room(report: Report, of_call: bool, at: datetime) -> list[Message]:
    def words():
        told = {"unit": report.unit_name, "call": called(report.call)}
        if of_call:
            subject = _("The room for files of “%(call)s” is used up: a file of %(unit)s was refused")
        else:
            subject = _("%(unit)s has used up its room for files in “%(call)s”")
        return subject % told, _("Nobody misses a deadline for it: give more room on the call’s page “Files”.")

    url = reverse("reports:call_files", args=[report.call_id])
    return [Message(people_with(report.call.service.provider, Role.COORDINATOR, at=at), words, url, urgent=True)]


def _more(title: str) -> tuple[str, str]:
    return (
        _("There is more room for your unit’s files in “%(call)s”") % {"call": title},
        _("Attach what found no room again."),
    )


def more_room(report: Report, at: datetime) -> list[Message]:
    people = people_with(report.unit, *UNIT_ROLES, at=at)
    url = reverse("reports:report", args=[report.tracking_code])
    return [Message(people, lambda: _more(called(report.call)), url, urgent=True)]


def more_room_in_call(call: Call, waiting, at: datetime) -> list[Message]:
    """To the people of the units that found none."""
    people = list(people_of_reports(waiting, at))
    return [Message(people, lambda: _more(called(call)), reverse("reports:call", args=[call.pk]), urgent=True)]
