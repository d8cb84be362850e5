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
from reports.actions.announcement_orders import order_announcement
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
from reports.actions.extensions import decide_extension, extend_units
from reports.actions.judging import judge_answers
from reports.actions.objection_lines import answer_objection
from reports.actions.objections import accept_result_offer, contest_result, offer_result, write_as_reviewer
from reports.actions.quotas import raise_unit_quota
from reports.actions.refunds import consent_refund, decline_refund, propose_refund, record_payout
from reports.actions.results import announce_result
from reports.actions.returns import return_for_correction, withdraw_return
from reports.actions.review import (
    hand_in_review,
    save_review_item,
    settle_review,
    start_review,
    take_lead,
)
from reports.actions.revising import revise_result
from reports.models import Call, Report
from sajad_portal.lib.clock import database_now, shifted
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.dispute_ends import withdraw_dispute
from sla.actions.disputes import file_dispute, state_position, write_message
from sla.actions.offers import accept_offer, decline_offer, make_offer, take_back_offer
from sla.actions.request_decisions import accept_decision_offer, contest_decision, decide_request, offer_decision
from sla.actions.request_fees import accept_lower_fee, contest_request_fee, offer_lower_fee
from sla.actions.request_room import raise_request_room
from sla.actions.requests import write_about_request
from tests.calls import report_of
from tests.deciding import WHY
from tests.deciding_requests import VERBS
from tests.factories import make_membership, make_person
from tests.people import Cast
from units.enums import Role
from units.models import Person


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


# What these deeds call; each of these functions must be reached by one of them.
DECIDING = (
    assign_reviewer, end_assignment, reassign, reassign_review, hand_over_reviews, extend_unit, extend_units,
    decide_extension, excuse_unit, ask_unit, extend_call, close_early, open_early, cancel_call, start_review,
    save_review_item, judge_answers, hand_in_review, take_lead, settle_review, return_for_correction, withdraw_return, announce_result,
    announce_results, order_announcement, revise_result, contest_result, contest_act, offer_result, accept_result_offer,
    offer_act, accept_act_offer, write_as_reviewer, file_dispute, write_message, state_position, make_offer, accept_offer,
    decline_offer, take_back_offer, withdraw_dispute, propose_refund, consent_refund, decline_refund, record_payout,
    raise_unit_quota, decide_request, write_about_request, contest_decision, offer_decision, accept_decision_offer,
    contest_request_fee, offer_lower_fee, accept_lower_fee, raise_request_room,
    answer_objection,
)  # fmt: skip
# Verbs that decide nothing about a unit for the provider, and why.
OTHERS = {
    "the unit's own": (
        "save_section bring_workbook add_row copy_row move_row remove_row bring_rows add_evidence remove_evidence "
        "request_sign_off withdraw_request send_back submit_report recall_submission "
        "ask_extension pay_for_report pay_for_extension begin_payment answer_agreement record_no_room record_no_request_room "
        "draft_request edit_request remove_request_file file_request pay_for_request withdraw_general_request"
    ),
    "the terms, the same for all units": (
        "create_call edit_call publish_call clone_call clone_for_next_period import_form add_form_files lay_indicators "
        "confirm_form draft_agreement "
        "publish_agreement edit_section add_section remove_section move_section change_dispute_rule bring_history upload_document "
        "publish_document edit_service publish_tariffs add_holiday remove_holiday seed_holidays show_reviewers raise_call_quotas"
    ),
    "reads, reminds, records who was refused, or counts what the bank says": (
        "request_export fetch_export look_at_history remind_units remind_heads record_draft_try reconcile_day open_attempt"
    ),
    "an administrator's, who says who decides": "name_decider end_decider",
    "the service, its types and its calendar, the same for all units": (
        "create_service close_service reopen_service add_request_type edit_request_type close_request_type "
        "reopen_request_type set_target set_working_week import_days_off declare_free set_up"
    ),
    "programs: whom the provider admits, and who lends them a seat": (
        "admit_client renew_token revoke_client bind_client unbind_client add_webhook pause_webhook resume_webhook remove_webhook"
    ),
    "asks the same rule of each report; its own tests are with it": "settle_left_open",
}


# Whoever heads the unit speaks for the unit in its disputes, whatever else they are.
DISPUTES = (
    "contesting_a_result", "contesting_an_act", "offering_a_result", "accepting_an_offered_result", "offering_an_act",
    "accepting_an_offered_act", "filing_a_question", "writing", "stating_a_position", "offering", "accepting", "declining",
    "taking_an_offer_back", "withdrawing", "contesting_a_decision", "offering_a_decision", "accepting_an_offered_decision",
    "answering_contested_indicators", "contesting_the_fee_of_a_request", "offering_a_lower_fee_of_a_request",
    "accepting_a_lower_fee_of_a_request",
)  # fmt: skip
APART = {
    *((name, "heads the unit") for name in DISPUTES),
    # A question about the agreement is over no report: who is in the line now is barred, and who was is not.
    ("filing_a_question", "reported for the unit while its report was open"),
    # Nor is room for files over one request.
    ("giving_the_requests_of_a_unit_more_room", "reported for the unit while its report was open"),
    # Whoever reports for the unit or heads it writes for the unit.
    ("asking_about_a_request", "reports for the unit"),
    ("asking_about_a_request", "heads the unit"),
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


@pytest.mark.long
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


@pytest.mark.long
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
