"""The ways of oversight: the reasons that were given, disputes, acceptance, and all of it as files."""

import csv
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from reports.actions.calls import ask_unit, close_early, excuse_unit, extend_call, extend_unit
from reports.actions.extensions import ask_extension, decide_extension
from reports.actions.objections import contest_result
from reports.actions.returns import return_for_correction
from reports.enums import ReportState, Standing
from reports.models import Call, ExtensionRequest, Report, ReturnRound
from reports.pages.oversight.scope import window_of
from reports.pages.oversight.tables import TABLES
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import to_jalali
from sla.actions.agreements import answer_agreement
from sla.actions.clocks import open_request, start_clock
from sla.actions.dispute_ends import record_dispute_ends
from sla.actions.disputes import file_dispute
from sla.actions.request_decisions import decide_request
from sla.actions.requests import draft_request, file_request
from sla.enums import Answer
from sla.models import AgreementVersion, Service
from tests.calls import published_call, report_of, submitted_report
from tests.disputes import announced_report_with
from tests.factories import make_membership, make_person, make_service, make_unit
from tests.general import make_general_type
from tests.oversight import DAY, REMARK, auditor_of, get, make_year, request_of
from tests.progress import add_revision
from tests.reviews import announced_report, assign
from units.enums import Role


@pytest.fixture
def call(cast):
    return published_call(cast, closes_at=database_now() + 10 * DAY, review_until=database_now() + 90 * DAY)


@pytest.fixture
def nader(client_for, cast):
    return client_for(cast.nader)


@pytest.fixture
def year(cast):
    return make_year(cast)


class TestReasons:
    def test_returns_are_told_with_every_remark_and_how_they_ended(self, cast, call, clock, nader):
        assign(cast, call)
        report, _revision = submitted_report(cast, call)
        round_ = return_for_correction(report=report, remarks=REMARK, by=cast.omid, note="تا پایان هفته")
        assert get(nader).context["returns"].waiting == 1
        clock.move_to(round_.due_at)
        returns = get(nader, period=window_of("", round_.returned_at).code).context["returns"]
        assert (returns.total, returns.lapsed, returns.waiting) == (1, 1, 0)
        assert [(code, n) for code, _label, n in returns.indicators] == [("HSG-01", 1), ("HSG-02", 1)]
        text = get(nader, "reports:oversight_list", "returns").content.decode()
        assert all(words in text for words in (*REMARK.values(), "تا پایان هفته", "در مهلت پاسخ داده نشد"))

    def test_extensions_are_told_with_both_reasons(self, cast, call, nader):
        until = call.closes_at + 4 * DAY
        asked = ask_extension(report=report_of(call, cast.a), until=until, reason="سرور ما سوخت", by=cast.reza)
        ask_extension(report=report_of(call, cast.b), until=until, reason="سیل آمد", by=cast.kamran)
        decide_extension(asked=asked, granted_until=None, reason="مدرکی نیست", by=cast.laleh)
        assert {kind: n for kind, _word, n in get(nader).context["extensions"]} == {
            "granted": 0,
            "partly": 0,
            "refused": 1,
            "waiting": 1,
        }
        lines = get(nader, "reports:oversight_list", "extensions", decision="refused").context["lines"]
        assert [(line.values[0], line.values[5], line.values[10]) for line in lines] == [
            (cast.a.name, "سرور ما سوخت", "مدرکی نیست")
        ]
        assert len(get(nader, "reports:oversight_list", "extensions", decision="waiting").context["lines"]) == 1

    def test_closings_extensions_and_excuses_are_told_with_their_reasons(self, cast, call, nader):
        extend_call(call=call, closes_at=call.closes_at + DAY, by=cast.laleh, reason="تعطیلی سراسری")
        extend_unit(report=report_of(call, cast.a), until=call.closes_at + 5 * DAY, by=cast.laleh, reason="جابه‌جایی")
        excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام شد")
        ask_unit(call=Call.objects.get(pk=call.pk), unit=cast.a_child, by=cast.laleh, reason="از قلم افتاده بود")
        close_early(call=Call.objects.get(pk=call.pk), by=cast.laleh, reason="همه فرستاده‌اند")
        counts = {kind: n for kind, _word, n in get(nader).context["acts"]}
        assert counts == {
            "call-close-early": 1, "call-extend": 1, "report-extend": 1, "report-excuse": 1, "report-ask-late": 1,
            "call-open-early": 0, "call-cancel": 0, "report-try-draft": 0,
        }  # fmt: skip
        lines = get(nader, "reports:oversight_list", "acts").context["lines"]
        assert [line.values[5] for line in lines] == [
            "همه فرستاده‌اند",
            "از قلم افتاده بود",
            "ادغام شد",
            "جابه‌جایی",
            "تعطیلی سراسری",
        ]
        assert [line.values[2] for line in lines][2] == cast.b.name
        only = get(nader, "reports:oversight_list", "acts", kind="report-excuse").context["lines"]
        assert [(line.url, line.values[5]) for line in only] == [
            (reverse("reports:report", args=[report_of(call, cast.b).tracking_code]), "ادغام شد")
        ]

    def test_what_was_done_in_another_period_is_not_told(self, cast, call, nader):
        close_early(call=call, by=cast.laleh, reason="همه فرستاده‌اند")
        year = to_jalali(tehran_date(database_now()))[0]
        assert get(nader, "reports:oversight_list", "acts", period=f"{year - 1}-Y").context["lines"] == []


