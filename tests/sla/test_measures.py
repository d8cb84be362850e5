"""Measured times to the initial result, as the public page tells them."""

from datetime import timedelta

import pytest

from sla.actions.clocks import open_request, pause_clock, resume_clock, start_clock, stop_clock, void_clock
from sla.measures import measured_times
from tests.factories import make_service
from tests.instants import tehran

MONDAY = tehran(1405, 3, 25, 8)  # working hours begin
DAY = timedelta(days=1)


@pytest.fixture
def service(cast):
    return make_service(cast)


def answered(cast, service, working_days, *, start=MONDAY):
    """A request that was answered after so many whole working days (Saturday to Wednesday)."""
    request = open_request(
        unit=cast.a, request_type=service.request_types.get(code="periodic-report"),
        agreement=service.agreement_versions.get(), price_rials=0, at=start,
    )  # fmt: skip
    start_clock(request, start)
    end, left = start, working_days
    while left:
        if end.weekday() not in (3, 4):
            left -= 1
        end += DAY
    stop_clock(request, end)
    return request


def reports(service, at=MONDAY + 60 * DAY):
    return next(m for m in measured_times(service, at) if m.request_type.code == "periodic-report")


def test_every_request_type_is_listed_even_without_a_request(service):
    assert [(m.request_type.code, m.count, m.mean) for m in measured_times(service, MONDAY)] == [
        ("periodic-report", 0, None), ("extension", 0, None), ("objection", 0, None),
    ]  # fmt: skip


def test_fewer_than_five_requests_are_withheld(cast, service):
    for _n in range(4):
        answered(cast, service, 3)
    measured = reports(service)
    assert (measured.count, measured.mean, measured.withheld) == (4, None, True)


def test_mean_median_and_ninetieth_percentile_are_in_working_days(cast, service):
    for days in (1, 2, 3, 4, 5, 6, 7, 8, 9, 20):
        answered(cast, service, days)
    measured = reports(service)
    assert (measured.count, measured.mean, measured.median, measured.p90) == (10, 6.5, 5.5, 9.0)
    assert measured.met is True


def test_a_mean_above_the_target_says_so(cast, service):
    for _n in range(5):
        answered(cast, service, 20)
    assert reports(service).met is False


def test_time_with_the_unit_and_void_requests_do_not_count(cast, service):
    for _n in range(5):
        answered(cast, service, 4)
    request = answered(cast, service, 1)
    void_clock(request, MONDAY + 9 * DAY)
    held = open_request(
        unit=cast.b, request_type=service.request_types.get(code="periodic-report"),
        agreement=service.agreement_versions.get(), price_rials=0, at=MONDAY,
    )  # fmt: skip
    start_clock(held, MONDAY)
    pause_clock(held, MONDAY + DAY)
    resume_clock(held, MONDAY + 12 * DAY)  # Saturday
    stop_clock(held, MONDAY + 13 * DAY)
    measured = reports(service)
    assert (measured.count, round(measured.mean, 4)) == (6, round((5 * 4 + 2) / 6, 4))


def test_requests_of_more_than_a_year_ago_are_out(cast, service):
    for _n in range(5):
        answered(cast, service, 2)
    assert reports(service, MONDAY + 366 * DAY + 3 * DAY).count == 0
