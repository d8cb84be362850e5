"""How disputes over other acts than a result end: by an offer that carries an act, a new position, the month; and the zero of a miss."""

from datetime import timedelta

import pytest

from reports.actions.calls import cancel_call, excuse_unit, extend_call, extend_unit
from reports.actions.closing import record_final_results
from reports.actions.dispute_offers import accept_act_offer, offer_act
from reports.actions.objections import accept_result_offer, contest_result, offer_result
from reports.actions.results import announce_result, last_announced
from reports.actions.returns import return_for_correction, withdraw_return
from reports.actions.review import TypedFinding
from reports.enums import ReportStatus
from reports.invariants import broken
from reports.models import Objection, Report, ReturnRound
from reports.queries import reports_at
from reports.rules.offered_acts import EXCUSE, EXTENSION, FEE, TAKE_BACK
from reports.rules.review import rounds_left
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.dispute_ends import record_dispute_ends, withdraw_dispute
from sla.actions.disputes import state_position, write_message
from sla.actions.offers import accept_offer, make_offer
from sla.enums import DisputeStatus, OfferState, Outcome, Subject
from sla.models import Dispute
from tests.calls import at_closing, report_of
from tests.contests import WHY, contested, missed_report, refused_extension, returned_report, with_fee
from units.models import Event, Notice


def fresh(report) -> Report:
    return reports_at(database_now()).get(pk=report.pk)


def status(dispute) -> str:
    return Dispute.objects.with_status(database_now()).get(pk=dispute.pk).status


def acts(dispute) -> list[tuple[str, str]]:
    return list(dispute.positions.order_by("number").values_list("act_noun", "act_key"))


# ----------------------------------------------------------------------------------------- what settles them
@pytest.fixture
def over_extension(cast, call) -> Dispute:
    asked = refused_extension(cast, call)
    return contested(cast, report_of(call, cast.a), Subject.EXTENSION, asked.pk)


@pytest.fixture
def over_miss(cast, call, clock) -> Dispute:
    report = missed_report(cast, call, clock)
    return contested(cast, report, Subject.MISS, report.pk)


@pytest.fixture
def over_return(cast, call) -> Dispute:
    report, round_ = returned_report(cast, call)
    return contested(cast, report, Subject.RETURN, round_.pk)


@pytest.fixture
def over_fee(cast, call) -> Dispute:
    report = with_fee(report_of(call, cast.a))
    return contested(cast, report, Subject.FEE, report.request_id)


