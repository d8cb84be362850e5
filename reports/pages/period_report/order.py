"""Which report of a period is made: with figures and places, or, where the form has no indicators, with what was accepted."""

from pathlib import Path

from units.models import Person

from ...models import Call
from . import book, paper, plain


def make_paper(person: Person, parameters: dict, path: Path, progress) -> None:
    (plain if _is_plain(parameters) else paper).make_paper(person, parameters, path, progress)


def make_workbook(person: Person, parameters: dict, path: Path, progress) -> None:
    (plain if _is_plain(parameters) else book).make_workbook(person, parameters, path, progress)


def _is_plain(parameters: dict) -> bool:
    return not Call.objects.select_related("form_version").get(pk=parameters["call"]).form_version.indicator_count
