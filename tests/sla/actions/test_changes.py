"""A target, the weekend, an hour, a holiday is changed: what was computed, published or handed out before stays."""

from datetime import date, timedelta

import pytest

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.calendar import add_holiday, set_working_week
from sla.actions.clocks import open_request, start_clock, stop_clock
from sla.actions.disputes import file_dispute
from sla.actions.request_types import set_target
from sla.enums import Verdict
from sla.models import ServiceRequest, WorkingWeek
from sla.queries import days_deadline, days_deadline_then
from sla.queries.clocks import read_clocks
from sla.queries.measures import measured_times
from tests.factories import make_service
from tests.instants import tehran
from units.models import Event

DAY = timedelta(days=1)
SATURDAY = tehran(1405, 3, 2, 8)


@pytest.fixture
def service(cast):
    return make_service(cast)


def answered(cast, service, start, working_days):
    """A request that took so many whole working days from a Saturday morning, before Thursday."""
    request = open_request(
        unit=cast.a, request_type=service.request_types.get(code="periodic-report"),
        agreement=service.agreement_versions.get(), price_rials=0, at=start,
    )  # fmt: skip
    start_clock(request, start)
    stop_clock(request, start + working_days * DAY - timedelta(hours=16))
    return request


def published(service):
    """What the service's page tells of its reports, without today's target."""
    report = measured_times(service, database_now())[0]
    return report.figures, report.spans, report.met, report.dependable


def change_everything(cast, service):
    """From the earliest day on which it may be: another weekend, other hours, another target."""
    tomorrow = tehran_date(database_now()) + DAY
    set_working_week(starts=tomorrow, weekend=[4, 5], opens=7, closes=13, by=cast.laleh)
    for kind in service.request_types.all():
        set_target(request_type=kind, working_days=1, starts=tehran_date(database_now()), by=cast.laleh)


def test_published_figures_and_stopped_clocks_stay(cast, service, clock):
    clock.move_to(tehran(1405, 6, 1, 9))
    for week in range(6):
        answered(cast, service, SATURDAY + week * 7 * DAY, 1 + week % 4)
    before, read = published(service), read_clocks(ServiceRequest.objects.order_by("pk"), database_now())
    change_everything(cast, service)
    clock.move(days=20)

    assert published(service) == before
    assert read_clocks(ServiceRequest.objects.order_by("pk"), database_now()) == read
    assert {reading.verdict for reading in read.values()} == {Verdict.MET}
    assert measured_times(service, database_now())[0].target == 1


def test_a_day_that_turns_off_after_it_has_passed_leaves_what_is_published(cast, service, clock):
    clock.move_to(tehran(1405, 6, 1, 9))
    for week in range(6):
        answered(cast, service, SATURDAY + week * 7 * DAY, 1 + week % 4)
    before, read = published(service), read_clocks(ServiceRequest.objects.order_by("pk"), database_now())

    for week in range(6):
        add_holiday(day=tehran_date(SATURDAY + week * 7 * DAY), title="آلودگی هوا", by=cast.laleh)

    assert published(service) == before
    assert read_clocks(ServiceRequest.objects.order_by("pk"), database_now()) == read


def test_a_request_keeps_the_target_it_was_opened_under(cast, service):
    kind = service.request_types.get(code="periodic-report")
    at = database_now()
    terms = {"unit": cast.a, "agreement": service.agreement_versions.get(), "price_rials": 0, "at": at}
    old = open_request(request_type=kind, **terms)
    set_target(request_type=kind, working_days=4, starts=tehran_date(at), by=cast.laleh)
    set_target(request_type=kind, working_days=9, starts=tehran_date(at) + 30 * DAY, by=cast.laleh)

    assert old.target_working_days == 15
    assert open_request(request_type=kind, **terms).target_working_days == 4
    assert open_request(request_type=kind, **{**terms, "at": at + 30 * DAY}).target_working_days == 9


