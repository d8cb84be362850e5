"""Every verb that decides about a report, as a deed: what prepares the world for a decider, and what that person then does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from reports.actions.announcement_orders import carry_out, order_announcement
from reports.actions.announcing import announce_results
from reports.actions.assignment import assign_reviewer, end_assignment, hand_over_reviews, reassign, reassign_review
from reports.actions.calls import ask_unit, cancel_call, close_early, excuse_unit, extend_call, extend_unit, open_early
from reports.actions.contests import contest_act
from reports.actions.dispute_offers import accept_act_offer, offer_act
from reports.actions.extensions import ask_extension, decide_extension, extend_units
from reports.actions.judging import judge_answers
from reports.actions.objection_lines import TypedAnswer, TypedLine, answer_objection
from reports.actions.objections import accept_result_offer, contest_result, offer_result, write_as_reviewer
from reports.actions.quotas import raise_unit_quota
from reports.actions.refunds import consent_refund, decline_refund, propose_refund, record_payout
from reports.actions.results import announce_result
from reports.actions.returns import return_for_correction, withdraw_return
from reports.actions.review import (
    TypedFinding,
    hand_in_review,
    save_review_item,
    settle_review,
    start_review,
    take_lead,
)
from reports.actions.revising import revise_result
from reports.models import AnnouncementOrder, Call, Review
from reports.rules.offered_acts import EXTENSION
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.disputes import file_dispute, state_position, write_message
from sla.actions.offers import accept_offer, decline_offer, make_offer, take_back_offer
from sla.enums import PaymentState, Subject
from sla.models import Dispute, Payment, Refund
from tests.calls import submitted_report
from tests.contests import contested, missed_report, refused_extension, returned_report, with_fee
from tests.factories import make_person
from tests.reviews import announced_report, assign, claimed, review_of, reviewed_report, second_reviewer, verify_all
from units.models import Person

WHY = "دلیل ما در پیوست است."


# ------------------------------------------------------------------------------------------------- every verb
# name → what prepares the world for this decider and gives the deed. The decider coordinates at the provider and reviews there.
Prepare = Callable[[Any, Person], Callable[[], object]]
VERBS: dict[str, Prepare] = {}


def verb(prepare: Prepare) -> Prepare:
    VERBS[prepare.__name__] = prepare
    return prepare


def _of_theirs(w, by: Person, *, lead: bool = False) -> Review:
    report, _revision = submitted_report(w.cast, w.call)
    return Review.objects.create(report=report, reviewer=by, lead=lead, assigned_at=database_now())


# assigning
@verb
def assigning(w, by):
    return lambda: assign_reviewer(call=w.call, reviewer=w.cast.omid, unit=w.cast.a, by=by)


@verb
def ending_an_assignment(w, by):
    assignment = assign(w.cast, w.call, unit=w.cast.a).assignment
    return lambda: end_assignment(assignment=assignment, by=by, reason=WHY)


@verb
def reassigning(w, by):
    assignment, other = assign(w.cast, w.call, unit=w.cast.a).assignment, second_reviewer(w.cast)
    return lambda: reassign(assignment=assignment, reviewer=other, by=by, reason=WHY)


@verb
def reassigning_one_review(w, by):
    assign(w.cast, w.call, unit=w.cast.a)
    other = second_reviewer(w.cast)
    return lambda: reassign_review(review=review_of(w.report, w.cast.omid), reviewer=other, by=by, reason=WHY)


@verb
def handing_reviews_over(w, by):
    assign(w.cast, w.call, unit=w.cast.a)
    other = second_reviewer(w.cast)
    reviews = [review_of(w.report, w.cast.omid)]
    return lambda: hand_over_reviews(call=w.call, reviews=reviews, reviewer=other, by=by, reason=WHY)


# the call, the deadline, the unit
@verb
def extending_the_unit(w, by):
    return lambda: extend_unit(report=w.report, until=w.until, by=by, reason=WHY)


@verb
def extending_chosen_units(w, by):
    return lambda: extend_units(call=w.call, reports=[w.report], until=w.until, by=by, reason=WHY)


@verb
def deciding_an_extension_request(w, by):
    asked = ask_extension(report=w.report, until=w.until, reason=WHY, by=w.cast.reza)
    return lambda: decide_extension(asked=asked, granted_until=w.until, reason=WHY, by=by)


@verb
def excusing(w, by):
    return lambda: excuse_unit(report=w.report, by=by, reason=WHY)


@verb
def asking_late(w, by):
    return lambda: ask_unit(call=w.call, unit=w.cast.a_child, by=by, reason=WHY)


@verb
def extending_the_call(w, by):
    return lambda: extend_call(call=w.call, closes_at=w.until, by=by, reason=WHY)


@verb
def closing_early(w, by):
    return lambda: close_early(call=w.call, by=by, reason=WHY)


@verb
def opening_early(w, by):
    """The call opens later than every seat of BARRED began; one that ends before its opening bars nobody."""
    Call.objects.filter(pk=w.call.pk).update(opens_at=database_now() + timedelta(hours=1))
    return lambda: open_early(call=w.call, by=by, reason=WHY)


@verb
def cancelling(w, by):
    return lambda: cancel_call(call=w.call, by=by, reason=WHY)


# reviewing
@verb
def starting_a_review(w, by):
    _of_theirs(w, by)
    return lambda: start_review(report=w.report, by=by)


@verb
def saving_a_finding(w, by):
    review = _of_theirs(w, by)
    given = {"review": review, "indicator": "HSG-01", "typed": TypedFinding(verified=claimed(review, "HSG-01"))}
    return lambda: save_review_item(**given, by=by)


@verb
def accepting_answers(w, by):
    given = {"review": _of_theirs(w, by), "remarks": {"q:has_canteen": None}}
    return lambda: judge_answers(**given, by=by)


@verb
def handing_in(w, by):
    verify_all(review := _of_theirs(w, by))
    return lambda: hand_in_review(review=review, by=by)


@verb
def taking_the_lead(w, by):
    submitted_report(w.cast, w.call)
    return lambda: take_lead(report=w.report, by=by)


@verb
def settling(w, by):
    verify_all(review := _of_theirs(w, by, lead=True))
    return lambda: settle_review(review=review, by=by)


@verb
def returning(w, by):
    submitted_report(w.cast, w.call)
    return lambda: return_for_correction(report=w.report, remarks={"HSG-01": "فهرست را پیوست کنید"}, by=by)


@verb
def taking_a_return_back(w, by):
    returned_report(w.cast, w.call)
    return lambda: withdraw_return(report=w.report, by=by, reason=WHY)


# results
@verb
def announcing(w, by):
    reviewed_report(w.cast, w.call)
    return lambda: announce_result(report=w.report, by=by)


@verb
def announcing_many(w, by):
    reviewed_report(w.cast, w.call)
    return lambda: _first_refusal(announce_results(reports=[w.report], by=by))


@verb
def announcing_by_order(w, by):
    reviewed_report(w.cast, w.call)

    def deed():
        carry_out(order_announcement(call=w.call, which="ready", by=by).pk)
        order = AnnouncementOrder.objects.latest("pk")
        if order.announced == 0:
            raise Forbidden(order.refused[0]["why"])

    return deed


def _first_refusal(made) -> None:
    if made[0].version is None:
        raise Forbidden(made[0].refusal)


@verb
def revising(w, by):
    announced_report(w.cast, w.call)
    typed = {"HSG-01": TypedFinding(verified={"numerator": "60", "denominator": "100"}, reason=WHY)}
    return lambda: revise_result(report=w.report, typed=typed, reason=WHY, by=by)


# disputes
@verb
def contesting_a_result(w, by):
    announced_report(w.cast, w.call)
    return lambda: contest_result(report=w.report, text=WHY, by=by)


@verb
def contesting_an_act(w, by):
    asked = refused_extension(w.cast, w.call)
    return lambda: contest_act(report=w.report, subject=Subject.EXTENSION, key=asked.pk, text=WHY, by=by)


def _over_result(w, lines=None) -> Dispute:
    announced_report(w.cast, w.call)
    return contest_result(report=w.report, text=WHY, by=w.cast.reza, lines=lines)


def _over_extension(w) -> Dispute:
    asked = refused_extension(w.cast, w.call)
    return contested(w.cast, w.report, Subject.EXTENSION, asked.pk)


def _over_fee(w) -> Dispute:
    report = with_fee(w.report)
    return contested(w.cast, report, Subject.FEE, report.request_id)


OTHER = {"HSG-01": TypedFinding(verified={"numerator": "60", "denominator": "100"})}


@verb
def offering_a_result(w, by):
    dispute = _over_result(w)
    return lambda: offer_result(dispute=dispute, typed=OTHER, text=WHY, by=by)


@verb
def answering_contested_indicators(w, by):
    dispute = _over_result(w, {"HSG-01": TypedLine(OTHER["HSG-01"].verified, reason=WHY)})
    return lambda: answer_objection(dispute=dispute, answers={"HSG-01": TypedAnswer("accepted")}, by=by)


@verb
def accepting_an_offered_result(w, by):
    offer = offer_result(dispute=_over_result(w), typed=OTHER, text=WHY, by=w.cast.reza)
    return lambda: accept_result_offer(offer=offer, by=by)


@verb
def offering_an_act(w, by):
    dispute = _over_extension(w)
    return lambda: offer_act(dispute=dispute, act=EXTENSION, until=w.until, text=WHY, by=by)


@verb
def accepting_an_offered_act(w, by):
    offer = offer_act(dispute=_over_extension(w), act=EXTENSION, until=w.until, text=WHY, by=w.cast.reza)
    return lambda: accept_act_offer(offer=offer, by=by)


@verb
def explaining_as_reviewer(w, by):
    verify_all(review := _of_theirs(w, by))
    hand_in_review(review=review, by=by)
    announce_result(report=w.report, by=w.cast.laleh)
    dispute = contest_result(report=w.report, text=WHY, by=w.cast.reza)
    return lambda: write_as_reviewer(dispute=dispute, text=WHY, by=by)


@verb
def filing_a_question(w, by):
    section = w.call.agreement.sections.first().key
    return lambda: file_dispute(unit=w.cast.a, agreement=w.call.agreement, section=section, text=WHY, by=by)


@verb
def writing(w, by):
    dispute = _over_fee(w)
    return lambda: write_message(dispute=dispute, text=WHY, by=by)


@verb
def stating_a_position(w, by):
    dispute = _over_fee(w)
    return lambda: state_position(dispute=dispute, text=WHY, by=by)


@verb
def offering(w, by):
    dispute = _over_fee(w)
    return lambda: make_offer(dispute=dispute, text=WHY, by=by)


@verb
def accepting(w, by):
    offer = make_offer(dispute=_over_fee(w), text=WHY, by=w.cast.reza)
    return lambda: accept_offer(offer=offer, by=by)


@verb
def declining(w, by):
    offer = make_offer(dispute=_over_fee(w), text=WHY, by=w.cast.reza)
    return lambda: decline_offer(offer=offer, by=by)


@verb
def taking_an_offer_back(w, by):
    offer = make_offer(dispute=_over_fee(w), text=WHY, by=w.cast.laleh)
    return lambda: take_back_offer(offer=offer, by=by)


@verb
def withdrawing(w, by):
    report = with_fee(w.report)
    dispute = contested(w.cast, report, Subject.FEE, report.request_id, by=w.cast.laleh)
    return lambda: withdraw_dispute(dispute=dispute, by=by)


# refunds
def _payment(w) -> Payment:
    report, at = missed_report(w.cast, w.call, w.clock), database_now()
    return Payment.objects.create(
        request=report.request, order_id="order-of-a", amount_rials=1000, gateway="simulator", terminal="1",
        token="token-of-a", state=PaymentState.PAID, begun_at=at, begun_by=w.cast.reza,
        membership=w.cast.membership(w.cast.reza), expires_at=at, redirected_at=at, settled_at=at, received_rials=1000,
        reference="reference-of-a",
    )  # fmt: skip


@verb
def proposing_a_refund(w, by):
    payment = _payment(w)
    return lambda: propose_refund(payment=payment, reason=WHY, by=by)


def _refund(w, consented_by: Person | None = None) -> Refund:
    payment, at = _payment(w), database_now()
    consent = {"consented_at": at, "consented_by": consented_by} if consented_by else {}
    return Refund.objects.create(
        payment=payment, rials=1000, reason=WHY, proposed_at=at, proposed_by=w.cast.laleh, **consent
    )


@verb
def consenting_to_a_refund(w, by):
    refund = _refund(w)
    return lambda: consent_refund(refund=refund, by=by)


@verb
def declining_a_refund(w, by):
    refund = _refund(w)
    return lambda: decline_refund(refund=refund, reason=WHY, by=by)


@verb
def paying_a_refund_out(w, by):
    second = make_person("second", "زهرا دوم")
    refund = _refund(w, second)
    return lambda: record_payout(refund=refund, reference="۱۲۳۴۵", by=by)


# more room for files
@verb
def giving_the_unit_more_room(w, by):
    return lambda: raise_unit_quota(report=w.report, mb=4000, files=4000, by=by)
