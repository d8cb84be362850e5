"""The reviewers of a call: their load and the age of the queue as counted by hand, and handing over in bulk."""

import random
from datetime import timedelta

import pytest

from reports.actions.assignment import hand_over_reviews
from reports.actions.review import hand_in_review
from reports.enums import NOT_ASKED, ReportState, ReviewState
from reports.models import Review
from reports.queries.reviewers import AGES, live_reviews, overview
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from tests.calls import published_call, report_of, submitted_report
from tests.factories import make_membership
from tests.progress import tree_call
from tests.reviews import assign, review_of, second_reviewer, verify_all
from units.enums import Role
from units.models import Event, Notice

REASON = "مأموریت یک‌ماهه"


@pytest.fixture
def laleh(cast, client_for):
    return client_for(cast.laleh)


@pytest.fixture
def parisa(cast):
    return second_reviewer(cast)


def of(person, call):
    return Review.objects.filter(report__call=call, reviewer=person, state=ReviewState.ASSIGNED)


# ------------------------------------------------------------------------------------------------------ counting
def scattered(cast, seed: int, parisa):
    """A call whose reviews stand anywhere: not begun, begun, handed in, released; submitted up to twenty days ago."""
    dice, now = random.Random(seed), database_now()
    call = tree_call(cast, seed, opens_at=now - timedelta(days=30))
    assign(cast, call)
    assign(cast, call, parisa, unit=cast.a, section="housing")
    assign(cast, call, parisa, unit=cast.b)
    for report in call.reports.exclude(submitted_at=None):
        report.submitted_at = now - timedelta(days=dice.randrange(20), minutes=dice.randrange(1, 900))
        report.save()
    for review in Review.objects.filter(report__call=call):
        review.state = dice.choice(list(ReviewState))
        review.started_at = dice.choice([None, now])
        review.handed_in_at = now if review.state == ReviewState.HANDED_IN else None
        review.save()
    return call


def by_hand(reviews, at) -> dict:
    """What `Load` says, review after review."""
    found = {"total": 0, "begun": 0, "handed_in": 0, "waiting": 0, "silent": 0, "ages": [0] * len(AGES)}
    for review in reviews:
        waiting = review.state == ReviewState.ASSIGNED and review.status in ("submitted", "under_review")
        found["total"] += 1
        found["begun"] += review.state == ReviewState.ASSIGNED and review.started_at is not None
        found["handed_in"] += review.state == ReviewState.HANDED_IN
        found["waiting"] += waiting
        found["silent"] += waiting and review.started_at is None
        if waiting:
            days = (at - review.report.submitted_at).days
            found["ages"][next(n for n, (_first, last) in enumerate(AGES) if last is None or days <= last)] += 1
    return found


@pytest.mark.parametrize("seed", range(4))
def test_load_age_and_coverage_are_what_counting_by_hand_gives(cast, parisa, seed):
    call, at = scattered(cast, seed, parisa), database_now()
    reviews = list(live_reviews(call, at).select_related("report"))

    found = overview(call, "fa", at, cast.laleh)

    assert vars(found.whole) == by_hand(reviews, at)
    for row in found.assignments:
        mine = [
            r
            for r in reviews
            if (r.reviewer_id, r.section) == (row.assignment.reviewer_id, row.assignment.section)
            and f".{row.assignment.unit_id}." in f".{r.report.unit_path}"
        ]
        assert vars(row.load) == by_hand(mine, at)
    assert sum(row.load.total for row in found.loads) == len(reviews)
    live = call.reports.exclude(state__in=NOT_ASKED)
    for section, counted in zip(("housing", "welfare"), found.coverage, strict=True):
        lookers = [
            sum(1 for r in reviews if r.report_id == report.pk and not r.lead and r.section in ("", section))
            for report in live
        ]
        assert (counted.short, counted.reports) == (lookers.count(0), len(lookers))


def test_a_day_is_whole_before_it_counts(cast, clock):
    call = published_call(cast)
    submitted_report(cast, call)
    assign(cast, call)
    submitted = report_of(call, cast.a).submitted_at

    def ages(at):
        return overview(call, "fa", at, cast.laleh).whole.ages

    assert ages(submitted).index(1) == 0
    for days, bucket in ((4, 1), (8, 2), (15, 3)):
        whole = submitted + timedelta(days=days)
        assert ages(whole - timedelta(microseconds=1)).index(1) == bucket - 1
        assert ages(whole).index(1) == bucket