def test_a_target_in_working_days_stays_one_when_the_hours_change(cast, service, clock):
    """Three working days from the last morning of the old hours end three working days later, not by the old hours."""
    clock.move_to(SATURDAY)
    kind = service.request_types.get(code="periodic-report")
    set_target(request_type=kind, working_days=3, starts=tehran_date(SATURDAY), by=cast.laleh)
    request = open_request(
        unit=cast.a, request_type=kind, agreement=service.agreement_versions.get(), price_rials=0, at=SATURDAY
    )
    start_clock(request, SATURDAY)
    set_working_week(starts=tehran_date(SATURDAY) + DAY, weekend=[3, 4], opens=8, closes=12, by=cast.laleh)
    reading = read_clocks([request], SATURDAY)[request.pk]

    assert reading.runs_out == tehran(1405, 3, 4, 12)
    assert read_clocks([request], tehran(1405, 3, 3, 10))[request.pk].used_days == 1.5


def test_deadlines_that_were_handed_out_stay(cast, service, clock):
    clock.move_to(SATURDAY)
    given_at = database_now()
    given = days_deadline(given_at, 4)  # a Wednesday
    dispute = file_dispute(
        unit=cast.a,
        agreement=service.agreement_versions.get(),
        section="purpose",
        text="این بند چه می‌گوید؟",
        by=cast.reza,
    )
    before = (dispute.last_day, dispute.final_at, dispute.calendar)
    clock.move(minutes=1)
    set_working_week(starts=tehran_date(given_at) + DAY, weekend=[2, 3, 4], opens=8, closes=16, by=cast.laleh)
    add_holiday(day=tehran_date(given) - 2 * DAY, title="تعطیل", by=cast.laleh)
    dispute.refresh_from_db()

    assert days_deadline(database_now(), 4) > given
    assert days_deadline_then(given_at, 4) == given
    assert (dispute.last_day, dispute.final_at, dispute.calendar) == before


def test_a_week_does_not_reach_into_time_that_was_measured(cast, service):
    at = database_now()
    answered(cast, service, at - 9 * DAY, 1)
    with pytest.raises(Refused) as refused:
        set_working_week(starts=tehran_date(at), weekend=[4], opens=8, closes=16, by=cast.laleh)

    assert refused.value.code == "week-in-the-past"
    assert not WorkingWeek.objects.exists()


def test_on_a_portal_where_no_clock_ever_ran_a_week_holds_from_today(cast, service):
    today = tehran_date(database_now())
    set_working_week(starts=today, weekend=[4], opens=9, closes=17, by=cast.admin)
    again = set_working_week(starts=today, weekend=[4], opens=9, closes=17, by=cast.admin)

    assert again is None
    assert (WorkingWeek.objects.get().hours, Event.objects.filter(noun="working_week").count()) == ((9, 17), 1)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"weekend": range(7)}, "no-working-day"),
        ({"opens": 16, "closes": 8}, "bad-hours"),
        ({"closes": 25}, "bad-hours"),
        ({"starts": date(2020, 1, 1)}, "week-in-the-past"),
    ],
)
def test_a_week_that_is_none_is_refused(cast, service, changed, code):
    week = {"starts": tehran_date(database_now()) + DAY, "weekend": [4], "opens": 8, "closes": 16, **changed}
    with pytest.raises(Refused) as refused:
        set_working_week(by=cast.laleh, **week)

    assert refused.value.code == code


def test_only_keepers_of_the_calendar_set_it_and_only_the_provider_sets_targets(cast, service):
    tomorrow = tehran_date(database_now()) + DAY
    with pytest.raises(Forbidden):
        set_working_week(starts=tomorrow, weekend=[4], opens=8, closes=16, by=cast.reza)
    for person in (cast.reza, cast.admin):
        with pytest.raises(Forbidden):
            set_target(request_type=service.request_types.first(), working_days=3, starts=tomorrow, by=person)
