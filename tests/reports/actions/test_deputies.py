"""What a deputy does in a report: signs for the head, verifies for the reviewer; papers and events say for whom."""

from datetime import timedelta
from json import dumps

import pytest

from reports.actions.assignment import hand_over_reviews, reassign_review
from reports.actions.extensions import ask_extension
from reports.actions.objections import contest_result, offer_result
from reports.actions.results import announce_result
from reports.actions.review import TypedFinding, hand_in_review, save_review_item, take_lead
from reports.actions.sign_off import request_sign_off
from reports.actions.submission import submit_report
from reports.models import Review
from reports.queries import form_of
from reports.queries.findings import reviewed_indicators, reviews_of
from reports.queries.hand_over import plan
from reports.queries.review import queue_counts
from reports.rules import score_makers
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import at_closing, fill, published_call, report_of, submitted_report
from tests.factories import make_membership, make_person
from tests.reviews import announced_report, assign, claimed, review_of, second_reviewer
from units.actions.deputies import name_deputy
from units.actions.memberships import accept_seat
from units.enums import Role
from units.models import Event, Membership, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(cast):
    return published_call(cast)


def stand_in(cast, giver: Person, person: Person) -> Membership:
    at = database_now()
    seat = name_deputy(
        membership=cast.membership(giver), person=person, starts_at=at, ends_at=at + timedelta(days=60), by=giver
    )
    return accept_seat(membership=seat, by=person)


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def deputy(cast) -> Person:
    """Hoda audits at the provider and stands in for Omid, who reviews."""
    person = make_person("hoda", "هدی نیک‌فر")
    make_membership(person, cast.provider, Role.AUDITOR)
    stand_in(cast, cast.omid, person)
    return fresh(person)


def work_through(review: Review, by: Person) -> None:
    for indicator in reviewed_indicators(form_of(review.report.call.form_version), review.section):
        typed = TypedFinding(verified=claimed(review, indicator.code))
        save_review_item(review=review, indicator=indicator.code, typed=typed, by=by)
    hand_in_review(review=review, by=by)


# ------------------------------------------------------------------------------------------------------ the head's
def test_a_heads_deputy_signs_and_the_receipt_and_the_history_say_for_whom(cast, call, client_for):
    stand_in(cast, cast.reza, cast.sara)
    sara = fresh(cast.sara)
    report = fill(report_of(call, cast.a), sara)
    request_sign_off(report=report, by=sara)

    revision = submit_report(report=report_of(call, cast.a), by=sara)

    assert revision.who == "سارا محمدی به‌جای رضا کریمی"
    assert Event.objects.get(verb="submit").who == "سارا محمدی به‌جای رضا کریمی"
    client = client_for(cast.laleh)
    for page in ("", "receipt/"):
        assert "سارا محمدی به‌جای رضا کریمی" in client.get(f"/reports/{report.tracking_code}/{page}").text


def test_what_a_heads_deputy_asks_for_and_offers_says_for_whom(cast, call, client_for):
    stand_in(cast, cast.reza, cast.sara)
    sara, said = fresh(cast.sara), "سارا محمدی به‌جای رضا کریمی"

    asked = ask_extension(report=report_of(call, cast.a), until=at_closing(call, days=3), reason="سیل", by=sara)
    page = client_for(cast.laleh).get(f"/extensions/{asked.pk}/").content.decode()
    assert (asked.who, said in page) == (said, True)

    report, _version = announced_report(cast, call)
    dispute = contest_result(report=report, text="نسبت درست شمرده نشده است.", by=sara)
    typed = {"HSG-01": TypedFinding(verified={"numerator": "50", "denominator": "100"}, reason="شمارش دوباره")}
    offer = offer_result(dispute=dispute, typed=typed, text="میانگین دو شمارش", by=sara)
    page = client_for(cast.laleh).get(f"/disputes/{dispute.pk}/").content.decode()
    assert (offer.who, page.count(said)) == (said, 2)  # over what was contested, and over the offer


def test_what_a_deputy_does_in_their_own_seat_says_nobody_else(cast, call):
    stand_in(cast, cast.reza, cast.sara)

    fill(report_of(call, cast.a), fresh(cast.sara))

    assert {e.who for e in Event.objects.filter(noun="report", person=cast.sara)} == {"سارا محمدی"}


def test_a_deputy_whose_time_is_over_signs_nothing(cast, call, clock):
    stand_in(cast, cast.reza, cast.sara)
    report = fill(report_of(call, cast.a), cast.sara)
    request_sign_off(report=report, by=cast.sara)
    Membership.objects.filter(deputy_for__isnull=False).update(ends_at=database_now())

    with pytest.raises(Forbidden):
        submit_report(report=report_of(call, cast.a), by=fresh(cast.sara))


# -------------------------------------------------------------------------------------------------- the reviewer's
def test_a_reviewers_deputy_works_on_the_reviews_of_whom_they_stand_in_for(cast, call, deputy, client_for):
    report, _revision = submitted_report(cast, call)
    assign(cast, call)

    assert queue_counts(deputy, database_now(), mine=True)["todo"] == 1
    assert client_for(deputy).get(f"/reports/{report.tracking_code}/review/").status_code == 200
    work_through(review_of(report, cast.omid), deputy)

    (review,) = reviews_of(report)
    assert review.who == "هدی نیک‌فر به‌جای امید رحیمی"
    assert Event.objects.get(verb="hand_in").who == "هدی نیک‌فر به‌جای امید رحیمی"
    version = announce_result(report=report_of(call, cast.a), by=cast.laleh)
    assert "هدی نیک‌فر به‌جای امید رحیمی" in dumps(version.__dict__, ensure_ascii=False, default=str)


