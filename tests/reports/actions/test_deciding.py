"""Every verb that decides about a report × where the decider stands to the report's unit: one table.

A verb that is in neither table below fails `test_every_verb_is_in_one_of_the_tables`.
"""

import contextlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import transaction

import reports.actions
import sla.actions
from reports.actions.announcement_orders import carry_out, order_announcement
from reports.actions.announcing import announce_results
from reports.actions.assignment import (
    assign_reviewer,
    end_assignment,
    hand_over_reviews,
    reassign,
    reassign_review,
)
from reports.actions.calls import ask_unit, cancel_call, close_early, excuse_unit, extend_call, extend_unit, open_early
from reports.actions.contests import contest_act
from reports.actions.deciders import name_decider
from reports.actions.dispute_offers import accept_act_offer, offer_act
from reports.actions.extensions import ask_extension, decide_extension, extend_units
from reports.actions.objections import accept_result_offer, contest_result, offer_result, write_as_reviewer
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
from reports.models import AnnouncementOrder, Call, Report, Review
from reports.rules.offered_acts import EXTENSION
from sajad_portal.lib.clock import database_now, shifted
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.disputes import file_dispute, state_position, write_message
from sla.actions.offers import accept_offer, decline_offer, make_offer, take_back_offer
from sla.enums import PaymentState, Subject
from sla.models import Dispute, Payment, Refund
from tests.calls import report_of, submitted_report
from tests.contests import contested, missed_report, refused_extension, returned_report, with_fee
from tests.factories import make_membership, make_person
from tests.people import Cast
from tests.reviews import announced_report, assign, claimed, review_of, reviewed_report, second_reviewer, verify_all
from units.enums import Role
from units.models import Person

WHY = "دلیل ما در پیوست است."


@dataclass
class World:
    cast: Cast
    call: Call
    clock: object

    @property
    def report(self) -> Report:
        return report_of(self.call, self.cast.a)

    @property
    def until(self):
        return max(self.call.closes_at, database_now()) + timedelta(days=4)


# --------------------------------------------------------------------------------------- where the decider stands
def _reports(person: Person, unit, **fields) -> None:
    make_membership(person, unit, fields.pop("role", Role.REPORTER), **fields)


BARRED: dict[str, Callable[[Person, World], None]] = {
    "reports for the unit": lambda person, w: _reports(person, w.cast.a),
    "heads the unit": lambda person, w: _reports(person, w.cast.a, role=Role.HEAD),
    "reports for a unit above": lambda person, w: _reports(person, w.cast.provider),
    "reports for a unit below": lambda person, w: _reports(person, w.cast.a_child),
    "reported for the unit while its report was open": lambda person, w: _reports(
        person, w.cast.a, ends_at=w.call.opens_at + timedelta(minutes=5)
    ),
}
FREE: dict[str, Callable[[Person, World], None]] = {
    "reports for a sibling": lambda person, w: _reports(person, w.cast.b),
    "has not accepted the seat": lambda person, w: _reports(person, w.cast.a, role=Role.HEAD, accepted_at=None),
    "left the unit before the call opened": lambda person, w: _reports(
        person, w.cast.a, ends_at=w.call.opens_at - timedelta(minutes=5)
    ),
    "declined, and never accepted": lambda person, w: _reports(
        person, w.cast.a, accepted_at=None, ends_at=w.call.opens_at + timedelta(minutes=5)
    ),
}


# ------------------------------------------------------------------------------------------------- every verb
# name → what prepares the world for this decider and gives the deed. The decider coordinates at the provider and reviews there.
Prepare = Callable[[World, Person], Callable[[], object]]
VERBS: dict[str, Prepare] = {}


def verb(prepare: Prepare) -> Prepare:
    VERBS[prepare.__name__] = prepare
    return prepare


def _of_theirs(w: World, by: Person, *, lead: bool = False) -> Review:
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
    typed = TypedFinding(verified=claimed(review, "HSG-01"))
    return lambda: save_review_item(review=review, indicator="HSG-01", typed=typed, by=by)


@verb
def handing_in(w, by):
    review = _of_theirs(w, by)
    verify_all(review)
    return lambda: hand_in_review(review=review, by=by)


