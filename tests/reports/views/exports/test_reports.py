"""Reports as files: each format read back holds the rows and values that the database holds, and nobody else's."""

import csv
import io
import json
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from reports.actions.exports import fetch_export, make_export, request_export
from reports.actions.results import announce_result
from reports.models import Call, Export, IndicatorFact, Report, ResultFact, Revision
from reports.pages.export_files import MAKERS
from reports.pages.report_export import content
from reports.pages.report_export.columns import CODEBOOK, FIXED, OF_INDICATOR
from reports.queries.result_findings import ChangedFinding
from reports.rules.exports import REPORTS_CSV, REPORTS_JSONL, REPORTS_XLSX
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import published_call, submitted_report
from tests.exports import KINDS, differing, made, random_form, random_revision, read, row_of, same, sheet_rows
from tests.factories import make_membership, make_service
from tests.field import Figures, announce_field, field_call
from tests.forms import small_form
from tests.reviews import announced_report, reviewed_report
from units.enums import Role
from units.models import Membership


@pytest.fixture
def filled(cast) -> Call:
    """A closed call to seven units: six random revisions, one report that never came."""
    call, units = field_call(cast, 7, form=random_form())
    dice = random.Random(1405)
    for unit in units[:6]:
        random_revision(cast, Report.objects.select_related("call").get(call=call, unit=unit), dice)
    return call


class TestReadingBack:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_report_of_the_call_comes_back_with_every_answer(self, cast, filled, kind):
        rows = read(made(cast.laleh, kind, call=filled.pk))
        found = {row["tracking_code"]: row for row in rows}
        assert sorted(found) == sorted(filled.reports.values_list("tracking_code", flat=True))
        assert len(rows) == 7
        for revision in Revision.objects.filter(report__call=filled).select_related("report__unit", "report__call"):
            assert differing(found[revision.report.tracking_code], row_of(revision)) == {}
        empty = next(row for row in rows if not row["revision"])
        assert (empty["status"], empty["note"], empty["RAT.claimed"]) == ("missed", "", "")

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_result_comes_back_as_the_facts_have_it(self, cast, kind):
        call, units = field_call(cast, 3)
        full = {"cnt": "7", "day": "4", "avg": "50", "rat_n": "1", "rat_d": "3", "wmn": "4"}
        figures = [
            Figures(full, {"cnt": "6", "rat_n": "2"}, frozenset({"DAY"})),
            Figures({"cnt": "3"}),
            Figures({}, missed=True),
        ]
        announce_field(cast, call, units, figures)
        found = {row["unit_code"]: row for row in read(made(cast.laleh, kind, call=call.pk))}
        for fact in ResultFact.objects.select_related("unit"):
            row = found[fact.unit.code]
            assert (same(row["total"], str(fact.total)), row["missed"], row["result_version"]) == (
                True,
                str(int(fact.missed)),
                "1",
            )
        for fact in IndicatorFact.objects.select_related("result__unit"):
            row, code = found[fact.result.unit.code], fact.indicator
            parts = {
                f"{code}.claimed": fact.claimed_value, f"{code}.verified": fact.value, f"{code}.points": fact.points,
                f"{code}.weight": fact.weight, f"{code}.state": fact.state,
            }  # fmt: skip
            assert differing(row, {name: "" if value is None else str(value) for name, value in parts.items()}) == {}

    def test_numbers_are_numbers_and_text_is_text_in_a_workbook(self, cast, filled):
        export = made(cast.laleh, REPORTS_XLSX, call=filled.pk)
        book = load_workbook(io.BytesIO(export.file.read()))
        page = book.worksheets[0]
        assert (bool(page.sheet_view.rightToLeft), page.freeze_panes, page["A1"].font.bold) == (True, "C2", True)
        head = [row["column"] for row in sheet_rows(book.worksheets[-1])]
        kinds: dict[str, set[str]] = {}
        for row in page.iter_rows(min_row=2):
            for name, cell in zip(head, row, strict=True):
                if cell.value is not None:
                    kinds.setdefault(name, set()).add(cell.data_type)
        assert {name: kinds[name] for name in ("call", "revision", "note", "one")} == {
            "call": {"n"}, "revision": {"n"}, "note": {"s"}, "one": {"s"},
        }  # fmt: skip
        # A figure of more digits than a spreadsheet keeps stays text.
        long = {
            cell.value
            for row in page.iter_rows(min_row=2)
            for cell in row
            if cell.data_type == "s" and cell.value.isdigit()
        }
        assert "620540102680020817909002" in long

    def test_the_codebook_explains_each_column(self, cast, filled):
        export = made(cast.laleh, REPORTS_XLSX, call=filled.pk)
        book = load_workbook(io.BytesIO(export.file.read()))
        rows = sheet_rows(book.worksheets[-1])
        by_name = {row["column"]: row for row in rows}
        heads = [cell.value for cell in book.worksheets[0][1]]
        assert len(heads) == len(set(heads)) == len(rows)
        for row, head in zip(rows, heads, strict=True):
            assert head in (row["label_fa"], f"{row['label_fa']} ({row['column']})")
        assert list(rows[0]) == [name for name, _number in CODEBOOK]
        rate = by_name["rate"]
        assert [rate[k] for k in ("label_fa", "unit", "indicator", "weight", "standard", "aggregate")] == [
            "نسبت", "٪", "RAT", "60", "80", "ratio",
        ]  # fmt: skip
        assert by_name["one"]["choices"] == "yes = بله / بله\nno = خیر / خیر"
        assert (by_name["top"]["role"], by_name["answer.status"]["label_fa"]) == ("numerator", "وضع")
        assert {row["label_fa"] for row in rows}.isdisjoint({""})
        assert "said" not in by_name

    def test_the_codebook_of_the_page_is_that_of_the_workbook(self, cast, filled, client_for):
        answer = client_for(cast.nader).get(reverse("reports:call_codebook", args=[filled.pk]))
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        book = load_workbook(io.BytesIO(made(cast.nader, REPORTS_XLSX, call=filled.pk).file.read()))
        assert [row[1] for row in rows] == [cell.value for cell in book.worksheets[-1]["B"]]

    def test_a_workbook_speaks_the_language_of_its_order(self, cast, filled):
        book = load_workbook(io.BytesIO(made(cast.laleh, REPORTS_XLSX, call=filled.pk).file.read()))
        rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
        said = {head: {row[n] for row in rows[1:] if row[n]} for n, head in enumerate(rows[0])}
        assert rows[0][:3] == ["کد واحد", "واحد", "نوع واحد"]
        assert (said["وضعیت"], said["یکی"] <= {"بله", "خیر"}) == ({"ارسال‌شده", "ارسال‌نشده"}, True)
        assert said["چند"] <= {"بله", "بله، خیر"}

    def test_labels_are_persian_and_english_whatever_the_language_of_the_order(self, cast, filled):
        export = request_export(kind=REPORTS_XLSX, parameters={"call": filled.pk}, language="en", by=cast.laleh)
        make_export(export.pk, MAKERS)
        book = load_workbook(io.BytesIO(Export.objects.get().file.read()))
        first = sheet_rows(book.worksheets[-1])[1]
        assert (first["label_fa"], first["label_en"]) == ("واحد", "Unit")
        assert not book.worksheets[0].sheet_view.rightToLeft


