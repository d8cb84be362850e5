"""What the unit reported in earlier periods."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from sajad_portal.lib.periods import label

from ..models import Report, Revision
from ..scoring.departures import PERIODS, as_number
from ..xlsform.definition import FormDefinition
from . import form_by_hash
from .values import value_text

# So many of them stand beside the field; what a departure is measured by goes further back.
SHOWN = 4
_OF_CALL = ("period_kind", "period_starts", "period_ends", "form_version", "form_version__sha256")


@dataclass(frozen=True)
class Earlier:
    """One earlier period's value of an indicator: canonical text, and the number where it is one."""

    period: str
    text: str

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
    also the questions whose earlier answers its checks read.

    A period in which the indicator did not apply or did not exist is left out. One query.
    """
    rows = (
        Revision.objects.filter(report__in=earlier_reports(report, limit).values("pk"))
        .order_by("report__call__period_starts", "report_id", "number")
        .values_list("report_id", "answers", "values", *(f"report__call__{name}" for name in _OF_CALL))
    )
    last = {report_id: row for report_id, *row in rows}  # in the order of the periods, each with its last
    found: dict[str, list[Earlier]] = defaultdict(list)
    for answers, values, kind, starts, ends, form, sha256 in last.values():
        words = label(kind, starts, ends)
        said = {**answers, **{name: text for name, text in values.items() if text}}
        for indicator in form_by_hash(sha256, form).indicators:
            text = value_text(indicator, said)
            if text and not answers.get(f"na:{indicator.code}"):
                found[indicator.code].append(Earlier(words, text))
        for name in definition.earlier_questions if definition else ():
            if text := str(values.get(name) or answers.get(name) or ""):
                found[name].append(Earlier(words, text))
    return found
