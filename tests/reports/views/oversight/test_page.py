"""The ways of oversight: what an auditor and the coordinators read of how promises were kept, and nobody else."""

from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse

from reports.actions.calls import close_early
from reports.actions.returns import return_for_correction
from reports.pages.oversight.scope import oversight_scope, window_of
from sajad_portal.lib.clock import TEHRAN, database_now, tehran_date
from sajad_portal.lib.jalali import to_jalali
from sla.models import ServiceRequest
from tests.calls import published_call, submitted_report
from tests.factories import make_membership, make_person, make_service, make_unit
from tests.instants import tehran
from tests.oversight import DAY, PAGE, REMARK, auditor_of, get, make_year, request_of
from tests.reviews import assign
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


class TestWhoReads:
    @pytest.mark.parametrize("who", ["nader", "laleh", "admin"])
    def test_auditors_coordinators_and_administrators_read_it(self, client_for, cast, call, who):
        assert get(client_for(getattr(cast, who))).status_code == 200

    @pytest.mark.parametrize("who", ["sara", "reza", "omid", "stranger"])
    def test_nobody_else_does(self, client_for, cast, call, who):
        client = client_for(getattr(cast, who))
        pages = [
            (PAGE,),
            ("reports:oversight_list", "requests"),
            ("reports:oversight_csv", "acts"),
            ("reports:oversight_xlsx",),
        ]
        assert [get(client, *page).status_code for page in pages] == [403] * 4

    def test_without_signing_in_it_leads_to_signing_in(self, client, call):
        assert get(client).status_code == 302

    def test_an_audit_that_has_ended_reads_nothing(self, client_for, cast, call):
        person = make_person("saba", "صبا ناظری")
        make_membership(person, cast.provider, Role.AUDITOR, ends_at=database_now() - DAY)
        assert get(client_for(person)).status_code == 403

    def test_it_stands_in_the_navigation_of_who_may_read_it(self, client_for, cast, call):
        where = f'href="{reverse(PAGE)}"'
        shown = {
            who: where in client_for(getattr(cast, who)).get("/desk/").content.decode()
            for who in ("nader", "laleh", "sara", "omid")
        }
        assert shown == {"nader": True, "laleh": True, "sara": False, "omid": False}

    def test_nothing_here_is_changed(self, nader, call):
        assert nader.post(reverse(PAGE)).status_code == 405

    def test_a_list_that_does_not_exist_is_not_found(self, nader, call):
        assert get(nader, "reports:oversight_list", "secrets").status_code == 404


class TestScope:
    def test_a_subtree_is_read_whole_and_nothing_beside_it(self, cast, call, client_for):
        submitted_report(cast, call, cast.a)
        submitted_report(cast, call, cast.b)
        client = client_for(auditor_of(cast.a))
        page = get(client, "reports:oversight_list", "requests", verdict="running")
        assert [line.values[0] for line in page.context["lines"]] == [cast.a.name]
        assert cast.b.name not in page.content.decode()

    def test_what_somebody_does_elsewhere_adds_nothing_to_what_they_oversee(self, cast, call):
        person = auditor_of(cast.a)
        make_membership(person, cast.b, Role.REPORTER)
        assert oversight_scope(person, database_now()).paths == (cast.a.path,)

    def test_a_unit_below_another_of_the_scope_is_not_counted_twice(self, cast):
        person = auditor_of(cast.a)
        make_membership(person, cast.a_child, Role.AUDITOR)
        assert oversight_scope(person, database_now()).names == (cast.a.name,)

    def test_acts_over_a_call_are_shown_to_who_watches_a_unit_that_it_asks(self, cast, call, client_for):
        close_early(call=call, by=cast.laleh, reason="همه فرستاده‌اند")
        seen = {}
        for unit in (cast.a, make_unit("OUT", "بیرون")):
            client = client_for(auditor_of(unit, f"auditor-{unit.code}"))
            seen[unit.code] = "همه فرستاده‌اند" in get(client, "reports:oversight_list", "acts").content.decode()
        assert seen == {"KHB": True, "OUT": False}

    def test_a_branch_without_anything_says_so(self, cast, call, client_for):
        page = get(client_for(auditor_of(make_unit("OUT", "بیرون"))))
        text = page.content.decode()
        assert "در این دوره هیچ درخواستی پاسخ نگرفته است" in text
        assert (page.context["totals"].answered, page.context["coverage"]) == (0, [])


# ------------------------------------------------------------------------------------- the figures, the slow way
def slow_working_days(request):
    minutes = 0
    for interval in request.intervals.all():
        at = interval.starts_at.astimezone(TEHRAN)
        while at < interval.ends_at:
            minutes += at.weekday() not in (3, 4) and 8 <= at.hour < 16
            at += timedelta(minutes=1)
    return minutes / 480


def slow_figures(first, last):
    """{(type, month): (answered, met, mean)} of [first, last), counted minute by minute."""
    found = {}
    for request in ServiceRequest.objects.filter(voided_at=None, stopped_at__gte=first, stopped_at__lt=last):
        key = request.request_type.code, to_jalali(tehran_date(request.stopped_at))[:2]
        found.setdefault(key, []).append((slow_working_days(request), request.request_type.target_working_days))
    return {
        key: (
            len(rows),
            sum(days <= target for days, target in rows),
            round(sum(days for days, _t in rows) / len(rows), 6),
        )
        for key, rows in found.items()
    }


def shown_figures(page):
    return {
        (line.request_type.code, line.month): (line.figures.count, line.met, round(line.figures.mean, 6))
        for of_type in page.context["lines"]
        for line in of_type.months
    }


