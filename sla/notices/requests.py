"""Who is told what about general requests, in which words."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from units.enums import UNIT_ROLES, Role
from units.models import Person, Unit
from units.notices import Message
from units.queries import people_with
from units.queries.successions import acting_people

from ..enums import Decision, Side
from ..models import GeneralRequest, RequestDecision, RequestMessage, Service
from ..queries.requests import deciders_for
from ..queries.services import beside_service


def request_filed(general: GeneralRequest, at: datetime) -> list[Message]:
    """To whoever may decide; its fee, where it has one, has come."""

    def words() -> tuple[str, str]:
        return (
            _("A request waits for a decision: %(type)s, %(unit)s") % _named_request(general),
            general.reason[:500],
        )

    return [Message(_deciders(general, at), words, _page_of(general), urgent=True)]


def written_about_request(message: RequestMessage, at: datetime) -> list[Message]:
    general = message.general

    def question() -> tuple[str, str]:
        return (
            _("A question about your request: %(type)s, %(unit)s") % _named_request(general),
            _("%(text)s\n\nThe service clock stands still until you answer.") % {"text": message.text[:500]},
        )

    def reply() -> tuple[str, str]:
        return (_("The unit wrote about its request: %(type)s, %(unit)s") % _named_request(general), message.text[:500])

    if message.side == Side.PROVIDER:
        return [Message(_asking_people(general, at), question, _page_of(general), urgent=True)]
    return [Message(_deciders(general, at), reply, _page_of(general))]


def request_decided(made: RequestDecision, at: datetime) -> list[Message]:
    """To the unit's people; what was decided anew by agreement, to both sides."""
    general = made.general

    def words() -> tuple[str, str]:
        lines = [made.reason[:500]]
        if made.contest_until:
            lines.append(_("The head of the unit can contest it: %(until)s.") % {"until": until(made.contest_until)})
        return (
            _("%(decision)s: %(type)s, %(unit)s")
            % {"decision": Decision(made.decision).label, **_named_request(general)},
            "\n\n".join(lines),
        )

    found = [Message(_asking_people(general, at), words, _page_of(general), urgent=True)]
    return [*found, Message(_deciders(general, at), words, _page_of(general))] if made.dispute_id else found


def request_withdrawn(general: GeneralRequest, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("The request was withdrawn: %(type)s, %(unit)s") % _named_request(general),
            _("Nothing is to be decided any more."),
        )

    return [Message(_deciders(general, at), words, _page_of(general))]


def no_request_room(unit: Unit, service: Service, at: datetime) -> list[Message]:
    """To whoever may give more: those who decide about the unit's requests."""

    def words() -> tuple[str, str]:
        return (
            _("%(unit)s has used up its room for files of requests") % {"unit": unit.name},
            _("A file was refused. Give more room; it holds at once, and the unit is told."),
        )

    people = deciders_for(service, unit, at) or people_with(service.provider, Role.COORDINATOR, at=at)
    return [Message(people, words, reverse("reports:request_room", args=[unit.code]), urgent=True)]


def more_request_room(unit: Unit, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("There is more room for the files of your unit’s requests"),
            _("Attach what found no room again."),
        )

    return [Message(people_with(unit, *UNIT_ROLES, at=at), words, reverse("reports:requests"), urgent=True)]


def _deciders(general: GeneralRequest, at: datetime) -> list[Person]:
    """Who may decide; where nobody may, the coordinators all the same: they have somebody named."""
    service = general.request_type.service
    found = deciders_for(service, general.unit, at, since=general.filed_at)
    return found or list(people_with(service.provider, Role.COORDINATOR, at=at))


def _asking_people(general: GeneralRequest, at: datetime) -> list[Person]:
    return list(acting_people(general.unit, None, *UNIT_ROLES, at=at))


def _named_request(general: GeneralRequest) -> dict[str, str]:
    return {"type": beside_service(general.request_type.title_here, general.request_type), "unit": general.unit.name}


def _page_of(general: GeneralRequest) -> str:
    return reverse("reports:request", args=[general.pk])