class TestForms:
    """Calls with forms that differ, in one order."""

    @pytest.fixture
    def calls(self, cast) -> list[Call]:
        first, units = field_call(cast, 2, form=random_form())
        for unit in units:
            random_revision(cast, Report.objects.select_related("call").get(call=first, unit=unit), random.Random(7))
        second = published_call(cast, form=small_form(), service=first.agreement.service, period_code="1405-Q3")
        submitted_report(cast, second)
        return [first, second]

    def test_a_csv_has_the_answers_in_one_column(self, cast, calls):
        rows = read(made(cast.laleh, REPORTS_CSV, list=True))
        assert list(rows[0]) == [*(item.name for item in FIXED), "answers", "indicators"]
        assert sorted(int(row["call"]) for row in rows) == sorted([calls[0].pk] * 2 + [calls[1].pk] * 2)
        sent = next(row for row in rows if row["call"] == str(calls[1].pk) and row["revision"])
        revision = Revision.objects.get(report__tracking_code=sent["tracking_code"])
        answers = json.loads(sent["answers"])
        assert {name: str(answers[name]) for name in ("housed", "has_canteen", "canteen_note")} == {
            name: revision.answers[name] for name in ("housed", "has_canteen", "canteen_note")
        }
        assert set(json.loads(sent["indicators"])["HSG-01"]) == {suffix for suffix, *_rest in OF_INDICATOR}

    def test_a_workbook_has_a_sheet_for_each_version_of_a_form(self, cast, calls):
        book = load_workbook(io.BytesIO(made(cast.laleh, REPORTS_XLSX, list=True).file.read()))
        assert book.sheetnames == ["random 1", "small 1", "راهنمای ستون‌ها"]
        assert [len(sheet_rows(page)) for page in book.worksheets[:2]] == [2, 2]
        explained = {(row["sheet"], row["column"]) for row in sheet_rows(book.worksheets[2])}
        assert {("random 1", "note"), ("small 1", "housed")} <= explained
        assert ("small 1", "note") not in explained

    def test_json_lines_hold_them_side_by_side(self, cast, calls):
        rows = read(made(cast.laleh, REPORTS_JSONL, list=True))
        assert {row["form"] for row in rows} == {"random", "small"}

    def test_the_filter_of_the_list_is_the_filter_of_the_file(self, cast, calls, client_for):
        page = client_for(cast.laleh).get(reverse("reports:reports"), {"status": "submitted", "period": "1405-Q3"})
        shown = [row["report"].tracking_code for row in page.context["rows"]]
        rows = read(made(cast.laleh, REPORTS_JSONL, list=True, status="submitted", period="1405-Q3"))
        assert [row["tracking_code"] for row in rows] == shown != []

    def test_one_call_of_the_list_has_a_column_a_question(self, cast, calls):
        rows = read(made(cast.laleh, REPORTS_CSV, list=True, call=calls[1].pk))
        assert {row["call"] for row in rows} == {str(calls[1].pk)}
        assert "housed" in rows[0]

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_filter_that_finds_nothing_gives_a_file_without_rows(self, cast, calls, kind):
        assert read(made(cast.laleh, kind, list=True, q="هیچ‌کجا")) == []


