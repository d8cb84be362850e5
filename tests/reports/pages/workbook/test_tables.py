"""Tables in a workbook: rows by their keys, new ones, missing ones."""

import pytest

from reports.models import Report
from reports.queries.drafts import collect
from tests.calls import published_call, report_of
from tests.tables import dormitory, save, table_form
from tests.workbooks import (
    bring,
    free_row,
    keys_of,
    packed,
    place_of,
    store,
    taken,
)


@pytest.fixture
def dorms(cast) -> Report:
    return report_of(published_call(cast, form=table_form()), cast.a)


def answers(report: Report) -> dict[str, str]:
    return collect(report_of(report.call, report.unit)).answers


def troubles(shown) -> list[tuple[str, str, str]]:
    return [(trouble.cell, trouble.message, trouble.say) for trouble in shown.context["difference"].troubles]


# ------------------------------------------------------------------------------------------------------------- tables
def test_rows_are_known_by_their_keys_and_new_ones_are_added(dorms, cast, client_for):
    save(dorms, "about", cast.sara, most="500", span="2")
    one = dormitory(dorms, cast.sara, "یک", beds="40")
    sara = client_for(cast.sara)
    book = taken(sara, dorms)
    assert keys_of(book, "dorms") == [one]
    place_of(book, f"beds@{one}").value = 41
    new = free_row(book, "dorms")
    new["dorm"].value, new["beds"].value = "دو", "۶۰"
    place_of(book, "guests@n2").value = 7
    place_of(book, "staff@c-cook").value = 3
    shown = bring(sara, dorms, packed(book))
    found = shown.context["difference"]
    assert [(line.label, line.new) for line in found.changes] == [
        ("خوابگاه‌ها، سطر ۱: یک · تخت‌های یک", "۴۱"), ("ماه‌ها، سطر ۲ · مهمان", "۷"), ("کارکنان، سطر ۲: آشپز · شمار", "۳"),
    ]  # fmt: skip
    assert [row.cells for row in found.rows] == [[("نام خوابگاه", "دو"), ("تخت‌های ${dorm}", "۶۰")]]
    store(sara, dorms, shown)
    stored = answers(dorms)
    (two,) = {name.partition("@")[2] for name in stored if name.startswith("row:dorms")} - {one}
    assert {stored[f"beds@{one}"], stored[f"dorm@{two}"], stored[f"beds@{two}"], stored["guests@n2"]} == {
        "41",
        "دو",
        "60",
        "7",
    }


def test_rows_inserted_between_others_and_rows_of_inner_tables(dorms, cast, client_for):
    one, two = dormitory(dorms, cast.sara, "یک"), dormitory(dorms, cast.sara, "دو")
    sara = client_for(cast.sara)
    book = taken(sara, dorms)
    sheet = place_of(book, f"dorm@{two}").parent
    sheet.insert_rows(place_of(book, f"dorm@{two}").row)
    sheet.cell(place_of(book, f"dorm@{two}").row - 1, place_of(book, f"dorm@{two}").column).value = "میانی"
    room = free_row(book, "rooms")
    room["room"].value, room["#around"].value = "۱۰۱", f"خوابگاه‌ها، سطر ۱: یک [{one}]"
    shown = bring(sara, dorms, packed(book))
    store(sara, dorms, shown)
    stored = answers(dorms)
    assert sorted(text for name, text in stored.items() if name.startswith("dorm@")) == ["دو", "میانی", "یک"]
    (inner,) = [name for name in stored if name.startswith("room@")]
    assert inner.startswith(f"room@{one}.")


def test_an_inner_row_without_its_place_and_a_row_where_none_can_be_added_are_named(dorms, cast, client_for):
    save(dorms, "about", cast.sara, span="1")
    dormitory(dorms, cast.sara, "یک")
    sara = client_for(cast.sara)
    book = taken(sara, dorms)
    free_row(book, "rooms")["room"].value = "۱۰۱"
    months = place_of(book, "guests@n1")
    months.parent.cell(months.row + 1, months.column).value = 5
    found = troubles(bring(sara, dorms, packed(book)))
    assert [message for _cell, message, _say in found] == [
        "گفته نشده است که این سطر در کدام سطر جدول بیرونی است. آن را در خانهٔ B3 انتخاب کنید.",
        "سطرهای این جدول را فرم تعیین می‌کند و سطری به آن افزوده نمی‌شود. این سطر را خالی کنید.",
    ]


def test_a_row_that_is_missing_stays_unless_it_is_ticked(dorms, cast, client_for):
    one, two = dormitory(dorms, cast.sara, "یک"), dormitory(dorms, cast.sara, "دو")
    sara = client_for(cast.sara)
    book = taken(sara, dorms)
    for row in (one, two):
        place_of(book, f"dorm@{row}").parent.delete_rows(place_of(book, f"dorm@{row}").row)
    save(dorms, "dorms", cast.reza, **{f"beds__{two}": "9"})
    shown = bring(sara, dorms, packed(book))
    assert [(row.name, row.changed) for row in shown.context["difference"].gone] == [
        (f"row:dorms@{one}", False), (f"row:dorms@{two}", True),
    ]  # fmt: skip
    store(sara, dorms, shown, **{f"gone:row:dorms@{one}": "1", f"gone:row:dorms@{two}": "1"})
    assert [name for name in answers(dorms) if name.startswith("row:")] == [f"row:dorms@{two}"]
