"""A request's service clock."""

from datetime import timedelta

import pytest

from sla.actions.clocks import open_request, pause_clock, resume_clock, start_clock, stop_clock, void_clock
from sla.clocks import elapsed
from tests.factories import make_holiday, make_service
from tests.instants import tehran

MONDAY = tehran(1405, 3, 25, 8)  # 2026-06-15, 08:00 in Tehran
DAY = timedelta(days=1)


@pytest.fixture
def request_of_a(cast):
    service = make_service(cast)
    return open_request(
        unit=cast.a,
        request_type=service.request_types.get(code="periodic-report"),
        agreement=service.agreement_versions.get(),
        price_rials=0,
        at=MONDAY,
    )


def test_a_clock_that_never_ran_shows_nothing(request_of_a):
    assert elapsed(request_of_a, MONDAY + DAY) is None


def test_the_clock_runs_from_the_submission(request_of_a):
    start_clock(request_of_a, MONDAY)
    shown = elapsed(request_of_a, MONDAY + 2 * DAY)
    assert (shown.calendar, shown.working, shown.running) == (2 * DAY, timedelta(hours=16), True)
    assert shown.working_days == 2


def test_time_in_which_the_unit_holds_the_request_does_not_count(request_of_a):
    start_clock(request_of_a, MONDAY)
    pause_clock(request_of_a, MONDAY + DAY)
    resume_clock(request_of_a, MONDAY + 5 * DAY)
    stop_clock(request_of_a, MONDAY + 6 * DAY)
    shown = elapsed(request_of_a, MONDAY + 60 * DAY)
    assert (shown.calendar, shown.running) == (2 * DAY, False)


def test_a_second_start_or_stop_changes_nothing(request_of_a):
    for at in (MONDAY, MONDAY + DAY):
        start_clock(request_of_a, at)
    for at in (MONDAY + 2 * DAY, MONDAY + 3 * DAY):
        stop_clock(request_of_a, at)
    start_clock(request_of_a, MONDAY + 4 * DAY)
    request_of_a.refresh_from_db()
    assert request_of_a.stopped_at == MONDAY + 2 * DAY
    assert elapsed(request_of_a, MONDAY + 9 * DAY).calendar == 2 * DAY


def test_a_clock_that_jumps_back_makes_no_negative_time(request_of_a):
    start_clock(request_of_a, MONDAY)
    pause_clock(request_of_a, MONDAY - DAY)
    resume_clock(request_of_a, MONDAY - 2 * DAY)
    stop_clock(request_of_a, MONDAY + DAY)
    assert elapsed(request_of_a, MONDAY + DAY).calendar == DAY


def test_a_void_clock_counts_for_nothing(request_of_a):
    start_clock(request_of_a, MONDAY)
    void_clock(request_of_a, MONDAY + DAY)
    request_of_a.refresh_from_db()
    assert request_of_a.voided_at == MONDAY + DAY
    assert not request_of_a.intervals.filter(ends_at=None).exists()
    assert elapsed(request_of_a, MONDAY + DAY) is None


def test_a_closure_announced_late_changes_the_working_time_that_is_shown(request_of_a):
    start_clock(request_of_a, MONDAY)
    stop_clock(request_of_a, MONDAY + 2 * DAY)
    make_holiday((MONDAY + DAY).date(), source="closure")
    shown = elapsed(request_of_a, MONDAY + 9 * DAY)
    assert (shown.calendar, shown.working) == (2 * DAY, timedelta(hours=8))