def test_the_page_asks_as_much_of_the_database_for_many_reviewers_as_for_one(
    cast, laleh, parisa, django_assert_num_queries
):
    call = published_call(cast, audience={"subtree": cast.provider.pk, "kinds": []})
    assign(cast, call, unit=cast.b)
    address = f"/calls/{call.pk}/reviewers/"
    laleh.get(address)
    with django_assert_num_queries(13):
        laleh.get(address)
    assign(cast, call, parisa)
    assign(cast, call, unit=cast.a, section="housing")

    with django_assert_num_queries(13):
        laleh.get(address)


# ----------------------------------------------------------------------------------------------- handing over
def test_chosen_reviews_go_to_somebody_else_and_both_are_told(cast, parisa):
    call = published_call(cast)
    assign(cast, call)
    kept = review_of(report_of(call, cast.b), cast.omid)

    done = hand_over_reviews(
        call=call,
        reviews=[review_of(report_of(call, cast.a), cast.omid)],
        reviewer=parisa,
        by=cast.laleh,
        reason=REASON,
    )

    assert [review.report.unit for review in done.free] == [cast.a]
    assert list(of(cast.omid, call)) == [kept]
    assert [review.report.unit for review in of(parisa, call)] == [cast.a]
    event = Event.objects.get(verb="hand_over_reviews")
    assert (event.data["reviews"], event.data["reason"]) == (1, REASON)
    assert Event.objects.get(verb="reassign_review").data["to"] == parisa.pk
    assert {notice.person for notice in Notice.objects.filter(event=event)} == {cast.omid, parisa}


def test_conflicts_and_what_is_reviewed_already_stay_and_are_named(cast, parisa):
    call = published_call(cast, audience={"subtree": cast.provider.pk, "kinds": []})
    assign(cast, call)
    assign(cast, call, parisa, unit=cast.b, section="welfare")
    make_membership(parisa, cast.a, Role.REPORTER)

    with pytest.raises(Refused):
        hand_over_reviews(call=call, reviews=of(cast.omid, call), reviewer=parisa, by=cast.laleh, reason=REASON)
    make_membership(cast.nader, cast.provider, Role.REVIEWER)
    make_membership(cast.nader, cast.b, Role.HEAD)
    done = hand_over_reviews(call=call, reviews=of(cast.omid, call), reviewer=cast.nader, by=cast.laleh, reason=REASON)

    # The head of B reports for B and, from below, for the provider above it.
    assert {report.unit for report in done.conflicts} == {cast.provider, cast.b}
    assert {review.report.unit for review in done.free} == {cast.a, cast.a_child}
    assert {review.report.unit for review in of(cast.omid, call)} == {cast.provider, cast.b}


def test_a_second_click_hands_nothing_over_twice(cast, parisa):
    call = published_call(cast)
    assign(cast, call)
    chosen = list(of(cast.omid, call))
    hand_over_reviews(call=call, reviews=chosen, reviewer=parisa, by=cast.laleh, reason=REASON)

    with pytest.raises(Refused) as refusal:
        hand_over_reviews(call=call, reviews=chosen, reviewer=parisa, by=cast.laleh, reason=REASON)

    assert refusal.value.code == "nothing-to-hand-over"
    assert of(parisa, call).count() == 2
    assert Event.objects.filter(verb="hand_over_reviews").count() == 1


def test_what_was_handed_in_meanwhile_stays(cast, parisa):
    call = published_call(cast)
    submitted_report(cast, call)
    assign(cast, call)
    chosen = list(of(cast.omid, call))
    review = review_of(report_of(call, cast.a), cast.omid)
    verify_all(review)
    hand_in_review(review=review, by=cast.omid)

    hand_over_reviews(call=call, reviews=chosen, reviewer=parisa, by=cast.laleh, reason=REASON)

    review.refresh_from_db()
    assert review.state == ReviewState.HANDED_IN
    assert [review.report.unit for review in of(parisa, call)] == [cast.b]


@pytest.mark.parametrize("who", ["omid", "nader", "sara"])
def test_only_a_coordinator_hands_over(cast, parisa, client_for, who):
    call = published_call(cast)
    assign(cast, call)
    person = getattr(cast, who)

    with pytest.raises(Forbidden):
        hand_over_reviews(call=call, reviews=of(cast.omid, call), reviewer=parisa, by=person, reason=REASON)
    assert client_for(person).get(f"/calls/{call.pk}/reviewers/hand-over/{cast.omid.pk}/").status_code == 403
    assert client_for(cast.stranger).get(f"/calls/{call.pk}/reviewers/hand-over/{cast.omid.pk}/").status_code == 404


def test_somebody_without_the_role_gets_nothing(cast):
    call = published_call(cast)
    assign(cast, call)

    with pytest.raises(Refused):
        hand_over_reviews(call=call, reviews=of(cast.omid, call), reviewer=cast.stranger, by=cast.laleh, reason=REASON)

    assert of(cast.omid, call).count() == 2


