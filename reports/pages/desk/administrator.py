"""What waits for an administrator: units about whose reports and requests nobody can decide."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from units.models import Person

from ...queries.namings import undecided
from .items import DeskItem


def administrator_items(person: Person, at: datetime) -> list[DeskItem]:
    if not person.is_superuser:
        return []
    return [
        DeskItem(
            "person-x",
            "bad",
            _("Nobody can decide about the reports and requests of “%(unit)s”") % {"unit": row.unit.name},
            reverse("reports:unit_decider", args=[row.unit.code]),
            _("Every coordinator of “%(provider)s” is in its line. Name somebody outside it.")
            % {"provider": row.service.provider.name},
        )
        for row in undecided(at)
    ]
