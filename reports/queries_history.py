"""What the unit reported in earlier periods."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from .history import PERIODS, as_number
from .models import Report, Revision
from .periods import label
from .queries import form_of


@dataclass(frozen=True)
class Earlier:
    """One earlier period's value of an indicator: canonical text, and the number where it is one."""

    period: str
    text: str

    @property
    def number(self) -> Decimal | None:
        return as_number(self.text)


def earlier_reports(report: Report, limit: int = PERIODS) -> list[Report]:
    """The unit's reports on the same form, kind of period and service that end before this period, oldest first."""
    call = report.call
    found = (
        Report.objects.filter(
            unit_id=report.unit_id,
            call__form_version__form_id=call.form_version.form_id,
            call__period_kind=call.period_kind,
            call__agreement__service_id=call.agreement.service_id,
            call__period_ends__lt=call.period_starts,
            revisions__isnull=False,
        )
        .select_related("call__form_version")
        .defer("call__form_version__definition", "call__form_version__summary")
        .order_by("-call__period_starts", "-pk")
        .distinct()
    )
    return list(reversed(found[:limit]))


def earlier_values(report: Report, limit: int = PERIODS) -> dict[str, list[Earlier]]:
    """{indicator code: its values in the earlier periods, oldest first}, as the unit last submitted them.

    A period in which the indicator did not apply or did not exist is left out. Two queries.
    """
    reports = earlier_reports(report, limit)
    last: dict[int, Revision] = {}
    for revision in (
        Revision.objects.filter(report__in=reports).order_by("number").only("report_id", "answers", "values")
    ):
        last[revision.report_id] = revision
    found: dict[str, list[Earlier]] = defaultdict(list)
    for past in reports:
        revision, call = last.get(past.pk), past.call
        if revision is None:
            continue
        words = label(call.period_kind, call.period_starts, call.period_ends)
        for indicator in form_of(call.form_version).indicators:
            name = indicator.value_question
            text = str(revision.values.get(name) or revision.answers.get(name) or "")
            if text and not revision.answers.get(f"na:{indicator.code}"):
                found[indicator.code].append(Earlier(words, text))
    return found
