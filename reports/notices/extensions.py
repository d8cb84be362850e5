"""Who is told about extensions asked for and decided, and about a coordinator's own reminders. Pure, as all notices."""

from datetime import datetime
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from sla.enums import Decision
from units.enums import UNIT_ROLES, Role
from units.notices import Message
from units.queries import people_with
from units.queries.successions import acting_people

from ..models import Call, ExtensionRequest, Report
from ..queries.services import called
from ..rules.deadlines import deadline
from . import by_deadline, people_of_reports


def extension_asked(asked: ExtensionRequest, report: Report, at: datetime) -> list[Message]:
    """The provider's coordinators decide."""

    def words():
        return (
            _("%(unit)s asks for more time: “%(call)s”") % {"unit": report.unit_name, "call": called(report.call)},
            _("Until %(until)s. Reason: %(reason)s") % {"until": until(asked.asked_until), "reason": asked.reason},
        )

    people = people_with(report.call.service.provider, Role.COORDINATOR, at=at)
    return [Message(people, words, reverse("reports:extension", args=[asked.pk]), urgent=True)]


def extension_refused(asked: ExtensionRequest, report: Report, at: datetime) -> list[Message]:
    """The unit hears it; a granted one is told as any extension (notices.unit_extended)."""

    def words():
        return (
            _("The extension for “%(call)s” was refused") % {"call": called(report.call)},
            _("Reason: %(reason)s. The deadline stays %(until)s.")
            % {"reason": asked.decision_reason, "until": until(deadline(report))},
        )

    people = acting_people(report.unit, report.call_id, *UNIT_ROLES, at=at)
    return [Message(people, words, reverse("reports:extension_ask", args=[report.tracking_code]), urgent=True)]


def reminded(call: Call, reports, note: str, at: datetime) -> list[Message]:
    """A coordinator's own reminder to the people of these reports (a queryset): a message for each deadline among them."""
    url = reverse("reports:call", args=[call.pk])
    return [
        Message(people_of_reports(own, at), partial(reminder_words, call, note, due), url, urgent=True)
        for due, own in by_deadline(reports, call).items()
    ]


def reminder_words(call: Call, note: str, due: datetime) -> tuple[str, str]:
    then = _("It is due by %(until)s; see what is missing and send it in time.") % {"until": until(due)}
    return (
        _("Your unit’s report on “%(call)s” is not submitted yet") % {"call": called(call)},
        f"{note}\n{then}" if note else then,
    )


def decided_in_words(asked: ExtensionRequest) -> str:
    """The decision as one sentence for pages."""
    if asked.decision == Decision.REFUSED:
        return _("Refused: %(reason)s") % {"reason": asked.decision_reason}
    if asked.granted_until is None:
        return _("Waiting for the coordinator’s decision")
    told = {"until": until(asked.granted_until), "reason": asked.decision_reason}
    if asked.decision == Decision.PARTLY:
        return _("Granted in part, to %(until)s: %(reason)s") % told
    return _("Granted to %(until)s: %(reason)s") % told
