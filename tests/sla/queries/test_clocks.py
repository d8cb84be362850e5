"""A request's service clock."""

from datetime import UTC, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sajad_portal.lib.clock import TEHRAN, tehran_date
from sajad_portal.lib.errors import Refused
from sla.actions.calendar import add_holiday, remove_holiday
from sla.actions.clocks import open_request, pause_clock, resume_clock, start_clock, stop_clock, void_clocks
from sla.calendar.workdays import WorkingCalendar, working_time
from sla.enums import Verdict
from sla.models import Holiday, Service, ServiceRequest
from sla.queries.clocks import elapsed, read_clocks
from tests.factories import make_holiday, make_service
from tests.instants import tehran
from units.models import Event

MONDAY = tehran(1405, 3, 25, 8)  # 2026-06-15, 08:00 in Tehran
NINE = MONDAY + timedelta(hours=1)  # so that a target runs out within the hours of a day
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
    void_clocks([request_of_a.pk], MONDAY + DAY)
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


# ------------------------------------------------------------------------------------------- against the target
def verdict(request, at):
    request.refresh_from_db()
    return read_clocks([ServiceRequest.objects.select_related("request_type").get(pk=request.pk)], at)[request.pk]


def test_a_request_that_was_not_sent_is_measured_against_nothing(request_of_a):
    assert verdict(request_of_a, MONDAY + DAY).verdict == Verdict.IDLE
    stop_clock(request_of_a, MONDAY + DAY)  # a missed report, announced with zero
    assert (verdict(request_of_a, MONDAY + DAY).verdict, verdict(request_of_a, MONDAY + DAY).elapsed) == (
        Verdict.IDLE,
        None,
    )


def test_a_clock_that_has_just_begun_shows_zero_and_not_nothing(request_of_a):
    start_clock(request_of_a, MONDAY)
    assert elapsed(request_of_a, MONDAY).working == timedelta()
    assert verdict(request_of_a, MONDAY).verdict == Verdict.RUNNING


def test_the_last_moment_of_the_targets_last_day_still_meets_it(request_of_a):
    target = request_of_a.target_working_days * timedelta(hours=8)
    start_clock(request_of_a, MONDAY)
    end = verdict(request_of_a, MONDAY).runs_out
    assert working_time(MONDAY, end, WorkingCalendar(frozenset({3, 4}))) == target
    assert verdict(request_of_a, end).verdict == Verdict.RUNNING
    stop_clock(request_of_a, end)
    assert verdict(request_of_a, end + 90 * DAY).verdict == Verdict.MET


def test_one_microsecond_more_misses_it(request_of_a):
    start_clock(request_of_a, NINE)
    end = verdict(request_of_a, NINE).runs_out + timedelta(microseconds=1)
    assert verdict(request_of_a, end).verdict == Verdict.OVERDUE
    stop_clock(request_of_a, end)
    shown = verdict(request_of_a, end + 90 * DAY)
    assert (shown.verdict, shown.days_left < 0) == (Verdict.MISSED, True)


def test_a_paused_clock_runs_out_on_no_day(request_of_a):
    start_clock(request_of_a, MONDAY)
    pause_clock(request_of_a, MONDAY + DAY)
    shown = verdict(request_of_a, MONDAY + 90 * DAY)
    assert (shown.verdict, shown.runs_out, shown.used_days) == (Verdict.PAUSED, None, 1.0)


def test_a_clock_that_time_has_set_going_again_counts_before_anybody_records_it(request_of_a):
    start_clock(request_of_a, MONDAY)
    pause_clock(request_of_a, MONDAY + DAY)
    request = ServiceRequest.objects.select_related("request_type").get(pk=request_of_a.pk)
    before = read_clocks([request], MONDAY + 7 * DAY, resumed={request.pk: MONDAY + 5 * DAY})[request.pk]
    resume_clock(request_of_a, MONDAY + 5 * DAY)
    assert before == verdict(request_of_a, MONDAY + 7 * DAY)
    assert (before.verdict, before.used_days) == (Verdict.RUNNING, 3.0)


def test_void_is_void_whatever_it_showed(request_of_a):
    start_clock(request_of_a, MONDAY)
    void_clocks([request_of_a.pk], MONDAY + 90 * DAY)
    assert verdict(request_of_a, MONDAY + 91 * DAY).verdict == Verdict.VOID


def test_a_closure_announced_late_is_in_a_clock_that_runs_and_not_in_one_that_had_stopped(request_of_a, cast, clock):
    start_clock(request_of_a, NINE)
    late = verdict(request_of_a, NINE).runs_out + timedelta(hours=1)
    clock.move_to(late)
    closure = tehran_date(MONDAY + 5 * DAY)
    assert verdict(request_of_a, late).verdict == Verdict.OVERDUE
    add_holiday(day=closure, title="تعطیلی برف", by=cast.laleh)
    assert verdict(request_of_a, late).verdict == Verdict.RUNNING
    Holiday.objects.all().delete()
    stop_clock(request_of_a, late)
    shown = verdict(request_of_a, late)
    assert shown.verdict == Verdict.MISSED
    clock.move(days=1)

    add_holiday(day=closure, title="تعطیلی برف", by=cast.laleh)

    assert verdict(request_of_a, late) == shown
    remove_holiday(holiday=Holiday.objects.get(), by=cast.laleh, reason="لغو شد")  # nothing was counted with it
    assert verdict(request_of_a, late) == shown


