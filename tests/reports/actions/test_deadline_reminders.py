"""The portal's own reminders: in the last working hour before their instant, by each report's own deadline, never after.

4 Azar 1405 is a Wednesday; Thursday and Friday are off, and offices are open from 8 to 16.
"""

from datetime import timedelta

import pytest

from reports.actions.calls import ask_unit, cancel_call, close_early, excuse_unit, extend_call, extend_unit
from reports.actions.deadline_reminders import remind_of_deadlines
from reports.actions.extensions import ask_extension, decide_extension
from reports.actions.returns import return_for_correction
from reports.actions.submission import recall_submission
from tests.calls import fill, published_call, report_of, submitted_report
from tests.instants import in_the_last_working_hour_before, tehran
from tests.reviews import assign
from units.models import Event, Notice

DAY = timedelta(days=1)
CLOSES = tehran(1405, 9, 9, 0)  # the end of Sunday 8 Azar
SATURDAY, WEDNESDAY = tehran(1405, 9, 7, 15, 1), tehran(1405, 9, 4, 15, 1)


def told(verb: str) -> set[str]:
    return set(Notice.objects.filter(event__verb=verb, channel="portal").values_list("person__username", flat=True))


def bodies(verb: str) -> dict[str, str]:
    found = Notice.objects.filter(event__verb=verb, channel="portal")
    return {notice.person.username: notice.subject for notice in found.select_related("person")}


@pytest.fixture
def call(cast, clock):
    clock.move_to(tehran(1405, 8, 25))
    return published_call(cast, closes_at=CLOSES, review_until=CLOSES + 60 * DAY)


# ------------------------------------------------------------------------------------------------- when a mail leaves
@pytest.mark.parametrize(
    ("at", "sent"),
    [
        (tehran(1405, 9, 4, 14, 59), 0),
        (tehran(1405, 9, 4, 15, 1), 1),  # three days before the end of Sunday is the end of Thursday, which is off
        (tehran(1405, 9, 5, 23, 59), 1),
        (tehran(1405, 9, 6, 0, 0), 0),
        (tehran(1405, 9, 6, 0, 16), 0),
        (tehran(1405, 9, 7, 14, 59), 0),
        (tehran(1405, 9, 7, 15, 1), 1),  # one day before it is the end of Saturday
        (tehran(1405, 9, 8, 0, 0), 0),
        (tehran(1405, 9, 8, 0, 16), 0),
        (tehran(1405, 9, 8, 23, 59), 0),
        (CLOSES, 0),
    ],
)
def test_a_reminder_leaves_in_the_last_working_hour_before_its_instant_and_never_after(call, clock, at, sent):
    clock.move_to(at)
    assert (remind_of_deadlines(), remind_of_deadlines()) == (sent, 0)


def test_where_one_working_hour_is_the_last_before_both_only_the_nearer_one_is_sent(cast, clock):
    clock.move_to(tehran(1405, 8, 25))
    # The end of Friday: one day before is the end of Thursday, three days before the end of Tuesday.
    call = published_call(cast, closes_at=tehran(1405, 9, 7, 0), review_until=CLOSES + 60 * DAY)
    clock.move_to(tehran(1405, 9, 3, 15, 1))
    assert remind_of_deadlines() == 1
    clock.move_to(tehran(1405, 9, 4, 15, 1))
    assert (remind_of_deadlines(), remind_of_deadlines()) == (1, 0)
    events = Event.objects.filter(verb="remind", noun="call", key=str(call.pk))
    assert [event.data["due_at"] for event in events] == [call.closes_at.isoformat()] * 2


def test_an_instant_within_office_hours_has_its_hour_right_before_it(cast, clock):
    clock.move_to(tehran(1405, 8, 25))
    published_call(cast, closes_at=tehran(1405, 9, 9, 12), review_until=CLOSES + 60 * DAY)
    for hour, minute, sent in ((10, 59, 0), (12, 0, 0), (11, 1, 1)):
        clock.move_to(tehran(1405, 9, 8, hour, minute))
        assert remind_of_deadlines() == sent


# ------------------------------------------------------------------------------------------- whose deadline decides
def test_a_unit_with_an_extension_is_reminded_by_its_own_deadline_and_told_that_one(cast, call, clock):
    own = tehran(1405, 9, 16, 0)  # the end of Sunday 15 Azar
    extend_unit(report=report_of(call, cast.b), until=own, by=cast.laleh, reason="سیل")
    clock.move_to(SATURDAY)
    assert remind_of_deadlines() == 1
    assert told("remind") == {"sara", "reza"}
    assert "۸ آذر" in bodies("remind")["sara"]

    clock.move_to(tehran(1405, 9, 14, 14, 59))
    assert remind_of_deadlines() == 0
    clock.move(minutes=2)
    assert (remind_of_deadlines(), remind_of_deadlines()) == (1, 0)
    assert told("remind") == {"sara", "reza", "mina", "kamran"}
    assert "۱۵ آذر" in bodies("remind")["mina"]


def test_who_has_submitted_hears_nothing_and_who_took_it_back_does(cast, call, clock):
    submitted_report(cast, call)
    clock.move_to(WEDNESDAY)
    assert remind_of_deadlines() == 1
    assert told("remind") == {"mina", "kamran"}

    recall_submission(report=report_of(call, cast.a), by=cast.reza)
    clock.move_to(SATURDAY)
    assert remind_of_deadlines() == 1
    assert told("remind") == {"sara", "reza", "mina", "kamran"}


