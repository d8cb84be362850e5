"""Objections: a result is contested, offered otherwise, settled, or final when the month has passed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reports.actions.closing import record_final_results
from reports.actions.objections import (
    OfferRefused,
    accept_result_offer,
    contest_result,
    offer_result,
    write_as_reviewer,
)
from reports.actions.results import announce_result, last_announced
from reports.actions.review import TypedFinding
from reports.enums import ReportStatus, ResultKind
from reports.models import Objection, Report, ResultVersion
from reports.queries import reports_at
from reports.queries.result_findings import ChangedFinding
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.dispute_ends import record_dispute_ends, withdraw_dispute
from sla.actions.disputes import write_message
from sla.actions.offers import decline_offer, make_offer
from sla.enums import DisputeStatus, Outcome, Side
from sla.models import Dispute
from tests.calls import published_call, report_of
from tests.disputes import announced_report_with
from tests.factories import make_membership
from tests.reviews import second_reviewer
from units.enums import Role
from units.models import Event

WHY = "نفر-روزهای جایگزین شمرده نشده است."


@pytest.fixture
def call(cast):
    return published_call(cast)


@pytest.fixture
def announced(cast, call):
    """The unit claims 80 of 100 housed, Omid verified 40: 71 of 100."""
    return announced_report_with(cast, call, verified={"numerator": "40", "denominator": "100"})


@pytest.fixture
def dispute(cast, announced):
    return contest_result(report=announced, text=WHY, by=cast.reza)


def status(report) -> str:
    return reports_at(database_now()).get(pk=report.pk).status


def fresh(report) -> Report:
    return Report.objects.get(pk=report.pk)


def better(cast, dispute, by=None, text="با شمارش جایگزین‌ها.", housed="60"):
    """An offer of 60 housed of 100."""
    typed = {"HSG-01": TypedFinding(verified={"numerator": housed, "denominator": "100"})}
    return offer_result(dispute=dispute, typed=typed, text=text, by=by or cast.laleh)


# ---------------------------------------------------------------------------------------------- contesting
def test_a_head_contests_the_result_within_the_window(cast, announced, dispute):
    objection = Objection.objects.get(dispute=dispute)
    assert (objection.report, objection.result) == (announced, last_announced(announced))
    assert (dispute.subject, dispute.filed_side, dispute.request.price_rials) == ("result", Side.RECIPIENT, 0)
    assert status(announced) == ReportStatus.CONTESTED


def test_the_contested_result_is_the_providers_standing_position(announced, dispute):
    position = dispute.positions.get()
    assert (position.number, position.act_noun, position.act_key) == (0, "result", str(last_announced(announced).pk))


@pytest.mark.parametrize("who", ["sara", "mina", "kamran", "omid", "nader", "admin"])
def test_nobody_but_the_head_and_the_provider_contests(cast, announced, who):
    with pytest.raises(Forbidden):
        contest_result(report=announced, text=WHY, by=getattr(cast, who))


def test_a_second_click_gives_the_same_dispute(cast, announced, dispute):
    assert contest_result(report=announced, text=WHY, by=cast.reza) == dispute
    assert Dispute.objects.count() == 1


def test_other_words_while_the_dispute_is_open_are_refused_and_not_dropped_behind_a_success(cast, announced, dispute):
    with pytest.raises(Refused) as refusal:
        contest_result(report=announced, text="دلیل دیگری که پیش‌تر ننوشتم.", by=cast.reza)
    assert refusal.value.code == "dispute-open"
    with pytest.raises(Refused) as refusal:
        contest_result(report=announced, text=WHY, by=cast.reza, files=[SimpleUploadedFile("list.txt", b"1405")])
    assert refusal.value.code == "dispute-open"
    assert dispute.messages.count() == 1


def test_one_open_dispute_over_a_result_whoever_heads_the_unit(cast, announced, dispute):
    other = second_reviewer(cast, "hoda", "هدی نوری")
    make_membership(other, cast.a, Role.HEAD)
    with pytest.raises(Refused) as refusal:
        contest_result(report=announced, text=WHY, by=other)
    assert refusal.value.code == "wrong-state"


def test_after_the_window_nothing_is_contested(cast, announced, clock):
    clock.move_to(announced.objection_until)
    with pytest.raises(Refused) as refusal:
        contest_result(report=announced, text=WHY, by=cast.reza)
    assert refusal.value.code == "objection-window-passed"
    assert not Dispute.objects.exists()


def test_in_the_last_moment_of_the_window_it_is_contested(cast, announced, clock):
    clock.move_to(announced.objection_until - timedelta(seconds=30))
    assert contest_result(report=announced, text=WHY, by=cast.reza).pk


def test_a_result_that_is_not_announced_cannot_be_contested(cast, call):
    with pytest.raises(Refused) as refusal:
        contest_result(report=report_of(call, cast.a), text=WHY, by=cast.reza)
    assert refusal.value.code == "wrong-state"


def test_a_missed_report_may_be_contested_too(cast, call, clock):
    clock.move_to(call.closes_at + timedelta(days=1))
    report = report_of(call, cast.a)
    announce_result(report=report, by=cast.laleh)
    dispute = contest_result(report=report, text="سامانه در دسترس نبود.", by=cast.reza)
    offer = better(cast, dispute)
    assert ResultVersion.objects.get(pk=int(offer.act_key)).missed is False


def test_the_filing_is_told_in_the_history_of_report_and_dispute(announced, dispute):
    assert Event.objects.filter(noun="report", key=announced.tracking_code, verb="contest").count() == 1
    assert Event.objects.filter(noun="dispute", key=str(dispute.pk), verb="file").count() == 1


# ---------------------------------------------------------------------------------------------- the thread
def test_the_reviewer_of_the_contested_score_writes_but_decides_nothing(cast, dispute):
    message = write_as_reviewer(dispute=dispute, text="جایگزین‌ها در فهرست نبودند.", by=cast.omid)
    assert message.side == Side.PROVIDER
    for act in (
        lambda: better(cast, dispute, by=cast.omid),
        lambda: withdraw_dispute(dispute=dispute, by=cast.omid),
        lambda: accept_result_offer(offer=better(cast, dispute, by=cast.reza), by=cast.omid),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_reviewer_of_other_reports_does_not_write(cast, dispute):
    with pytest.raises(Forbidden):
        write_as_reviewer(dispute=dispute, text="من هم نظری دارم.", by=second_reviewer(cast))


# ---------------------------------------------------------------------------------------------- offers
def test_an_offer_over_a_result_carries_a_prepared_version_that_is_not_announced(cast, announced, dispute):
    standing = last_announced(announced)
    offer = better(cast, dispute)
    version = ResultVersion.objects.get(pk=int(offer.act_key))
    assert (version.kind, version.announced_at, version.dispute) == (ResultKind.OFFER, None, dispute)
    assert version.total > standing.total
    assert last_announced(announced) == standing


def test_an_offer_in_words_alone_is_refused_over_a_result(cast, dispute):
    with pytest.raises(Refused) as refusal:
        make_offer(dispute=dispute, text="یک نمره بیشتر", by=cast.laleh)
    assert refusal.value.code == "offer-needs-result"


def test_an_offer_that_changes_nothing_is_refused(cast, dispute):
    with pytest.raises(Refused) as refusal:
        offer_result(dispute=dispute, typed={}, text="همان", by=cast.laleh)
    assert refusal.value.code == "no-change"


def test_letters_in_an_offered_value_are_named_and_nothing_is_stored(cast, dispute):
    with pytest.raises(OfferRefused) as refusal:
        better(cast, dispute, housed="نود")
    assert set(refusal.value.errors["HSG-01"]) == {"numerator"}
    assert not dispute.offers.exists()
    assert not ResultVersion.objects.filter(kind=ResultKind.OFFER).exists()


def test_the_unit_may_offer_and_the_provider_accept(cast, announced, dispute):
    version = accept_result_offer(offer=better(cast, dispute, by=cast.reza), by=cast.laleh)
    assert last_announced(announced) == version


def test_accepting_announces_exactly_the_offered_version_and_ends_the_dispute(cast, announced, dispute):
    offer = better(cast, dispute)
    version = accept_result_offer(offer=offer, by=cast.reza)
    dispute.refresh_from_db()
    assert (str(version.pk), version.announced_by) == (offer.act_key, cast.reza)
    assert (dispute.outcome, dispute.ended_at) == (Outcome.SETTLED, version.announced_at)
    assert last_announced(announced) == version
    assert status(announced) == ReportStatus.FINAL


def test_accepting_opens_no_new_window_and_leaves_the_old_one(cast, announced, dispute):
    before = announced.objection_until, announced.announced_at
    accept_result_offer(offer=better(cast, dispute), by=cast.reza)
    after = fresh(announced)
    assert (after.objection_until, after.announced_at) == before


def test_a_second_click_on_accepting_gives_the_same_version(cast, dispute):
    offer = better(cast, dispute)
    assert accept_result_offer(offer=offer, by=cast.reza) == accept_result_offer(offer=offer, by=cast.reza)
    assert Event.objects.filter(noun="report", verb="announce").count() == 2  # the initial one and this


def test_the_offering_side_does_not_accept_its_own_offer_and_nothing_is_announced(cast, announced, dispute):
    standing = last_announced(announced)
    offer = better(cast, dispute)
    with pytest.raises(Forbidden):
        accept_result_offer(offer=offer, by=cast.laleh)
    assert last_announced(announced) == standing
    assert status(announced) == ReportStatus.CONTESTED


def test_a_declined_offers_version_is_never_announced(cast, announced, dispute):
    offer = better(cast, dispute)
    decline_offer(offer=offer, by=cast.reza, reply="کم است")
    with pytest.raises(Refused):
        accept_result_offer(offer=offer, by=cast.reza)
    assert ResultVersion.objects.get(pk=int(offer.act_key)).announced_at is None


def test_a_coordinator_who_reports_for_the_unit_offers_nothing(cast, dispute):
    make_membership(cast.laleh, cast.a_child, Role.REPORTER)
    with pytest.raises(Forbidden):
        better(cast, dispute)


# ---------------------------------------------------------------------------------------------- a new position
def test_a_version_announced_inside_the_dispute_is_the_new_position_and_moves_no_date(cast, announced, dispute):
    window = fresh(announced).objection_until
    change = ChangedFinding(verified={"numerator": "85", "denominator": "100"}, reason="فهرست جایگزین‌ها پذیرفته شد.")
    version = announce_result(report=announced, by=cast.laleh, reason="بازبینی", changes={"HSG-01": change})
    after = Dispute.objects.get(pk=dispute.pk)
    assert [p.act_key for p in after.positions.all()][-1] == str(version.pk)
    assert (after.final_at, fresh(announced).objection_until) == (dispute.final_at, window)
    assert status(announced) == ReportStatus.CONTESTED


def test_after_finality_a_new_version_is_refused(cast, announced, dispute, clock):
    clock.move_to(dispute.final_at)
    change = ChangedFinding(verified={"numerator": "85", "denominator": "100"}, reason="دیر شد")
    with pytest.raises(Refused) as refusal:
        announce_result(report=announced, by=cast.laleh, reason="بازبینی", changes={"HSG-01": change})
    assert refusal.value.code == "final"


# ---------------------------------------------------------------------------------------------- the end
def test_when_the_month_has_passed_the_standing_result_is_final_before_any_task_has_run(
    cast, announced, dispute, clock
):
    offer = better(cast, dispute)
    standing = last_announced(announced)
    clock.move_to(dispute.final_at)
    assert status(announced) == ReportStatus.FINAL
    for act in (
        lambda: accept_result_offer(offer=offer, by=cast.reza),
        lambda: better(cast, dispute, by=cast.reza),
        lambda: write_message(dispute=dispute, text="یک پیام دیگر", by=cast.reza),
        lambda: write_as_reviewer(dispute=dispute, text="یک پیام دیگر", by=cast.omid),
        lambda: contest_result(report=announced, text=WHY, by=cast.reza),
    ):
        with pytest.raises(Refused):
            act()
    assert last_announced(announced) == standing


def test_the_sweeps_latch_the_end_of_dispute_and_result_at_the_same_instant(cast, announced, dispute, clock):
    clock.move_to(dispute.final_at + timedelta(days=40))
    assert (record_dispute_ends(), record_final_results()) == (1, 1)
    assert (record_dispute_ends(), record_final_results()) == (0, 0)
    dispute.refresh_from_db()
    assert dispute.outcome == Outcome.FINAL
    assert fresh(announced).final_at == dispute.final_at


def test_a_withdrawal_leaves_the_rest_of_the_window(cast, announced, dispute, clock):
    withdraw_dispute(dispute=dispute, by=cast.reza)
    assert status(announced) == ReportStatus.ANNOUNCED
    second = contest_result(report=announced, text="دوباره", by=cast.reza)
    withdraw_dispute(dispute=second, by=cast.reza)
    clock.move_to(announced.objection_until)
    assert status(announced) == ReportStatus.FINAL


def test_a_withdrawal_after_the_window_makes_the_result_final_at_the_withdrawal(cast, announced, dispute, clock):
    clock.move_to(announced.objection_until + timedelta(days=1))
    assert status(announced) == ReportStatus.CONTESTED
    ended = withdraw_dispute(dispute=dispute, by=cast.reza)
    assert status(announced) == ReportStatus.FINAL
    assert record_final_results() == 1
    assert fresh(announced).final_at == ended.ended_at


def test_the_settled_total_is_the_offered_one(cast, announced, dispute):
    offered = ResultVersion.objects.get(pk=int(better(cast, dispute).act_key)).total
    accept_result_offer(offer=dispute.offers.get(), by=cast.reza)
    assert last_announced(announced).total == offered > Decimal(0)
    assert Dispute.objects.with_status(database_now()).get(pk=dispute.pk).status == DisputeStatus.SETTLED
