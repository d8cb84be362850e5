"""What is decided about a general request: once, with a reason, outside the unit's line; contested; decided anew."""

from datetime import timedelta

import pytest
from django.urls import reverse

from reports.actions.deciders import name_decider
from reports.invariants import broken
from reports.queries.namings import undecided
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.dispute_ends import record_dispute_ends, withdraw_dispute
from sla.actions.disputes import state_position
from sla.actions.offers import decline_offer
from sla.actions.request_decisions import (
    accept_decision_offer,
    contest_decision,
    decide_request,
    offer_decision,
)
from sla.actions.request_types import TypeTerms, edit_request_type
from sla.enums import Decision, GeneralState, Outcome, Subject
from sla.models import Dispute, RequestDecision, ServiceRequest
from sla.queries import days_deadline
from sla.queries.measures import answered
from tests.factories import make_membership, make_person
from tests.general import again, contested_request, decided, filed, make_general_type
from units.enums import Role
from units.models import Notice

WHY = "سهمیهٔ این ترم پر است."


@pytest.fixture
def kind(cast):
    return make_general_type(cast)


def refusal_of(verb, **given) -> str:
    with pytest.raises(Refused) as refusal:
        verb(**given)
    return refusal.value.code


# ---------------------------------------------------------------------------------------------------------- deciding
@pytest.mark.parametrize(("decision", "days"), [("granted", None), ("partly", 10), ("refused", 10)])
def test_a_decision_has_a_reason_and_stops_the_clock(cast, kind, decision, days):
    general = filed(cast, kind)
    made = decide_request(general=general, decision=decision, reason=WHY, by=cast.laleh)
    general = again(general)

    assert (general.state, general.decided_at, general.opened.stopped_at) == (GeneralState.DECIDED, made.at, made.at)
    assert made.contest_until == (days_deadline(made.at, days) if days else None)
    assert {cast.sara, cast.reza} <= {n.person for n in Notice.objects.filter(event__verb="decide_request")}
    assert list(broken()) == []


def test_the_days_to_contest_are_those_it_was_filed_under(cast, kind):
    general = filed(cast, kind)
    edit_request_type(request_type=kind, title=kind.title, terms=TypeTerms(contest_days=None), by=cast.laleh)
    made = decide_request(general=general, decision=Decision.REFUSED, reason=WHY, by=cast.laleh)

    assert made.contest_until == days_deadline(made.at, 10)


def test_where_the_type_says_so_the_decision_is_final(cast):
    kind = make_general_type(cast, contest_days=None)
    general, made = decided(cast, kind, Decision.REFUSED)

    assert made.contest_until is None
    assert refusal_of(contest_decision, general=general, text=WHY, by=cast.reza) == "not-contestable"


def test_it_is_decided_once(cast, kind):
    general, _made = decided(cast, kind)

    assert (
        refusal_of(decide_request, general=general, decision=Decision.GRANTED, reason=WHY, by=cast.laleh)
        == "decided-already"
    )
    assert RequestDecision.objects.count() == 1


def test_a_decision_without_a_reason_is_refused(cast, kind):
    general = filed(cast, kind)

    assert (
        refusal_of(decide_request, general=general, decision=Decision.REFUSED, reason=" ", by=cast.laleh) == "no-reason"
    )
    assert again(general).state == GeneralState.FILED


def test_its_time_is_in_the_figures_of_its_type(cast, kind, clock):
    general = filed(cast, kind)
    clock.move(days=4)
    decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=cast.laleh)
    clock.move(seconds=1)
    at = database_now()
    found = answered(ServiceRequest.objects.all(), at, before=at)

    assert [(one.request_id, one.type_id, one.target) for one in found] == [(general.request_id, kind.pk, 8)]


# ------------------------------------------------------------------------------------------------------- who decides
def coordinator(cast, name="zahra"):
    person = make_person(name, "زهرا رضایی")
    make_membership(person, cast.provider, Role.COORDINATOR)
    return person