@verb
def taking_the_lead(w, by):
    submitted_report(w.cast, w.call)
    return lambda: take_lead(report=w.report, by=by)


@verb
def settling(w, by):
    review = _of_theirs(w, by, lead=True)
    verify_all(review)
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


def _over_result(w: World) -> Dispute:
    announced_report(w.cast, w.call)
    return contest_result(report=w.report, text=WHY, by=w.cast.reza)


def _over_extension(w: World) -> Dispute:
    asked = refused_extension(w.cast, w.call)
    return contested(w.cast, w.report, Subject.EXTENSION, asked.pk)


def _over_fee(w: World) -> Dispute:
    report = with_fee(w.report)
    return contested(w.cast, report, Subject.FEE, report.request_id)


OTHER = {"HSG-01": TypedFinding(verified={"numerator": "60", "denominator": "100"})}


@verb
def offering_a_result(w, by):
    dispute = _over_result(w)
    return lambda: offer_result(dispute=dispute, typed=OTHER, text=WHY, by=by)


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
    review = _of_theirs(w, by)
    verify_all(review)
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
def _payment(w: World) -> Payment:
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


def _refund(w: World, consented_by: Person | None = None) -> Refund:
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


# What these deeds call; each of these functions must be reached by one of them.
DECIDING = (
    assign_reviewer, end_assignment, reassign, reassign_review, hand_over_reviews, extend_unit, extend_units,
    decide_extension, excuse_unit, ask_unit, extend_call, close_early, open_early, cancel_call, start_review,
    save_review_item, hand_in_review, take_lead, settle_review, return_for_correction, withdraw_return, announce_result,
    announce_results, order_announcement, revise_result, contest_result, contest_act, offer_result, accept_result_offer,
    offer_act, accept_act_offer, write_as_reviewer, file_dispute, write_message, state_position, make_offer, accept_offer,
    decline_offer, take_back_offer, withdraw_dispute, propose_refund, consent_refund, decline_refund, record_payout,
)  # fmt: skip
# Verbs that decide nothing about a unit for the provider, and why.
OTHERS = {
    "the unit's own": (
        "save_section add_evidence remove_evidence request_sign_off withdraw_request send_back submit_report recall_submission "
        "ask_extension pay_for_report pay_for_extension begin_payment answer_agreement"
    ),
    "the terms, the same for all units": (
        "create_call edit_call publish_call clone_call clone_for_next_period import_form confirm_form draft_agreement "
        "publish_agreement edit_section add_section remove_section move_section change_dispute_rule upload_document "
        "publish_document edit_service publish_tariffs add_holiday remove_holiday seed_holidays show_reviewers"
    ),
    "reads, reminds, or counts what the bank says": (
        "request_export fetch_export remind_units remind_heads reconcile_day open_attempt"
    ),
    "an administrator's, who says who decides": "name_decider end_decider",
}


# Whoever heads the unit speaks for the unit in its disputes, whatever else they are.
DISPUTES = (
    "contesting_a_result", "contesting_an_act", "offering_a_result", "accepting_an_offered_result", "offering_an_act",
    "accepting_an_offered_act", "filing_a_question", "writing", "stating_a_position", "offering", "accepting", "declining",
    "taking_an_offer_back", "withdrawing",
)  # fmt: skip
APART = {
    *((name, "heads the unit") for name in DISPUTES),
    # A question about the agreement is over no report: who is in the line now is barred, and who was is not.
    ("filing_a_question", "reported for the unit while its report was open"),
    # That seat ends before the call of this deed opens.
    ("opening_early", "reported for the unit while its report was open"),
    # The call asks the sibling too.
    *(
        (name, "reports for a sibling")
        for name in ("extending_the_call", "closing_early", "opening_early", "cancelling")
    ),
}


# ---------------------------------------------------------------------------------------------------- the tests
class _Undone(Exception):
    pass


def decider(w: World, *, named: bool = False) -> Person:
    """Coordinates and reviews at the provider; who is to be named reviews only."""
    person = make_person(name="فرزانه داور")
    if not named:
        make_membership(person, w.cast.provider, Role.COORDINATOR)
    make_membership(person, w.cast.provider, Role.REVIEWER)
    return person


