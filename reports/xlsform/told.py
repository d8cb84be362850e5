"""What whoever imports a workbook is told of it beside errors: a sentence each cause, with the rows."""

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from . import sheets
from .definition import Indicator, Question
from .labels import Choice, file_for
from .refusals import in_rows
from .survey import SurveyItem
from .workbook import FormWorkbook, rows_told


def told_of_sheets(book: FormWorkbook, items: list[SurveyItem], indicators: list[Indicator]) -> list[str]:
    found = []
    if not indicators:
        found.append(
            _(
                "No row names an indicator in “bind::sajad:indicator”: the form is asked and reviewed, and nothing in it is scored."
            )
        )
    saved = [item.row.number for item in items if item.cells.get("save_to") or item.cells.get("bind:entities:saveto")]
    if book.sheet("entities").rows or saved:
        told = _("Entities are not kept: the sheet “entities” and the column “save_to” have no effect in the portal.")
        found.append(in_rows(told, saved))
    if book.sheet("osm").rows:
        found.append(_("The sheet “osm” has no effect in the portal."))
    return found


def told_of_questions(questions: list[Question], items: list[SurveyItem]) -> list[str]:
    found = []
    shuffled = [
        item.row.number
        for item in items
        if "randomize=true" in item.cells.get("parameters", "").replace(" ", "")
        and "seed" not in item.cells["parameters"]
    ]
    if shuffled:
        found.append(in_rows(_("Without a seed the choices stand in the order of the workbook."), shuffled))
    typed = [
        question.row
        for question in questions
        if question.kind.is_input and question.calculation and question.read_only != "true()" and not question.triggers
    ]
    if typed:
        found.append(in_rows(_("These are calculated in any case; nobody types over them."), typed))
    return found


def told_of_translations(items: list[SurveyItem], languages: tuple[str, ...]) -> list[str]:
    """Rows that lack a label in a language that other rows have."""
    found = []
    for code in languages:
        rows = [item.row.number for item in items if item.texts.get("label") and code not in item.texts["label"]]
        if rows:
            told = _("No label in the language “%(language)s” in rows: %(rows)s.")
            found.append(told % {"language": code, "rows": rows_told(sorted(set(rows)))})
    return found


def media_named(items: list[SurveyItem], lists: Mapping[str, tuple[Choice, ...]]) -> dict[str, list[int]]:
    """{file: rows} of the pictures, sounds and films beside labels."""
    rows: dict[str, list[int]] = {}
    for item in items:
        for kind in sheets.MEDIA:
            for name in item.texts.get(kind, {}).values():
                rows.setdefault(name, []).append(item.row.number)
    for choice in (choice for choices in lists.values() for choice in choices if choice.media):
        for name in (name for names in choice.media.values() for name in names.values()):
            rows.setdefault(name, [])
    return rows


def told_of_files(
    items: list[SurveyItem], lists: Mapping[str, tuple[Choice, ...]], files: Collection[str]
) -> tuple[list[str], tuple[str, ...]]:
    """(what is told, the missing files' names) of pictures, sounds and films that rows and choices name."""
    missing = {name: rows for name, rows in media_named(items, lists).items() if not file_for(name, files)}
    told = _("The file %(name)s is missing: what it shows beside the question or the choice is left out.")
    return [in_rows(told % {"name": name}, rows) for name, rows in missing.items()], tuple(missing)