class TestSettling:
    @pytest.mark.parametrize(("offers", "accepts"), [("laleh", "reza"), ("reza", "laleh")])
    def test_an_accepted_offer_of_time_gives_exactly_that_time(self, cast, call, over_extension, offers, accepts):
        until = at_closing(call, days=3)
        offer = offer_act(
            dispute=over_extension, act=EXTENSION, until=until, text="سه روز بیشتر.", by=getattr(cast, offers)
        )
        assert report_of(call, cast.a).extension_until is None
        ended = accept_act_offer(offer=offer, by=getattr(cast, accepts))
        assert (report_of(call, cast.a).extension_until, ended.outcome) == (until, Outcome.SETTLED)
        assert list(broken()) == []

    def test_a_second_click_on_accepting_changes_nothing(self, cast, call, over_extension):
        offer = offer_act(
            dispute=over_extension, act=EXTENSION, until=at_closing(call, days=3), text=WHY, by=cast.laleh
        )
        first = accept_act_offer(offer=offer, by=cast.reza)
        assert accept_act_offer(offer=offer, by=cast.reza).ended_at == first.ended_at
        assert Event.objects.filter(verb="extend").count() == 1

    def test_nobody_accepts_an_offer_of_their_own_side(self, cast, call, over_extension):
        offer = offer_act(dispute=over_extension, act=EXTENSION, until=at_closing(call, days=3), text=WHY, by=cast.reza)
        with pytest.raises(Forbidden):
            accept_act_offer(offer=offer, by=cast.reza)
        assert report_of(call, cast.a).extension_until is None

    def test_a_missed_report_is_open_again(self, cast, call, over_miss):
        until = database_now() + timedelta(days=2)
        accept_act_offer(
            offer=offer_act(dispute=over_miss, act=EXTENSION, until=until, text=WHY, by=cast.laleh), by=cast.reza
        )
        assert (fresh(report_of(call, cast.a)).status, fresh(report_of(call, cast.a)).is_open) == ("not_started", True)
        assert list(broken()) == []

    def test_a_missed_unit_is_excused_by_agreement(self, cast, call, over_miss):
        accept_act_offer(offer=offer_act(dispute=over_miss, act=EXCUSE, text=WHY, by=cast.laleh), by=cast.reza)
        assert fresh(report_of(call, cast.a)).status == ReportStatus.EXCUSED
        assert list(broken()) == []

    def test_a_return_is_taken_back_by_agreement_and_its_round_is_not_counted(self, cast, call, over_return):
        left = rounds_left(fresh(report_of(call, cast.a)))
        accept_act_offer(offer=offer_act(dispute=over_return, act=TAKE_BACK, text=WHY, by=cast.reza), by=cast.laleh)
        report = fresh(report_of(call, cast.a))
        assert (report.status, report.correction_due_at, rounds_left(report)) == (
            ReportStatus.UNDER_REVIEW, None, left + 1,
        )  # fmt: skip
        assert report.request.intervals.filter(ends_at=None).count() == 1
        assert list(broken()) == []

    def test_a_fee_is_lowered_by_agreement(self, cast, call, over_fee):
        accept_act_offer(offer=offer_act(dispute=over_fee, act=FEE, rials=0, text=WHY, by=cast.laleh), by=cast.reza)
        assert report_of(call, cast.a).request.price_rials == 0
        assert list(broken()) == []

    @pytest.mark.parametrize("rials", [None, 500_000, 600_000])
    def test_a_fee_is_not_raised_in_a_dispute(self, cast, over_fee, rials):
        with pytest.raises(Refused) as refusal:
            offer_act(dispute=over_fee, act=FEE, rials=rials, text=WHY, by=cast.laleh)
        assert refusal.value.code == "not-lower"

    def test_time_that_has_passed_when_it_is_accepted_is_refused_whole(self, cast, call, over_extension, clock):
        until = at_closing(call, days=1)
        offer = offer_act(dispute=over_extension, act=EXTENSION, until=until, text=WHY, by=cast.laleh)
        clock.move_to(until)
        with pytest.raises(Refused) as refusal:
            accept_act_offer(offer=offer, by=cast.reza)
        offer.refresh_from_db()
        assert (refusal.value.code, offer.state, status(over_extension)) == (
            "not-later", OfferState.OPEN, DisputeStatus.NEGOTIATING,
        )  # fmt: skip
        assert list(broken()) == []

    def test_a_return_that_was_answered_meanwhile_is_not_taken_back(self, cast, over_return, clock):
        offer = offer_act(dispute=over_return, act=TAKE_BACK, text=WHY, by=cast.laleh)
        clock.move_to(ReturnRound.objects.get().due_at)
        with pytest.raises(Refused):
            accept_act_offer(offer=offer, by=cast.reza)
        assert status(over_return) == DisputeStatus.NEGOTIATING

    def test_what_the_subject_does_not_know_cannot_be_offered(self, cast, over_return):
        with pytest.raises(Refused) as refusal:
            offer_act(dispute=over_return, act=EXCUSE, text=WHY, by=cast.laleh)
        assert refusal.value.code == "not-possible"

    def test_an_agreement_in_words_stands_as_it_is_recorded(self, cast, over_return):
        offer = make_offer(dispute=over_return, text="مهلت اصلاح بعدی دو برابر است.", by=cast.laleh)
        accept_offer(offer=offer, by=cast.reza)
        assert status(over_return) == DisputeStatus.SETTLED


# ------------------------------------------------------------------------------------------- a new position
class TestReplacing:
    def test_more_time_is_the_providers_new_view_of_refusal_and_miss_alike(self, cast, call, over_miss):
        asked = refused_extension(cast, call)
        other = contested(cast, report_of(call, cast.a), Subject.EXTENSION, asked.pk)
        before = over_miss.final_at
        until = database_now() + timedelta(days=1)
        extend_unit(report=report_of(call, cast.a), until=until, by=cast.laleh, reason="پذیرفته شد")
        for dispute in (over_miss, other):
            assert acts(dispute)[-1] == ("extension", until.isoformat())
        over_miss.refresh_from_db()
        assert (over_miss.final_at, status(over_miss)) == (before, DisputeStatus.NEGOTIATING)
        assert list(broken()) == []

    def test_a_call_that_is_extended_answers_them_too(self, cast, call, over_extension):
        extend_call(call=call, closes_at=at_closing(call, days=4), by=cast.laleh, reason="قطعی شبکه")
        assert acts(over_extension)[-1][0] == "extension"

    def test_a_return_taken_back_is_the_new_view(self, cast, call, over_return):
        round_ = withdraw_return(report=report_of(call, cast.a), by=cast.laleh, reason="مستند کافی بود")
        assert acts(over_return)[-1] == ("take_back_return", str(round_.pk))
        assert list(broken()) == []

    def test_an_excused_unit_and_a_cancelled_call_are_views_of_everything(self, cast, call, over_fee):
        excuse_unit(report=report_of(call, cast.a), by=cast.laleh, reason="ادغام واحد")
        cancel_call(call=call, by=cast.laleh, reason="بازنگری فرم")
        assert [noun for noun, _key in acts(over_fee)][1:] == ["excuse", "cancel"]
        assert list(broken()) == []

    def test_where_no_verb_does_it_the_decision_is_recorded_in_words(self, cast, over_fee, clock):
        state_position(dispute=over_fee, text="تعرفه مصوب بودجه است.", by=cast.laleh)
        clock.move_to(over_fee.final_at)
        assert (record_dispute_ends(), status(over_fee)) == (1, DisputeStatus.FINAL)
        assert list(broken()) == []

    def test_only_the_provider_replaces_it(self, cast, over_fee):
        with pytest.raises(Forbidden):
            state_position(dispute=over_fee, text="نظر ما", by=cast.reza)

    def test_at_the_end_of_the_month_the_refusal_stands_before_any_task_ran(self, cast, call, over_extension, clock):
        offer = offer_act(
            dispute=over_extension, act=EXTENSION, until=at_closing(call, days=60), text=WHY, by=cast.laleh
        )
        clock.move_to(over_extension.final_at)
        assert status(over_extension) == DisputeStatus.FINAL
        for act in (
            lambda: accept_act_offer(offer=offer, by=cast.reza),
            lambda: write_message(dispute=over_extension, text="یک پیام", by=cast.reza),
            lambda: state_position(dispute=over_extension, text="نظر دیگر", by=cast.laleh),
        ):
            with pytest.raises(Refused):
                act()
        assert report_of(call, cast.a).extension_until is None


