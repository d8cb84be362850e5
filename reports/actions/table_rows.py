"""Rows of tables in a draft: added, copied, moved, taken out.

A row is a cell of its own (`xlsform/tables.py`), so that two people who add rows at once both keep theirs, and so is where it stands.
Taking a row out leaves what was in it, until the report is sent without it: a colleague who writes into it meanwhile has it back.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits
from units.models import Person

from ..models import DraftSection, Report
from ..queries import asked_of, engine_of
from ..queries.drafts import editable_names, flatten
from ..queries.earlier_answers import period_before, rows_before
from ..queries.table_rows import is_there, tables_inside
from ..xlsform import FormDefinition
from ..xlsform.tables import (
    MAX_ROWS,
    MAX_ROWS_OF_REPORT,
    FormTable,
    as_order,
    bare,
    cell_name,
    new_row_id,
    order_of,
    outer_row,
    place_name,
    row_name,
    row_of,
    rows_written,
)
from .drafts import begun_sections, require_draft, store_cells
from .locking import lock_report, next_report_state

LONGEST_ORDER = 20  # letters of a number between two rows; then the rows are numbered anew


@dataclass
class _Draft:
    """What a verb about rows works on: the report under its lock, the section that holds the table, what is written in all."""

    report: Report
    definition: FormDefinition
    table: FormTable
    at: datetime
    section: DraftSection
    sections: list[DraftSection]
    flat: dict[str, str]

    def rows(self, around: str) -> list[str]:
        return rows_written(self.flat).get(place_name(self.table.key, around), [])

    def order(self, row: str) -> Decimal:
        return order_of(self.flat.get(row_name(self.table.key, row), "")) or Decimal(0)


@transaction.atomic
def add_row(*, report: Report, table: str, around: str = "", by: Person) -> str:
    """A new row at the end of a table; its key. `around`: the row that the table stands in."""
    draft, write = _begin(report, table, by)
    _require_around(draft, around)
    _require_room(draft, around, 1)
    row = f"{around}.{new_row_id()}" if around else new_row_id()
    rows = draft.rows(around)
    last = draft.order(rows[-1]) if rows else Decimal(0)
    write({row_name(draft.table.key, row): as_order(last.to_integral_value() + 1), **_defaults(draft, row)})
    return row


@transaction.atomic
def copy_row(*, report: Report, table: str, row: str, by: Person) -> str:
    """A row like that one below it, with the rows of its inner tables; its key. Files are not copied: a file is of one row."""
    draft, write = _begin(report, table, by)
    _require_row(draft, row)
    around, own = outer_row(row), new_row_id()
    copy = f"{around}.{own}" if around else own
    inside = [key for key in draft.flat if f"{row_of(key)}.".startswith(f"{row}.") and _in_table(draft, key)]
    _require_room(draft, around, sum(key.startswith("row:") for key in inside))
    cells = {}
    for key in inside:
        question = draft.definition.question(key)
        if question is None or not question.kind.is_file:
            cells[f"{bare(key)}@{copy}{row_of(key).removeprefix(row)}"] = draft.flat[key]
    write({**cells, **_placed(draft, copy, draft.rows(around), draft.rows(around).index(row) + 1)})
    return copy


@transaction.atomic
def move_row(*, report: Report, table: str, row: str, up: bool, by: Person) -> None:
    """One place up or down; at the end of the table nothing changes."""
    draft, write = _begin(report, table, by)
    _require_row(draft, row)
    rows = draft.rows(outer_row(row))
    place = rows.index(row) + (-1 if up else 1)
    if 0 <= place < len(rows):
        others = [each for each in rows if each != row]
        write(_placed(draft, row, others, place))


@transaction.atomic
def remove_row(*, report: Report, table: str, row: str, base_version: int, by: Person) -> None:
    """Take a row out. Refused where a colleague changed something in it that `base_version` has not seen."""
    draft, write = _begin(report, table, by)
    if draft.section.answers.get(row_name(draft.table.key, row), {}).get("v") == "":
        return
    _require_row(draft, row)
    cells = draft.section.answers.items()
    inside = [cell for name, cell in cells if f"{row_of(name)}.".startswith(f"{row}.") and _in_table(draft, name)]
    if any(cell["n"] > base_version and cell["by"] not in (None, by.pk) for cell in inside):
        raise Refused(
            _(
                "A colleague wrote in this row after you opened the page, so it was not taken out. Look at it, then take it out."
            ),
            code="row-changed",
        )
    write({row_name(draft.table.key, row): ""})


@transaction.atomic
def bring_rows(*, report: Report, table: str, by: Person) -> None:
    """The rows that the unit sent in this table in the period before, into a table that is still empty: under the same keys, so that a
    row is known from period to period, with what stood in them and in the tables inside. Files are not brought."""
    draft, write = _begin(report, table, by)
    if draft.table.outer or draft.rows(""):
        raise Refused(_("This table has rows already, so none were brought. Reload the page."), code="has-rows")
    cells = rows_before(draft.definition, draft.table, period_before(report))
    if not cells:
        raise Refused(_("There are no rows of an earlier period to bring."), code="no-rows")
    _require_room(draft, "", sum(name.startswith("row:") for name in cells))
    write(cells)


# ------------------------------------------------------------------------------------------------------------- parts
def _begin(report: Report, table: str, by: Person):
    """The draft under its lock, and how cells are stored in it."""
    report, at = lock_report(report)
    membership = require_draft(report, by, at)
    state = next_report_state(report, "draft")
    definition = asked_of(report)
    found = definition.table(table)
    if found is None or not found.is_open:
        raise Refused(_("This form has no such table to add rows to. Reload the page."), code="no-table")
    sections = begun_sections(report, definition, at=at, by=by)
    section = next((each for each in sections if each.section == found.section), None)
    if section is None:
        section = DraftSection(report=report, section=found.section, version=0, answers={}, saved_at=at, saved_by=by)
        sections.append(section)
    draft = _Draft(report, definition, found, at, section, sections, flatten(sections))
    allowed = editable_names(report, definition)

    def write(cells: dict[str, str]) -> None:
        named = [name for name in cells if name.startswith("row:")]
        if allowed is not None and not all(name in allowed for name in named):
            raise Refused(
                _("Only what the remarks name can be corrected now; this stays as it was submitted."),
                code="not-remarked",
            )
        store_cells(
            section, report, state, cells, definition=definition, sections=sections, at=at, by=by, membership=membership
        )  # fmt: skip

    return draft, write


def _in_table(draft: _Draft, name: str) -> bool:
    """Whether a cell stands in the table or in one inside its rows: keys of counted rows are the same in every table."""
    base = bare(name).removeprefix("row:")
    tables = tables_inside(draft.definition, draft.table)
    return any(base == each.key or base in each.names for each in tables)


def _require_row(draft: _Draft, row: str) -> None:
    if draft.definition.table_of_row(row_name(draft.table.key, row)) is None or not is_there(
        draft.definition, draft.table, row, draft.flat
    ):
        raise Refused(_("This row is not here any more: a colleague took it out. Reload the page."), code="no-row")


def _require_around(draft: _Draft, around: str) -> None:
    outer = draft.definition.table(draft.table.outer) if draft.table.outer else None
    known = draft.definition.table_of_row(row_name(outer.key, around)) is not None if outer else not around
    if not known or (outer and not is_there(draft.definition, outer, around, draft.flat)):
        raise Refused(_("The row that this table stands in is not here any more. Reload the page."), code="no-row")


def _require_room(draft: _Draft, around: str, more: int) -> None:
    here, everywhere = len(draft.rows(around)), sum(len(rows) for rows in rows_written(draft.flat).values())
    for count, most in ((here + 1, MAX_ROWS), (everywhere + more, MAX_ROWS_OF_REPORT)):
        if count > most:
            raise Refused(
                _("A table holds %(most)s rows, and a report %(all)s in all; there is no room for another one.")
                % {"most": local_digits(MAX_ROWS), "all": local_digits(MAX_ROWS_OF_REPORT)},
                code="too-many-rows",
            )


def _defaults(draft: _Draft, row: str) -> dict[str, str]:
    """What the questions of a new row start with."""
    engine = engine_of(draft.report)
    written = {**draft.flat, row_name(draft.table.key, row): "1"}
    found = engine.defaults_in(draft.table, row, written, at=draft.at)
    return {cell_name(name, row): value for name, value in found.items()}


def _placed(draft: _Draft, row: str, others: list[str], place: int) -> dict[str, str]:
    """The cell that puts a row among the others; all of them where no short number lies between its neighbours."""
    key = draft.table.key
    before = draft.order(others[place - 1]) if place else None
    after = draft.order(others[place]) if place < len(others) else None
    if before is None:
        number = (after or Decimal(1)) - 1
    elif after is None:
        number = before + 1
    else:
        number = (before + after) / 2
    told = as_order(number)
    if number not in (before, after) and len(told) <= LONGEST_ORDER:
        return {row_name(key, row): told}
    rows = [*others[:place], row, *others[place:]]
    return {row_name(key, each): str(count) for count, each in enumerate(rows, 1)}
