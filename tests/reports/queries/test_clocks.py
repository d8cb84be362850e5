"""A report's service clock through its whole life: it counts headquarters' time, whether or not anything recorded it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from reports.actions.calls import cancel_call, excuse_unit, extend_unit
from reports.actions.closing import record_closings, record_lapsed_corrections
from reports.actions.drafts import save_section
from reports.actions.objections import contest_result
from reports.actions.results import announce_result
from reports.actions.returns import return_for_correction
from reports.actions.review import hand_in_review, start_review
from reports.actions.submission import recall_submission, submit_report
from reports.models import DraftSection
from reports.queries import reports_at
from reports.queries.clocks import clocks_of
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.numbers import format_number
from sla.actions.calendar import add_holiday, remove_holiday
from sla.actions.dispute_ends import record_dispute_ends
from sla.enums import Verdict
from sla.models import Holiday, ServiceRequest
from sla.queries.clocks import ended_by_time, read_clocks
from sla.queries.measures import answered
from tests.calls import published_call, report_of, submitted_report
from tests.disputes import announced_report_with
from tests.reviews import announced_report, assign, review_of, verify_all

DAY = timedelta(days=1)
REMARK = {"HSG-01": "لغو اسکان‌ها را کم کنید."}


@pytest.fixture
def call(cast):
    return published_call(cast, closes_at=database_now() + 10 * DAY, review_until=database_now() + 90 * DAY)


def reading(report, at=None):
    at = at or database_now()
    report = reports_at(at).select_related("request__request_type").get(pk=report.pk)
    return clocks_of([report], at)[report.request_id]


def shown(report, at):
    found = reading(report, at)
    return found.verdict, found.elapsed.calendar, found.elapsed.working


def test_nothing_runs_before_the_submission(cast, call):
    assert reading(report_of(call, cast.a)).verdict == Verdict.IDLE


def test_it_runs_from_the_submission_to_the_initial_result(cast, call):
    report, version = announced_report(cast, call)
    found = reading(report, database_now() + 50 * DAY)
    sent = report.revisions.get().submitted_at
    assert (found.verdict, found.elapsed.calendar) == (Verdict.MET, version.announced_at - sent)


def test_a_later_version_of_the_result_moves_nothing(cast, call, clock):
    report = announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})
    before = reading(report)
    clock.move(days=5)
    contest_result(report=report, text="نفر-روزها شمرده نشده است.", by=cast.reza)
    assert reading(report) == before


def test_the_units_time_for_correcting_is_not_counted(cast, call, clock):
    assign(cast, call)
    report, revision = submitted_report(cast, call)
    clock.move(days=1)
    round_ = return_for_correction(report=report, remarks=REMARK, by=cast.omid)
    clock.move(days=1)
    assert reading(report).verdict == Verdict.PAUSED
    version = DraftSection.objects.get(report=report, section="housing").version
    save_section(report=report, section="housing", base_version=version, changes={"housed": "79"}, by=cast.sara)
    answer = submit_report(report=report, by=cast.reza)
    later = answer.submitted_at + 2 * DAY
    held = answer.submitted_at - round_.returned_at
    assert shown(report, later)[:2] == (Verdict.RUNNING, later - revision.submitted_at - held)


def test_a_return_that_nobody_answers_counts_again_from_its_deadline_with_every_task_asleep(cast, call, clock):
    assign(cast, call)
    report, revision = submitted_report(cast, call)
    round_ = return_for_correction(report=report, remarks=REMARK, by=cast.omid)
    clock.move_to(round_.due_at + 40 * DAY)
    at = database_now()
    asleep = shown(report, at)
    assert asleep[:2] == (Verdict.OVERDUE, at - round_.due_at + (round_.returned_at - revision.submitted_at))
    record_lapsed_corrections()
    assert shown(report, at) == asleep


def test_a_submission_taken_back_and_sent_again_counts_without_the_time_between(cast, call, clock):
    report, revision = submitted_report(cast, call)
    recall_submission(report=report, by=cast.reza)
    recalled_after = reading(report).elapsed.calendar
    clock.move(days=2)
    assert (reading(report).verdict, reading(report).elapsed.calendar) == (Verdict.PAUSED, recalled_after)
    again = submit_report(report=report, by=cast.reza)
    later = again.submitted_at + DAY
    assert shown(report, later)[1] == recalled_after + DAY


def test_a_submission_taken_back_for_good_counts_from_the_last_moment_on(cast, call, clock):
    assign(cast, call)
    report, _revision = submitted_report(cast, call)
    recall_submission(report=report, by=cast.reza)
    before = reading(report).elapsed.calendar
    clock.move_to(call.closes_at + call.grace + 40 * DAY)
    at = database_now()
    assert shown(report, at)[1] == before + (at - call.closes_at - call.grace)
    asleep = shown(report, at)
    record_closings()
    assert shown(report, at) == asleep
    start_review(report=report_of(call, cast.a), by=cast.omid)
    assert shown(report, at) == asleep


def test_its_result_does_not_lose_that_time(cast, call, clock):
    assign(cast, call)
    report, _revision = submitted_report(cast, call)
    recall_submission(report=report, by=cast.reza)
    before = reading(report).elapsed.calendar
    clock.move_to(call.closes_at + call.grace + 9 * DAY)
    review = review_of(report, cast.omid)
    verify_all(review)
    hand_in_review(review=review, by=cast.omid)
    version = announce_result(report=report_of(call, cast.a), by=cast.laleh)
    assert reading(report).elapsed.calendar == before + (version.announced_at - call.closes_at - call.grace)


@pytest.mark.parametrize("end", ["excused", "cancelled"])
def test_what_is_excused_or_cancelled_counts_for_nothing(cast, call, end):
    report, _revision = submitted_report(cast, call)
    if end == "excused":
        excuse_unit(report=report, by=cast.laleh, reason="ادغام شد")
    else:
        cancel_call(call=call, by=cast.laleh, reason="فرم اشتباه بود")
    assert (reading(report).verdict, reading(report).elapsed) == (Verdict.VOID, None)


def test_a_missed_report_has_no_time_of_its_own(cast, call, clock):
    clock.move_to(call.closes_at + call.grace + DAY)
    announce_result(report=report_of(call, cast.a), by=cast.laleh)
    assert reading(report_of(call, cast.a)).verdict == Verdict.IDLE


class TestAClosureAnnouncedLate:
    """A day turns off after the fact: reported working time follows, every deadline that was handed out stays."""

    @pytest.fixture
    def handed_out(self, cast, call):
        """(what holds the deadline, its name): a return's, an objection window's, a dispute's, a call's, an extension's."""
        until = call.closes_at + 3 * DAY
        extend_unit(report=report_of(call, cast.b), until=until, by=cast.laleh, reason="سیل در استان")
        returned, _revision = submitted_report(cast, call, cast.b)
        announced = announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})
        dispute = contest_result(report=announced, text="نفر-روزها شمرده نشده است.", by=cast.reza)
        round_ = return_for_correction(report=returned, remarks=REMARK, by=cast.omid)
        return [
            (round_, "due_at"), (report_of(call, cast.b), "correction_due_at"), (report_of(call, cast.b), "extension_until"),
            (report_of(call, cast.a), "objection_until"), (dispute, "final_at"), (dispute, "last_day"), (call, "closes_at"),
            (call, "review_until"),
        ]  # fmt: skip

    def test_no_deadline_that_was_handed_out_moves_when_its_last_day_is_closed_or_opened(self, cast, handed_out):
        before = [getattr(thing, name) for thing, name in handed_out]
        days = {tehran_date(at - timedelta(seconds=1)) for at in before if hasattr(at, "tzinfo")}
        for day in days:
            add_holiday(day=day, title="تعطیلی ناگهانی", by=cast.laleh)
        for thing, _name in handed_out:
            thing.refresh_from_db()
        assert [getattr(thing, name) for thing, name in handed_out] == before
        for holiday in Holiday.objects.filter(day__in=days):
            remove_holiday(holiday=holiday, by=cast.laleh, reason="لغو شد")
        for thing, _name in handed_out:
            thing.refresh_from_db()
        assert [getattr(thing, name) for thing, name in handed_out] == before

    def test_the_working_time_that_is_reported_loses_that_day(self, cast, call, clock):
        report, _revision = submitted_report(cast, call)
        clock.move(days=14)
        at = database_now()
        day = next(d for n in range(1, 13) if (d := tehran_date(at - n * DAY)).weekday() not in (3, 4))
        before = reading(report, at).elapsed
        add_holiday(day=day, title="آلودگی هوا", by=cast.laleh)
        after = reading(report, at).elapsed
        assert (after.working, after.calendar) == (before.working - timedelta(hours=8), before.calendar)


