"""The tables of a definition, and the questions of their rows by the names of their answers."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from .indicator import JudgedRows
from .labels import Choice
from .tables import ROW, TABLE, FormTable, bare, is_row_key, row_of

_MOST_CELLS = 20_000


class WithTables:
    """What a FormDefinition says of its tables."""

    # Of the definition, which stands above this module.
    groups: tuple[Any, ...]
    questions: tuple[Any, ...]
    lists: dict[str, tuple[Choice, ...]]
    _by_name: Any

    @cached_property
    def tables(self) -> tuple[FormTable, ...]:
        """The repeats that are asked, in the order of the sheet, outer ones first; none of a form that was read before they were."""
        found: list[FormTable] = []
        asked = {f"{question.table}/" for question in self.questions if question.table}
        repeats = [
            group for group in self.groups if group.is_repeat and any(at.startswith(f"{group.path}/") for at in asked)
        ]
        for group in repeats:
            outer = next((table for table in reversed(found) if group.path.startswith(f"{table.path}/")), None)
            unique = sum(each.name == group.name for each in repeats) == 1
            table = FormTable(
                key=group.name if unique else group.path.strip("/").replace("/", "."),
                path=group.path,
                label=group.label,
                section=group.section,
                outer=outer.key if outer else "",
                depth=outer.depth + 1 if outer else 1,
                count=group.count,
                choices=self.lists.get(group.rows, ()) if group.rows else (),
                names=tuple(question.name for question in self.questions if question.table == group.path),
                row=group.row,
            )
            found.append(table)
        return tuple(found)

    @cached_property
    def _tables(self) -> dict[str, FormTable]:
        return {table.key: table for table in self.tables}

    @cached_property
    def _tables_by_path(self) -> dict[str, FormTable]:
        return {table.path: table for table in self.tables}

    def table(self, key: str) -> FormTable | None:
        return self._tables.get(key)

    def own_table(self, key: str) -> FormTable:
        """Of a key that the definition itself gave. Raises KeyError."""
        return self._tables[key]

    def table_at(self, path: str) -> FormTable | None:
        return self._tables_by_path.get(path)

    def tables_of(self, section: str) -> tuple[FormTable, ...]:
        """The tables of a section that stand in no other one."""
        return tuple(table for table in self.tables if table.section == section and not table.outer)

    def tables_in(self, key: str) -> tuple[FormTable, ...]:
        """The tables inside each row of that one."""
        return tuple(table for table in self.tables if table.outer == key)

    def questions_in(self, table: FormTable) -> tuple[Any, ...]:
        return tuple(self._by_name[name] for name in table.names)

    @cached_property
    def _repeats(self) -> tuple[str, ...]:
        return tuple(f"{group.path}/" for group in self.groups if group.is_repeat)

    def in_repeat(self, path: str) -> bool:
        """Whether it lies inside a table, whose rows have no place in the tree that expressions read."""
        return path.startswith(self._repeats)

    @cached_property
    def outside_repeats(self) -> tuple[Any, ...]:
        """The questions that have a place in the tree."""
        return tuple(question for question in self.questions if not question.repeat)

    @cached_property
    def groups_outside_repeats(self) -> tuple[Any, ...]:
        return tuple(group for group in self.groups if not group.is_repeat and not self.in_repeat(group.path))

    # ------------------------------------------------------------------ judged
    @cached_property
    def judged_tables(self) -> tuple[JudgedRows, ...]:
        """Each table that stands in no other one, with the tables inside it, as what a reviewer accepts or remarks on."""
        return tuple(self._judged(table, f"{TABLE}{table.key}", "") for table in self.tables if not table.outer)

    def judged_row(self, code: str) -> JudgedRows | None:
        """A row (`row:KEY@ROW`) as what a reviewer accepts or remarks on; whether a report has it is another question."""
        table = self.table_of_row(code) if code.startswith(ROW) else None
        return self._judged(table, code, row_of(code)) if table else None

    def outermost(self, table: FormTable) -> FormTable:
        """The table itself, or the one that stands around all others around it."""
        while outer := self.table(table.outer):
            table = outer
        return table

    def _judged(self, table: FormTable, code: str, within: str) -> JudgedRows:
        inside = [table]
        for each in inside:
            inside += self.tables_in(each.key)
        return JudgedRows(
            code, table.label, table.section, {}, row=table.row, table=table.key,
            tables=frozenset(each.key for each in inside), within=within,
            questions=frozenset(name for each in inside for name in each.names),
        )  # fmt: skip

    # ------------------------------------------------------------------- cells
    @cached_property
    def _cells(self) -> dict[str, Any]:
        return {}

    def question_in_row(self, name: str) -> Any:
        """The question of `name@row`, under that name."""
        found = self._cells.get(name)
        if found is None:
            asked = self._by_name.get(bare(name))
            table = self.table_at(asked.table) if asked else None
            if asked is None or table is None or not is_row_key(row_of(name), table.depth):
                return None
            if len(self._cells) >= _MOST_CELLS:
                self._cells.clear()
            found = self._cells[name] = replace(asked, name=name)
        return found

    def table_of_row(self, name: str) -> FormTable | None:
        """Of the name of a row (`row:table@row`); None where there is no such table, or no row of that depth."""
        table = self.table(bare(name).partition(":")[2])
        return table if table and is_row_key(row_of(name), table.depth) else None
