"""What a retired unit left open is handed to its successor, excused or left; it keeps its unit and its place."""

from datetime import timedelta

import pytest
from django.db.models import Q
from django.http import Http404

from reports.actions.calls import excuse_unit, publish_call
from reports.actions.extensions import ask_extension
from reports.actions.objections import contest_result
from reports.actions.payments import follow_payments, pay_for_extension
from reports.actions.sign_off import request_sign_off
from reports.actions.submission import submit_report
from reports.actions.successions import settle_left_open
from reports.enums import Fate, ReportState
from reports.invariants import broken
from reports.models import Report
from reports.queries import report_for, reports_at, visible_calls
from reports.queries.lines import is_barred
from reports.queries.open_matters import lost_reports, open_matters
from reports.rules import unit_membership
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.agreements import answer_agreement
from sla.actions.settling import settle_payment
from sla.enums import PaymentState
from sla.models import Acceptance
from tests.calls import fill, make_call, published_call, report_of, submitted_report
from tests.factories import make_membership, make_person, make_unit
from tests.payments import PRICE, back_to, ledger_of, paying, priced_call
from tests.reviews import announced_report
from units.actions.units import reinstate_unit, retire_unit
from units.enums import Role, UnitVerb
from units.models import Event, Notice, Succession

pytestmark = pytest.mark.django_db
WHY = "ادغام دو اداره کل"


def merge(cast):
    """Unit A ends; unit B takes over what A left open."""
    return retire_unit(unit=cast.a, by=cast.laleh, reason=WHY, successor=cast.b)


def hand(cast, call, fate=Fate.HAND, **given):
    fields = {"unit": cast.a, "fates": {call.pk: fate}, "by": cast.laleh, "reason": WHY, "successor": cast.b}
    return settle_left_open(**fields | given)


@pytest.fixture
def merged(cast, call):
    merge(cast)
    return call


def fresh(person):
    for kept in ("_memberships", "_memberships_at", "_inherited_at"):
        person.__dict__.pop(kept, None)
    return person


# ------------------------------------------------------------------------------------------------------- handed over
def test_before_anybody_decides_the_successors_people_see_nothing_of_it(cast, merged):
    report = report_of(merged, cast.a)

    with pytest.raises(Http404):
        report_for(fresh(cast.mina), report.tracking_code, database_now())
    assert list(lost_reports(Q(call=merged))) == [report]


def test_a_handed_report_is_filled_in_signed_and_submitted_by_the_successors_people(cast, merged):
    report = report_of(merged, cast.a)
    hand(cast, merged)

    fill(report, fresh(cast.mina))
    request_sign_off(report=report, by=cast.mina)
    submit_report(report=report, by=fresh(cast.kamran))

    report = Report.objects.get(pk=report.pk)
    assert (report.state, report.unit, report.unit_name) == (ReportState.SUBMITTED, cast.a, cast.a.name)
    assert report.revisions.get().membership.unit == cast.b
    assert list(broken()) == []


def test_they_act_on_their_own_beside_it(cast, merged):
    hand(cast, merged)

    seen = reports_at(database_now()).filter(call=merged)
    assert {unit_membership(fresh(cast.mina), report, database_now()) is not None for report in seen} == {True}
    assert list(visible_calls(fresh(cast.mina))) == [merged]


def test_another_call_of_the_same_unit_is_not_theirs(cast, call):
    other = published_call(cast, service=call.service, title="فراخوان دیگر")
    merge(cast)
    hand(cast, call)

    assert unit_membership(fresh(cast.mina), report_of(other, cast.a), database_now()) is None


def test_the_report_keeps_its_frozen_place(cast, call):
    before = report_of(call, cast.a)
    merge(cast)
    hand(cast, call)

    report = report_of(call, cast.a)
    assert (report.unit_path, report.unit_kind) == (before.unit_path, "directorate")


def test_the_successors_people_and_the_old_ones_are_told_and_both_histories_say_it(cast, merged):
    hand(cast, merged)

    told = set(
        Notice.objects.filter(event__verb="hand_to_successor", channel="portal").values_list(
            "person__username", flat=True
        )
    )
    assert told == {"mina", "kamran", "sara", "reza"}
    events = Event.objects.filter(verb=UnitVerb.HAND_TO_SUCCESSOR).values_list("noun", "data__successor")
    assert sorted(events) == [("report", "TGZ"), ("unit", "TGZ")]


def test_an_extension_is_asked_by_the_successors_head(cast, merged, clock):
    hand(cast, merged)
    report = report_of(merged, cast.a)

    asked = ask_extension(
        report=report,
        until=merged.closes_at.replace(microsecond=0) + (merged.closes_at - merged.opens_at),
        reason=WHY,
        by=fresh(cast.kamran),
    )

    assert asked.report == report