def test_a_day_off_that_answered_requests_were_counted_with_stays_off(request_of_a, cast, clock):
    closure = tehran_date(MONDAY + 5 * DAY)
    clock.move_to(NINE)
    add_holiday(day=closure, title="تعطیلی برف", by=cast.laleh)
    start_clock(request_of_a, NINE)
    stop_clock(request_of_a, MONDAY + 9 * DAY)
    shown = verdict(request_of_a, MONDAY + 9 * DAY)
    clock.move_to(MONDAY + 10 * DAY)

    with pytest.raises(Refused) as refused:
        remove_holiday(holiday=Holiday.objects.get(), by=cast.laleh, reason="لغو شد")

    assert refused.value.code == "counted-already"
    assert verdict(request_of_a, MONDAY + 9 * DAY) == shown


@pytest.mark.parametrize(
    ("day", "clocks"), [(0, 1), (4, 0), (7, 0), (-1, 0)], ids=["ran", "weekend", "after", "before"]
)
def test_the_trail_tells_how_many_clocks_a_change_counts_anew(request_of_a, cast, clock, day, clocks):
    start_clock(request_of_a, MONDAY)
    pause_clock(request_of_a, MONDAY + 6 * DAY)
    clock.move_to(MONDAY + 60 * DAY)
    add_holiday(day=tehran_date(MONDAY + day * DAY), title="تعطیلی", by=cast.laleh)
    assert Event.objects.get(noun="holiday").data["clocks"] == clocks


@pytest.mark.parametrize("count", [1, 3])
def test_many_clocks_are_read_with_three_queries(cast, django_assert_num_queries, count):
    service = make_service(cast)
    for _n in range(count):
        start_clock(
            open_request(
                unit=cast.a, request_type=service.request_types.get(code="periodic-report"),
                agreement=service.agreement_versions.get(), price_rials=0, at=MONDAY,
            ),
            MONDAY,
        )  # fmt: skip
    requests = list(ServiceRequest.objects.select_related("request_type"))
    with django_assert_num_queries(3):
        assert len(read_clocks(requests, MONDAY + DAY)) == count


# -------------------------------------------------------------------- any order of acts, any jump of the clock
ACTS = {
    "start": start_clock,
    "pause": pause_clock,
    "resume": resume_clock,
    "stop": stop_clock,
    "void": lambda request, at: void_clocks([request.pk], at),
}
# Years with and without summer time; two of the days on which it began or ended are near.
BEGINNINGS = st.sampled_from([tehran(1401, 1, 1, 10), tehran(1401, 6, 29, 15), tehran(1402, 6, 30, 9), MONDAY])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["start", "pause", "resume", "pause", "resume", "stop", "void"]),
        st.integers(-2 * 24 * 60, 2 * 24 * 60),  # minutes since the act before: below zero the clock jumped back
    ),
    max_size=9,
)


class SlowClock:
    """Obviously right: minute after minute, the provider holds the request or not. Time recorded never runs back."""

    def __init__(self, created):
        self.now, self.held, self.over, self.void, self.minutes = created, False, False, False, []

    def act(self, name, at):
        starts = name in ("start", "resume") and not self.held and not self.over
        ends = name in ("pause", "stop", "void") and self.held
        if starts or ends:
            self.pass_to(max(at, self.now))
            self.held = starts
        self.void |= name == "void"
        self.over |= name in ("stop", "void")

    def pass_to(self, at):
        while self.now < at:
            if self.held:
                self.minutes.append(self.now)
            self.now += timedelta(minutes=1)

    def working(self):
        local = (minute.astimezone(TEHRAN) for minute in self.minutes)
        return timedelta(minutes=sum(at.weekday() not in (3, 4) and 8 <= at.hour < 16 for at in local))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BEGINNINGS, STEPS, st.integers(0, 3 * 24 * 60))
def test_whatever_happens_the_clock_shows_what_a_slow_count_shows(cast, created, steps, later):
    service = Service.objects.filter(slug="performance").first() or make_service(cast)
    request = open_request(
        unit=cast.a, request_type=service.request_types.get(code="periodic-report"),
        agreement=service.agreement_versions.get(), price_rials=0, at=created.astimezone(UTC),
    )  # fmt: skip
    slow, at = SlowClock(created.astimezone(UTC)), created.astimezone(UTC)
    for name, minutes in steps:
        at += timedelta(minutes=minutes)
        ACTS[name](request, at)
        slow.act(name, at)
    until = max(at, slow.now) + timedelta(minutes=later)
    slow.pass_to(until)

    request = ServiceRequest.objects.get(pk=request.pk)
    shown = elapsed(request, until)
    intervals = list(request.intervals.all())
    if slow.void or not intervals:
        assert shown is None
        if not slow.void:
            assert slow.minutes == []
    else:
        assert shown.calendar == timedelta(minutes=len(slow.minutes))
        assert shown.working == slow.working()
        assert shown.running is slow.held
    ends = [request.created_at, *(i.starts_at for i in intervals), *(i.ends_at for i in intervals if i.ends_at)]
    assert all(end >= max(ends) for end in (request.stopped_at, request.voided_at) if end)
