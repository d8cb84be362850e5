"""What can be made in the background, for whom, under which name: one entry a kind of file. How it is made: `pages.export_files`.

`parameters` of an order: {"call": id} of a period's report; of reports with their answers see `pages.report_export.content`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.files import MADE_TYPES
from units.models import Person
from units.queries import memberships_of

from ..enums import CallState
from ..models import Call
from ..queries import visible_calls
from ..queries.analysis import reported_calls, sees_the_field
from . import can_manage_call


@dataclass(frozen=True)
class ExportKind:
    """`may_have(person, parameters, at)` is asked when the file is ordered, made and fetched. `ending` of the file's name, a
    key of `lib.files.MADE_TYPES`."""

    key: str
    ending: str
    may_have: Callable[[Person, dict, datetime], bool]
    title: Callable[[dict], str]
    stem: Callable[[dict], str]

    @property
    def media_type(self) -> str:
        return MADE_TYPES[self.ending]

    def name(self, parameters: dict) -> str:
        """Of the file that is fetched."""
        return f"{self.stem(parameters)}{self.ending}"


def read_scope(person: Person, at: datetime) -> list[str]:
    """The unit paths that the person reads, the wider ones only; [""] for an administrator, who reads all."""
    if person.is_superuser:
        return [""]
    paths = {membership.unit.path for membership in memberships_of(person, at)}
    return sorted(path for path in paths if not any(path != other and path.startswith(other) for other in paths))


def is_within(scope: list[str], reach: list[str]) -> bool:
    """Whether everything that went into a file is still within reach."""
    return all(any(path.startswith(wide) for wide in reach) for path in scope)


# ------------------------------------------------------------------------------------------- the report of a period
def _may_have_period(person: Person, parameters: dict, at: datetime) -> bool:
    """Headquarters, of a call whose results they may see."""
    return sees_the_field(person) and reported_calls(person).filter(pk=parameters.get("call")).exists()


def _title_of_period(parameters: dict) -> str:
    return _("Report of the period: %(call)s") % {"call": Call.objects.get(pk=parameters["call"]).title}


def _stem_of_period(parameters: dict) -> str:
    """The period it is about, as its code sorts, and the call that asked."""
    call = Call.objects.get(pk=parameters["call"])
    return f"period-report-{call.period_code}-{call.pk}"


def _period(key: str, ending: str) -> ExportKind:
    return ExportKind(key, ending, _may_have_period, _title_of_period, _stem_of_period)


# ------------------------------------------------------------------------------------------ reports with their answers
def _may_have_reports(person: Person, parameters: dict, at: datetime) -> bool:
    """Of a call: whoever sees it. Of the list: whoever reads reports at all; only what they may see goes in."""
    if parameters.get("list"):
        return person.is_superuser or bool(memberships_of(person, at))
    return visible_calls(person).exclude(state=CallState.DRAFT).filter(pk=parameters.get("call")).exists()


def _title_of_reports(parameters: dict) -> str:
    if parameters.get("list"):
        return _("Reports, as filtered in the list")
    return _("Reports of the call: %(call)s") % {"call": Call.objects.get(pk=parameters["call"]).title}


def _stem_of_reports(parameters: dict) -> str:
    """Two files of one call bear two names where they hold different reports."""
    parts = ["reports", *([f"call-{parameters['call']}"] if parameters.get("call") else [])]
    narrowed = [parameters[key] for key in ("period", "status", "deadline") if parameters.get(key)]
    return "-".join([*parts, *narrowed, *(["search"] if parameters.get("q") else [])])


def _reports(key: str, ending: str) -> ExportKind:
    return ExportKind(key, ending, _may_have_reports, _title_of_reports, _stem_of_reports)


# --------------------------------------------------------------------------------------- workbooks for units to fill in
def _may_have_workbooks(person: Person, parameters: dict, at: datetime) -> bool:
    """Whoever manages the call: the files are for them to hand on. Only a unit’s own people upload one."""
    call = Call.objects.exclude(state=CallState.DRAFT).filter(pk=parameters.get("call")).first()
    return call is not None and can_manage_call(person, call, at)


def _title_of_workbooks(parameters: dict) -> str:
    return _("Workbooks to fill in: %(call)s") % {"call": Call.objects.get(pk=parameters["call"]).title}


PERIOD_PDF, PERIOD_XLSX = "period-report-pdf", "period-report-xlsx"
REPORTS_CSV, REPORTS_XLSX, REPORTS_JSONL = "reports-csv", "reports-xlsx", "reports-jsonl"
REPORTS_ROWS = "reports-rows-csv"
EMPTY_WORKBOOKS = "empty-workbooks"
EXPORT_KINDS = {
    kind.key: kind
    for kind in (
        _period(PERIOD_PDF, ".pdf"),
        _period(PERIOD_XLSX, ".xlsx"),
        _reports(REPORTS_CSV, ".csv"),
        _reports(REPORTS_XLSX, ".xlsx"),
        _reports(REPORTS_JSONL, ".jsonl"),
        ExportKind(
            REPORTS_ROWS, ".csv", _may_have_reports, _title_of_reports, lambda of: f"{_stem_of_reports(of)}-rows"
        ),
        ExportKind(
            EMPTY_WORKBOOKS, ".zip", _may_have_workbooks, _title_of_workbooks, lambda of: f"workbooks-call-{of['call']}"
        ),
    )
}