class TestDisputes:
    def test_disputes_stand_by_outcome_and_age_also_when_time_alone_ended_them(self, cast, call, clock, nader):
        report = announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})
        dispute = contest_result(report=report, text="شمرده نشده", by=cast.reza)
        period = window_of("", dispute.filed_at).code
        assert {row.status: row.ages for row in get(nader, period=period).context["disputes"]}["negotiating"] == [
            1,
            0,
            0,
        ]
        clock.move_to(dispute.final_at + 100 * DAY)
        asleep = {row.status: row.ages for row in get(nader, period=period).context["disputes"]}
        assert (asleep["final"], asleep["negotiating"]) == ([0, 1, 0], [0, 0, 0])
        record_dispute_ends()
        assert {row.status: row.ages for row in get(nader, period=period).context["disputes"]} == asleep

    def test_a_view_that_the_provider_owes_is_named_until_it_is_stated(self, cast, clock, nader):
        service = make_service(cast)
        dispute = file_dispute(
            unit=cast.a, agreement=service.agreement_versions.get(), section="purpose", text="کدام حوزه؟", by=cast.reza
        )
        assert get(nader).context["position_count"] == 0
        clock.move_to(dispute.final_at)
        page = get(nader)
        assert (page.context["position_count"], list(page.context["positions"])) == (1, [dispute])
        assert dispute.title in page.content.decode()


class TestAcceptance:
    def test_who_is_bound_is_counted_over_the_scope(self, cast, call, client_for, nader):
        coverage = get(nader).context["coverage"][0]
        assert coverage.counts["accepted"] == 2
        assert get(client_for(auditor_of(cast.b))).context["coverage"][0].counts["accepted"] == 1

    def test_a_refusal_is_told_with_its_reason(self, cast, nader):
        service = make_service(cast)
        answer_agreement(
            agreement=service.agreement_versions.get(),
            unit=cast.a,
            answer=Answer.REFUSED,
            by=cast.reza,
            reason="هزینه روشن نیست",
        )
        lines = get(nader, "reports:oversight_list", "answers", answer="refused").context["lines"]
        assert [(line.values[0], line.values[4]) for line in lines] == [(cast.a.name, "هزینه روشن نیست")]


# ---------------------------------------------------------------------------------- searched, sorted, narrowed, in pages
def lines_of(client, key: str, **query) -> list[str]:
    """The first value of each line: the unit, in most lists."""
    return [line.values[0] for line in get(client, "reports:oversight_list", key, **query).context["lines"]]


def walk(client, key: str, sort: str, monkeypatch) -> list[int]:
    """The keys on all pages of two rows, which are those of one long page."""
    monkeypatch.setattr("reports.views.oversight.page.SIZE", 100)
    whole = [row.pk for row in get(client, "reports:oversight_list", key, sort=sort).context["listing"].pages]
    monkeypatch.setattr("reports.views.oversight.page.SIZE", 2)
    address, seen = f"?sort={sort}", []
    while address:
        page = client.get(reverse("reports:oversight_list", args=[key]) + address).context["listing"].pages
        seen, address = [*seen, *(row.pk for row in page)], page.next
    assert seen == whole
    return seen


