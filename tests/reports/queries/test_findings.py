"""Independence and settling as properties: whoever reviews, however far each one is."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reports.enums import ReviewState
from reports.models import Review, ReviewItem, Revision
from reports.queries.findings import Stand, settle_indicator, visible_items
from reports.xlsform import Indicator
from units.models import Person

INDICATOR = Indicator(code="X-1", label={}, section="a", inputs={"value": "x"}, weight="5", standard="10")
REVISION = Revision(number=1, answers={"x": "8"}, values={}, evidence=[])
PEOPLE = [Person(pk=n, username=f"p{n}") for n in range(1, 5)]


@st.composite
def reviews(draw) -> list[Review]:
    found = []
    for number, person in enumerate(draw(st.permutations(PEOPLE))[: draw(st.integers(0, 4))], start=1):
        review = Review(
            pk=number,
            reviewer=person,
            section=draw(st.sampled_from(["", "a", "b"])),
            lead=draw(st.booleans()),
            state=draw(st.sampled_from([ReviewState.ASSIGNED, ReviewState.HANDED_IN, ReviewState.RELEASED])),
        )
        items = []
        if draw(st.booleans()) or review.state == ReviewState.HANDED_IN:
            value = draw(st.sampled_from(["8", "7"]))
            looked_at = draw(st.sampled_from([1, 1, 1, 9]))  # 9: a revision that is not there
            items = [ReviewItem(review=review, indicator="X-1", revision=looked_at, verified={"value": value})]
        review._prefetched_objects_cache = {"items": items}
        found.append(review)
    return found


def covering(found: list[Review]) -> list[Review]:
    return [r for r in found if r.section in ("", "a") and r.state != ReviewState.RELEASED]


@given(reviews(), st.sampled_from(PEOPLE))
def test_nobody_sees_anothers_finding_while_a_peer_has_not_handed_in(found, viewer):
    live = [r for r in found if r.state != ReviewState.RELEASED]
    others = [review for review, _item in visible_items(viewer, INDICATOR, live) if review.reviewer_id != viewer.pk]
    if any(not r.lead and r.state == ReviewState.ASSIGNED for r in covering(found)):
        assert others == []
    assert all(review.state == ReviewState.HANDED_IN for review in others)


@given(reviews(), st.sampled_from(PEOPLE))
def test_everybody_always_sees_their_own(found, viewer):
    own = {r.pk for r in covering(found) if r.reviewer_id == viewer.pk and list(r.items.all())}
    seen = {r.pk for r, _item in visible_items(viewer, INDICATOR, covering(found)) if r.reviewer_id == viewer.pk}
    assert seen == own


@given(reviews())
def test_a_finding_counts_only_where_a_lead_or_all_reviewers_agree(found):
    settled = settle_indicator(INDICATOR, found, [REVISION])
    live = covering(found)
    fresh = {r.pk: [i for i in r.items.all() if i.revision == 1] for r in live}
    handed_in = [r for r in live if r.state == ReviewState.HANDED_IN and fresh[r.pk]]
    if any(r.lead for r in handed_in):
        assert settled.stand == Stand.SETTLED
        return
    others = [r for r in live if not r.lead]
    complete = others and all(r in handed_in for r in others)
    values = {item.verified["value"] for r in others for item in fresh[r.pk]}
    assert settled.stand.is_settled == bool(complete and len(values) == 1)
    assert (settled.finding is not None) == settled.stand.is_settled
    if complete and len(values) > 1:
        assert settled.stand == Stand.DISPUTED


@given(reviews())
def test_the_order_of_reviews_changes_nothing(found):
    one = settle_indicator(INDICATOR, found, [REVISION])
    other = settle_indicator(INDICATOR, list(reversed(found)), [REVISION])
    assert one.stand == other.stand
    if one.stand == Stand.AGREED:
        assert one.finding.verified == other.finding.verified


def test_points_of_a_rubric_are_part_of_agreement():
    def review(pk: int, points: str) -> Review:
        made = Review(pk=pk, reviewer=PEOPLE[pk], section="", state=ReviewState.HANDED_IN)
        item = ReviewItem(review=made, indicator="X-1", revision=1, verified={"value": "8"}, points=Decimal(points))
        made._prefetched_objects_cache = {"items": [item]}
        return made

    assert settle_indicator(INDICATOR, [review(1, "3"), review(2, "3")], [REVISION]).stand == Stand.AGREED
    assert settle_indicator(INDICATOR, [review(1, "3"), review(2, "4")], [REVISION]).stand == Stand.DISPUTED
