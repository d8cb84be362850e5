"""Who is told that a retired unit's open matters were handed over."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from units.enums import UNIT_ROLES
from units.models import Unit
from units.notices import Message
from units.queries import people_with

from ..queries.open_matters import OpenMatter
from ..queries.services import called


def matter_handed_over(unit: Unit, matter: OpenMatter, heir: Unit, reason: str, at: datetime) -> list[Message]:
    """To the people of the successor, who act from now on, and to whoever still has a seat on the unit."""

    def facts() -> dict[str, str]:
        what = (
            called(matter.report.call)
            if matter.report
            else _("an open dispute")
            if matter.disputes
            else _("an open request")
        )
        return {"unit": unit.name, "heir": heir.name, "what": what}

    def words():
        return (
            _("“%(what)s” of %(unit)s is yours to finish") % facts(),
            _(
                "%(unit)s has ended, and what it left open was handed to %(heir)s. It stands on your desk beside your own."
            )
            % facts()
            + "\n"
            + _("Reason: %(reason)s") % {"reason": reason},
        )

    def theirs():
        return (
            _("“%(what)s” of %(unit)s was handed to %(heir)s") % facts(),
            _("Its people act on it from now on; who still has a seat on %(unit)s can act too.") % facts(),
        )

    if matter.report:
        url = reverse("reports:report", args=[matter.report.tracking_code])
    elif matter.disputes:
        url = reverse("reports:dispute", args=[matter.disputes[0].pk])
    elif matter.requests:
        url = reverse("reports:request", args=[matter.requests[0].pk])
    else:
        url = reverse("reports:desk")
    mine = list(people_with(heir, *UNIT_ROLES, at=at))
    others = [person for person in people_with(unit, *UNIT_ROLES, at=at) if person not in mine]
    return [Message(mine, words, url, urgent=True), Message(others, theirs, url)]