def tried(w: World, name: str, stands: Callable[[Person, World], None], *, named: bool = False) -> str:
    """The code of the refusal, or "" where the verb went through; whatever it wrote is undone, and the clock is put back."""
    said = ""
    with shifted(timedelta()), contextlib.suppress(_Undone), transaction.atomic():
        person = decider(w, named=named)
        if name in DISPUTES and not named:  # who was in the line when a dispute was filed is kept with it
            stands(person, w)
        deed = VERBS[name](w, person)
        if (
            name not in DISPUTES or named
        ):  # the seat comes when the work is begun: a review is assigned, findings are saved
            stands(person, w)
        try:
            deed()
        except Refused as refusal:
            said = refusal.code if isinstance(refusal, Forbidden) else f"refused: {refusal.code}"
        raise _Undone
    return said


@pytest.fixture
def world(cast, call, clock) -> World:
    return World(cast, call, clock)


@pytest.mark.parametrize("name", list(VERBS))
def test_whoever_is_or_was_in_the_line_of_the_unit_decides_nothing_about_it(name, world):
    found = {where: tried(world, name, stands) for where, stands in BARRED.items() if (name, where) not in APART}

    assert [where for where, said in found.items() if not said or said.startswith("refused")] == [], found


@pytest.mark.parametrize("name", list(VERBS))
def test_who_reports_beside_the_line_or_never_accepted_decides(name, world):
    found = {where: tried(world, name, stands) for where, stands in FREE.items() if (name, where) not in APART}

    assert {where: said for where, said in found.items() if said} == {}


def _is_named(person: Person, w: World) -> None:
    """Laleh, the only coordinator, comes into the unit's line, and an administrator names this person."""
    make_membership(w.cast.laleh, w.cast.a, Role.REPORTER)
    name_decider(unit=w.cast.a, service=w.call.service, person=person, by=w.cast.admin, reason=WHY)


# A whole call, all assignments of a reviewer, another unit: not what somebody decides who is named for one unit.
BEYOND_ONE_UNIT = (
    "asking_late", "extending_the_call", "closing_early", "opening_early", "cancelling", "ending_an_assignment", "reassigning",
    "handing_reviews_over", "announcing_by_order",
)  # fmt: skip


@pytest.mark.parametrize("name", list(VERBS))
def test_whom_an_administrator_named_decides_about_the_unit_and_nothing_beyond_it(name, world):
    said = tried(world, name, _is_named, named=True)

    assert (said == "") is (name not in BEYOND_ONE_UNIT), said


def test_every_verb_is_in_one_of_the_tables():
    known = {function.__name__ for function in DECIDING} | {name for names in OTHERS.values() for name in names.split()}

    assert {name for name in verbs_of_the_house() if name not in known} == set()


def verbs_of_the_house() -> Iterator[str]:
    """Functions of the rooms of verbs that a person calls: arguments by name, `by` among them, and no `at` handed in."""
    for package in (reports.actions, sla.actions):
        for found in pkgutil.iter_modules(package.__path__):
            module = import_module(f"{package.__name__}.{found.name}")
            for name, function in vars(module).items():
                if name.startswith("_") or not inspect.isfunction(function) or function.__module__ != module.__name__:
                    continue
                given = inspect.signature(function).parameters
                by_name = all(p.kind == p.KEYWORD_ONLY or p.kind == p.VAR_KEYWORD for p in given.values())
                if by_name and "by" in given and "at" not in given:
                    yield name


def test_every_deciding_verb_is_called_by_a_deed_of_the_table():
    called = {word for prepare in VERBS.values() for word in _names_in(prepare)}

    assert {function.__name__ for function in DECIDING} - called == set()


def _names_in(function) -> set[str]:
    code = function.__code__
    found, waiting = set(code.co_names), [c for c in code.co_consts if inspect.iscode(c)]
    while waiting:
        inner = waiting.pop()
        found |= set(inner.co_names)
        waiting += [c for c in inner.co_consts if inspect.iscode(c)]
    return found
