"""The table of question types: each type as authors write it, as it is typed, stored wrongly, and read."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from reports.pages.report_export.columns import wide
from reports.xlsform import (
    Choice,
    FormDefinition,
    FormEngine,
    Question,
    WorkbookRefused,
    as_typed,
    clean_answer,
    display_answer,
    parse_form,
)
from reports.xlsform.question_types import EXTERNAL, NOT_HONOURED, PLAIN, TYPES, WITH_LIST, question_type
from reports.xlsform.sheets import read_type
from sajad_portal.lib.errors import Refused
from tests.forms import workbook

AT = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
CHOICES = [{"list_name": "list", "name": name, "label": label} for name, label in (("a", "یک"), ("b", "دو"))]
TWO = (Choice("a", {"fa": "یک", "en": "One"}), Choice("b", {"fa": "دو", "en": "Two"}))
ANYTHING = ""  # every text is such an answer: nothing that is typed or stored is wrong


@dataclass(frozen=True)
class Example:
    """`refused`: what a person may type in vain, and the code; `wrong`: what is stored and is no such answer."""

    typed: str
    stored: str
    fa: str
    en: str
    refused: tuple[str, str] | str
    wrong: tuple[str, str] | str
    number: bool = False
    explained: bool = False


# As authors write them; the first stands for its type in what follows.
SPELLED = {
    "text": ["string", "text", "q string", "add text prompt", "phone number"],
    "integer": [
        "int",
        "integer",
        "q int",
        "add integer prompt",
        "percentage",
        "number of days in last month",
        "number of days in last six months",
        "number of days in last year",
    ],
    "decimal": ["q decimal", "decimal", "add decimal prompt"],
    "range": ["range"],
    "select_one": [
        "select one from list",
        "select_one list",
        "select one list",
        "select1 list",
        "add select one prompt using list",
    ],
    "select_multiple": [
        "select all that apply list",
        "select_multiple list",
        "select all that apply from list",
        "add select multiple prompt using list",
    ],
    "date": ["q date", "date", "add date prompt"],
    "time": ["time"],
    "datetime": [
        "dateTime",
        "datetime",
        "date time",
        "q date time",
        "q dateTime",
        "add date time prompt",
        "add dateTime prompt",
    ],
    "acknowledge": ["trigger", "acknowledge", "q acknowledge", "add acknowledge prompt"],
    "file": [
        "photo",
        "file",
        "add file prompt",
        "image",
        "q picture",
        "q image",
        "add image prompt",
        "add photo prompt",
        "audio",
        "q audio",
        "add audio prompt",
        "video",
        "q video",
        "add video prompt",
    ],
    "rank": ["rank list"],
    "geopoint": ["geopoint", "gps", "location", "q location", "q geopoint", "add location prompt"],
    "geotrace": ["geotrace", "q geotrace"],
    "geoshape": ["geoshape", "q geoshape"],
    "barcode": ["q barcode", "barcode", "add barcode prompt"],
    "note": ["add note prompt", "note", "q note"],
    "calculate": ["q calculate", "calculate", "add calculate prompt", "hidden"],
}
EXAMPLES = {
    "text": Example(" كتاب ", "کتاب", "کتاب", "کتاب", ("x" * 4001, "too-long"), ANYTHING),
    "integer": Example("۱٬۲۳۴", "1234", "۱٬۲۳۴", "1,234", ("12.5", "not-whole"), ("12.5", "A whole number"), True),
    "decimal": Example("۱۲٫۵", "12.5", "۱۲٫۵", "12.5", ("دوازده", "not-a-number"), ("x", "A number"), True),
    "range": Example("۴", "4", "۴", "4", ("چهار", "not-a-number"), ("11", "from 1 to 10"), True),
    "select_one": Example(
        "a", "a", "یک", "One", ("z", "not-a-choice"), ("z", "no longer"), explained=True
    ),
    "select_multiple": Example(
        "b a", "a b", "یک، دو", "One, Two", ("a z", "not-a-choice"), ("a z", "no longer"),
        explained=True,
    ),
    "date": Example(
        "۱۴۰۵/۹/۴", "2026-11-25", "۴ آذر ۱۴۰۵", "4 Azar 1405", ("1404/12/30", "not-a-date"),
        ("2026-13-45", "A date is needed"), explained=True,
    ),
    "time": Example(
        "۹:۰۵", "09:05:00", "۰۹:۰۵", "09:05", ("24:00", "not-a-time"), ("25:99", "A time is needed"),
        explained=True,
    ),
    "datetime": Example(
        "1405/09/04 14:30", "2026-11-25T14:30:00+03:30", "۴ آذر ۱۴۰۵، ۱۴:۳۰", "4 Azar 1405, 14:30",
        ("2026-11-25T99:00", "not-a-date"), ("2026-11-25T99:00", "A date is needed"), explained=True,
    ),
    "acknowledge": Example(
        "on", "OK", "تأیید شد", "Confirmed", ANYTHING, ("perhaps", "cannot be read"), explained=True
    ),
    "file": Example(" 12 ", "12", "12", "12", ANYTHING, ANYTHING, explained=True),
    "rank": Example("b a", "b a", "دو، یک", "Two, One", ("a a", "twice"), ("b", "Give every answer a place"), explained=True),
    "geopoint": Example(
        "۳۵٫۶۸۹۲، ۵۱٫۳۸۹۰", "35.6892 51.389 0 0", "۳۵٫۶۸۹۲، ۵۱٫۳۸۹", "35.6892, 51.389", ("951, 35", "not-a-place"),
        ("35.7", "A place is needed"), explained=True,
    ),
    "geotrace": Example(
        "35.5, 51.25\n-36, 52", "35.5 51.25 0 0; -36 52 0 0", "۳۵٫۵، ۵۱٫۲۵؛ −۳۶، ۵۲", "35.5, 51.25; −36, 52",
        ("35.5, 51.25\nشهر", "not-a-place"), ("35", "A place is needed"), explained=True,
    ),
    "geoshape": Example(
        "35,51;36,51;35,51", "35 51 0 0; 36 51 0 0; 35 51 0 0", "۳۵، ۵۱؛ ۳۶، ۵۱؛ ۳۵، ۵۱", "35, 51; 36, 51; 35, 51",
        ("35 51; 36", "not-a-place"), ("x", "A place is needed"), explained=True,
    ),
    "barcode": Example(" 06260001 ", "06260001", "06260001", "06260001", ("x" * 4001, "too-long"), ANYTHING),
    "note": Example("x", "x", "x", "x", ANYTHING, ANYTHING),
    "calculate": Example(
        "۱۲", "12", "۱۲", "12", ("دوازده", "not-a-number"), ANYTHING, True, explained=True
    ),
}  # fmt: skip
INPUTS = [name for name, each in TYPES.items() if each.kind.is_input]
every_type = pytest.mark.parametrize("name", TYPES)


def question(name: str, **more) -> Question:
    return Question("q", name, "/data/q", choices=TWO, **more)


@cache
def form_of_type(spelled: str, **more) -> FormDefinition:
    row = {"type": spelled, "name": "q", "label": "پرسش", **more}
    if read_type(spelled).answer.is_calculated:
        row["calculation"] = "1 + 1"
    # The second question makes a form of what would be a note alone.
    return parse_form(workbook([row, {"type": "text", "name": "other", "label": "دیگر"}], choices=CHOICES))


def stored_wrongly(name: str, stored: str, **more) -> dict[str, str]:
    with translation.override("en"):
        return FormEngine(form_of_type(SPELLED[name][0], **more)).evaluate({"q": stored}, at=AT, language="en").errors


def test_every_type_of_the_table_has_an_example_here():
    assert list(EXAMPLES) == list(SPELLED) == list(TYPES)


# ------------------------------------------------------------------------------------------------------- as written
@pytest.mark.parametrize(("name", "spelled"), [(name, text) for name, each in SPELLED.items() for text in each])
def test_an_author_may_write_a_type_in_several_ways(name, spelled):
    assert form_of_type(spelled).question("q").type == name


def test_the_table_lists_no_other_ways():
    listed = {
        *PLAIN,
        *(f"{text} list" for text in WITH_LIST if text != EXTERNAL),
    }  # of another sheet: test_foreign_forms.py

    assert listed == {text.lower() for each in SPELLED.values() for text in each}


def test_only_what_is_hidden_may_stand_without_a_calculation():
    hidden, calculate = (
        {"type": kind, "name": "q", "label": "پرسش", "calculation": ""} for kind in ("hidden", "calculate")
    )

    assert parse_form(workbook([{**hidden, "default": "7"}])).question("q").type == "calculate"
    assert parse_form(workbook([hidden, {"type": "text", "name": "t", "label": "دیگر"}])).question("q").default == ""
    with pytest.raises(WorkbookRefused) as refused:
        parse_form(workbook([calculate]))
    assert [(error["row"], error["column"]) for error in refused.value.errors] == [(2, "calculation")]


def test_no_spelling_means_two_things():
    spellings = [
        text
        for each in TYPES.values()
        for text in (*each.spellings, *each.pictures, *each.sounds, *each.films, *each.bare)
    ]

    assert sorted(spellings) == sorted(set(spellings))
    assert NOT_HONOURED & set(spellings) == set()


def test_only_a_picture_is_kept_as_one():
    assert form_of_type("photo").question("q").parameters == {"accept": "image"}
    assert form_of_type("audio").question("q").parameters == {"accept": "audio"}
    assert form_of_type("q video").question("q").parameters == {"accept": "video"}
    assert form_of_type("file").question("q").parameters == {}


def test_a_type_of_a_later_edition_is_shown_to_nobody_as_an_input():
    later = question("hologram", label={"fa": "تصویر"})

    assert question_type("hologram").name == ""
    assert (later.is_input, later.is_shown, display_answer(later, "x")) == (False, True, "x")


# --------------------------------------------------------------------------------------------------------- as typed
@every_type
def test_what_is_typed_is_stored_in_one_form(name):
    example = EXAMPLES[name]

    assert clean_answer(question(name), example.typed) == example.stored
    assert clean_answer(question(name), " \u200f") == ""


@pytest.mark.parametrize("name", [name for name, each in EXAMPLES.items() if each.refused])
def test_what_is_no_such_answer_is_refused(name):
    typed, code = EXAMPLES[name].refused
    with pytest.raises(Refused) as refused:
        clean_answer(question(name), typed)

    assert refused.value.code == code


@every_type
@pytest.mark.parametrize("language", ["fa", "en"])
def test_what_is_stored_is_typed_back_as_it_is_read(name, language):
    stored = EXAMPLES[name].stored

    assert clean_answer(question(name), as_typed(question(name), stored, language)) == stored


# ---------------------------------------------------------------------------------------------------- as evaluated
@pytest.mark.parametrize("name", [name for name, each in EXAMPLES.items() if each.wrong])
def test_what_is_stored_and_is_no_such_answer_is_an_error_of_its_question(name):
    stored, words = EXAMPLES[name].wrong
    errors = stored_wrongly(name, stored)

    assert list(errors) == ["q"]
    assert words in errors["q"]


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_stored_rightly_is_no_error(name):
    assert stored_wrongly(name, EXAMPLES[name].stored) == {}


@pytest.mark.parametrize("name", [name for name, each in EXAMPLES.items() if not each.wrong])
def test_where_any_text_is_an_answer_none_is_an_error(name):
    assert stored_wrongly(name, "25:99 …") == {}


@pytest.mark.parametrize("name", ["time", "date", "datetime", "integer", "decimal", "range", "acknowledge"])
@pytest.mark.parametrize("stored", ["٤", "24:00:00", "noon", "9999-99-99"])
def test_no_kind_of_figure_or_hour_takes_what_only_looks_like_one(name, stored):
    assert list(stored_wrongly(name, stored)) == ["q"]


@pytest.mark.parametrize(
    ("name", "stored", "typed"),
    [
        ("time", "09:05", "۰۹:۰۵"),
        ("time", "09:05:00.000+03:30", "۰۹:۰۵"),  # as ODK writes a time
        ("time", "2026-11-25T09:05:00+03:30", "۰۹:۰۵"),  # a default of now()
        ("date", "2026-11-25T09:05:00+03:30", "۱۴۰۵/۰۹/۰۴"),
        ("datetime", "2026-11-25", "۱۴۰۵/۰۹/۰۴ ۰۰:۰۰"),  # a default of today()
        ("datetime", "2026-11-25T05:35:00+00:00", "۱۴۰۵/۰۹/۰۴ ۰۹:۰۵"),
    ],
)
def test_a_day_or_an_hour_may_be_stored_as_a_form_s_default_makes_it(name, stored, typed):
    assert stored_wrongly(name, stored) == {}
    assert as_typed(question(name), stored, "fa") == typed


def test_a_range_of_another_kind_counts_in_its_own_steps():
    parameters = {"parameters": "start=0 end=1 step=0.25"}

    assert stored_wrongly("range", "0.75", **parameters) == {}
    assert "in steps of 0.25" in stored_wrongly("range", "0.8", **parameters)["q"]


def test_the_steps_of_a_range_are_counted_from_its_start():
    parameters = {"parameters": "start=1 end=10 step=3"}

    assert stored_wrongly("range", "4", **parameters) == {}
    assert "in steps of 3" in stored_wrongly("range", "5", **parameters)["q"]


@pytest.mark.parametrize("name", ["time", "integer"])
def test_what_the_form_itself_calculates_is_not_held_against_anybody(name):
    definition = form_of_type(SPELLED[name][0], calculation="'0.5 or so'")

    assert FormEngine(definition).evaluate({}, at=AT).errors == {}


# ---------------------------------------------------------------------------------------------------------- as read
@every_type
def test_a_reader_reads_it_in_a_language_of_theirs(name):
    example, shown = EXAMPLES[name], {}
    for language in ("fa", "en"):
        with translation.override(language):
            shown[language] = display_answer(question(name), example.stored, language)

    assert shown == {"fa": example.fa, "en": example.en}


@every_type
@given(stored=st.one_of(st.text(max_size=30), st.from_regex(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(\+14:00)?)?", fullmatch=True)))
def test_whatever_is_stored_can_be_shown_typed_and_checked(name, stored):
    asked = question(name)
    for language in ("fa", "en"):
        assert isinstance(asked.kind.show(asked, stored, language), str)
        assert isinstance(asked.kind.typed(asked, stored, language), str)
        assert isinstance(asked.kind.wrong(asked, stored, TWO, language), str)


@pytest.mark.parametrize("stored", ["0001-01-01T00:00+14:00", "9999-12-31T23:59:59+00:00", "0300-01-01"])
@pytest.mark.parametrize("name", ["date", "datetime", "time", "calculate"])
def test_the_ends_of_the_calendar_break_nothing(name, stored):
    assert isinstance(stored_wrongly(name, stored), dict)
    if name != "time":  # of an instant the hour is shown, not the year
        assert display_answer(question(name), stored, "en")[:2] == stored[:2]


# ------------------------------------------------------------------------------------------------------- as exported
@every_type
def test_an_export_knows_numbers_and_its_codebook_explains_what_is_not_plain(name):
    example = EXAMPLES[name]
    found = [entry for entry in wide(form_of_type(SPELLED[name][0])).entries if entry.column.name == "q"]

    assert [(entry.column.number, bool(str(entry.note)), entry.kind) for entry in found] == (
        [] if name == "note" else [(example.number, example.explained, name)]
    )
