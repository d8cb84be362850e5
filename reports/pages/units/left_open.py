"""What a unit has open, a row a call: in words, what was decided, and what may be."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import listed, local_number
from sla.pages.apart import ServicesApart
from sla.rules import is_provider_coordinator
from units.models import Person, Succession, Unit

from ...enums import REPORT_TRANSITIONS, Fate, ReportStatus
from ...models import Report
from ...queries.open_matters import OpenMatter, open_matters, successions_of


@dataclass(frozen=True)
class LeftOpenRow:
    """`key` names it in the form. `standing`: what was decided already. `fates`: what the person may decide; () for nobody."""

    key: str
    title: str
    url: str
    report: Report | None
    beside: str
    standing: Succession | None
    fates: list[tuple[str, str]]
    disputed: bool = False

    @property
    def is_lost(self) -> bool:
        """Nobody has decided, or who took it over has ended too."""
        if self.standing is None:
            return True
        return self.standing.successor is not None and self.standing.successor.retired_at is not None


def left_open_rows(unit: Unit, person: Person, at: datetime) -> list[LeftOpenRow]:
    matters = open_matters([unit], at)
    standing = successions_of([unit]) if unit.retired_at else {}
    several = ServicesApart().several
    return [_row(matter, standing.get((unit.pk, matter.call_id)), person, at, several) for matter in matters]


def _row(matter: OpenMatter, standing: Succession | None, person: Person, at: datetime, several: bool) -> LeftOpenRow:
    """`several`: things of several services may stand here, so each says whose it is."""
    report = matter.report
    if report is not None:
        title, url = report.call.title, reverse("reports:report", args=[report.tracking_code])
        service = report.call.service
        may = is_provider_coordinator(person, service, at)
    else:
        title, url = _first(matter)
        services = [d.agreement.service for d in matter.disputes] + [g.request_type.service for g in matter.requests]
        service = services[0]
        may = all(is_provider_coordinator(person, each, at) for each in services)
    fates = [Fate.HAND, Fate.LEAVE]
    if report is not None and (ReportStatus(report.status), "excuse") in REPORT_TRANSITIONS:
        fates.insert(1, Fate.EXCUSE)
    choices = [(str(fate.value), str(fate.label)) for fate in fates] if may else []
    title = f"{title}، {service.title_here}" if several else title
    key, disputed = str(matter.call_id or "none"), bool(matter.disputes)
    return LeftOpenRow(key, title, url, report, _beside(matter), standing, choices, disputed)


def _first(matter: OpenMatter) -> tuple[str, str]:
    """Title and address of what belongs to no call."""
    if matter.disputes:
        return str(matter.disputes[0].name), reverse("reports:dispute", args=[matter.disputes[0].pk])
    general = matter.requests[0]
    return general.request_type.title_here, reverse("reports:request", args=[general.pk])


def _beside(matter: OpenMatter) -> str:
    """What hangs on the report: disputes, requests for more time, payments that the bank has not answered."""
    counted = [
        (len(matter.disputes), ngettext("%(n)s open dispute", "%(n)s open disputes", len(matter.disputes))),
        (matter.extensions, ngettext("%(n)s request for more time", "%(n)s requests for more time", matter.extensions)),
        (len(matter.requests), ngettext("%(n)s open request", "%(n)s open requests", len(matter.requests))),
        (matter.payments, ngettext("%(n)s payment under way", "%(n)s payments under way", matter.payments)),
    ]
    parts = [words % {"n": local_number(number)} for number, words in counted if number]
    report = matter.report
    if report is not None and report.status == ReportStatus.ANNOUNCED:
        parts.append(_("the days for objecting run"))
    return listed(parts)
