"""The view of a year: whose figures are in it, what is said where there is nothing, and the way to the reports behind each."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from reports.enums import Standing
from reports.models import Call, Report
from sajad_portal.lib import periods
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.periods import PeriodKind
from sla.models import ClockInterval, Holiday, ServiceRequest
from tests.factories import make_membership, make_person, make_service, make_unit
from tests.field import Figures, announce_field, field_call
from units.actions.units import move_unit
from units.enums import Role
from units.models import Unit

BASE = {"cnt": "10", "day": "4", "avg": "50", "rat_n": "8", "rat_d": "10", "wmn": "4", "wmn_count": "20"}
GONE = Figures({}, missed=True)


def figures(standing=Standing.ON_TIME, **changed):
    return Figures({**BASE, **changed}, standing=standing)


def quarter(cast, number, given, *, year=1404, service=None):
    """An announced call of that quarter; `given` {unit: figures}."""
    period = periods.regular(PeriodKind.QUARTER, year, number)
    call, units = field_call(
        cast, 0, units=list(given), service=service, period_code=period.code, period_starts=period.starts, period_ends=period.ends,
    )  # fmt: skip
    announce_field(cast, call, units, list(given.values()))
    return Call.objects.get(pk=call.pk)


@pytest.fixture
def units(cast):
    """A and B, and two below B."""
    return [
        cast.a,
        cast.b,
        *(make_unit(f"X{n}", f"واحد ناشناس {n}", parent=cast.b, kind=cast.a.kind) for n in range(2)),
    ]


@pytest.fixture
def year(cast, units):
    """Two quarters of 1404. A rises; B was late once and missed once; X0 falls; X1 has one period only."""
    a, b, x0, x1 = units
    service = make_service(cast, slug="of-the-year")
    late = Standing.IN_GRACE
    first = quarter(
        cast, 1, {a: figures(cnt="5"), b: figures(late), x0: figures(cnt="9"), x1: figures(day="3")}, service=service
    )
    second = quarter(cast, 2, {a: figures(cnt="10"), b: GONE, x0: figures(late, cnt="2", day="40")}, service=service)
    return first, second


def page(client_for, person, code="1404-Y"):
    return client_for(person).get(reverse("reports:analysis_year", args=[code]))


def behind(client_for, person, query, code="1404-Y"):
    rows = client_for(person).get(reverse("reports:analysis_year_results", args=[code]) + query).context["rows"]
    return {(fact.unit.code, fact.period_code) for fact, _period, _word in rows}


class TestWhoWasLate:
    def test_each_unit_is_counted_and_the_most_often_stands_first(self, cast, year, client_for):
        found = page(client_for, cast.laleh).context["units"]

        assert [(u.code, u.results, u.late, u.missed) for u in found] == [("TGZ", 2, 1, 1), ("X0", 2, 1, 0)]

    def test_one_press_leads_to_the_reports_behind_each_figure(self, cast, year, client_for):
        text = page(client_for, cast.laleh).content.decode()
        address = reverse("reports:analysis_year_results", args=["1404-Y"])

        for query in (
            "?unit=TGZ&amp;timing=behind",
            "?unit=TGZ&amp;timing=missed",
            "?timing=missed",
            "?timing=in_grace",
        ):
            assert f'href="{address}{query}"' in text
        assert behind(client_for, cast.laleh, "?unit=TGZ&timing=behind") == {("TGZ", "1404-Q1"), ("TGZ", "1404-Q2")}
        assert behind(client_for, cast.laleh, "?unit=TGZ&timing=missed") == {("TGZ", "1404-Q2")}
        assert behind(client_for, cast.laleh, "?timing=in_grace") == {("TGZ", "1404-Q1"), ("X0", "1404-Q2")}
        assert len(behind(client_for, cast.laleh, "")) == 7

    def test_the_totals_are_those_of_the_list_behind_them(self, cast, year, client_for):
        whole = page(client_for, cast.laleh).context["figures"].whole

        assert (whole.results, whole.late, whole.missed) == (7, 2, 1)
        assert len(behind(client_for, cast.laleh, "?timing=on_time")) == 4

    def test_an_extension_is_no_delay(self, cast, client_for):
        quarter(cast, 1, {cast.a: figures(Standing.EXTENDED)})

        assert page(client_for, cast.laleh).context["units"] == []
        assert behind(client_for, cast.laleh, "?timing=extended") == {("KHB", "1404-Q1")}


class TestRiseAndFall:
    def test_from_the_first_result_to_the_last(self, cast, year, client_for):
        context = page(client_for, cast.laleh).context

        assert [(row.last.unit.code, row.move.change) for row in context["risen"]] == [("KHB", Decimal(10))]
        assert [row.last.unit.code for row in context["fallen"]] == ["X0"]
        first = Report.objects.get(call=year[0], unit=cast.a)
        assert reverse("reports:report", args=[first.tracking_code]) in page(client_for, cast.laleh).content.decode()

    def test_a_single_period_has_no_rise_and_says_so(self, cast, client_for):
        quarter(cast, 1, {cast.a: figures(), cast.b: figures(cnt="1")})
        answer = page(client_for, cast.laleh)

        assert (answer.context["risen"], answer.context["fallen"]) == ([], [])
        assert "رشد یا افتی گفتنی نیست" in answer.content.decode()

    def test_a_missed_report_is_no_fall(self, cast, year, client_for):
        assert "TGZ" not in {row.last.unit.code for row in page(client_for, cast.laleh).context["fallen"]}


class TestIndicators:
    @staticmethod
    def lines(answer):
        return {line.code: line.found for _area, lines in answer.context["figures"].sections for line in lines}

    def test_the_best_and_the_worst_value_of_each(self, cast, year, client_for):
        found = self.lines(page(client_for, cast.laleh))["CNT"]

        assert (found.count, found.best.value, found.worst.value) == (6, 10, 2)
        assert (found.worst.fact.unit.code, found.worst.fact.period_code) == ("X0", "1404-Q2")

    def test_less_is_better_where_the_indicator_falls(self, cast, year, client_for):
        found = self.lines(page(client_for, cast.laleh))["DAY"]

        assert (found.best.value, found.best.fact.unit.code) == (3, "X1")
        assert (found.worst.value, found.worst.fact.unit.code) == (40, "X0")

    def test_of_equal_ones_the_newest_is_named_and_the_others_are_counted(self, cast, year, client_for):
        found = self.lines(page(client_for, cast.laleh))["CNT"].best

        assert (found.fact.unit.code, found.fact.period_code, found.others) == ("KHB", "1404-Q2", 2)

    def test_where_all_are_equal_nobody_is_called_the_worst(self, cast, year, client_for):
        answer = page(client_for, cast.laleh)

        assert self.lines(answer)["AVG"].is_even
        assert "همهٔ مقدارها برابر است" in answer.content.decode()

    def test_one_value_is_neither_best_nor_worst(self, cast, client_for):
        quarter(cast, 1, {cast.a: figures()})

        assert "فقط مقدار" in page(client_for, cast.laleh).content.decode()


class TestTimes:
    def _take(self, report, days):
        """The report's clock ran for so many days, up to its result."""
        at = database_now()
        ServiceRequest.objects.filter(pk=report.request_id).update(
            created_at=at - timedelta(days=days), stopped_at=at, target_working_days=3
        )
        ClockInterval.objects.create(request_id=report.request_id, starts_at=at - timedelta(days=days), ends_at=at)

    def test_they_are_told_against_the_targets_and_lead_to_their_reports(self, cast, client_for):
        call = quarter(cast, 1, {cast.a: figures(), cast.b: figures()})
        self._take(call.reports.get(unit=cast.a), 1)
        self._take(call.reports.get(unit=cast.b), 60)
        line = page(client_for, cast.laleh).context["figures"].lines[0]

        assert (line.times.count, line.within, line.beyond, line.times.target) == (2, 1, 1, 3)
        assert behind(client_for, cast.laleh, "?verdict=met") == {("KHB", "1404-Q1")}
        assert behind(client_for, cast.laleh, f"?verdict=missed&call={call.pk}") == {("TGZ", "1404-Q1")}

    def test_no_mean_rests_on_one_result(self, cast, client_for):
        call = quarter(cast, 1, {cast.a: figures(), cast.b: figures()})
        self._take(call.reports.get(unit=cast.a), 1)
        text = page(client_for, cast.laleh).content.decode()

        assert text.partition('id="periods"')[2].partition("</tbody>")[0].count("—") == 2  # the median and the mean