def test_a_second_click_of_the_deputy_changes_nothing(cast, call, deputy):
    report, _revision = submitted_report(cast, call)
    assign(cast, call)
    work_through(review_of(report, cast.omid), deputy)

    hand_in_review(review=review_of(report, cast.omid), by=deputy)

    assert Event.objects.filter(verb="hand_in").count() == 1


def test_a_deputy_who_worked_on_a_score_is_one_of_its_makers(cast, call, deputy):
    report, _revision = submitted_report(cast, call)
    assign(cast, call)
    work_through(review_of(report, cast.omid), deputy)

    assert score_makers(report) == {cast.omid.pk, deputy.pk}


@pytest.mark.parametrize("whose", ["deputy", "omid"])
def test_a_conflict_of_either_bars_the_deputy(cast, call, deputy, whose):
    report, _revision = submitted_report(cast, call)
    assign(cast, call)
    make_membership({"deputy": deputy, "omid": cast.omid}[whose], cast.a_child, Role.REPORTER)

    with pytest.raises(Forbidden):
        work_through(review_of(report, cast.omid), fresh(deputy))


def test_a_deputy_works_on_no_report_of_which_they_have_a_review_of_their_own(cast, call):
    report, _revision = submitted_report(cast, call)
    parisa = second_reviewer(cast)
    assign(cast, call)
    assign(cast, call, parisa)
    stand_in(cast, cast.omid, parisa)
    parisa = fresh(parisa)

    with pytest.raises(Forbidden):
        work_through(review_of(report, cast.omid), parisa)
    work_through(review_of(report, parisa), parisa)


def test_a_deputy_of_two_reviewers_of_one_report_works_for_neither(cast, call, deputy):
    report, _revision = submitted_report(cast, call)
    parisa = second_reviewer(cast)
    assign(cast, call)
    assign(cast, call, parisa)
    stand_in(cast, parisa, deputy)

    for reviewer in (cast.omid, parisa):
        with pytest.raises(Forbidden):
            work_through(review_of(report, reviewer), fresh(deputy))


def test_a_deputy_is_assigned_nothing_themselves(cast, call, deputy):
    with pytest.raises(Refused) as refused:
        assign(cast, call, deputy)
    assert refused.value.code == "not-a-reviewer"


# ----------------------------------------------------------------------------------- a review of their own afterwards
@pytest.fixture
def worked_for_omid(cast, call) -> tuple[Person, Review]:
    """Parisa reviews at the provider, stands in for Omid and has handed his review of unit A in; his review."""
    report, _revision = submitted_report(cast, call)
    parisa = second_reviewer(cast)
    assign(cast, call)
    stand_in(cast, cast.omid, parisa)
    work_through(review_of(report, cast.omid), fresh(parisa))
    return fresh(parisa), review_of(report, cast.omid)


def test_who_handed_in_for_another_is_assigned_no_review_of_their_own_of_that_report(cast, call, worked_for_omid):
    parisa, _review = worked_for_omid

    with pytest.raises(Refused) as refused:
        assign(cast, call, parisa, unit=cast.a)

    assert refused.value.code == "stood-in"
    assert not parisa.review_assignments.exists()


def test_of_several_reports_the_one_they_worked_on_is_left_out_and_named(cast, call, worked_for_omid):
    parisa, _review = worked_for_omid

    outcome = assign(cast, call, parisa)

    assert [report.unit for report in outcome.stood_in] == [cast.a]
    assert cast.a not in {review.report.unit for review in outcome.reviews}
    assert cast.b in {review.report.unit for review in outcome.reviews}


def test_nor_is_another_reviewers_review_of_it_handed_over_to_them(cast, call, worked_for_omid):
    parisa, review = worked_for_omid
    third = second_reviewer(cast, "mahsa", "مهسا قاسمی")
    assign(cast, call, third, unit=cast.a)
    thirds = review_of(review.report, third)

    with pytest.raises(Refused) as alone:
        reassign_review(review=thirds, reviewer=parisa, by=cast.laleh, reason="بیماری")
    with pytest.raises(Refused) as chosen:
        hand_over_reviews(call=call, reviews=[thirds], reviewer=parisa, by=cast.laleh, reason="بیماری")

    assert (alone.value.code, chosen.value.code) == ("stood-in", "nothing-to-hand-over")
    assert plan([thirds], parisa, database_now()).stood_in == [review.report]


def test_nor_do_they_take_the_lead_of_it_as_a_coordinator(cast, call, worked_for_omid):
    parisa, review = worked_for_omid
    make_membership(parisa, cast.provider, Role.COORDINATOR)

    with pytest.raises(Refused) as refused:
        take_lead(report=review.report, by=fresh(parisa))

    assert refused.value.code == "own-review"
    assert not review.report.reviews.filter(lead=True).exists()


def test_the_review_itself_may_become_the_deputys_own(cast, call):
    report, _revision = submitted_report(cast, call)
    parisa = second_reviewer(cast)
    assign(cast, call)
    stand_in(cast, cast.omid, parisa)
    parisa, review = fresh(parisa), review_of(report, cast.omid)
    save_review_item(
        review=review, indicator="HSG-01", typed=TypedFinding(verified=claimed(review, "HSG-01")), by=parisa
    )

    assert plan([review], parisa, database_now()).free == [review]
    own = reassign_review(review=review, reviewer=parisa, by=cast.laleh, reason="امید دیگر نمی‌آید")

    assert own.reviewer == parisa
