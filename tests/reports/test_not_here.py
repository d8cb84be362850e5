"""What users of other systems of this kind suffer, and do not suffer here. One test or two for each complaint."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from reports.actions.calls import extend_call, extend_unit
from reports.actions.closing import record_final_results, record_lapsed_corrections
from reports.actions.objections import contest_result
from reports.actions.results import announce_result, last_announced
from reports.actions.submission import submit_report
from reports.enums import ReportStatus
from reports.queries import reports_at
from reports.queries.result_findings import ChangedFinding
from reports.queries.results import peers_of, ready_rows, standing_versions
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import format_date
from sla.actions.calendar import add_holiday, remove_holiday, seed_holidays
from sla.actions.dispute_ends import record_dispute_ends
from sla.actions.disputes import write_message
from sla.enums import Subject
from sla.models import Holiday
from sla.queries import days_deadline, working_calendar
from tests.calls import at_closing, report_of
from tests.contests import contested, returned_report
from tests.reviews import announced_report
from units.models import Event, Notice

MORE = {"HSG-01": ChangedFinding(verified={"numerator": "95", "denominator": "100"}, reason="فهرست تازه پذیرفته شد.")}


def status(report, at=None) -> str:
    return reports_at(at or database_now()).get(pk=report.pk).status


def read(client, name: str, *args) -> str:
    return client.get(reverse(f"reports:{name}", args=args)).content.decode()


@pytest.fixture
def announced(cast, call):
    return announced_report(cast, call)[0]


# ------------------------------------------------------------------ dispute threads that vanish at the deadline
@pytest.mark.parametrize("recorded", [False, True])
def test_a_thread_stays_readable_to_the_last_word_after_the_end(client_for, cast, announced, clock, recorded):
    dispute = contest_result(report=announced, text="نفر-روزها شمرده نشده است.", by=cast.reza)
    write_message(dispute=dispute, text="فهرست را دیدیم و پاسخ دادیم.", by=cast.laleh)
    clock.move_to(dispute.final_at + timedelta(days=400))
    if recorded:
        assert record_dispute_ends() == 1
    for person in (cast.reza, cast.sara, cast.laleh, cast.nader):
        text = read(client_for(person), "dispute", dispute.pk)
        assert "نفر-روزها شمرده نشده است." in text
        assert "فهرست را دیدیم و پاسخ دادیم." in text
    assert dispute.name in client_for(cast.reza).get(reverse("reports:disputes") + "?show=ended").content.decode()


# -------------------------------------------------------------------------- re-marks that overwrite the old mark
def test_a_new_mark_keeps_the_old_one_with_its_letter(client_for, cast, announced):
    old = last_announced(announced)
    before = (old.total, old.score, old.sha256)
    announce_result(report=announced, by=cast.laleh, reason="بازبینی", changes=MORE)
    old.refresh_from_db()
    assert (old.total, old.score, old.sha256) == before
    page = client_for(cast.reza).get(reverse("reports:report_result", args=[announced.tracking_code]) + "?version=1")
    assert page.context["version"] == old
    letter = client_for(cast.reza).get(reverse("reports:letter_page", args=[announced.tracking_code]) + "?version=1")
    assert old.verification_code in letter.content.decode()


def test_not_even_by_hand_in_the_database(announced):
    with pytest.raises(DatabaseError), transaction.atomic():
        announced.results.filter(announced_at__isnull=False).update(total=Decimal(100))


# -------------------------------------------------------------------------------- totals that ignore a new mark
def test_every_total_follows_the_newest_announced_version(client_for, cast, announced):
    version = announce_result(report=announced, by=cast.laleh, reason="بازبینی", changes=MORE)
    fresh = reports_at(database_now()).get(pk=announced.pk)
    assert standing_versions([fresh])[fresh.pk].total == version.total
    assert [row.total for row in ready_rows([fresh])] == [version.total]
    page = client_for(cast.reza).get(reverse("reports:report_result", args=[fresh.tracking_code]))
    assert page.context["version"].total == version.total
    assert peers_of(fresh) is None, "one unit makes no field of peers; the figure above is what they would read"


# ------------------------------------------------------------------------------------ due dates that are not shown
def test_every_due_date_stands_where_somebody_has_to_meet_it(client_for, cast, call, clock):
    def last_day(end) -> str:
        return format_date(tehran_date(end - timedelta(microseconds=1)), "short", "fa")

    report, round_ = returned_report(cast, call)
    dispute = contested(cast, report, Subject.RETURN, round_.pk)
    sara, laleh = client_for(cast.sara), client_for(cast.laleh)
    for page in (read(sara, "report", report.tracking_code), read(sara, "desk")):
        assert last_day(round_.due_at) in page
    assert last_day(call.closes_at) in read(client_for(cast.mina), "desk")
    assert last_day(call.closes_at) in read(client_for(cast.mina), "report", report_of(call, cast.b).tracking_code)
    for page in (read(laleh, "disputes"), read(laleh, "dispute", dispute.pk), read(client_for(cast.reza), "desk")):
        assert last_day(dispute.final_at) in page
    clock.move_to(at_closing(call, hours=1))
    announce_result(report=report_of(call, cast.b), by=cast.laleh)
    b = report_of(call, cast.b)
    assert last_day(b.objection_until) in read(client_for(cast.kamran), "report_result", b.tracking_code)


# --------------------------------------------------------------------- service clocks that count the unit's time
def counted(report) -> timedelta:
    """Calendar time on the clock of the report's request now."""
    at = database_now()
    return sum(((i.ends_at or at) - i.starts_at for i in report.request.intervals.all()), timedelta())