class TestWhichYear:
    def test_a_period_belongs_to_the_year_in_which_it_ends(self, cast, client_for):
        service = make_service(cast)
        for year, number in ((1404, 2), (1404, 3), (1405, 1)):
            quarter(cast, number, {cast.a: figures()}, year=year, service=service)

        def codes(year):
            return {code for _unit, code in behind(client_for, cast.laleh, "", year)}

        assert codes("1404-Y") == {"1404-Q2", "1404-Q3"}
        assert codes("1405-Y") == {"1405-Q1"}
        assert codes("1403-A") == {"1404-Q2"}
        assert codes("1404-A") == {"1404-Q3", "1405-Q1"}
        offered = [
            choice["url"].rstrip("/").rpartition("/")[2] for choice in page(client_for, cast.laleh).context["years"]
        ]
        assert offered == ["1405-Y", "1404-Y", "1404-A", "1403-A"]

    def test_the_first_address_leads_to_the_newest_year(self, cast, year, client_for):
        answer = client_for(cast.laleh).get(reverse("reports:analysis_years"))

        assert answer["Location"] == reverse("reports:analysis_year", args=["1404-Y"])

    @pytest.mark.parametrize("code", ["1404-Q1", "1404", "x", "9999-Y", "0000-A", "1404-M02"])
    def test_what_is_no_year_is_not_found(self, cast, year, client_for, code):
        assert page(client_for, cast.laleh, code).status_code == 404

    def test_a_year_without_results_says_so(self, cast, year, client_for):
        answer = page(client_for, cast.laleh, "1399-Y")

        assert "نتیجه‌ای از این سال نیست" in answer.content.decode()
        assert answer.context["figures"].whole.results == 0

    def test_nobody_with_results_is_led_to_an_empty_year(self, cast, client_for):
        answer = client_for(cast.laleh).get(reverse("reports:analysis_years"))

        assert "هنوز نتیجه‌ای اعلام نشده" in answer.content.decode()

    def test_only_the_year_that_runs_says_so_far(self, cast, client_for):
        now = periods.containing(PeriodKind.YEAR, tehran_date(database_now()))
        current = int(now.code[:4])
        quarter(cast, 1, {cast.a: figures()}, year=current - 1)
        words = "سال هنوز پایان نیافته است"

        assert words not in page(client_for, cast.laleh, f"{current - 1}-Y").content.decode()
        assert words in page(client_for, cast.laleh, f"{current}-Y").content.decode()

    def test_calls_without_a_result_are_counted_as_such(self, cast, year, client_for):
        period = periods.regular(PeriodKind.QUARTER, 1404, 4)
        field_call(
            cast, 0, units=[cast.a], period_code=period.code, period_starts=period.starts, period_ends=period.ends
        )
        answer = page(client_for, cast.laleh)

        assert answer.context["unannounced"] == 1
        assert len(answer.context["figures"].lines) == 2


