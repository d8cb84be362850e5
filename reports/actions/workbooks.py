"""A workbook that a unit filled in elsewhere becomes its draft: all of it in one act, or nothing.

The rules are those of saving a section. What a colleague changed since the workbook was taken is overwritten only where the person
chose so, value by value, and only the value that they saw when they chose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits
from units.actions.events import record
from units.models import Person

from ..enums import ReportVerb
from ..models import DraftSection, Report
from ..queries import asked_of, engine_of
from ..queries.drafts import editable_names, flatten
from ..queries.editable import COMMENT, NOT_APPLICABLE, EditableNames
from ..queries.table_rows import is_there
from ..xlsform import FormDefinition
from ..xlsform.tables import (
    MAX_ROWS,
    MAX_ROWS_OF_REPORT,
    ROW,
    FormTable,
    as_order,
    cell_name,
    new_row_id,
    order_of,
    place_name,
    row_name,
    row_of,
    rows_written,
)
from .drafts import SaveOutcome, begun_sections, cells_to_store, lost_rows, require_draft, touch, write_cells
from .locking import lock_report, next_report_state


@dataclass(frozen=True)
class BroughtRow:
    """A row that is new. `around`: the row that its table stands in."""

    table: str
    around: str
    cells: Mapping[str, str]  # {question: answer}


@dataclass(frozen=True)
class Brought:
    """What a workbook would change. `versions` {section: how far it had come when the workbook was taken}; `chosen` {name: version
    of the stored value that is to give way}; `gone`: rows to take out, `row:TABLE@ROW`."""

    answers: Mapping[str, str]
    versions: Mapping[str, int]
    chosen: Mapping[str, int] = field(default_factory=dict)
    rows: Sequence[BroughtRow] = ()
    gone: Sequence[str] = ()
    sha256: str = ""
    file_name: str = ""


@dataclass(frozen=True)
class BroughtOutcome:
    """`fields`: how many answers were stored, `rows` added and `gone` taken out."""

    fields: int
    rows: int
    gone: int


@transaction.atomic
def bring_workbook(*, report: Report, brought: Brought, by: Person) -> BroughtOutcome:
    """Store what a workbook says, in one act. Refused as `save_section` is, and where anything of it cannot be stored: an answer that
    cannot be read, a value that a colleague changed and nobody chose over (`workbook-clash`). Then nothing is stored."""
    report, at = lock_report(report)
    membership = require_draft(report, by, at)
    state = next_report_state(report, "draft")
    definition = asked_of(report)
    sections = begun_sections(report, definition, at=at, by=by)
    allowed = editable_names(report, definition)
    draft = _Draft(report, definition, at, by, sections, allowed)
    new = draft.new_rows(brought.rows)
    changes = draft.by_section({**brought.answers, **new})
    wanted: dict[str, dict[str, str]] = {}
    for section, found in changes.items():
        wanted[section] = draft.wanted(section, found, new, brought)
    for name in brought.gone:
        section, table = draft.table_of(name)
        draft.require_untouched(section, name, table, brought.versions.get(section, 0))
        wanted.setdefault(section, {})[name] = ""
    wanted = {section: cells for section, cells in wanted.items() if cells}
    if not wanted:
        return BroughtOutcome(0, 0, 0)
    for section, cells in wanted.items():
        row = draft.section(section)
        cells |= lost_rows(definition, row.answers, cells)
        write_cells(row, report, cells, definition=definition, sections=sections, at=at, by=by)
    touch(report, state, at)
    names = sorted(name for cells in wanted.values() for name in cells)
    record(
        ReportVerb.BRING_WORKBOOK, noun="report", key=report.tracking_code, at=at, by=by, membership=membership,
        path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id,
        data={
            "file": brought.file_name[:200], "sha256": brought.sha256,
            "sections": {section: draft.section(section).version for section in wanted}, "fields": names,
        },
    )  # fmt: skip
    fields = sum(not name.startswith(ROW) for name in names)
    return BroughtOutcome(fields, len(brought.rows), len(brought.gone))


def brought_refused(message: str, code: str = "workbook-changed") -> Refused:
    return Refused(message, code=code)


@dataclass
class _Draft:
    """The draft under its lock."""

    report: Report
    definition: FormDefinition
    at: datetime
    by: Person
    sections: list[DraftSection]
    allowed: EditableNames | None

    def section(self, name: str) -> DraftSection:
        row = next((each for each in self.sections if each.section == name), None)
        if row is None:
            row = DraftSection(
                report=self.report, section=name, version=0, answers={}, saved_at=self.at, saved_by=self.by
            )
            self.sections.append(row)
        return row

    def by_section(self, answers: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """{section: {name: answer}}; a name that the form does not have belongs to none and is left out, as in a post."""
        found: dict[str, dict[str, str]] = {}
        for name, value in answers.items():
            section = self._section_of(name)
            if section is not None:
                found.setdefault(section, {})[name] = value
        return found

    def _section_of(self, name: str) -> str | None:
        if name.startswith(ROW):
            table = self.definition.table_of_row(name)
            return table.section if table else None
        for prefix in (COMMENT, NOT_APPLICABLE):
            if name.startswith(prefix):
                indicator = self.definition.indicator(name.removeprefix(prefix))
                return indicator.section if indicator else None
        question = self.definition.question(name)
        return question.section if question else None

    def wanted(
        self, section: str, found: Mapping[str, str], new: Mapping[str, str], brought: Brought
    ) -> dict[str, str]:
        """What of it is to be stored. Refused where not all of it can be."""
        row = self.section(section)
        added = {name: value for name, value in found.items() if name.startswith(ROW)}
        known = {**row.answers, **{name: {"v": value, "n": 0, "by": None, "at": ""} for name, value in added.items()}}
        outcome = SaveOutcome(
            self.report, self.definition, self.at, row.version, self.sections, answers=known, at=row.saved_at
        )
        answers = {name: value for name, value in found.items() if name not in added}
        wanted = cells_to_store(
            outcome, section, answers, self.allowed, brought.versions.get(section, 0), brought.chosen
        )
        if outcome.errors:
            raise brought_refused(
                _(
                    "Nothing was stored: %(n)s answers of the workbook cannot be stored any more. Look at the preview again."
                )
                % {"n": local_digits(len(outcome.errors))}
            )
        if outcome.conflicts:
            raise brought_refused(
                _(
                    "Nothing was stored: a colleague changed %(n)s of these answers as well. Choose for each of them which one stays."
                )
                % {"n": local_digits(len(outcome.conflicts))},
                "workbook-clash",
            )
        return {**added, **wanted}

    # ------------------------------------------------------------------------------------------------------------ rows
    def new_rows(self, rows: Sequence[BroughtRow]) -> dict[str, str]:
        """The cells of rows that are added at the ends of their tables, with what their questions start with."""
        cells: dict[str, str] = {}
        flat = flatten(self.sections)
        engine = engine_of(self.report)
        for row in rows:
            table = self.definition.table(row.table)
            if table is None or not table.is_open:
                raise brought_refused(_("This form has no such table to add rows to. Reload the page."), "no-table")
            self._require_around(table, row.around, flat)
            here = rows_written(flat).get(place_name(table.key, row.around), [])
            if len(here) >= MAX_ROWS or sum(map(len, rows_written(flat).values())) >= MAX_ROWS_OF_REPORT:
                raise brought_refused(
                    _("A table holds %(most)s rows, and a report %(all)s in all; there is no room for another one.")
                    % {"most": local_digits(MAX_ROWS), "all": local_digits(MAX_ROWS_OF_REPORT)},
                    "too-many-rows",
                )
            key = f"{row.around}.{new_row_id()}" if row.around else new_row_id()
            name = row_name(table.key, key)
            if self.allowed is not None and name not in self.allowed:
                raise brought_refused(
                    _("Only what the remarks name can be corrected now; this stays as it was submitted."),
                    "not-remarked",
                )
            last = order_of(flat.get(row_name(table.key, here[-1]), "")) if here else None
            flat[name] = as_order((last or Decimal(0)).to_integral_value() + 1)
            defaults = engine.defaults_in(table, key, flat, at=self.at)
            own = {
                cell_name(each, key): text for each, text in {**defaults, **row.cells}.items() if each in table.names
            }
            flat |= own
            cells |= {name: flat[name], **own}
        return cells

    def _require_around(self, table: FormTable, around: str, flat: Mapping[str, str]) -> None:
        outer = self.definition.table(table.outer) if table.outer else None
        known = self.definition.table_of_row(row_name(outer.key, around)) is not None if outer else not around
        if not known or (outer and not is_there(self.definition, outer, around, flat)):
            raise brought_refused(
                _("The row that this table stands in is not here any more. Reload the page."), "no-row"
            )

    def table_of(self, name: str) -> tuple[str, FormTable]:
        table = self.definition.table_of_row(name)
        if table is None or not table.is_open:
            raise brought_refused(
                _("This row is not here any more: a colleague took it out. Reload the page."), "no-row"
            )
        return table.section, table

    def require_untouched(self, section: str, name: str, table: FormTable, version: int) -> None:
        """A row is taken out only as the person saw it."""
        row, answers = row_of(name), self.section(section).answers
        if self.allowed is not None and name not in self.allowed:
            raise brought_refused(
                _("Only what the remarks name can be corrected now; this stays as it was submitted."), "not-remarked"
            )
        inside = [cell for key, cell in answers.items() if f"{row_of(key)}.".startswith(f"{row}.")]
        if any(cell["n"] > version and cell["by"] not in (None, self.by.pk) for cell in inside):
            raise brought_refused(
                _(
                    "A colleague wrote in a row that you would take out, so nothing was stored. Look at the preview again."
                ),
                "row-changed",
            )
