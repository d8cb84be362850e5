"""What can be made in the background: who may have it, out of whose data, and how it is made. One entry a kind of file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sajad_portal.lib.files import MADE_TYPES
from units.models import Person
from units.queries import memberships_of

from .period_report import book, paper
from .period_report.content import may_have, title_of
from .report_export import content, files


class Progress(Protocol):
    """`progress(done, total)`: tells how far it is, and stops the making where another worker has taken over."""

    def __call__(self, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class ExportKind:
    """`may_have(person, parameters, at)` is asked when the file is ordered, made and fetched. `make` writes the file to a
    path, with what the person may see then. `ending` of the file's name, a key of `lib.files.MADE_TYPES`."""

    key: str
    ending: str
    may_have: Callable[[Person, dict, datetime], bool]
    title: Callable[[dict], str]
    name: Callable[[dict], str]
    make: Callable[[Person, dict, Path, Progress], None]

    @property
    def media_type(self) -> str:
        return MADE_TYPES[self.ending]


def scope_of(person: Person, at: datetime) -> list[str]:
    """The unit paths that the person reads, the wider ones only; [""] for an administrator, who reads all."""
    if person.is_superuser:
        return [""]
    paths = {membership.unit.path for membership in memberships_of(person, at)}
    return sorted(path for path in paths if not any(path != other and path.startswith(other) for other in paths))


def is_within(scope: list[str], reach: list[str]) -> bool:
    """Whether everything that went into a file is still within reach."""
    return all(any(path.startswith(wide) for wide in reach) for path in scope)


PERIOD_PDF, PERIOD_XLSX = "period-report-pdf", "period-report-xlsx"
REPORTS_CSV, REPORTS_XLSX, REPORTS_JSONL = "reports-csv", "reports-xlsx", "reports-jsonl"


def _of_reports(key: str, ending: str, make) -> ExportKind:
    return ExportKind(key, ending, content.may_have, content.title_of, lambda p: f"{content.stem_of(p)}{ending}", make)


KINDS = {
    kind.key: kind
    for kind in (
        ExportKind(PERIOD_PDF, ".pdf", may_have, title_of, lambda p: f"period-report-{p['call']}.pdf", paper.make),
        ExportKind(PERIOD_XLSX, ".xlsx", may_have, title_of, lambda p: f"period-report-{p['call']}.xlsx", book.make),
        _of_reports(REPORTS_CSV, ".csv", files.make_csv),
        _of_reports(REPORTS_XLSX, ".xlsx", files.make_xlsx),
        _of_reports(REPORTS_JSONL, ".jsonl", files.make_jsonl),
    )
}