class TestReach:
    def test_a_unit_reads_its_own_year_and_no_other_name(self, cast, year, units, client_for):
        answers = [
            page(client_for, cast.reza),
            client_for(cast.reza).get(reverse("reports:analysis_year_results", args=["1404-Y"])),
        ]

        assert answers[0].context["figures"].whole.results == 2
        for answer in answers:
            assert not any(unit.name in answer.content.decode() for unit in units[1:])
        assert behind(client_for, cast.reza, "?unit=TGZ") == set()

    def test_a_unit_that_moves_out_of_the_branch_takes_its_figures_with_it(self, cast, year, client_for):
        """No stamp changes with the tree: what is kept is kept for who sees the same results."""
        person = make_person()
        make_membership(person, cast.b, Role.AUDITOR)
        assert page(client_for, person).context["figures"].whole.results == 5

        move_unit(unit=Unit.objects.get(code="X0"), parent=cast.a, by=cast.admin)

        answer = page(client_for, person)
        assert answer.context["figures"].whole.results == 3
        assert answer.context["fallen"] == []
        assert "واحد ناشناس 0" not in answer.content.decode()

    def test_an_auditor_of_a_branch_reads_the_branch(self, cast, year, client_for):
        person = make_person()
        make_membership(person, cast.b, Role.AUDITOR)

        assert {unit for unit, _code in behind(client_for, person, "")} == {"TGZ", "X0", "X1"}

    def test_headquarters_reads_all(self, cast, year, client_for):
        for person in (cast.laleh, cast.nader, cast.omid, cast.admin):
            assert page(client_for, person).context["figures"].whole.results == 7

    def test_a_stranger_reads_nothing(self, cast, year, client_for):
        assert page(client_for, cast.stranger).context["figures"].whole.results == 0
        assert behind(client_for, cast.stranger, "") == set()


