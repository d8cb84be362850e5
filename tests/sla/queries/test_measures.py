"""Measured times to the initial result, as the public page tells them."""

import math
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sajad_portal.lib.clock import TEHRAN, tehran_date
from sajad_portal.lib.jalali import to_jalali
from sla.actions.calendar import add_holiday
from sla.actions.clocks import open_request, pause_clock, resume_clock, start_clock, stop_clock, void_clocks
from sla.queries.measures import FEWEST, measured_times, spans_of, summary
from tests.factories import make_service
from tests.instants import tehran

KHORDAD = tehran(1405, 3, 2, 8)  # a Saturday, as working hours begin
TIR = tehran(1405, 4, 6, 8)
NEXT_MONTH = tehran(1405, 5, 10)
DAY = timedelta(days=1)


@pytest.fixture
def service(cast):
    return make_service(cast)


def sent(cast, service, at, code="periodic-report"):
    request = open_request(
        unit=cast.a, request_type=service.request_types.get(code=code),
        agreement=service.agreement_versions.get(), price_rials=0, at=at,
    )  # fmt: skip
    start_clock(request, at)
    return request


def answered(cast, service, working_days, *, start=KHORDAD):
    """A request that was answered after so many whole working days (Saturday to Wednesday)."""
    request, end, left = sent(cast, service, start), start, working_days
    while left:
        if end.weekday() not in (3, 4):
            left -= 1
        end += DAY
    stop_clock(request, end)
    return request


def reports(service, at=NEXT_MONTH):
    return next(m for m in measured_times(service, at) if m.request_type.code == "periodic-report")


def spans(service, at=NEXT_MONTH):
    return [(span.first, span.last, span.figures.count) for span in reports(service, at).spans]


def test_every_request_type_is_listed_even_without_a_request(service):
    assert [(m.request_type.code, m.count, m.mean) for m in measured_times(service, KHORDAD)] == [
        ("periodic-report", 0, None), ("extension", 0, None), ("objection", 0, None),
    ]  # fmt: skip


def test_fewer_than_five_requests_are_withheld_their_number_too(cast, service):
    for _n in range(4):
        answered(cast, service, 3)
    measured = reports(service)
    assert (measured.count, measured.mean, measured.share, measured.spans, measured.withheld) == (
        0,
        None,
        None,
        [],
        True,
    )


def test_mean_median_percentile_and_share_are_in_working_days(cast, service):
    for days in (1, 2, 3, 4, 5, 6, 7, 8, 9, 20):
        answered(cast, service, days)
    measured = reports(service)
    assert (measured.count, measured.mean, measured.median, measured.p90) == (10, 6.5, 5.5, 9.0)
    assert (measured.met, measured.share, measured.dependable) == (True, 90.0, True)


def test_a_mean_above_the_target_says_so(cast, service):
    for _n in range(5):
        answered(cast, service, 20)
    assert (reports(service).met, reports(service).share, reports(service).dependable) == (False, 0.0, False)


def test_time_with_the_unit_and_void_requests_do_not_count(cast, service):
    for _n in range(5):
        answered(cast, service, 4)
    void_clocks([answered(cast, service, 1).pk], KHORDAD + 9 * DAY)
    held = sent(cast, service, KHORDAD)
    pause_clock(held, KHORDAD + DAY)
    resume_clock(held, KHORDAD + 7 * DAY)  # the next Saturday
    stop_clock(held, KHORDAD + 8 * DAY)
    measured = reports(service)
    assert (measured.count, round(measured.mean, 4)) == (6, round((5 * 4 + 2) / 6, 4))


def test_a_report_that_nobody_sent_counts_for_nothing(cast, service):
    for _n in range(5):
        answered(cast, service, 4)
    request = open_request(
        unit=cast.a, request_type=service.request_types.get(code="periodic-report"),
        agreement=service.agreement_versions.get(), price_rials=0, at=KHORDAD,
    )  # fmt: skip
    stop_clock(request, KHORDAD + 9 * DAY)  # missed, announced with zero
    assert reports(service).count == 5


def test_figures_are_counted_without_the_days_off_that_were_known_and_stay_when_more_are_told_of(cast, service, clock):
    clock.move_to(KHORDAD)
    add_holiday(day=tehran_date(KHORDAD + DAY), title="آلودگی هوا", by=cast.laleh)
    clock.move(days=60)
    for _n in range(5):
        answered(cast, service, 4)
    assert reports(service).mean == 3.0
    add_holiday(day=tehran_date(KHORDAD + 2 * DAY), title="برف", by=cast.laleh)
    assert reports(service).mean == 3.0