def test_a_handed_result_is_contested_by_the_successors_head(cast, call):
    report, version = announced_report(cast, call)
    merge(cast)
    assert [matter.call_id for matter in open_matters([cast.a], database_now())] == [call.pk]
    hand(cast, call)

    dispute = contest_result(report=report, text="نتیجه درست نیست.", by=fresh(cast.kamran))

    assert dispute.unit == cast.a
    assert list(broken()) == []


def test_who_is_in_the_line_of_the_retired_unit_settles_nothing_that_it_left_open(cast, call):
    make_membership(cast.laleh, cast.a, Role.REPORTER)
    merge(cast)
    with pytest.raises(Forbidden):
        settle_left_open(unit=cast.a, fates={call.pk: Fate.LEAVE}, by=fresh(cast.laleh), reason=WHY)
    assert not Succession.objects.exists()


def test_whoever_reports_for_the_successor_judges_nothing_of_it(cast, call):
    judge = make_person("judge")
    make_membership(judge, cast.provider, Role.REVIEWER)
    make_membership(judge, cast.b, Role.REPORTER)
    submitted_report(cast, call)
    at = database_now()
    assert not is_barred(fresh(judge), report_of(call, cast.a), at)
    merge(cast)
    hand(cast, call)

    assert is_barred(fresh(judge), report_of(call, cast.a), database_now())


def test_the_agreement_is_accepted_for_the_retired_unit_by_the_successors_head(cast):
    call = publish_call(call=make_call(cast), by=cast.laleh)
    merge(cast)
    hand(cast, call)

    answer_agreement(agreement=call.agreement, unit=cast.a, answer="accepted", by=fresh(cast.kamran))

    assert Acceptance.objects.get(unit=cast.a).by == cast.kamran


# ---------------------------------------------------------------------------------------------- excused, left, later
def test_an_excused_report_leaves_the_call(cast, merged):
    hand(cast, merged, Fate.EXCUSE, successor=None)

    assert report_of(merged, cast.a).state == ReportState.EXCUSED
    assert not lost_reports(Q(call=merged)).exists()


def test_what_is_left_is_asked_about_no_more_and_nobody_else_acts(cast, merged):
    hand(cast, merged, Fate.LEAVE, successor=None)

    assert not lost_reports(Q(call=merged)).exists()
    assert unit_membership(fresh(cast.mina), report_of(merged, cast.a), database_now()) is None


def test_a_later_decision_replaces_the_earlier_one(cast, merged):
    c = make_unit("C", "اداره سوم", parent=cast.provider)
    zari = make_person("zari")
    make_membership(zari, c, Role.HEAD)
    hand(cast, merged)
    hand(cast, merged, successor=c)

    report = report_of(merged, cast.a)
    assert unit_membership(fresh(cast.kamran), report, database_now()) is None
    assert unit_membership(fresh(zari), report, database_now()).unit == c
    assert list(broken()) == []


def test_where_the_successor_ends_too_the_report_has_lost_its_unit_again(cast, merged):
    c = make_unit("C", "اداره سوم", parent=cast.provider)
    hand(cast, merged)
    retire_unit(unit=cast.b, by=cast.laleh, reason=WHY, successor=c)

    assert {report.unit for report in lost_reports(Q(call=merged))} == {cast.a, cast.b}


def test_a_unit_that_works_again_acts_on_its_own(cast, merged):
    hand(cast, merged)
    reinstate_unit(unit=cast.a, by=cast.laleh)

    assert unit_membership(fresh(cast.mina), report_of(merged, cast.a), database_now()) is None
    assert not Succession.objects.standing().exists()
    assert list(broken()) == []


# ------------------------------------------------------------------------------------------------------ who may, when
@pytest.mark.parametrize("who", ["reza", "kamran", "omid", "nader", "admin", "stranger"])
def test_only_a_coordinator_of_the_provider_decides(cast, merged, who):
    with pytest.raises(Forbidden):
        hand(cast, merged, by=getattr(cast, who))
    assert not Succession.objects.exists()


