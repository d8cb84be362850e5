"""Whole workbooks, filled in and written anew by LibreOffice: by way of its own format, and of the one it was taken in."""

import pytest

from reports.queries import asked_of
from reports.queries.drafts import collect
from reports.xlsform.sample_form import build
from tests.calls import published_call, report_of
from tests.tables import dormitory, save, table_form
from tests.workbooks import bring, free_row, packed, place_of, store, taken, through_libreoffice

BY_KIND = {
    "whole": (41, "41"),
    "number": (12.25, "12.25"),
    "range": (3, "3"),
    "text": ("یادداشت", "یادداشت"),
    "date": ("۱۴۰۵/۰۶/۲۰", "2026-09-11"),
}


def test_the_whole_sample_form_comes_back_from_libreoffice_answer_by_answer(cast, client_for, tmp_path):
    report = report_of(published_call(cast, form=build()), cast.a)
    sara, definition = client_for(cast.sara), asked_of(report)
    book, typed = taken(sara, report), {}
    for question in definition.questions:
        if question.is_written and not question.table:
            if question.choices:
                held, stored = question.choices[0].label_in("fa"), question.choices[0].name
            else:
                held, stored = BY_KIND[question.kind.name]
            place_of(book, question.name).value, typed[question.name] = held, stored
    assert len(typed) > 60
    shown = bring(sara, report, through_libreoffice(packed(book), tmp_path, "ods"))
    found = shown.context["difference"]
    assert (found.troubles, found.filled.missing) == ([], 0)
    store(sara, report, shown)
    assert collect(report_of(report.call, cast.a)).answers == typed


def test_a_form_with_tables_comes_back_from_libreoffice_row_by_row(cast, client_for, tmp_path):
    report = report_of(published_call(cast, form=table_form()), cast.a)
    save(report, "about", cast.sara, most="500", span="2")
    one = dormitory(report, cast.sara, "یک", beds="40")
    sara = client_for(cast.sara)
    book = taken(sara, report)
    place_of(book, f"beds@{one}").value = "=40+5"
    new = free_row(book, "dorms", 3)
    new["dorm"].value, new["beds"].value = "دو", "۶۰"
    place_of(book, "guests@n1").value = 7
    shown = bring(sara, report, through_libreoffice(packed(book), tmp_path))
    found = shown.context["difference"]
    assert [(line.name, line.new) for line in found.changes] == [(f"beds@{one}", "۴۵"), ("guests@n1", "۷")]
    assert (found.troubles, found.gone, len(found.rows)) == ([], [], 1)
    store(sara, report, shown)
    stored = collect(report_of(report.call, cast.a)).answers
    assert sorted(text for name, text in stored.items() if name.startswith(("dorm@", "beds@"))) == [
        "45",
        "60",
        "دو",
        "یک",
    ]


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_workbook_that_comes_back_as_it_was_taken_changes_nothing(cast, client_for, language):
    report = report_of(published_call(cast, form=table_form()), cast.a)
    save(report, "about", cast.sara, most="1234567", span="3")
    dormitory(report, cast.sara, "=خوابگاه", beds="40")
    sara = client_for(cast.sara)
    sara.cookies["django_language"] = language
    found = bring(sara, report, packed(taken(sara, report))).context["difference"]
    assert not found.changes_anything
    assert found.troubles == []