class TestByMonth:
    def test_a_month_is_published_when_it_has_ended(self, cast, service):
        for _n in range(5):
            answered(cast, service, 3)
        assert reports(service, tehran(1405, 3, 31, 23, 59)).withheld is False
        assert spans(service, tehran(1405, 3, 31, 23, 59)) == []
        assert spans(service, tehran(1405, 4, 1, 0, 0)) == [((1405, 3), (1405, 3), 5)]

    def test_each_month_with_enough_requests_stands_for_itself_the_newest_first(self, cast, service):
        for _n in range(6):
            answered(cast, service, 3)
        for _n in range(5):
            answered(cast, service, 9, start=TIR)
        assert spans(service) == [((1405, 4), (1405, 4), 5), ((1405, 3), (1405, 3), 6)]
        assert [span.figures.mean for span in reports(service).spans] == [9.0, 3.0]
        assert reports(service).count == 11

    def test_a_month_with_too_few_is_told_together_with_the_next(self, cast, service):
        for _n in range(2):
            answered(cast, service, 3)
        assert (spans(service), reports(service).withheld) == ([], True)
        for _n in range(3):
            answered(cast, service, 8, start=TIR)
        assert spans(service) == [((1405, 3), (1405, 4), 5)]
        assert reports(service).mean == 6.0

    def test_too_few_at_the_end_wait_and_are_not_in_the_year_either(self, cast, service):
        for _n in range(5):
            answered(cast, service, 3)
        for _n in range(4):
            answered(cast, service, 9, start=TIR)
        measured = reports(service)
        assert (spans(service), measured.count, measured.mean) == ([((1405, 3), (1405, 3), 5)], 5, 3.0)

    def test_months_of_more_than_a_year_ago_are_out(self, cast, service):
        for _n in range(5):
            answered(cast, service, 2)
        assert reports(service, tehran(1406, 3, 31)).count == 5
        assert reports(service, tehran(1406, 4, 1)).count == 0


MONTHS = st.dictionaries(st.integers(0, 40).map(lambda n: (1403 + n // 12, n % 12 + 1)), st.integers(1, 9), max_size=30)


@given(MONTHS)
def test_no_span_is_small_none_overlaps_and_none_ever_changes(counts):
    by_month = {month: [0] * count for month, count in counts.items()}
    found = spans_of(by_month)
    told = [month for span in found for month in span]
    assert all(sum(counts[month] for month in span) >= FEWEST for span in found)
    assert told == sorted(by_month)[: len(told)]
    for cut in by_month:  # what was published when only these months had ended
        earlier = spans_of({month: rows for month, rows in by_month.items() if month <= cut})
        assert earlier == found[: len(earlier)]


@given(MONTHS)
def test_nothing_small_comes_out_of_any_two_sums_that_were_ever_published(counts):
    """Whatever year's sum or span is taken from another: what is left is nothing, or at least FEWEST requests."""
    by_month = {month: [0] * count for month, count in counts.items()}
    published = {
        tuple(month for span in spans_of(by_month)[a:b] for month in span) for a in range(6) for b in range(a, 9)
    }
    for one, other in combinations(published, 2):
        for left in (set(one) - set(other), set(other) - set(one)):
            if left:
                assert sum(counts[month] for month in left) >= FEWEST


@given(st.lists(st.integers(0, 200), min_size=1, max_size=60), st.integers(1, 20))
def test_the_figures_equal_what_is_counted_by_hand(hours, target):
    found = summary([(timedelta(hours=n), target) for n in hours])
    days = sorted(n / 8 for n in hours)
    middle = len(days) // 2
    assert found.count == len(hours)
    assert math.isclose(found.mean, sum(days) / len(days), abs_tol=1e-9)
    assert found.median == (days[middle] if len(days) % 2 else (days[middle - 1] + days[middle]) / 2)
    assert sum(day <= found.p90 for day in days) >= 0.9 * len(days)
    assert sum(day < found.p90 for day in days) < 0.9 * len(days)
    assert found.within == sum(n <= target * 8 for n in hours)


def test_the_figures_equal_a_slow_count_over_every_request(cast, service):
    for n, days in enumerate((1, 2, 4, 7, 11, 12, 3)):
        answered(cast, service, days, start=KHORDAD + timedelta(days=n, minutes=47 * n))
    times = []
    for request in service.request_types.get(code="periodic-report").requests.all():
        minutes = 0
        for interval in request.intervals.all():
            at = interval.starts_at.astimezone(TEHRAN)
            while at < interval.ends_at:
                minutes += at.weekday() not in (3, 4) and 8 <= at.hour < 16
                at += timedelta(minutes=1)
        times.append(minutes / 480)
    measured = reports(service)
    assert {to_jalali(tehran_date(r.stopped_at))[1] for r in measured.request_type.requests.all()} == {3}
    assert (measured.count, round(measured.mean, 6)) == (7, round(sum(times) / 7, 6))
    assert measured.p90 == max(times)


@pytest.mark.parametrize("count", [1, 3])
def test_the_questions_do_not_grow_with_the_requests(cast, service, django_assert_num_queries, count):
    for _n in range(count):
        answered(cast, service, 3)
    with django_assert_num_queries(6):
        measured_times(service, NEXT_MONTH)
