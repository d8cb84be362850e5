"""Answers as typed, as stored, and as read."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from reports.xlsform import Choice, Question, clean_answer, display_answer, parse_form, with_answers
from reports.xlsform.question_types import TYPES
from sajad_portal.lib.errors import Refused
from tests.forms import SMALL_ANSWERS, small_form

INPUTS = [each.name for each in TYPES.values() if each.kind.is_input]
CHOICES = (Choice("a", {"fa": "یک", "en": "One"}), Choice("b", {"fa": "دو", "en": "Two"}), Choice("c", {}))


def question(kind: str, **more) -> Question:
    return Question("q", kind, "/data/q", choices=CHOICES, **more)


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("integer", "۱٬۲۳۴", "1234"),
        ("integer", "1,234", "1234"),
        ("integer", "−3", "-3"),
        ("integer", "12.0", "12"),
        ("decimal", "12٫5", "12.5"),
        ("decimal", "۱۲/۵", "12.5"),
        ("decimal", "0.50", "0.5"),
        ("date", "1403/12/30", "2025-03-20"),
        ("date", "۱۴۰۵/۹/۴", "2026-11-25"),
        ("date", "2026-11-25", "2026-11-25"),
        ("datetime", "1405/09/04 14:30", "2026-11-25T14:30:00+03:30"),
        ("datetime", "2026-11-25T11:00:00+00:00", "2026-11-25T14:30:00+03:30"),
        ("time", "۹:۰۵", "09:05:00"),
        ("text", "  كتاب   ي ", "کتاب ی"),
        ("select_one", "b", "b"),
        ("select_multiple", "c a", "a c"),
        ("select_multiple", ["b", "a", "b"], "a b"),
        ("acknowledge", "on", "OK"),
        ("acknowledge", "OK", "OK"),
        ("acknowledge", "no", ""),
        ("range", "۴٫۵", "4.5"),
    ],
)
def test_an_answer_is_stored_in_one_form_however_it_was_typed(kind, typed, stored):
    assert clean_answer(question(kind), typed) == stored


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("typed", ["", "   ", None, [], "\u200f"])
def test_nothing_typed_is_no_answer(kind, typed):
    assert clean_answer(question(kind), typed) == ""


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        ("integer", "دوازده", "not-a-number"),
        ("integer", "12.5", "not-whole"),
        ("decimal", "12,34", "not-a-number"),
        ("decimal", "1" * 19, "too-long"),
        ("date", "1404/12/30", "not-a-date"),
        ("date", "2026-02-30", "not-a-date"),
        ("datetime", "1405/09/04 25:00", "not-a-time"),
        ("datetime", "2026-11-25T99:00", "not-a-date"),
        ("time", "24:00", "not-a-time"),
        ("select_one", "z", "not-a-choice"),
        ("select_multiple", "a z", "not-a-choice"),
        ("text", "x" * 4001, "too-long"),
    ],
)
def test_what_is_no_answer_is_refused_with_a_reason(kind, typed, code):
    with pytest.raises(Refused) as refused:
        clean_answer(question(kind), typed)
    assert refused.value.code == code
    assert str(refused.value)


def test_a_text_of_digits_is_stored_in_latin_digits():
    assert clean_answer(question("text", appearance="numbers"), "۰۹۱۲") == "0912"
    assert clean_answer(question("text"), "۰۹۱۲") == "۰۹۱۲"


@pytest.mark.parametrize(
    ("kind", "stored", "fa", "en"),
    [
        ("integer", "1234", "۱٬۲۳۴", "1,234"),
        ("decimal", "-12.5", "−۱۲٫۵", "−12.5"),
        ("calculate", "2026-11-25", "۴ آذر ۱۴۰۵", "4 Azar 1405"),
        ("calculate", "66.6666666667", "۶۶٫۶۶۶۶۶۶۶۶۶۷", "66.6666666667"),
        ("calculate", "متن", "متن", "متن"),
        ("date", "2026-11-25", "۴ آذر ۱۴۰۵", "4 Azar 1405"),
        ("datetime", "2026-11-25T14:30:00+03:30", "۴ آذر ۱۴۰۵، ۱۴:۳۰", "4 Azar 1405, 14:30"),
        ("time", "09:05:00", "۰۹:۰۵", "09:05"),
        ("select_one", "a", "یک", "One"),
        ("select_multiple", "a b", "یک، دو", "One, Two"),
        ("select_one", "gone", "gone", "gone"),
        ("text", "متن ۱", "متن ۱", "متن ۱"),
        ("text", "", "—", "—"),
    ],
)
def test_an_answer_is_read_in_the_readers_language(kind, stored, fa, en):
    assert (display_answer(question(kind), stored, "fa"), display_answer(question(kind), stored, "en")) == (fa, en)


def test_a_confirmation_is_read_as_a_word():
    with translation.override("en"):
        assert display_answer(question("acknowledge"), "OK", "en") == "Confirmed"


def test_what_a_calculation_decides_is_read_as_yes_or_no():
    with translation.override("en"):
        assert display_answer(question("calculate"), "true", "en") == "Yes"


def test_a_label_names_the_answers_it_refers_to():
    definition = parse_form(small_form())
    label = "از ${ eligible } متقاضی، ${housed} نفر؛ ${nobody}"
    assert with_answers(label, definition, SMALL_ANSWERS, "fa") == "از ۹۰ متقاضی، ۷۲ نفر؛ ${nobody}"
    assert with_answers("ساده", definition, {}, "fa") == "ساده"


@given(st.sampled_from(INPUTS), st.text(max_size=40))
def test_an_answer_is_clean_after_one_cleaning_or_refused(kind, typed):
    try:
        stored = clean_answer(question(kind), typed)
    except Refused:
        return
    assert clean_answer(question(kind), stored) == stored
    display_answer(question(kind), stored, "fa")