class TestWhoGetsWhat:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_unit_gets_its_own_report_and_no_other(self, cast, kind):
        call = published_call(cast)
        for unit in (cast.a, cast.b):
            announced_report(cast, call, unit)
        for who, unit in ((cast.sara, cast.a), (cast.kamran, cast.b)):
            for parameters in ({"call": call.pk}, {"list": True}):
                assert [row["unit_code"] for row in read(made(who, kind, **parameters))] == [unit.code]

    def test_somebody_with_two_units_gets_both_and_not_the_third(self, cast):
        call, units = field_call(cast, 6)
        make_membership(cast.sara, cast.b, Role.AUDITOR)
        rows = read(made(cast.sara, REPORTS_CSV, call=call.pk))
        expected = {unit.code for unit in units if unit.path.startswith((cast.a.path, cast.b.path))}
        assert {row["unit_code"] for row in rows} == expected
        assert len(expected) == 4

    def test_a_draft_is_in_no_file_not_even_for_headquarters(self, cast, filled):
        report = Report.objects.filter(call=filled, submitted_at=None).get()
        report.draft_sections.create(
            section="part",
            version=1,
            answers={"note": {"v": "نانوشته", "n": 1}},
            saved_at=database_now(),
            saved_by=cast.sara,
        )
        for kind in (REPORTS_CSV, REPORTS_JSONL):
            assert "نانوشته" not in made(cast.laleh, kind, call=filled.pk).file.read().decode()

    @pytest.mark.parametrize("who", ["reza", "laleh"])
    def test_what_reviewers_found_is_in_no_file_before_the_announcement(self, cast, who):
        call = published_call(cast)
        reviewed_report(cast, call)
        row = next(row for row in read(made(getattr(cast, who), REPORTS_CSV, call=call.pk)) if row["revision"])
        assert (row["HSG-01.claimed"], row["HSG-01.verified"], row["HSG-01.points"], row["total"]) == ("80", "", "", "")

    def test_a_call_that_asks_nobody_of_theirs_is_not_for_a_unit(self, cast):
        call, _units = field_call(cast, 1, parents=0)
        with pytest.raises(Forbidden):
            request_export(kind=REPORTS_CSV, parameters={"call": call.pk}, language="fa", by=cast.mina)

    def test_who_belongs_nowhere_orders_nothing(self, cast):
        with pytest.raises(Forbidden):
            request_export(kind=REPORTS_CSV, parameters={"list": True}, language="fa", by=cast.stranger)

    def test_a_right_lost_between_the_order_and_the_download_is_lost(self, cast, client_for):
        call = published_call(cast)
        export = made(cast.sara, REPORTS_CSV, call=call.pk)
        Membership.objects.filter(person=cast.sara).update(ends_at=database_now())
        make_membership(cast.sara, cast.b, Role.REPORTER)
        cast.sara.__dict__.pop("_memberships", None)
        with pytest.raises(Forbidden):
            fetch_export(export=export, by=cast.sara)
        assert client_for(cast.sara).get(reverse("reports:export_file", args=[export.key])).status_code == 403

    def test_rights_are_those_of_the_making_and_not_of_the_order(self, cast):
        call = published_call(cast)
        make_membership(cast.sara, cast.b, Role.REPORTER)
        export = request_export(kind=REPORTS_CSV, parameters={"call": call.pk}, language="fa", by=cast.sara)
        Membership.objects.filter(person=cast.sara, unit=cast.b).update(ends_at=database_now())
        assert make_export(export.pk, MAKERS)
        assert [row["unit_code"] for row in read(Export.objects.get(pk=export.pk))] == [cast.a.code]

    def test_an_expired_file_is_refused(self, cast, clock):
        export = made(cast.laleh, REPORTS_JSONL, call=published_call(cast).pk)
        clock.move_to(export.expires_at)
        with pytest.raises(Refused) as refusal:
            fetch_export(export=export, by=cast.laleh)
        assert refusal.value.code == "expired"


