"""What the unit reported in earlier periods."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from sajad_portal.lib.periods import label

from ..models import Report, Revision
from ..scoring.departures import PERIODS, as_number
from ..xlsform.definition import FormDefinition
from . import form_by_hash
from .history import figures_before
from .values import value_text

# So many of them stand beside the field; what a departure is measured by goes further back.
SHOWN = 4
_OF_CALL = ("period_kind", "period_starts", "period_ends", "form_version", "form_version__definition_sha256")


@dataclass(frozen=True)
class Earlier:
    """One earlier period's value of an indicator: canonical text, and the number where it is one. `starts`: its first day.
    `brought`: from a file, not from a report; `period` says so."""

    period: str
    text: str
    starts: date = date.min
    brought: bool = False

    @property
    def number(self) -> Decimal | None:
        return as_number(self.text)


def earlier_reports(report: Report, limit: int = PERIODS) -> QuerySet[Report]:
    """The unit's reports on the same form, kind of period and service that end before this period, newest first."""
    call = report.call
    return Report.objects.filter(
        submitted_at__isnull=False,
        unit_id=report.unit_id,
        call__form_version__form_id=call.form_version.form_id,
        call__period_kind=call.period_kind,
        call__agreement__service_id=call.agreement.service_id,
        call__period_ends__lt=call.period_starts,
    ).order_by("-call__period_starts", "-pk")[:limit]


def earlier_values(
    report: Report, limit: int = PERIODS, *, definition: FormDefinition | None = None
) -> dict[str, list[Earlier]]:
    """{indicator code: its values in the earlier periods, oldest first}, as the unit last submitted them; with `definition`
    also the questions whose earlier answers its checks read. Figures that were brought in stand where the unit reported none.

    A period in which the indicator did not apply or did not exist is left out. Two queries.
    """
    rows = _submitted(Q(report__in=earlier_reports(report, limit).values("pk")))
    return _with_brought(report, _values({row.report: row for row in rows}.values(), definition), limit)


def _with_brought(report: Report, own: dict[str, list[Earlier]], limit: int) -> dict[str, list[Earlier]]:
    """Own reports first: what was brought in of the same period gives way."""
    kind = report.call.period_kind
    for indicator, figures in figures_before(report).items():
        reported = {each.starts for each in own.get(indicator, ())}
        brought = [
            Earlier(_("%(period)s (brought in)") % {"period": label(kind, starts, ends)}, value, starts, brought=True)
            for starts, ends, value in figures
            if starts not in reported
        ]
        own[indicator] = sorted([*own.get(indicator, ()), *brought], key=lambda each: each.starts)[-limit:]
    return own


def earlier_values_of_each(
    reports: Mapping[int, tuple[Report, FormDefinition]],
) -> dict[int, dict[str, list[Earlier]]]:
    """The same of several reports, by their keys, with the definitions of their forms; without what was brought in, which is
    for the eye. One query."""
    where = Q(pk__in=[])
    for report, _definition in reports.values():
        where |= Q(report__in=earlier_reports(report).values("pk"))
    rows = {row.report: row for row in _submitted(where)} if reports else {}  # in the order of the periods
    return {
        pk: _values([row for row in rows.values() if row.precedes(report)][-PERIODS:], definition)
        for pk, (report, definition) in reports.items()
    }


class _Row(NamedTuple):
    """A revision of an earlier period."""

    report: int
    answers: dict
    values: dict
    unit: int
    service: int
    form: int
    kind: str
    starts: date
    ends: date
    form_version: int
    sha256: str

    def precedes(self, report: Report) -> bool:
        call = report.call
        family = (report.unit_id, call.agreement.service_id, call.form_version.form_id, call.period_kind)
        return (self.unit, self.service, self.form, self.kind) == family and self.ends < call.period_starts


def _submitted(where: Q) -> Iterator[_Row]:
    """Oldest period first, and of a report its last revision last."""
    rows = Revision.objects.filter(where).order_by("report__call__period_starts", "report_id", "number")
    columns = (
        "report_id", "answers", "values", "report__unit_id",
        *(f"report__call__{name}" for name in ("agreement__service_id", "form_version__form_id", *_OF_CALL)),
    )  # fmt: skip
    return (_Row(*row) for row in rows.values_list(*columns))


def _values(rows: Iterable[_Row], definition: FormDefinition | None) -> dict[str, list[Earlier]]:
    found: dict[str, list[Earlier]] = defaultdict(list)
    for row in rows:
        words, answers, values = label(row.kind, row.starts, row.ends), row.answers, row.values
        said = {**answers, **{name: text for name, text in values.items() if text}}
        for indicator in form_by_hash(row.sha256, row.form_version).indicators:
            text = value_text(indicator, said)
            if text and not answers.get(f"na:{indicator.code}"):
                found[indicator.code].append(Earlier(words, text, row.starts))
        for name in definition.earlier_questions if definition else ():
            if text := str(values.get(name) or answers.get(name) or ""):
                found[name].append(Earlier(words, text, row.starts))
    return found