class TestLists:
    @pytest.mark.long
    @pytest.mark.parametrize("key", TABLES)
    def test_every_list_finds_a_unit_in_any_spelling(self, cast, nader, key):
        several(cast, 3)
        found = get(nader, "reports:oversight_list", key, q="وأحد ۱").context
        unit = [column.key for column in TABLES[key].listing.columns if not column.optional].index("unit")
        assert {line.values[unit] for line in found["lines"]} == {"واحد 1"}
        assert len(found["listing"].narrowings) == 1
        assert lines_of(nader, key, q="نیست") == []

    @pytest.mark.long
    @pytest.mark.parametrize("key", TABLES)
    def test_every_sort_shows_every_row_once_and_turns_round(self, cast, nader, key, monkeypatch):
        several(cast, 3)
        for column in (column.key for column in TABLES[key].listing.columns if column.by):
            rising, falling = (walk(nader, key, sort, monkeypatch) for sort in (column, f"-{column}"))
            assert sorted(rising) == sorted(falling), column
            assert len(set(rising)) == len(rising) >= 3, column

    def test_units_sort_by_the_persian_alphabet(self, cast, nader):
        several(cast, 3)
        names = lines_of(nader, "answers", sort="unit")
        assert [name for name in names if name.startswith("واحد")] == ["واحد 0", "واحد 1", "واحد 2"]
        assert lines_of(nader, "answers", sort="-unit")[0] == "واحد 2"

    def test_columns_that_are_left_out_stand_on_no_line_but_in_the_file(self, cast, call, nader):
        close_early(call=call, by=cast.laleh, reason="همه فرستاده‌اند")
        query = {"cols": ["act", "reason"], "sort": "at"}
        page = get(nader, "reports:oversight_list", "acts", **query)
        assert [line.values[1:] for line in page.context["lines"]] == [["همه فرستاده‌اند"]]
        assert [head.key for head in page.context["listing"].heads] == ["act", "reason"]
        assert len(csv_of(get(nader, "reports:oversight_csv", "acts", **query))[0]) == 9

    @pytest.mark.parametrize(
        ("key", "query"),
        [
            ("requests", {"verdict": "nonsense", "type": "nonsense"}),
            ("extensions", {"decision": "nonsense"}),
            ("acts", {"kind": "nonsense"}),
            ("disputes", {"status": "nonsense"}),
            ("answers", {"answer": "nonsense", "period": "nonsense"}),
        ],
    )
    def test_a_choice_that_there_is_none_of_narrows_nothing(self, cast, nader, key, query):
        several(cast, 1)
        page = get(nader, "reports:oversight_list", key, **query)
        assert page.context["listing"].narrowings == []
        assert lines_of(nader, key, **query) == lines_of(nader, key) != []

    def test_what_narrows_the_list_leaves_the_period(self, nader, year):
        listing = get(nader, "reports:oversight_list", "requests", period="1405-Q1", verdict="missed").context[
            "listing"
        ]
        assert listing.whole == "?period=1405-Q1"
        assert listing.kept_by_search == [("period", "1405-Q1"), ("verdict", "missed")]


# --------------------------------------------------------------------------------------------------- files and counts
def csv_of(response):
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