class TestCost:
    @pytest.mark.parametrize("kind", KINDS)
    def test_three_reports_ask_as_much_of_the_database_as_one(self, cast, kind):
        counted, service = [], make_service(cast)
        for count in (1, 3):
            call, units = field_call(cast, count, service=service)
            announce_field(cast, call, units, [Figures({"cnt": "3"})] * count)
            export = request_export(kind=kind, parameters={"call": call.pk}, language="fa", by=cast.laleh)
            with CaptureQueriesContext(connection) as asked:
                make_export(export.pk, MAKERS)
            # Memberships are read once an instant, and two readings of the clock may be the same.
            counted.append(len([query for query in asked if "reports_" in query["sql"]]))
            assert len(read(Export.objects.get(pk=export.pk))) == count
        assert counted[0] == counted[1]

    def test_a_version_announced_while_the_file_is_made_comes_whole(self, cast, monkeypatch):
        call, units = field_call(cast, 1)
        announce_field(cast, call, units, [Figures({"cnt": "10", "day": "5"})])
        report, real = Report.objects.get(call=call), content._filled

        def meanwhile(chunk, *more):
            change = ChangedFinding({"value": "0"}, "شمارش دوباره")
            announce_result(report=report, changes={"CNT": change}, reason="شمارش دوباره", by=cast.laleh)
            return real(chunk, *more)

        monkeypatch.setattr(content, "_filled", meanwhile)
        (row,) = read(made(cast.laleh, REPORTS_CSV, call=call.pk))
        fact = ResultFact.objects.get(report=report)
        assert (row["result_version"], row["CNT.points"]) == ("2", "0")
        assert same(row["total"], str(fact.total))

    def test_more_rows_than_one_piece_are_all_there_and_in_order(self, cast, filled, monkeypatch):
        whole = read(made(cast.laleh, REPORTS_CSV, call=filled.pk))
        monkeypatch.setattr(content, "CHUNK", 2)
        assert read(made(cast.laleh, REPORTS_CSV, call=filled.pk)) == whole


class TestPages:
    def test_a_file_is_ordered_from_the_call(self, cast, filled, client_for):
        client, address = client_for(cast.laleh), reverse("reports:call_export", args=[filled.pk])
        assert address in client.get(reverse("reports:call", args=[filled.pk])).content.decode()
        assert client.get(address).context["count"] == 7
        answer = client.post(f"{address}?status=missed", {"format": "csv"})
        export = Export.objects.get()
        assert answer["Location"] == reverse("reports:export", args=[export.key])
        assert (export.kind, export.parameters) == (REPORTS_CSV, {"call": filled.pk, "status": "missed"})
        make_export(export.pk, MAKERS)
        assert [row["status"] for row in read(Export.objects.get())] == ["missed"]

    def test_a_file_is_ordered_from_the_list_under_its_filter(self, cast, filled, client_for):
        client, address = client_for(cast.sara), reverse("reports:list_export")
        assert address in client.get(reverse("reports:reports")).content.decode()
        client.post(f"{address}?status=submitted&call={filled.pk}&period=1405-Q2&q=%20", {"format": "xlsx"})
        assert Export.objects.get().parameters == {
            "list": True, "call": filled.pk, "status": "submitted", "period": "1405-Q2",
        }  # fmt: skip

    @pytest.mark.parametrize("query", ["?period=nonsense", "?call=999999&period=1399-Q1", "?status=nonsense"])
    def test_what_the_list_passes_over_the_file_passes_over_too(self, cast, filled, client_for, query):
        client_for(cast.sara).post(reverse("reports:list_export") + query, {"format": "csv"})
        assert Export.objects.get().parameters == {"list": True}

    @pytest.mark.parametrize("given", [{}, {"format": "pdf"}])
    def test_an_unknown_format_is_not_found(self, cast, filled, client_for, given):
        assert client_for(cast.laleh).post(reverse("reports:list_export"), given).status_code == 404

    def test_a_strangers_call_is_not_found(self, cast, client_for):
        call, _units = field_call(cast, 1, parents=0)
        for name in ("call_export", "call_codebook"):
            assert client_for(cast.mina).get(reverse(f"reports:{name}", args=[call.pk])).status_code == 404
        assert (
            client_for(cast.mina).post(reverse("reports:call_export", args=[call.pk]), {"format": "csv"}).status_code
            == 404
        )

    def test_the_page_asks_as_much_for_three_reports_as_for_one(self, cast, client_for):
        client, counted, service = client_for(cast.laleh), [], make_service(cast)
        for count in (1, 3):
            call, _units = field_call(cast, count, service=service)
            client.get(reverse("reports:call_export", args=[call.pk]))
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("reports:call_export", args=[call.pk]))
            counted.append(len(asked))
        assert counted[0] == counted[1]