def test_an_extension_within_the_hour_is_told_at_once_and_not_a_second_time(cast, call, clock):
    clock.move_to(SATURDAY)
    report = report_of(call, cast.b)
    asked = ask_extension(report=report, until=CLOSES + timedelta(hours=6), reason="قطعی برق", by=cast.kamran)
    decide_extension(asked=asked, granted_until=asked.asked_until, reason="روا بود", by=cast.laleh)
    assert told("extend") == {"mina", "kamran"}

    clock.move(minutes=10)
    assert remind_of_deadlines() == 1
    assert told("remind") == {"sara", "reza"}
    clock.move_to(tehran(1405, 9, 8, 5, 50))  # before its own instant, and after that hour
    assert remind_of_deadlines() == 0


def test_a_deadline_that_moves_is_planned_anew(cast, call, clock):
    clock.move_to(SATURDAY)
    assert remind_of_deadlines() == 1
    extend_call(call=call, closes_at=CLOSES + 7 * DAY, by=cast.laleh, reason="قطعی شبکه")
    for at, sent in (
        (tehran(1405, 9, 8, 9), 0), (tehran(1405, 9, 11, 15, 1), 1), (tehran(1405, 9, 14, 15, 1), 1),
        (tehran(1405, 9, 15, 9), 0),
    ):  # fmt: skip
        clock.move_to(at)
        assert (remind_of_deadlines(), remind_of_deadlines()) == (sent, 0)


def test_a_closing_brought_forward_within_the_hour_is_told_by_that_alone(cast, call, clock):
    clock.move_to(SATURDAY)
    close_early(call=call, closes_at=CLOSES - timedelta(hours=2), by=cast.laleh, reason="همه آماده‌اند")
    clock.move(minutes=10)
    assert remind_of_deadlines() == 0


def test_a_correction_is_reminded_of_in_the_working_hour_before_its_own_end(cast, call, clock):
    assign(cast, call)
    report, _revision = submitted_report(cast, call)
    round_ = return_for_correction(report=report, remarks={"HSG-01": "پیوست کنید"}, by=cast.omid)
    clock.move_to(round_.due_at - timedelta(hours=12))
    assert remind_of_deadlines() == 0
    clock.move_to(in_the_last_working_hour_before(round_.due_at - DAY))
    assert (remind_of_deadlines(), remind_of_deadlines()) == (1, 0)
    assert set(Event.objects.filter(verb="remind").values_list("noun", "key")) == {("report", report.tracking_code)}


# ------------------------------------------------------------------------------------- heads where nobody has written
HEADS_HEAR = tehran(1405, 9, 3, 15, 1)  # five days before the end of Sunday is the end of Tuesday


def test_a_head_hears_once_five_days_before_closing_that_nobody_has_written(cast, call, clock):
    clock.move_to(HEADS_HEAR - timedelta(minutes=2))
    assert remind_of_deadlines() == 0
    clock.move_to(HEADS_HEAR)
    assert (remind_of_deadlines(), remind_of_deadlines()) == (1, 0)
    assert told("remind_heads") == {"reza", "kamran"}
    clock.move_to(tehran(1405, 9, 4, 0, 16))
    assert remind_of_deadlines() == 0


def test_a_head_whose_unit_has_begun_is_excused_or_has_more_time_is_not_told_that_nobody_wrote(cast, call, clock):
    fill(report_of(call, cast.a), cast.sara)
    excuse_unit(report=report_of(call, cast.b), by=cast.laleh, reason="ادغام واحد")
    given = published_call(
        cast, service=call.service, closes_at=CLOSES, review_until=call.review_until, period_code="1405-Q3"
    )
    for unit in (cast.a, cast.b):
        extend_unit(report=report_of(given, unit), until=CLOSES + 7 * DAY, by=cast.laleh, reason="سیل")
    clock.move_to(HEADS_HEAR)
    assert remind_of_deadlines() == 0
    assert told("remind_heads") == set()

    clock.move_to(tehran(1405, 9, 10, 15, 1))  # five days before their own
    assert remind_of_deadlines() == 1
    assert told("remind_heads") == {"reza", "kamran"}
    assert Notice.objects.filter(event__verb="remind_heads", channel="portal", body__contains="۱۵ آذر").count() == 2


@pytest.mark.parametrize("opens", [tehran(1405, 9, 4, 0, 1), tehran(1405, 9, 5)], ids=["a-minute-late", "a-day-late"])
def test_heads_of_a_call_that_was_not_yet_open_five_days_before_hear_nothing(cast, clock, opens):
    clock.move_to(tehran(1405, 8, 25))
    published_call(cast, opens_at=opens, closes_at=CLOSES, review_until=CLOSES + 60 * DAY)
    for at in (HEADS_HEAR, tehran(1405, 9, 4, 9)):
        clock.move_to(at)
        assert remind_of_deadlines() == 0


def test_a_unit_that_is_asked_within_the_five_days_is_not_told_that_nobody_wrote(cast, clock):
    clock.move_to(tehran(1405, 8, 25))
    call = published_call(cast, closes_at=CLOSES, review_until=CLOSES + 60 * DAY, audience={"units": [cast.a.pk]})
    clock.move_to(HEADS_HEAR)
    ask_unit(call=call, unit=cast.b, by=cast.laleh, reason="از قلم افتاده بود")
    clock.move(minutes=10)
    assert remind_of_deadlines() == 1
    assert told("remind_heads") == {"reza"}


def test_nothing_of_a_cancelled_call_is_reminded_of(cast, call, clock):
    cancel_call(call=call, by=cast.laleh, reason="خطا در فرم")
    for at in (HEADS_HEAR, WEDNESDAY, SATURDAY):
        clock.move_to(at)
        assert remind_of_deadlines() == 0
