"""The demo's answers fit whatever form they are asked for."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from reports.demo import figures
from reports.xlsform import as_typed, clean_answer, parse_form
from reports.xlsform.question_types import TYPES, WITH_LIST
from tests.forms import workbook

AT = datetime(2026, 11, 22, tzinfo=UTC)
WRITTEN = [name for name, each in TYPES.items() if each.kind.is_input and not each.kind.is_file]
CHOICES = [{"list_name": "list", "name": "a", "label": "یک"}]


def filled(monkeypatch, spelled: str, **more) -> tuple:
    row = {"type": spelled, "name": "q", "label": "پرسش", "required": "yes", **more}
    definition = parse_form(workbook([row], choices=CHOICES))
    monkeypatch.setattr(figures, "form_of", lambda version: definition)
    found = figures.filled.__wrapped__(SimpleNamespace(pk=None), "key", 1.0, AT, "omid")
    return definition.question("q"), found.answers["q"]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_question_of_any_type_that_is_written_gets_an_answer(monkeypatch, name):
    question, answer = filled(monkeypatch, f"{name} list" if name in WITH_LIST else name)

    assert clean_answer(question, as_typed(question, answer, "en")) == answer


def test_a_range_gets_an_answer_within_its_own_limits(monkeypatch):
    assert filled(monkeypatch, "range", parameters="start=20 end=30 step=5")[1] == "20"