def test_nobody_hands_anything_into_their_own_line(cast, merged):
    make_membership(cast.laleh, cast.b, Role.HEAD)

    with pytest.raises(Forbidden):
        hand(cast, merged)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"successor": None}, "bad-successor"),
        ({"reason": " "}, "no-reason"),
        ({"fates": {999: Fate.LEAVE}}, "nothing-open"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_decided(cast, merged, given, code):
    with pytest.raises(Refused) as caught:
        hand(cast, merged, **given)

    assert caught.value.code == code
    assert not Succession.objects.exists()


def test_what_a_working_unit_has_open_is_its_own(cast, call):
    with pytest.raises(Refused) as caught:
        hand(cast, call)

    assert caught.value.code == "not-retired"


def test_an_excused_report_is_not_open_any_more(cast, merged):
    excuse_unit(report=report_of(merged, cast.a), by=cast.laleh, reason=WHY)

    with pytest.raises(Refused) as caught:
        hand(cast, merged)
    assert caught.value.code == "nothing-open"


# --------------------------------------------------------------------------------------------------------- invariants
def test_a_hand_over_that_no_event_tells_of_is_named(cast, merged):
    row = Succession.objects.create(
        unit=cast.a, call_id=merged.pk, successor=cast.b, reason=WHY, at=database_now(), by=cast.laleh
    )

    assert list(broken()) == [f"succession: hand-over {row.pk} happened, and no event tells of it"]


def test_a_hand_over_of_a_unit_that_works_is_named(cast, call):
    row = Succession.objects.create(
        unit=cast.a, call_id=call.pk, successor=cast.b, reason=WHY, at=database_now(), by=cast.laleh
    )

    assert f"succession: hand-over {row.pk} of KHB stands, and the unit works" in list(broken())


# ------------------------------------------------------------------------------------------------------------ its fee
def handed_priced(cast, **price):
    call = priced_call(cast, **price)
    merge(cast)
    hand(cast, call)
    return call, report_of(call, cast.a)


def test_the_successors_people_pay_the_fee_of_what_was_handed_to_them(cast, bank, client_for):
    call, report = handed_priced(cast)
    head = fresh(cast.kamran)
    fill(report, fresh(cast.mina))
    with pytest.raises(Refused) as refused:
        submit_report(report=report, by=head)
    assert refused.value.code == "unpaid"
    statement = client_for(cast.kamran).get("/payments/").context
    assert {row.request.pk for row, _attempts in statement["rows"]} == {report.request_id, report_of(call, cast.b).request_id}  # fmt: skip
    assert statement["due"] == 2 * PRICE
    assert [i for i in client_for(cast.kamran).get("/desk/").context["items"] if report.tracking_code in i.url and "fee" in i.url]  # fmt: skip

    payment = paying(report, head)
    bank.visit(payment)
    settle_payment(payment.order_id)

    assert report_of(call, cast.a).request.paid_at
    assert submit_report(report=report_of(call, cast.a), by=fresh(cast.kamran)).number == 1
    assert client_for(cast.kamran).get("/payments/").context["due"] == PRICE
    assert list(broken()) == []


def test_a_payment_that_is_under_way_when_it_is_handed_over_settles_and_is_not_paid_twice(cast, bank, client_for):
    call = priced_call(cast)
    begun = paying(report_of(call, cast.a), cast.reza)
    merge(cast)
    hand(cast, call)
    report = report_of(call, cast.a)
    fill(report, fresh(cast.mina))

    assert paying(report, fresh(cast.kamran)).pk == begun.pk  # the bank still waits for this order: no second one
    bank.visit(begun)
    settled = settle_payment(begun.order_id)

    assert settled.state == PaymentState.PAID
    assert ledger_of(settled) == [("credit", PRICE)]
    with pytest.raises(Refused) as refused:
        paying(report, fresh(cast.kamran))
    assert refused.value.code == "paid-already"
    assert client_for(cast.kamran).get(f"/payments/{begun.order_id}/").status_code == 200
    assert submit_report(report=report_of(call, cast.a), by=fresh(cast.kamran)).number == 1
    assert list(broken()) == []


def test_the_fee_of_a_request_for_more_time_is_on_the_successors_desk_and_paid_by_them(cast, bank, client_for):
    call = priced_call(cast, extension=70_000)
    report = report_of(call, cast.a)
    asked = ask_extension(report=report, until=call.closes_at + timedelta(days=5), reason="سیل", by=cast.reza)
    merge(cast)
    hand(cast, call)

    items = client_for(cast.kamran).get("/desk/").context["items"]
    assert [item for item in items if item.url == f"/reports/{report.tracking_code}/extension/"]
    payment = pay_for_extension(asked=asked, by=fresh(cast.kamran), return_url=back_to)
    bank.visit(payment)
    settle_payment(payment.order_id)
    follow_payments()

    asked.refresh_from_db()
    assert asked.request.intervals.exists()  # its clock runs: the provider may decide it
    assert {row.request.pk for row, _a in client_for(cast.kamran).get("/payments/").context["rows"]} >= {
        asked.request_id
    }
    assert list(broken()) == []
