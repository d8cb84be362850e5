"""Which report of a period is made: with figures and places, or, where the form has no indicators, with what was accepted."""

from pathlib import Path

from units.models import Person

from ...models import Call
from .book import make_workbook
from .paper import make_paper
from .plain import make_plain_paper, make_plain_workbook


def period_paper(person: Person, parameters: dict, path: Path, progress) -> None:
    (make_plain_paper if _is_plain(parameters) else make_paper)(person, parameters, path, progress)


def period_workbook(person: Person, parameters: dict, path: Path, progress) -> None:
    (make_plain_workbook if _is_plain(parameters) else make_workbook)(person, parameters, path, progress)


def _is_plain(parameters: dict) -> bool:
    return not Call.objects.select_related("form_version").get(pk=parameters["call"]).form_version.indicator_count