class TestKept:
    """A second look reads what the first one worked out, and says what is true now."""

    @staticmethod
    def seen(client_for, person):
        with CaptureQueriesContext(connection) as found:
            answer = page(client_for, person)
        return answer, [query["sql"] for query in found]

    def test_a_second_look_reads_no_fact_of_an_indicator_and_no_clock(self, cast, year, client_for):
        _answer, first = self.seen(client_for, cast.laleh)
        answer, second = self.seen(client_for, cast.nader)  # another person who sees the same

        def about(statements):
            return [table for table in ("indicatorfact", "clockinterval") if any(table in sql for sql in statements)]

        assert (about(first), about(second)) == (["indicatorfact", "clockinterval"], [])
        assert TestIndicators.lines(answer)["CNT"].best.value == 10

    def test_a_result_that_is_announced_then_counts_at_once(self, cast, year, units, client_for):
        page(client_for, cast.laleh)
        quarter(cast, 3, {cast.a: figures(cnt="12"), cast.b: GONE}, service=year[0].agreement.service)

        answer = page(client_for, cast.laleh)

        assert answer.context["figures"].whole.results == 9
        assert [(u.code, u.missed) for u in answer.context["units"]] == [("TGZ", 2), ("X0", 0)]
        assert TestIndicators.lines(answer)["CNT"].best.value == 12

    def test_times_follow_the_calendar_in_which_they_count(self, cast, client_for):
        call = quarter(cast, 1, {cast.a: figures()})
        TestTimes()._take(call.reports.get(unit=cast.a), 7)
        first = page(client_for, cast.laleh).context["figures"].lines[0].times.mean
        today = tehran_date(database_now())
        for back in range(1, 7):  # days off that were known all the time
            Holiday.objects.get_or_create(day=today - timedelta(days=back), added_at=database_now())

        assert page(client_for, cast.laleh).context["figures"].lines[0].times.mean < first - 1

    def test_a_unit_is_called_by_the_name_it_has_now(self, cast, year, client_for):
        page(client_for, cast.laleh)
        Unit.objects.filter(code="X0").update(name="نام تازه")

        assert [u.name for u in page(client_for, cast.laleh).context["units"]] == [cast.b.name, "نام تازه"]


class TestFiles:
    def test_the_workbook_has_every_table_of_what_the_person_sees(self, cast, year, client_for):
        answer = client_for(cast.laleh).get(reverse("reports:analysis_year_xlsx", args=["1404-Y"]))
        book = load_workbook(io.BytesIO(answer.content))

        assert [sheet.max_row - 1 for sheet in book.worksheets] == [3, 2, 2, 5, 7]
        late = [[cell.value for cell in row] for row in book.worksheets[1].iter_rows(min_row=2)]
        title = year[0].service.title
        assert late == [["TGZ", cast.b.name, title, 2, 1, 1], ["X0", "واحد ناشناس 0", title, 2, 1, 0]]

    def test_a_units_workbook_holds_no_other_units_name(self, cast, year, units, client_for):
        answer = client_for(cast.reza).get(reverse("reports:analysis_year_xlsx", args=["1404-Y"]))
        cells = [cell.value for sheet in load_workbook(io.BytesIO(answer.content)) for row in sheet for cell in row]

        assert cast.a.name in cells
        assert not {unit.name for unit in units[1:]} & set(cells)

    def test_the_list_as_csv_is_filtered_as_its_page(self, cast, year, client_for):
        answer = client_for(cast.laleh).get(reverse("reports:analysis_year_csv", args=["1404-Y"]), {"timing": "missed"})
        lines = answer.content.decode("utf-8-sig").strip().splitlines()

        assert len(lines) == 2
        assert lines[1].startswith("TGZ,")


@pytest.mark.parametrize("name", ["year", "year_results", "year_xlsx"])
def test_as_many_statements_at_one_row_as_at_three(cast, client_for, name):
    counts = []
    for many in (1, 3):
        cache.clear()
        new = [make_unit(f"S{many}{n}", parent=cast.provider) for n in range(many)]
        service = make_service(cast, slug=f"of-{many}")
        code = 1390 + many
        for number in (1, 2):
            quarter(
                cast,
                number,
                {unit: figures(Standing.IN_GRACE, cnt=str(number)) for unit in new},
                year=code,
                service=service,
            )
        address = reverse(f"reports:analysis_{name}", args=[f"{code}-Y"])
        client = client_for(cast.laleh)
        assert client.get(address).status_code == 200
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 20
