"""Rows of tables, added and taken out by the buttons of the entry page's form: the same with a script and without one."""

from ...actions.table_rows import add_row, bring_rows, copy_row, move_row, remove_row
from ...models import Report
from ...queries.drafts import field_id
from ...xlsform.tables import TABLE, bare, row_name, row_of

PRESSED = "row"  # `add:table`, `add:table@outer`, `remove:table@row`, `copy:…`, `up:…`, `down:…`, `bring:table`


def press(report: Report, pressed: str, *, base: int, by) -> str:
    """Do what the button says; the id of the place on the page to go to. Refused as the verbs say."""
    verb, _colon, place = pressed.partition(":")
    table, row = bare(place), row_of(place)
    if verb == "add":
        return _id_of(table, add_row(report=report, table=table, around=row, by=by))
    if verb == "copy":
        return _id_of(table, copy_row(report=report, table=table, row=row, by=by))
    if verb == "remove":
        remove_row(report=report, table=table, row=row, base_version=base, by=by)
        around = row.rpartition(".")[0]
        return field_id(f"{TABLE}{table}@{around}" if around else f"{TABLE}{table}")
    if verb in ("up", "down"):
        move_row(report=report, table=table, row=row, up=verb == "up", by=by)
        return _id_of(table, row)
    if verb == "bring":
        bring_rows(report=report, table=table, by=by)
        return field_id(f"{TABLE}{table}")
    return ""


def _id_of(table: str, row: str) -> str:
    return field_id(row_name(table, row))