def test_the_page_tells_what_happens_and_then_does_it(cast, laleh, parisa):
    call = published_call(cast)
    submitted_report(cast, call)
    assign(cast, call)
    address = f"/calls/{call.pk}/reviewers/hand-over/{cast.omid.pk}/"
    given = {"everyone": "1", "to": parisa.pk, "reason": REASON}
    assert [choice["count"] for choice in laleh.get(address).context["listing"].pills[0].choices] == [None, 1, 1]

    told = laleh.post(address, given)
    assert [review.report.unit for review in told.context["plan"].free] == [cast.a]
    assert of(parisa, call).count() == 0

    done = laleh.post(address, {**given, "step": "confirmed"})
    assert done.status_code == 302
    assert [review.report.unit for review in of(parisa, call)] == [cast.a]
    assert laleh.post(address, {**given, "step": "confirmed"}).status_code == 422


def test_the_page_wants_somebody_a_reason_and_a_choice(cast, laleh, parisa):
    call = published_call(cast)
    assign(cast, call)
    address = f"/calls/{call.pk}/reviewers/hand-over/{cast.omid.pk}/"
    review = of(cast.omid, call)[0].pk

    assert laleh.post(address, {"review": review, "to": parisa.pk, "reason": ""}).status_code == 422
    assert laleh.post(address, {"review": review, "to": "", "reason": REASON}).status_code == 422
    assert laleh.post(address, {"review": "x", "to": parisa.pk, "reason": REASON}).status_code == 422
    assert laleh.get(f"/calls/{call.pk}/reviewers/hand-over/{cast.sara.pk}/").status_code == 404


def test_what_was_ticked_stays_ticked_when_something_is_missing(cast, laleh, parisa):
    call = published_call(cast)
    assign(cast, call)
    first, second = of(cast.omid, call).order_by("pk")
    page = laleh.post(f"/calls/{call.pk}/reviewers/hand-over/{cast.omid.pk}/", {"review": second.pk, "to": ""})

    assert {review.pk: ticked for review, _section, ticked in page.context["rows"]} == {
        first.pk: False,
        second.pk: True,
    }
    assert page.content.decode().count('form="hand-over"') == 2


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ("", ["KHB", "TGZ"]),
        ("?sort=-submitted", ["KHB", "TGZ"]),
        ("?sort=unit", ["TGZ", "KHB"]),
        ("?sort=-unit", ["KHB", "TGZ"]),
        ("?sort=-begun", ["TGZ", "KHB"]),
        ("?only=waiting", ["KHB"]),
        ("?only=nonsense", ["KHB", "TGZ"]),
        ("?q=تغذيه", ["TGZ"]),
        ("?q=نیست", []),
    ],
)
def test_open_reviews_are_searched_sorted_and_narrowed(cast, laleh, query, units):
    """Unit A has submitted, and its review has not begun; unit B's has, before it submits again."""
    call = published_call(cast)
    submitted_report(cast, call)
    assign(cast, call)
    of(cast.omid, call).filter(report__unit=cast.b).update(started_at=database_now())

    rows = laleh.get(f"/calls/{call.pk}/reviewers/hand-over/{cast.omid.pk}/{query}").context["rows"]
    assert [review.report.unit.code for review, _section, _ticked in rows] == units


def test_open_reviews_come_in_pages_with_as_many_questions_at_one_row_as_at_three(
    cast, laleh, monkeypatch, django_assert_num_queries
):
    one = published_call(cast, audience={"units": [cast.a.pk]})
    three = published_call(
        cast, service=one.agreement.service, audience={"units": [cast.a.pk, cast.b.pk, cast.a_child.pk]}, title="دیگر"
    )
    for call in (one, three):
        assign(cast, call)
    addresses = [f"/calls/{call.pk}/reviewers/hand-over/{cast.omid.pk}/" for call in (one, three)]
    laleh.get(addresses[0])
    for address in addresses:
        with django_assert_num_queries(12):
            laleh.get(address)

    monkeypatch.setattr("reports.views.review.hand_over.SIZE", 2)
    first = laleh.get(addresses[1]).context
    second = laleh.get(addresses[1] + first["listing"].pages.next).context
    assert [len(page["rows"]) for page in (first, second)] == [2, 1]


def test_another_calls_reviews_are_not_touched(cast, parisa):
    call = published_call(cast)
    other = published_call(cast, service=call.agreement.service, title="دیگر")
    assign(cast, call)
    assign(cast, other)

    hand_over_reviews(
        call=call, reviews=[*of(cast.omid, call), *of(cast.omid, other)], reviewer=parisa, by=cast.laleh, reason=REASON
    )

    assert of(cast.omid, other).count() == 2
    assert ReportState.ANNOUNCED not in {review.report.state for review in of(parisa, call)}