@pytest.mark.parametrize("unit", ["a", "provider", "a_child"])
def test_nobody_in_the_units_line_decides_and_whom_to_ask_is_said(cast, kind, unit):
    general, zahra = filed(cast, kind), coordinator(cast)
    make_membership(zahra, getattr(cast, unit), Role.REPORTER)
    with pytest.raises(Forbidden) as refusal:
        decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=zahra)

    assert refusal.value.code == "in-line"
    assert cast.laleh.get_full_name() in str(refusal.value)


def test_who_reported_for_the_unit_after_the_filing_is_barred_and_before_it_is_not(cast, kind, clock):
    general = filed(cast, kind)
    before, after = coordinator(cast, "before"), coordinator(cast, "after")
    make_membership(before, cast.a, Role.REPORTER, ends_at=general.filed_at - timedelta(minutes=1))
    make_membership(after, cast.a, Role.REPORTER, ends_at=general.filed_at + timedelta(minutes=1))
    clock.move(hours=1)
    with pytest.raises(Forbidden):
        decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=after)

    assert decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=before).by == before


@pytest.mark.parametrize("name", ["reza", "sara", "kamran", "omid", "nader", "admin"])
def test_nobody_but_a_coordinator_of_the_provider_decides(cast, kind, name):
    general = filed(cast, kind)

    with pytest.raises(Forbidden):
        decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=getattr(cast, name))


# ------------------------------------------------------------------------------------------------- contesting it
def test_the_decision_is_position_0_of_its_dispute(cast, kind):
    general, dispute = contested_request(cast, kind)
    made = general.decisions.get()
    first = dispute.positions.get()

    assert (dispute.subject, dispute.call_id, dispute.request.price_rials) == (Subject.REQUEST, None, 0)
    assert (first.number, first.text, first.act_noun, first.act_key) == (
        0,
        made.reason,
        "request_decision",
        str(made.pk),
    )
    assert list(broken()) == []


def test_one_microsecond_after_its_days_it_stands(cast, kind, clock):
    general, made = decided(cast, kind)
    clock.move_to(made.contest_until)

    assert refusal_of(contest_decision, general=general, text=WHY, by=cast.reza) == "objection-window-passed"


def test_a_grant_is_not_contested(cast, kind):
    general, _made = decided(cast, kind, Decision.GRANTED)

    assert refusal_of(contest_decision, general=general, text=WHY, by=cast.reza) == "not-contestable"


def test_the_expert_does_not_contest(cast, kind):
    general, _made = decided(cast, kind)

    with pytest.raises(Forbidden):
        contest_decision(general=general, text=WHY, by=cast.sara)


def test_the_same_objection_twice_is_one_and_another_is_refused(cast, kind):
    general, dispute = contested_request(cast, kind)
    same = contest_decision(general=general, text="این ترم را هم می‌خواهیم.", by=cast.reza)

    assert same == dispute
    assert refusal_of(contest_decision, general=general, text="چیز دیگری", by=cast.reza) == "dispute-open"
    assert refusal_of(contest_decision, general=general, text=WHY, by=cast.laleh) == "dispute-open"
    assert Dispute.objects.count() == 1


def test_a_withdrawn_objection_can_be_filed_again_within_the_days(cast, kind):
    general, dispute = contested_request(cast, kind)
    withdraw_dispute(dispute=dispute, by=cast.reza)

    assert contest_decision(general=general, text=WHY, by=cast.reza) != dispute
    assert list(broken()) == []


def test_who_was_in_the_units_line_since_the_filing_has_no_vote(cast, kind, clock):
    general = filed(cast, kind)
    zahra = coordinator(cast)
    make_membership(zahra, cast.a, Role.REPORTER, ends_at=general.filed_at + timedelta(minutes=1))
    clock.move(hours=1)
    decide_request(general=general, decision=Decision.REFUSED, reason=WHY, by=cast.laleh)
    dispute = contest_decision(general=general, text=WHY, by=cast.reza)

    assert list(dispute.without_vote.all()) == [zahra]
    with pytest.raises(Forbidden):
        offer_decision(dispute=dispute, decision=Decision.GRANTED, text=WHY, by=zahra)


