"""Rows that the portal fills from the unit that answers: a calculate with `bind::sajad:source`, an ordinary `${name}` to all others.

`unit_kind` is the code of its kind, `unit_code` its own code, `unit_attribute:NAME` its value of the attribute of that code; ""
where it has none. Of a report they are those that were frozen when the unit was asked.
"""

from dataclasses import replace

from django.utils.translation import gettext as _

from . import sheets
from .definition import Question
from .survey import SurveyItem
from .workbook import Problems

_NOTHING = "''"  # it stays a calculation, so that nobody can post its value


def check_source(item: SurveyItem, problems: Problems) -> None:
    """Of a row without an indicator."""
    if not sheets.unit_source(item.cells["sajad:source"]):
        message = _(
            "“%(text)s” is nothing of a unit that a form can read. Write unit_kind, unit_code or unit_attribute:NAME with the "
            "code of an attribute of units; “timeliness” belongs to an indicator."
        ) % {"text": item.cells["sajad:source"]}
    elif not item.kind.answer.is_calculated:
        message = _("Only a row of the type calculate is filled from the unit.")
    elif any(block.kind.type == "repeat" for block in item.parents):
        message = _("What is filled from the unit stands outside tables (repeats); name it inside as ${%(name)s}.") % {
            "name": item.name
        }
    else:
        return
    problems.add("survey", item.row.number, item.headers["sajad:source"], message)


def from_unit(item: SurveyItem, question: Question) -> Question:
    """The question as it is stored: filled from the unit where its row says so."""
    source = "" if item.cells.get("sajad:indicator") else sheets.unit_source(item.cells.get("sajad:source", ""))
    return replace(question, source=source, calculation=_NOTHING) if source else question
