"""What somebody is told who is named to decide about a unit's reports."""

from django.urls import reverse
from django.utils.translation import gettext as _

from sla.models import Service
from units.models import Person, Unit
from units.notices import Message


def somebody_named(unit: Unit, service: Service, person: Person, reason: str) -> list[Message]:
    def words():
        return (
            _("You decide about the reports of “%(unit)s”") % {"unit": unit.name},
            _(
                "Every coordinator of “%(provider)s” is in the line of this unit, so an administrator named you: for its "
                "reports, and for no other unit’s, you do what a coordinator does. Reason: %(reason)s"
            )
            % {"provider": service.provider.name, "reason": reason},
        )

    return [Message([person], words, f"{reverse('reports:reports')}?q={unit.code}", urgent=True)]


def naming_ended(unit: Unit, person: Person, reason: str) -> list[Message]:
    def words():
        return (
            _("You no longer decide about the reports of “%(unit)s”") % {"unit": unit.name},
            _("What you decided stands. Reason: %(reason)s") % {"reason": reason},
        )

    return [Message([person], words, reverse("reports:desk"))]