class TestTakingAReturnBack:
    def test_the_reviewer_who_returned_it_takes_it_back_and_the_unit_is_told(self, cast, call):
        report, _round = returned_report(cast, call)
        withdraw_return(report=report, by=cast.omid, reason="اشتباه من بود")
        told = Notice.objects.filter(event__verb="withdraw_return", channel="portal")
        assert set(told.values_list("person__username", flat=True)) == {"sara", "reza"}
        assert list(broken()) == []

    @pytest.mark.parametrize("who", ["sara", "reza", "kamran", "nader", "admin"])
    def test_nobody_else_does(self, cast, call, who):
        report, _round = returned_report(cast, call)
        with pytest.raises(Forbidden):
            withdraw_return(report=report, by=getattr(cast, who), reason="نه این‌طور")

    def test_it_may_be_returned_again(self, cast, call):
        report, _round = returned_report(cast, call)
        withdraw_return(report=report, by=cast.omid, reason="اشتباه من بود")
        return_for_correction(report=report, remarks={"HSG-01": "این بار درست"}, by=cast.omid)
        assert [r.number for r in report.returns.all()] == [1, 2]
        assert list(broken()) == []

    def test_a_return_whose_time_has_passed_is_not_taken_back(self, cast, call, clock):
        report, round_ = returned_report(cast, call)
        clock.move_to(round_.due_at)
        with pytest.raises(Refused):
            withdraw_return(report=report, by=cast.omid, reason="دیر شد")


# ----------------------------------------------------------------------------------- a miss that gets its zero
class TestZeroOfAContestedMiss:
    @pytest.fixture
    def announced(self, cast, call, over_miss):
        """The zero is announced while the miss is in dispute."""
        make_offer(dispute=over_miss, text="تا هفتهٔ بعد", by=cast.reza)
        announce_result(report=report_of(call, cast.a), by=cast.laleh)
        return fresh(report_of(call, cast.a))

    def test_it_is_a_new_position_no_window_opens_and_the_end_stays(self, announced, over_miss):
        end = over_miss.final_at
        over_miss.refresh_from_db()
        assert (announced.status, announced.objection_until) == (ReportStatus.CONTESTED, announced.announced_at)
        assert (over_miss.final_at, acts(over_miss)[-1]) == (end, ("result", str(last_announced(announced).pk)))
        assert Objection.objects.get(dispute=over_miss).result == last_announced(announced)
        assert list(broken()) == []

    def test_what_was_offered_before_lapses_and_offers_carry_results_from_then_on(self, cast, announced, over_miss):
        assert over_miss.offers.get().state == OfferState.LAPSED
        with pytest.raises(Refused) as refusal:
            make_offer(dispute=over_miss, text="در متن", by=cast.laleh)
        assert refusal.value.code == "offer-needs-result"
        typed = {"HSG-01": TypedFinding(verified={"numerator": "60", "denominator": "100"})}
        offer = offer_result(dispute=over_miss, typed=typed, text="گزارش کاغذی رسید.", by=cast.laleh)
        version = accept_result_offer(offer=offer, by=cast.reza)
        assert (last_announced(announced), fresh(announced).status) == (version, ReportStatus.FINAL)
        assert list(broken()) == []

    def test_it_is_not_contested_twice(self, cast, announced):
        with pytest.raises(Refused):
            contest_result(report=announced, text=WHY, by=cast.laleh)

    def test_at_the_end_of_the_month_it_is_final(self, announced, over_miss, clock):
        clock.move_to(over_miss.final_at)
        assert fresh(announced).status == ReportStatus.FINAL
        assert (record_dispute_ends(), record_final_results()) == (1, 1)
        assert fresh(announced).final_at == over_miss.final_at
        assert list(broken()) == []

    def test_after_the_dispute_a_zero_has_a_window_of_its_own(self, cast, call, over_miss):
        withdraw_dispute(dispute=over_miss, by=cast.reza)
        announce_result(report=report_of(call, cast.a), by=cast.laleh)
        assert fresh(report_of(call, cast.a)).status == ReportStatus.ANNOUNCED
        contest_result(report=report_of(call, cast.a), text=WHY, by=cast.reza)
        assert list(broken()) == []