# ----------------------------------------------------------------------------------------------------- decided anew
def test_an_accepted_offer_of_the_provider_is_a_new_decision(cast, kind):
    general, dispute = contested_request(cast, kind)
    offer = offer_decision(dispute=dispute, decision=Decision.GRANTED, text="از همین ترم.", by=cast.laleh)
    accept_decision_offer(offer=offer, by=cast.reza)
    dispute.refresh_from_db()
    second = general.decisions.get(number=2)

    assert (second.decision, second.reason, second.by, second.contest_until) == (
        "granted",
        "از همین ترم.",
        cast.laleh,
        None,
    )
    assert (dispute.outcome, dispute.ended_at) == (Outcome.SETTLED, second.at)
    assert again(general).state == GeneralState.DECIDED
    assert list(broken()) == []


def test_the_units_offer_that_the_provider_accepts_is_the_acceptors_decision(cast, kind):
    general, dispute = contested_request(cast, kind)
    offer = offer_decision(dispute=dispute, decision=Decision.PARTLY, text="تنها خوابگاه دختران.", by=cast.reza)
    accept_decision_offer(offer=offer, by=cast.laleh)

    assert general.decisions.get(number=2).by == cast.laleh
    assert list(broken()) == []


def test_accepting_twice_decides_once(cast, kind):
    general, dispute = contested_request(cast, kind)
    offer = offer_decision(dispute=dispute, decision=Decision.GRANTED, text=WHY, by=cast.laleh)
    for _ in range(2):
        accept_decision_offer(offer=offer, by=cast.reza)

    assert general.decisions.count() == 2


def test_a_declined_offer_decides_nothing(cast, kind):
    general, dispute = contested_request(cast, kind)
    offer = offer_decision(dispute=dispute, decision=Decision.GRANTED, text=WHY, by=cast.laleh)
    decline_offer(offer=offer, by=cast.reza)

    assert general.decisions.count() == 1
    assert list(broken()) == []


def test_a_refusal_is_no_offer(cast, kind):
    _general, dispute = contested_request(cast, kind)

    assert (
        refusal_of(offer_decision, dispute=dispute, decision=Decision.REFUSED, text=WHY, by=cast.laleh) == "no-decision"
    )


def test_without_an_agreement_the_decision_stands_after_the_month(cast, kind, clock):
    general, dispute = contested_request(cast, kind)
    clock.move_to(dispute.final_at)
    record_dispute_ends()
    dispute.refresh_from_db()

    assert dispute.outcome == Outcome.FINAL
    assert general.decisions.count() == 1
    assert refusal_of(contest_decision, general=general, text=WHY, by=cast.reza) == "decided-already"
    assert list(broken()) == []


def test_the_provider_may_state_another_view_in_words(cast, kind):
    _general, dispute = contested_request(cast, kind)

    assert state_position(dispute=dispute, text="تنها از ترم آینده، چنان‌که گفته شد.", by=cast.laleh).number == 1
    assert list(broken()) == []


def test_where_no_coordinator_may_an_administrator_is_asked_to_name_somebody_who_then_decides(cast, kind, client):
    general = filed(cast, kind)
    assert undecided(database_now()) == []
    make_membership(cast.laleh, cast.a_child, Role.REPORTER)
    assert [(row.unit, row.service) for row in undecided(database_now())] == [(cast.a, kind.service)]

    name_decider(unit=cast.a, service=kind.service, person=cast.omid, reason="راهبر در همین واحد است", by=cast.admin)
    assert undecided(database_now()) == []
    client.force_login(cast.omid)
    items = client.get(reverse("reports:desk")).context["items"]
    assert [i.url for i in items if "/requests/" in i.url] == [reverse("reports:request", args=[general.pk])]
    assert decide_request(general=general, decision=Decision.GRANTED, reason=WHY, by=cast.omid).by == cast.omid
