"""What a cell of a workbook may hold, and the sentence for what it may not."""

from datetime import date, datetime, time

import pytest

from reports.actions.drafts import save_section
from reports.models import Report
from reports.queries.drafts import collect
from tests.calls import published_call, report_of
from tests.workbooks import (
    bring,
    every_kind_form,
    filled,
    packed,
    place_of,
    store,
    taken,
)


@pytest.fixture
def kinds(cast) -> Report:
    return report_of(published_call(cast, form=every_kind_form()), cast.a)


def answers(report: Report) -> dict[str, str]:
    return collect(report_of(report.call, report.unit)).answers


def troubles(shown) -> list[tuple[str, str, str]]:
    return [(trouble.cell, trouble.message, trouble.say) for trouble in shown.context["difference"].troubles]


KINDS = [
    ("students", "۱۲٬۳۴۵", "12345"), ("students", "٤٥", "45"), ("students", 45.0, "45"), ("mean", "۱۲٫۵", "12.5"),
    ("mean", 0.1 + 0.2, "0.3"), ("share", "85٪", "85"), ("share", "۸۵ %", "85"), ("note", 12, "12"),
    ("held_on", "۱۴۰۵/۰۹/۰۴", "2026-11-25"), ("held_on", date(2026, 11, 25), "2026-11-25"),
    ("held_on", 14050904, "2026-11-25"), ("held_on", "4 آذر 1405", "2026-11-25"),
    ("month", "1405/09", "2026-11-22"), ("opens", time(14, 30), "14:30:00"), ("opens", "۱۴:۳۰", "14:30:00"),
    ("city", "تهران", "tehran"), ("city", "tehran", "tehran"), ("city", "Shiraz", "shiraz"), ("city", "تهـران".replace("ـ", ""), "tehran"),
    ("cities", "شیراز؛ تهران", "tehran shiraz"), ("cities", "تهران، شیراز", "tehran shiraz"),
    ("cities", "Tehran\nShiraz", "tehran shiraz"), ("sure", "بلی", "OK"), ("sure", True, "OK"),
    ("place", "35.6892, 51.3890", "35.6892 51.389 0 0"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "held", "stored"), KINDS)
def test_a_cell_is_understood_as_people_and_programs_write_it(kinds, cast, client_for, name, held, stored):
    sara = client_for(cast.sara)
    shown = bring(sara, kinds, filled(sara, kinds, {name: held}))
    assert troubles(shown) == []
    store(sara, kinds, shown)
    assert answers(kinds)[name] == stored


def test_a_percent_cell_is_a_share_of_a_hundred_and_a_date_cell_gregorian(kinds, cast, client_for):
    sara = client_for(cast.sara)
    book = taken(sara, kinds)
    place_of(book, "share").value, place_of(book, "share").number_format = 0.85, "0.0%"
    place_of(book, "met_at").value = datetime(2026, 11, 25, 14, 30)  # noqa: DTZ001 - a cell has no zone
    store(sara, kinds, bring(sara, kinds, packed(book)))
    assert (answers(kinds)["share"], answers(kinds)["met_at"][:16]) == ("85", "2026-11-25T14:30")


# --------------------------------------------------------------------------------------------------- wrong workbooks
def _formula(book) -> None:
    place_of(book, "students").value = "=1+1"


def _percent(book) -> None:
    place_of(book, "mean").value, place_of(book, "mean").number_format = 0.5, "0%"


def _error(book) -> None:
    cell = place_of(book, "mean")
    cell.value, cell.data_type = "#DIV/0!", "e"


def _twice(book) -> None:
    sheet = place_of(book, "students").parent
    last = sheet.max_row + 1
    sheet.cell(last, 1).value, sheet.cell(last, 3).value = "students", 9
    place_of(book, "students").value = 8


def _put(name, value):
    def change(book) -> None:
        place_of(book, name).value = value

    return change


# what is wrong, the cell, what the sentence begins with, what it says to type
WRONG = {
    "a word for a number": (_put("students", "دوازده نفر"), "students", "در جایی", "12"),
    "a number with its unit": (_put("students", "۱۲ نفر"), "students", "در جایی", "12"),
    "a fraction for a whole": (_put("students", 12.5), "students", "", "12"),
    "two readings": (_put("mean", "500/000"), "mean", "", "500000"),
    "too many digits": (_put("students", 1234567890123456789), "students", "", None),
    "a formula without its value": (_formula, "students", "", "12"),
    "an error of a formula": (_error, "mean", "", "12.5"),
    "a percent for a plain number": (_percent, "mean", "", "50"),
    "a percent as text": (_put("mean", "50٪"), "mean", "", "50"),
    "a day for a number": (_put("students", date(2026, 1, 2)), "students", "", "12"),
    "an hour for a number": (_put("students", time(1, 2)), "students", "", "12"),
    "true for a number": (_put("students", True), "students", "", "12"),
    "a day that is none": (_put("held_on", "1405/13/40"), "held_on", "", "1405/09/04"),
    "words for a day": (_put("held_on", "هفتهٔ پیش"), "held_on", "", "1405/09/04"),
    "a number for a day": (_put("held_on", 46000), "held_on", "", "1405/09/04"),
    "a day for a month of no year": (_put("month", "آذر"), "month", "", "1405/09"),
    "an hour that is none": (_put("opens", "25:00"), "opens", "", "14:30"),
    "words for a moment": (_put("met_at", "فردا"), "met_at", "", "1405/09/04 14:30"),
    "a choice with a slip": (_put("city", "شیرازز"), "city", "", "شیراز"),
    "a choice that is none": (_put("city", "پاریس"), "city", "", None),
    "one of several that is none": (_put("cities", "تهران؛ پاریس"), "cities", "", None),
    "a tick that says maybe": (_put("sure", "شاید"), "sure", "", "بلی"),
    "a place without its length": (_put("place", "35.6892"), "place", "", "35.6892, 51.3890"),
    "a text that is too long": (_put("note", "x" * 5000), "note", "", ""),
    "a line that stands twice": (_twice, "students", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_cell_that_cannot_be_read_is_named_with_what_to_type_and_that_is_taken(kinds, cast, client_for, wrong):
    change, name, _begins, say = WRONG[wrong]
    sara = client_for(cast.sara)
    book = taken(sara, kinds)
    change(book)
    shown = bring(sara, kinds, packed(book))
    assert shown.status_code == 422
    ((cell, message, told),) = troubles(shown)
    assert message.endswith(".")
    assert "packed" not in shown.content.decode()
    if wrong != "a line that stands twice":
        assert cell == place_of(book, name).coordinate
    if say is not None:
        assert told == say
    sheet = place_of(book, name).parent
    sheet[cell].value, sheet[cell].number_format = told or None, "@"
    again = bring(sara, kinds, packed(book))
    assert troubles(again) == []


def test_what_cannot_be_read_lets_nothing_of_the_workbook_be_stored(kinds, cast, client_for):
    sara = client_for(cast.sara)
    shown = bring(sara, kinds, filled(sara, kinds, {"students": "x", "mean": 3}))
    assert store(sara, kinds, shown).status_code == 409
    assert answers(kinds) == {}


def test_a_cell_that_the_form_locks_is_named_with_what_stood_there(kinds, cast, client_for):
    save_section(report=kinds, section="all", base_version=0, changes={"students": "200", "fixed": "الف"}, by=cast.sara)
    sara = client_for(cast.sara)
    shown = bring(sara, kinds, filled(sara, kinds, {"fixed": "ب"}))
    ((_cell, message, say),) = troubles(shown)
    assert (message.endswith("."), say) == (True, "")
