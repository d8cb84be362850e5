"""Tables in the files that people take away: a sheet each, arrays in JSON, and a line an answer in the long CSV."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from reports.actions.evidence import add_evidence
from reports.actions.judging import judge_answers
from reports.actions.results import announce_result
from reports.actions.review import hand_in_review
from reports.actions.submission import submit_report
from reports.actions.table_rows import add_row, move_row
from reports.rules.exports import REPORTS_CSV, REPORTS_JSONL, REPORTS_ROWS, REPORTS_XLSX
from tests.calls import PDF, published_call, report_of
from tests.exports import made, sheet_rows
from tests.reviews import assign, review_of, verify_all
from tests.tables import dormitory, save, table_form


@pytest.fixture
def sent(cast):
    """A submitted report with two dormitories (the second stands first), a room, two months and a guard."""
    call = published_call(cast, form=table_form())
    report = report_of(call, cast.a)
    save(report, "about", cast.sara, most="500", span="2")
    one, two = dormitory(report, cast.sara, "یک", beds="40"), dormitory(report, cast.sara, "دو", beds="7")
    move_row(report=report, table="dorms", row=two, up=True, by=cast.sara)
    room = add_row(report=report, table="rooms", around=one, by=cast.sara)
    save(report, "dorms", cast.sara, **{f"room__{room}": "۱۰۱"})
    save(report, "months", cast.sara, guests__n2="9")
    save(report, "kinds", cast.sara, **{"staff__c-cook": "3"})
    add_evidence(report=report, indicator=f"file:plan@{one}", upload=SimpleUploadedFile("n.pdf", PDF), by=cast.sara)
    submit_report(report=report, by=cast.reza)
    return call, report, one, two, room


def only(rows: list[dict], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in rows]


def test_a_workbook_has_a_sheet_a_table_with_a_line_a_row(sent, cast):
    call, report, one, two, room = sent
    book = load_workbook(io.BytesIO(made(cast.laleh, REPORTS_XLSX, call=call.pk).file.read()))
    assert book.sheetnames[1:-1] == [
        "dorms", "rooms", "months", "kinds",
    ]  # fmt: skip
    assert "dorms" not in sheet_rows(book.worksheets[0])[0]
    dorms = sheet_rows(book["dorms"])
    assert only(dorms, "tracking_code", "row", "number", "dorm", "beds", "so_far") == [
        (report.tracking_code, two, "1", "دو", "7", "7"), (report.tracking_code, one, "2", "یک", "40", "47"),
    ]  # fmt: skip
    assert [row["plan"].split("\t")[0] for row in dorms] == ["", "n.pdf"]
    assert only(sheet_rows(book["rooms"]), "row", "outer_row", "room") == [(room, one, "۱۰۱")]
    assert only(sheet_rows(book["months"]), "row", "number", "guests") == [("n2", "2", "9")]
    assert only(sheet_rows(book["kinds"]), "row", "number", "staff") == [("c-cook", "2", "3")]
    columns = {(row["sheet"], row["column"]) for row in sheet_rows(book.worksheets[-1])}
    assert {("dorms", "row"), ("dorms", "beds"), ("rooms", "outer_row")} <= columns


def test_a_json_line_has_a_table_as_an_array_of_rows(sent, cast):
    call, _report, one, two, room = sent
    lines = made(cast.laleh, REPORTS_JSONL, call=call.pk).file.read().decode().splitlines()
    answers = next(found for found in map(json.loads, lines) if found["revision"])["answers"]
    assert [(row["row"], row["number"], row["dorm"], row["beds"]) for row in answers["dorms"]] == [
        (two, 1, "دو", 7), (one, 2, "یک", 40),
    ]  # fmt: skip
    assert answers["rooms"] == [
        {"row": room, "outer_row": one, "number": 1, "review": None, "remark": None, "room": "۱۰۱", "seats": None}
    ]
    assert answers["most"] == 500


def test_a_csv_of_reports_has_a_table_in_a_cell_and_the_long_form_a_line_an_answer(sent, cast):
    call, report, one, _two, _room = sent
    wide = csv.DictReader(io.StringIO(made(cast.laleh, REPORTS_CSV, call=call.pk).file.read().decode("utf-8-sig")))
    row = next(row for row in wide if row["revision"])
    assert [found["dorm"] for found in json.loads(row["dorms"])] == ["دو", "یک"]
    export = made(cast.laleh, REPORTS_ROWS, call=call.pk)
    lines = list(csv.DictReader(io.StringIO(export.file.read().decode("utf-8-sig"))))
    assert only([line for line in lines if line["row"] == one], "table", "number", "question", "value")[:4] == [
        ("dorms", "2", "dorm", "یک"), ("dorms", "2", "beds", "40"), ("dorms", "2", "place", "2"), ("dorms", "2", "so_far", "47"),
    ]  # fmt: skip
    assert {(line["tracking_code"], line["service"]) for line in lines} == {(report.tracking_code, call.service.title)}


def test_the_page_offers_the_rows_where_the_form_has_tables(sent, cast, client_for):
    call, *_rest = sent
    assert 'value="rows"' in client_for(cast.laleh).get(f"/calls/{call.pk}/export/").content.decode()


def test_the_page_offers_no_rows_where_the_form_has_no_table(cast, client_for):
    call = published_call(cast)
    assert 'value="rows"' not in client_for(cast.laleh).get(f"/calls/{call.pk}/export/").content.decode()


def test_files_say_what_became_of_each_row_once_it_is_announced(sent, cast):
    call, report, one, two, room = sent
    assign(cast, call)
    review = review_of(report_of(call, cast.a), cast.omid)
    verify_all(review, but=("table:dorms",))
    judge_answers(review=review, remarks={"table:dorms": None, f"row:dorms@{one}": "نقشه خوانا نیست."}, by=cast.omid)
    hand_in_review(review=review, by=cast.omid)
    announce_result(report=report_of(call, cast.a), by=cast.laleh)
    remark = ("remarked", "نقشه خوانا نیست.")
    lines = made(cast.laleh, REPORTS_JSONL, call=call.pk).file.read().decode().splitlines()
    answers = next(found for found in map(json.loads, lines) if found["revision"])["answers"]
    assert {row["row"]: (row["review"], row["remark"]) for row in answers["dorms"]} == {
        two: ("accepted", None),
        one: remark,
    }
    assert [(row["row"], row["review"]) for row in answers["rooms"]] == [(room, "remarked")]
    book = load_workbook(io.BytesIO(made(cast.laleh, REPORTS_XLSX, call=call.pk).file.read()))
    assert only(sheet_rows(book["dorms"]), "row", "review", "remark") == [(two, "accepted", ""), (one, *remark)]
    export = made(cast.laleh, REPORTS_ROWS, call=call.pk)
    rows = csv.DictReader(io.StringIO(export.file.read().decode("utf-8-sig")))
    assert {(row["row"], row["review"]) for row in rows if row["table"] == "dorms"} == {
        (one, "remarked"),
        (two, "accepted"),
    }
