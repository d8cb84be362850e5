"""Tables on the entry page: a card a row, with the row's fields, its inner tables and what may be done with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import local_digits

from ...queries.drafts import Assessment, field_id
from ...queries.earlier_answers import PeriodBefore, rows_before
from ...queries.table_rows import asked_rows, row_label
from ...xlsform import Question
from ...xlsform.labels import Text
from ...xlsform.tables import AT, MAX_ROWS, TABLE, FormTable, cell_name, place_name, row_name


@dataclass(frozen=True)
class RowPart:
    """Fields of a row that stand in one group, under its heading; `head` is "" outside of groups that have one."""

    head: str
    fields: list[Any]  # section.Field


@dataclass(frozen=True)
class RowCard:
    """One row. `key` is what the page sends to act on it: `table@row`."""

    key: str
    number: int
    label: str
    parts: list[RowPart]
    inner: "list[TableCard]"
    remark: str
    open: bool  # rows can be added and taken out
    first: bool
    last: bool
    editable: bool

    @property
    def id(self) -> str:
        return field_id(f"row:{self.key}")

    @property
    def fields(self) -> list[Any]:
        return [each for part in self.parts for each in part.fields]

    @property
    def all_fields(self) -> list[Any]:
        return [*self.fields, *(each for table in self.inner for each in table.fields)]

    @property
    def is_filled(self) -> bool:
        return any(each.value for each in self.fields)


@dataclass(frozen=True)
class TableCard:
    """A table where it stands. `place` is its key, in a row `key@row`."""

    table: FormTable
    place: str
    label: str
    rows: list[RowCard]
    relevant: bool
    can_add: bool
    remark: str
    error: str
    label_of_count: str
    brings: str  # the period from which its rows can be brought; "" where they cannot
    kind: ClassVar[str] = "table"

    @property
    def id(self) -> str:
        return field_id(f"{TABLE}{self.place}")

    @property
    def fields(self) -> list[Any]:
        return [each for row in self.rows for each in row.all_fields]

    @property
    def all_rows(self) -> list[RowCard]:
        """Those of the tables in its rows too, each after the row that it stands in."""
        return [
            each for row in self.rows for each in (row, *(inner for table in row.inner for inner in table.all_rows))
        ]

    @property
    def shape(self) -> tuple:
        """What is another one as soon as a row comes, goes or moves, or the table does not apply any more."""
        return (
            self.relevant,
            self.can_add,
            tuple((row.key, tuple(table.shape for table in row.inner)) for row in self.rows),
        )


class Tables:
    """Makes the cards of one section. `field_of` makes the field of a question, `said` puts answers into words."""

    def __init__(
        self, assessment: Assessment, *, language: str, writable: bool, remarks: Mapping[str, str],
        field_of: Callable[[Question], Any], said: Callable[[Text, str], str], before: Callable[[], PeriodBefore | None] | None = None,
    ) -> None:  # fmt: skip
        self._before = cache(before) if before else None
        self._assessment, self._language, self._writable, self._remarks = assessment, language, writable, remarks
        self._field_of, self._said = field_of, said

    def card(self, table: FormTable, around: str = "") -> TableCard:
        evaluation, place = self._assessment.evaluation, place_name(table.key, around)
        rows = asked_rows(evaluation, table, around)
        editable = (
            self._writable
            and table.is_open
            and self._may_change(row_name(table.key, f"{around}.new" if around else "new"))
        )
        last = len(rows)
        return TableCard(
            table=table,
            place=place,
            label=self._said(table.label, around) or table.key,
            rows=[self._row(table, row.row, row.number, last) for row in rows],
            relevant=evaluation.relevant_tables.get(place, True),
            can_add=editable and last < MAX_ROWS,
            remark=self._remarks.get(f"{TABLE}{place}", ""),
            error=evaluation.errors.get(f"{TABLE}{place}", ""),
            label_of_count=_count(last),
            brings=self._brings(table) if editable and not around and not last else "",
        )

    def _row(self, table: FormTable, row: str, number: int, last: int) -> RowCard:
        definition, evaluation = self._assessment.definition, self._assessment.evaluation
        questions = [definition.own_question(cell_name(name, row)) for name in table.names]
        name = row_name(table.key, row)
        return RowCard(
            key=f"{table.key}{AT}{row}",
            number=number,
            label=row_label(definition, table, row, number, evaluation.values),
            parts=self._parts(table, row, [question for question in questions if question.is_seen]),
            inner=[self.card(inner, row) for inner in definition.tables_in(table.key)],
            remark=self._remarks.get(name, ""),
            open=table.is_open,
            first=number == 1,
            last=number == last,
            editable=self._writable and table.is_open and self._may_change(name),
        )

    def _parts(self, table: FormTable, row: str, questions: list[Question]) -> list[RowPart]:
        """In the order of the sheet; a group inside another one stands behind its name."""
        groups = [
            group
            for group in self._assessment.definition.groups
            if group.path.startswith(f"{table.path}/") and group.label
        ]
        parts: list[RowPart] = []
        for question in questions:
            around = [self._said(group.label, row) for group in groups if question.path.startswith(f"{group.path}/")]
            head = " › ".join(around)
            if not parts or parts[-1].head != head:
                parts.append(RowPart(head, []))
            parts[-1].fields.append(self._field_of(question))
        return parts

    def _brings(self, table: FormTable) -> str:
        before = self._before() if self._before else None
        return before.period if before and rows_before(self._assessment.definition, table, before) else ""

    def _may_change(self, name: str) -> bool:
        return self._assessment.editable is None or name in self._assessment.editable


def _count(rows: int) -> str:
    if not rows:
        return _("no row yet")
    return ngettext("%(n)s row", "%(n)s rows", rows) % {"n": local_digits(rows)}