def test_the_clock_stands_still_while_the_unit_holds_the_report(cast, call, clock):
    report, _round = returned_report(cast, call)
    at_return = counted(report)
    clock.move(hours=30)
    assert counted(report) == at_return
    submit_report(report=report, by=cast.reza)
    clock.move(hours=5)
    assert timedelta(hours=5) <= counted(report) - at_return < timedelta(hours=5, minutes=5)


# ------------------------------------------------------------- a holiday feed that is wrong and cannot be mended
def test_a_wrong_holiday_is_mended_and_stays_mended_when_the_feed_comes_again(cast, call):
    seed_holidays(years=[1405], by=None)
    wrong = Holiday.objects.order_by("day").first()
    day = wrong.day
    remove_holiday(holiday=wrong, by=cast.laleh, reason="تقویم رسمی آن روز را کاری می‌داند")
    assert seed_holidays(years=[1405], by=None) == 0
    assert working_calendar(day, day).why_off(day) == ""
    assert Event.objects.filter(noun="holiday", verb="remove", key=day.isoformat()).exists()


def test_a_missing_one_is_added_and_counts_from_then_on(cast, call):
    at = database_now()
    first = days_deadline(at, 10)
    last_day = tehran_date(first - timedelta(microseconds=1))
    add_holiday(day=last_day, title="تعطیلی آلودگی هوا", by=cast.laleh)
    assert days_deadline(at, 10) > first


# ------------------------------------------------------------- a sent-back report that can never become overdue
def test_a_returned_report_becomes_overdue_and_the_review_goes_on_without_it(cast, call, clock):
    report, round_ = returned_report(cast, call)
    assert status(report, round_.due_at - timedelta(microseconds=1)) == ReportStatus.RETURNED
    clock.move_to(round_.due_at)
    assert status(report) == ReportStatus.UNDER_REVIEW
    assert record_lapsed_corrections() == 1
    told = Notice.objects.filter(event__verb="lapse_return", channel="portal")
    assert set(told.values_list("person__username", flat=True)) == {"sara", "reza", "omid"}


# --------------------------------------------------------------------------- notices that stop when a date moves
def test_a_closing_that_moves_is_told_to_every_unit(cast, call):
    extend_call(call=call, closes_at=at_closing(call, days=5), by=cast.laleh, reason="قطعی شبکه")
    moved = Notice.objects.filter(event__verb="extend", event__noun="call", channel="portal")
    assert set(moved.values_list("person__username", flat=True)) >= {"sara", "reza", "mina", "kamran"}


def test_an_announcement_that_restarts_the_window_tells_the_unit_its_new_end(cast, announced, clock):
    clock.move(days=3)
    announce_result(report=announced, by=cast.laleh, reason="بازبینی", changes=MORE)
    fresh = report_of(announced.call, cast.a)
    told = Notice.objects.filter(event__verb="announce", person=cast.reza, channel="portal").order_by("id")
    day = format_date(tehran_date(fresh.objection_until - timedelta(microseconds=1)), "full", "fa")
    assert day in f"{told.last().subject} {told.last().body}"
    clock.move_to(fresh.objection_until)
    assert record_final_results() == 1


def test_a_units_own_extension_is_told_to_it(cast, call):
    extend_unit(report=report_of(call, cast.b), until=at_closing(call, days=2), by=cast.laleh, reason="سیل")
    told = Notice.objects.filter(event__verb="extend", event__noun="report", channel="portal")
    assert set(told.values_list("person__username", flat=True)) == {"mina", "kamran"}