def test_a_dispute_whose_month_has_passed_stands_still_at_its_end_with_every_task_asleep(cast, call, clock):
    report = announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})
    dispute = contest_result(report=report, text="نفر-روزها شمرده نشده است.", by=cast.reza)
    clock.move_to(dispute.final_at + 40 * DAY)
    at = database_now()
    request = ServiceRequest.objects.select_related("request_type").get(pk=dispute.request_id)
    asleep = read_clocks([request], at, ended=ended_by_time(at))[request.pk]
    counted = answered(ServiceRequest.objects.filter(pk=request.pk), at, before=at)
    assert asleep.elapsed.calendar == dispute.final_at - dispute.filed_at
    record_dispute_ends()
    request = ServiceRequest.objects.select_related("request_type").get(pk=dispute.request_id)
    assert ended_by_time(at) == {}
    assert read_clocks([request], at)[request.pk] == asleep
    assert answered(ServiceRequest.objects.filter(pk=request.pk), at, before=at) == counted
    assert [(one.at, one.working) for one in counted] == [(dispute.final_at, asleep.elapsed.working)]


class TestInWords:
    """The clock against its target on the report's page, and on the desk of who answers for it."""

    def page(self, client_for, person, report):
        return client_for(person).get(reverse("reports:report", args=[report.tracking_code])).content.decode()

    def test_before_the_submission_the_page_promises_the_target(self, cast, call, client_for):
        text = self.page(client_for, cast.sara, report_of(call, cast.a))
        assert "نتیجهٔ اولیه ظرف ۱۵ روز کاری اعلام می‌شود" in text

    def test_then_it_tells_when_the_target_runs_out(self, cast, call, client_for):
        report, _revision = submitted_report(cast, call)
        day = format_date(reading(report).runs_out, "full", "fa")
        assert day in self.page(client_for, cast.reza, report)

    def test_that_it_stands_still_with_the_unit(self, cast, call, client_for):
        assign(cast, call)
        report, _revision = submitted_report(cast, call)
        return_for_correction(report=report, remarks=REMARK, by=cast.omid)
        assert "تا گزارش نزد واحد است ساعت خدمت می‌ایستد" in self.page(client_for, cast.nader, report)

    def test_by_how_much_it_is_over(self, cast, call, client_for, clock):
        report, _revision = submitted_report(cast, call)
        clock.move(days=60)
        over = format_number(Decimal(str(reading(report).days_over)), 1, language="fa")
        assert f"{over} روز کاری" in self.page(client_for, cast.reza, report)

    def test_and_after_how_many_days_the_result_came(self, cast, call, client_for):
        report, _version = announced_report(cast, call)
        assert "اعلام شد؛ در زمان هدف" in self.page(client_for, cast.reza, report)

    def test_of_a_void_request_nothing_is_told(self, cast, call, client_for):
        report, _revision = submitted_report(cast, call)
        excuse_unit(report=report, by=cast.laleh, reason="ادغام شد")
        assert "ساعت خدمت" not in self.page(client_for, cast.laleh, report)

    @pytest.mark.parametrize("who", ["laleh", "nader"])
    def test_the_desk_names_what_is_past_its_target(self, cast, call, client_for, clock, who):
        submitted_report(cast, call)
        line = f"۱ گزارش در «{call.title}» از زمان هدف خدمت گذشته است"
        assert line not in client_for(getattr(cast, who)).get(reverse("reports:desk")).content.decode()
        clock.move(days=60)
        assert line in client_for(getattr(cast, who)).get(reverse("reports:desk")).content.decode()

    def test_the_reviewers_queue_tells_it_for_each_report(self, cast, call, client_for, clock):
        assign(cast, call)
        submitted_report(cast, call)
        clock.move(days=60)
        assert "روز کاری گذشته" in client_for(cast.omid).get(reverse("reports:desk")).content.decode()
