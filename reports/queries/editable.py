"""What remarks let change during a return: of an indicator, of a row, of a whole table. Pure."""

from collections.abc import Iterable

from ..xlsform import FormDefinition
from ..xlsform.indicator import JudgedRows
from ..xlsform.tables import ROW, TABLE, bare, row_of
from .judged_rows import judged_table
from .table_rows import tables_inside

COMMENT, NOT_APPLICABLE, FILE = "comment:", "na:", "file:"


class EditableNames(frozenset[str]):
    """Names that a return lets change. `inside`: (questions and tables, the row that they must stand in; "" for any row): a remark
    on a row (`row:table@row`) is about all that is in it, one on a table (`table:key`) about its rows, those to come too."""

    inside: tuple[tuple[frozenset[str], str], ...]

    def __new__(cls, names: Iterable[str] = (), inside: Iterable[tuple[frozenset[str], str]] = ()) -> "EditableNames":
        made = super().__new__(cls, names)
        made.inside = tuple(inside)
        return made

    def __contains__(self, name: object) -> bool:
        if super().__contains__(name):
            return True
        if not self.inside or not isinstance(name, str) or not row_of(name):
            return False
        base, row = bare(name).rpartition(":")[2], row_of(name)
        return any(
            base in known and (not around or f"{row}.".startswith(f"{around}.")) for known, around in self.inside
        )

    def __bool__(self) -> bool:
        return bool(len(self) or self.inside)


def editable_rows(definition: FormDefinition, code: str) -> tuple[frozenset[str], str] | None:
    """Of a remark on a row or a whole table: what may change, and the row in which."""
    key = bare(code).partition(":")[2]
    table = definition.table(key)
    if table is None or not code.startswith((ROW, TABLE)):
        return None
    tables = tables_inside(definition, table)
    known = frozenset([*(name for each in tables for name in each.names), *(each.key for each in tables)])
    return known, row_of(code) if code.startswith(ROW) else ""


def editable_for(definition: FormDefinition, remarked: Iterable[str]) -> EditableNames:
    """What remarks on these indicators, questions, rows or tables let change."""
    names: set[str] = set()
    inside = []
    for code in remarked:
        names |= names_of(definition, code)
        if rows := editable_rows(definition, code):
            inside.append(rows)
    changing = names.union(*(known for known, _row in inside))
    return EditableNames(names | definition.triggered_by(changing), inside)


def names_of(definition: FormDefinition, code: str) -> set[str]:
    """An indicator's questions, its comment, its evidence and the files of its questions."""
    if code.startswith((ROW, TABLE)):
        return set()  # `editable_rows` says what
    indicator = definition.judged_as(code)
    if indicator is None:
        return {code, FILE + code} if row_of(code) else set()
    inputs = indicator.inputs.values()
    return {code, COMMENT + code, NOT_APPLICABLE + code, *inputs, *(FILE + name for name in inputs)}


def affected_indicators(definition: FormDefinition, codes: Iterable[str]) -> set[str]:
    """The indicators themselves and those calculated, directly or not, from their inputs."""
    codes = set(codes)
    rows = [each for each in map(definition.judged_as, codes) if isinstance(each, JudgedRows)]
    codes |= {judged_table(definition, row).code for row in rows}
    inputs = [name for i in definition.judged if i.code in codes for name in i.inputs.values()]
    inputs += [name for row in rows for name in row.questions]
    calculated = definition.dependents(inputs)
    return codes | {
        i.code for i in definition.judged if i.value_question in calculated or set(i.inputs.values()) & calculated
    }
