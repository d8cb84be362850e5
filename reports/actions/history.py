"""Figures of periods before the portal, brought in from a file of a service: all of them, or none."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import TEHRAN, database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.tables import FileProblem, FileRefused
from sla.models import Service
from sla.rules import provider_membership
from units.actions.events import record
from units.models import Membership, Person, Unit

from ..enums import ReportVerb
from ..files.history import HistoryLine, read_history
from ..models import HistoryFigure, HistoryFile
from ..queries.history import known_indicators, standing_history
from .locking import require
from .services import lock_service


@dataclass(frozen=True)
class HistoryPlan:
    """What a file would bring in: (line, its unit, its indicator's label), and the file that it would replace."""

    lines: list[tuple[HistoryLine, Unit, str]]
    replaces: HistoryFile | None

    @property
    def periods(self) -> dict[str, int]:
        """{period in words: how many figures}, oldest first."""
        found: dict[str, int] = {}
        for line, _unit, _label in sorted(self.lines, key=lambda each: each[0].period.starts):
            words = line.period.label()
            found[words] = found.get(words, 0) + 1
        return found

    @property
    def units(self) -> int:
        return len({unit.pk for _line, unit, _label in self.lines})


def look_at_history(*, data: bytes, service: Service, by: Person) -> HistoryPlan:
    """Raises Forbidden, and FileRefused with every row that is wrong. Writes nothing."""
    at = database_now()
    _require_coordinator(service, by, at)
    return _plan(data, service, at)


@transaction.atomic
def bring_history(
    *, data: bytes, name: str, sha256: str, service: Service, replaces: int | None, by: Person
) -> HistoryFile:
    """The file's figures stand for the service from now on, instead of those of an earlier file. Refused as the preview was, and where
    a colleague brought another file since (`replaces`: the key of the file that stood when it was looked at)."""
    service = lock_service(service)
    at = database_now()
    membership = _require_coordinator(service, by, at)
    plan = _plan(data, service, at)
    if (plan.replaces.pk if plan.replaces else None) != replaces:
        raise Refused(
            _("A colleague brought in another file after your preview. Look at the new preview, then decide."),
            code="history-changed",
        )
    HistoryFile.objects.filter(service=service, replaced_at=None).update(replaced_at=at)
    file = HistoryFile.objects.create(
        service=service, name=name[:200], sha256=sha256, figures=len(plan.lines), brought_at=at, brought_by=by
    )
    HistoryFigure.objects.bulk_create(
        [
            HistoryFigure(
                file=file, unit=unit, indicator=line.indicator, period_kind=line.period.kind, period_code=line.period.code,
                period_starts=line.period.starts, period_ends=line.period.ends, value=line.value,
            )
            for line, unit, _label in plan.lines
        ],
        batch_size=500,
    )  # fmt: skip
    record(
        ReportVerb.BRING_HISTORY, noun="history", key=file.pk, at=at, by=by, membership=membership,
        path=service.provider.path, unit_id=service.provider_id,
        data={
            "service": service.slug, "file": file.name, "sha256": sha256, "figures": file.figures,
            "replaces": replaces,
        },
    )  # fmt: skip
    return file


def _require_coordinator(service: Service, by: Person, at: datetime) -> Membership:
    return require(
        provider_membership(by, service, at), _("Only a coordinator of the providing unit brings in earlier figures.")
    )


def _plan(data: bytes, service: Service, at: datetime) -> HistoryPlan:
    lines = read_history(data)
    codes = {line.unit.casefold() for line in lines}
    units = {
        unit.code.casefold(): unit
        for unit in Unit.objects.filter(path__startswith=service.provider.path)
        if unit.code.casefold() in codes
    }
    labels = known_indicators(service)
    today = at.astimezone(TEHRAN).date()
    problems: list[FileProblem] = []
    found = []
    for line in lines:
        unit = units.get(line.unit.casefold())
        if unit is None:
            said = _("There is no unit with the code %(code)s below the provider.") % {"code": line.unit}
            problems.append(FileProblem(line.row, "unit", said))
        if line.indicator not in labels:
            said = _("No form has an indicator with the code %(code)s.") % {"code": line.indicator}
            problems.append(FileProblem(line.row, "indicator", said))
        if line.period.ends >= today:
            said = _("The period has not ended yet. Only periods that are over are brought in.")
            problems.append(FileProblem(line.row, "period", said))
        if unit is not None and line.indicator in labels:
            found.append((line, unit, labels[line.indicator]))
    if problems:
        raise FileRefused(problems)
    return HistoryPlan(found, standing_history(service))
