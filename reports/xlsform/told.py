"""What whoever imports a workbook is told of it beside errors: a sentence each cause, with the rows."""

from django.utils.translation import gettext as _

from .definition import Group, Indicator, Question
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


def told_of_tables(groups: list[Group]) -> list[str]:
    rows = [group.row for group in groups if group.is_repeat]
    return [in_rows(_("Tables (repeats) are kept in the guide but are not filled in here yet."), rows)] if rows else []


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
    media = [
        item.row.number
        for item in items
        if any(key.startswith(("image", "big-image", "audio", "video", "media")) for key in item.cells)
    ]
    if media:
        found.append(in_rows(_("Pictures, sounds and films beside a question are not shown."), media))
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