class TestTargets:
    def test_met_missed_and_mean_equal_a_slow_count(self, nader, year):
        shown = shown_figures(get(nader, period="1405-Y"))
        assert shown == slow_figures(tehran(1405, 1, 1, 0), tehran(1406, 1, 1, 0))
        assert len(shown) >= 4

    @pytest.mark.parametrize("code", ["1405-Q1", "1405-Q2", "1405-M03", "1404-Y", "1405-H1"])
    def test_each_period_counts_what_was_answered_within_it(self, nader, year, code):
        window = window_of(code, database_now())
        assert shown_figures(get(nader, period=code)) == slow_figures(window.starts, window.ends)

    def test_a_month_begins_at_midnight_in_tehran(self, cast, nader):
        service = make_service(cast)
        request_of(cast, service, cast.a, tehran(1405, 3, 30, 0), 2 * 1440 - 1)
        request_of(cast, service, cast.a, tehran(1405, 3, 30, 0), 2 * 1440)
        page = get(nader, period="1405-Y")
        assert [(line.month, line.figures.count) for line in page.context["lines"][0].months] == [
            ((1405, 3), 1),
            ((1405, 4), 1),
        ]

    def test_one_request_is_told_in_full_here(self, cast, nader):
        request_of(cast, make_service(cast), cast.a, tehran(1405, 3, 2, 8), 480)
        line = get(nader, period="1405-Y").context["lines"][0].whole
        assert (line.figures.count, line.figures.mean, line.figures.p90) == (1, 1.0, 1.0)

    def test_the_way_down_leads_to_exactly_those_requests(self, nader, year):
        page = get(nader, period="1405-Y")
        for of_type in page.context["lines"]:
            for line in of_type.months:
                for verdict, count in (("", line.figures.count), ("met", line.met), ("missed", line.missed)):
                    found = get(
                        nader,
                        "reports:oversight_list",
                        "requests",
                        period=line.code,
                        type=f"performance.{line.request_type.code}",
                        verdict=verdict,
                    )
                    assert len(found.context["lines"]) == count

    def test_a_row_tells_the_working_days_that_the_figures_are_made_of(self, nader, year):
        rows = get(nader, "reports:oversight_list", "requests", period="1405-Y").context["lines"]
        slow = Counter(
            round(slow_working_days(r), 1)
            for r in ServiceRequest.objects.filter(voided_at=None, stopped_at__gte=tehran(1405, 1, 1, 0))
        )
        assert Counter(line.values[5] for line in rows) == slow

    def test_what_waits_is_counted_by_how_it_stands(self, cast, call, clock, nader):
        assign(cast, call)
        report, _revision = submitted_report(cast, call)
        submitted_report(cast, call, cast.b)
        return_for_correction(report=report, remarks=REMARK, by=cast.omid)
        whole = get(nader).context["lines"][0]
        assert (whole.running, whole.paused, whole.overdue) == (1, 1, 0)
        clock.move(days=60)
        page = get(nader)
        assert (page.context["lines"][0].overdue, page.context["totals"].overdue) == (2, 2)
        assert {one.request.unit for one in page.context["late"]} == {cast.a, cast.b}

    def test_a_past_year_shows_nothing_that_stands_now(self, cast, call, clock, nader):
        assign(cast, call)
        submitted_report(cast, call)
        year = to_jalali(tehran_date(database_now()))[0]
        clock.move(days=60)
        now, past = (
            get(nader, period=f"{n}-Y").content.decode().partition("<main")[2].partition("</main>")[0]
            for n in (to_jalali(tehran_date(database_now()))[0], year - 1)
        )

        for words in (
            "اکنون",
            'id="late"',
            'id="positions"',
            'id="coverage"',
            "verdict=running",
            "verdict=overdue",
        ):
            assert words not in past
        for words in ('id="late"', 'id="positions"', 'id="coverage"', "verdict=overdue"):
            assert words in now

    def test_the_list_of_a_past_year_offers_no_verdict_of_today(self, cast, call, nader):
        year = to_jalali(tehran_date(database_now()))[0]

        def offered(period):
            listing = get(nader, "reports:oversight_list", "requests", period=period).context["listing"]
            return [choice["value"] for choice in listing.filters[0].choices]

        assert offered(f"{year - 1}-Y") == ["", "met", "missed"]
        assert offered(f"{year}-Y") == ["", "met", "missed", "running", "paused", "overdue"]

    def test_the_target_beside_a_past_year_is_that_of_its_last_day(self, cast, nader):
        service = make_service(cast)
        kind = service.request_types.get(code="periodic-report")
        request_of(cast, service, cast.a, tehran(1404, 12, 2), 5 * 1440)
        before = kind.target_on(tehran_date(tehran(1404, 12, 29)))
        day = tehran_date(tehran(1405, 1, 1, 0))
        kind.targets.create(working_days=before + 60, starts=day, set_at=database_now(), set_by=cast.laleh)

        assert get(nader, period="1404-Y").context["lines"][0].whole.today == before

    def test_few_answers_are_counted_and_make_no_percentage(self, cast, nader):
        service = make_service(cast)
        for n in range(4):
            request_of(cast, service, cast.a, tehran(1404, 12, 2 + n), 1440)
        assert get(nader, period="1404-Y").context["totals"].share is None
        request_of(cast, service, cast.a, tehran(1404, 12, 9), 1440)
        assert get(nader, period="1404-Y").context["totals"].share == 100

    def test_a_period_that_means_nothing_is_this_year(self, nader, call):
        year = f"{to_jalali(tehran_date(database_now()))[0]}-Y"
        for code in ("", "nonsense", "1405-A", "9999-Y", "1405-0101-14050102", "۱۴۰۵"):
            assert get(nader, period=code).context["window"].code == year