class TestFiles:
    def test_the_figures_as_csv_are_those_of_the_page(self, nader, year):
        page, rows = (
            get(nader, period="1405-Y"),
            csv_of(get(nader, "reports:oversight_csv", "figures", period="1405-Y")),
        )
        lines = [line for of_type in page.context["lines"] for line in (*of_type.months, of_type.whole)]
        assert [(int(row[4]), int(row[5]), float(row[8])) for row in rows[1:]] == [
            (line.figures.count, line.met, round(line.figures.mean, 2)) for line in lines
        ]

    def test_a_list_as_csv_has_every_row_of_its_filter(self, nader, year):
        shown = get(nader, "reports:oversight_list", "requests", period="1405-Y", verdict="missed").context["lines"]
        rows = csv_of(get(nader, "reports:oversight_csv", "requests", period="1405-Y", verdict="missed"))
        assert [row[0] for row in rows[1:]] == [line.values[0] for line in shown]
        assert rows[1][3].isascii()

    def test_a_list_as_csv_stands_in_the_order_of_the_page(self, nader, year):
        query = {"period": "1405-Y", "sort": "unit", "q": "خوابگاه"}
        rows = csv_of(get(nader, "reports:oversight_csv", "requests", **query))
        assert [row[0] for row in rows[1:]] == lines_of(nader, "requests", **query) != []

    def test_the_workbook_has_a_sheet_a_list_from_right_to_left(self, nader, year):
        book = load_workbook(io.BytesIO(get(nader, "reports:oversight_xlsx", period="1405-Y").content))
        assert len(book.sheetnames) == 1 + len(TABLES)
        assert all(sheet.sheet_view.rightToLeft for sheet in book.worksheets)
        assert book.worksheets[1].max_row == 1 + len(
            get(nader, "reports:oversight_list", "requests", period="1405-Y").context["lines"]
        )

    def test_a_reason_that_begins_like_a_formula_stays_text(self, cast, call, nader):
        close_early(call=call, by=cast.laleh, reason="=HYPERLINK(1)")
        assert csv_of(get(nader, "reports:oversight_csv", "acts"))[1][6] == "'=HYPERLINK(1)"
        book = load_workbook(io.BytesIO(get(nader, "reports:oversight_xlsx").content))
        cells = [
            cell
            for sheet in book.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.value == "=HYPERLINK(1)"
        ]
        assert [cell.data_type for cell in cells] == ["s"]


def several(cast, count):
    """As many reports returned, extended, excused, contested… as asked for, each of a unit of its own."""
    call = published_call(cast, closes_at=database_now() + 10 * DAY, review_until=database_now() + 90 * DAY)
    report, _version = announced_report(cast, call)
    contest_result(report=report, text="شمرده نشده", by=cast.reza)
    kind = make_general_type(cast, call.service)
    other, _revision = submitted_report(cast, call, cast.b)
    return_for_correction(report=other, remarks=REMARK, by=cast.omid)
    for n in range(count):
        unit = make_unit(f"N{n}", f"واحد {n}", parent=cast.provider)
        head = make_person(f"head{n}")
        make_membership(head, unit, Role.HEAD)
        asked = ask_unit(call=call, unit=unit, by=cast.laleh, reason="از قلم افتاده")
        ask_extension(report=asked, until=call.closes_at + DAY, reason="سیل", by=head)
        answer_agreement(agreement=call.agreement, unit=unit, answer=Answer.ACCEPTED, by=head)
        general = file_request(general=draft_request(unit=unit, request_type=kind, reason="سیل", by=head), by=head)
        decide_request(general=general, decision="granted", reason="پذیرفته شد", by=cast.laleh)
        service = Service.objects.get()
        request_of(cast, service, unit, database_now() - 3 * DAY, 1440)
        request = open_request(
            unit=unit, request_type=service.request_types.get(code="extension"), agreement=AgreementVersion.objects.get(),
            price_rials=0, at=database_now() - 90 * DAY,
        )  # fmt: skip
        start_clock(request, database_now() - 90 * DAY)
        round_ = ReturnRound.objects.filter(report=other).first()
        ReturnRound.objects.create(
            report=report_of(call, unit), number=1, remarks=REMARK, returned_at=round_.returned_at, returned_by=cast.omid, due_at=round_.due_at
        )  # fmt: skip
        file_dispute(unit=unit, agreement=call.agreement, section="purpose", text="کدام؟", by=head)
        came = database_now()
        Report.objects.filter(pk=asked.pk).update(state=ReportState.SUBMITTED, submitted_at=came)
        add_revision(report_of(call, unit), cast, standing=Standing.IN_GRACE)
    assert ExtensionRequest.objects.count() == count


LISTS = [
    ("requests", "", 17), ("requests", "overdue", 19), ("returns", "", 7), ("deadlines", "", 7), ("extensions", "", 7),
    ("acts", "", 9), ("disputes", "", 7), ("answers", "", 7), ("decisions", "", 7),
]  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_and_its_lists_ask_as_many_questions_at_one_row_as_at_three(
    cast, nader, count, django_assert_num_queries
):
    several(cast, count)
    get(nader)
    with django_assert_num_queries(33):
        get(nader)
    for key, verdict, questions in LISTS:
        with django_assert_num_queries(questions):
            page = get(nader, "reports:oversight_list", key, verdict=verdict)
        assert len(page.context["lines"]) >= count, key
