"""Contesting what is not a result: an extension not granted, a return, a fee, a missed deadline; from either side."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from reports.actions.contests import contest_act
from reports.invariants import broken
from reports.models import Report
from reports.queries import reports_at
from reports.rules.contestable_acts import act_of, acts_of
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.calendar import add_holiday, remove_holiday
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.offers import accept_offer, make_offer
from sla.enums import DisputeStatus, Side, Subject
from sla.models import Dispute
from sla.queries import days_deadline
from tests.calls import at_closing, report_of, submitted_report
from tests.contests import WHY, contested, missed_report, refused_extension, returned_report, with_fee
from tests.factories import make_membership
from units.enums import Role
from units.models import Event, Notice

MICROSECOND = timedelta(microseconds=1)


@dataclass
class Case:
    """Something contestable: whose report, what, and when it was done."""

    report: Report
    subject: Subject
    key: int
    at: object


def fresh(report) -> Report:
    return reports_at(database_now()).get(pk=report.pk)


def status(dispute) -> str:
    return Dispute.objects.with_status(database_now()).get(pk=dispute.pk).status


@pytest.fixture(params=["extension", "return", "fee", "miss"])
def case(request, cast, call, clock) -> Case:
    if request.param == "extension":
        asked = refused_extension(cast, call)
        return Case(report_of(call, cast.a), Subject.EXTENSION, asked.pk, asked.decided_at)
    if request.param == "return":
        report, round_ = returned_report(cast, call)
        return Case(report, Subject.RETURN, round_.pk, round_.returned_at)
    if request.param == "fee":
        report = with_fee(report_of(call, cast.a))
        return Case(report, Subject.FEE, report.request_id, max(report.request.created_at, call.opens_at))
    report = missed_report(cast, call, clock)
    return Case(report, Subject.MISS, report.pk, at_closing(call, minutes=30))


def contest(cast, case, by=None, text=WHY) -> Dispute:
    return contested(cast, case.report, case.subject, case.key, by=by, text=text)


# ------------------------------------------------------------------------------------------------------- filing
class TestFiling:
    def test_the_act_itself_is_the_standing_position(self, cast, case):
        dispute = contest(cast, case)
        position = dispute.positions.get()
        assert (position.number, position.act_noun, position.act_key, position.by) == (
            0, dispute.subject_noun, str(case.key), None,
        )  # fmt: skip
        assert (dispute.subject, dispute.call_id, dispute.unit) == (case.subject, case.report.call_id, cast.a)
        assert list(broken()) == []

    def test_it_costs_nothing_and_its_clock_runs(self, cast, case):
        request = contest(cast, case).request
        assert (request.price_rials, request.intervals.get().ends_at) == (0, None)

    def test_the_provider_may_file_too_and_the_head_is_told(self, cast, case):
        dispute = contest(cast, case, by=cast.laleh)
        assert dispute.filed_side == Side.PROVIDER
        told = Notice.objects.filter(event__noun="dispute", event__verb="file").values_list(
            "person__username", flat=True
        )
        assert set(told) == {"reza"}

    @pytest.mark.parametrize("who", ["sara", "mina", "kamran", "omid", "nader", "stranger", "admin"])
    def test_nobody_else_files(self, cast, case, who):
        with pytest.raises(Forbidden):
            contest(cast, case, by=getattr(cast, who))
        assert not Dispute.objects.exists()

    def test_a_coordinator_who_reports_in_its_line_does_not_file_for_the_provider(self, cast, case):
        make_membership(cast.laleh, cast.a_child, Role.REPORTER)
        with pytest.raises(Forbidden):
            contest(cast, case, by=cast.laleh)

    def test_a_second_click_gives_the_same_dispute(self, cast, case):
        assert contest(cast, case) == contest(cast, case)
        assert Event.objects.filter(noun="dispute", verb="file").count() == 1

    def test_other_words_are_refused_and_not_dropped_behind_a_success(self, cast, case):
        contest(cast, case)
        with pytest.raises(Refused) as refusal:
            contest(cast, case, text="دلیل دیگری که پیش‌تر ننوشتم.")
        assert refusal.value.code == "dispute-open"

    def test_one_open_dispute_a_subject_whoever_comes_second(self, cast, case):
        contest(cast, case)
        with pytest.raises(Refused) as refusal:
            contest(cast, case, by=cast.laleh)
        assert refusal.value.code == "dispute-open"

    def test_the_last_microsecond_of_the_objection_days_counts_and_the_next_does_not(self, cast, case):
        end = days_deadline(case.at, case.report.call.objection_days)
        act = act_of(fresh(case.report), case.subject, case.key, database_now())
        assert act.until == end
        assert (act.is_contestable(end - MICROSECOND), act.is_contestable(end)) == (True, False)

    def test_after_the_objection_days_it_is_refused(self, cast, case, clock):
        clock.move_to(days_deadline(case.at, case.report.call.objection_days))
        with pytest.raises(Refused) as refusal:
            contest(cast, case)
        assert refusal.value.code == "objection-window-passed"

    def test_a_closure_decided_later_moves_no_limit_that_was_handed_out(self, cast, case, clock):
        act = act_of(fresh(case.report), case.subject, case.key, database_now())
        clock.move(hours=2)
        add_holiday(day=tehran_date(act.until - MICROSECOND), title="تعطیلی آلودگی هوا", by=cast.laleh)
        assert act_of(fresh(case.report), case.subject, case.key, database_now()).until == act.until

    def test_withdrawn_it_may_be_contested_again_within_the_days(self, cast, case):
        withdraw_dispute(dispute=contest(cast, case), by=cast.reza)
        again = contest(cast, case, text="دوباره")
        assert (status(again), Dispute.objects.count()) == (DisputeStatus.NEGOTIATING, 2)
        assert list(broken()) == []

    def test_once_settled_it_stays_settled(self, cast, case):
        dispute = contest(cast, case)
        accept_offer(offer=make_offer(dispute=dispute, text="در فراخوان بعد جبران می‌شود.", by=cast.laleh), by=cast.reza)
        with pytest.raises(Refused) as refusal:
            contest(cast, case)
        assert refusal.value.code == "decided-already"
        assert list(broken()) == []

    def test_what_does_not_exist_is_not_contested(self, cast, case):
        with pytest.raises(Refused) as refusal:
            contest_act(report=case.report, subject=case.subject, key=case.key + 999, text=WHY, by=cast.reza)
        assert refusal.value.code == "no-act"

    def test_the_report_goes_its_way_meanwhile(self, cast, case):
        before = fresh(case.report).status
        contest(cast, case)
        assert fresh(case.report).status == before


def test_a_day_off_that_becomes_a_working_day_shortens_no_limit(cast, call, clock):
    day = tehran_date(days_deadline(database_now(), call.objection_days) - MICROSECOND)
    holiday = add_holiday(day=day, title="تعطیل رسمی", by=cast.laleh)
    clock.move(minutes=1)
    asked = refused_extension(cast, call)
    until = act_of(fresh(report_of(call, cast.a)), Subject.EXTENSION, asked.pk, database_now()).until
    assert tehran_date(until - MICROSECOND) > day
    clock.move(hours=1)
    remove_holiday(holiday=holiday, by=cast.laleh, reason="اشتباه بود")
    assert act_of(fresh(report_of(call, cast.a)), Subject.EXTENSION, asked.pk, database_now()).until == until


def test_an_extension_granted_as_asked_is_nothing_to_contest(cast, call):
    asked_until = call.closes_at + timedelta(days=5)
    refused_extension(cast, call, granted_until=asked_until + timedelta(days=1))
    assert acts_of(fresh(report_of(call, cast.a)), database_now()) == []


def test_one_granted_in_part_is(cast, call):
    asked = refused_extension(cast, call, granted_until=call.closes_at + timedelta(days=1))
    assert [act.key for act in acts_of(fresh(report_of(call, cast.a)), database_now())] == [asked.pk]


def test_a_refusal_after_the_closing_is_contested_beside_the_miss(cast, call, clock):
    report = missed_report(cast, call, clock)
    asked = refused_extension(cast, call)
    assert {act.subject for act in acts_of(fresh(report), database_now())} == {Subject.EXTENSION, Subject.MISS}
    contested(cast, report, Subject.EXTENSION, asked.pk)
    contested(cast, report, Subject.MISS, report.pk)
    assert list(broken()) == []


def test_a_report_in_time_has_no_miss_to_contest(cast, call, clock):
    report, _revision = submitted_report(cast, call)
    clock.move_to(at_closing(call, hours=1))
    with pytest.raises(Refused) as refusal:
        contested(cast, report, Subject.MISS, report.pk)
    assert refusal.value.code == "no-act"


def test_a_free_request_has_no_fee_to_contest(cast, call):
    report = report_of(call, cast.a)
    with pytest.raises(Refused):
        contested(cast, report, Subject.FEE, report.request_id)


def test_another_units_act_is_not_contested_through_ones_own_report(cast, call):
    asked = refused_extension(cast, call)
    with pytest.raises(Refused) as refusal:
        contested(cast, report_of(call, cast.b), Subject.EXTENSION, asked.pk, by=cast.kamran)
    assert refusal.value.code == "no-act"
