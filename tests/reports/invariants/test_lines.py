"""What `checkinvariants` sees of who decided: a seat that came too late to be refused, and one that is nobody's business."""

from datetime import timedelta

import pytest

from reports.actions.calls import excuse_unit, extend_unit
from reports.invariants import broken
from tests.calls import at_closing, published_call, report_of
from tests.factories import make_membership
from units.enums import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def extended(cast):
    call = published_call(cast)
    extend_unit(report=report_of(call, cast.a), until=at_closing(call, days=2), by=cast.laleh, reason="سیل آمد.")
    return call


@pytest.mark.parametrize("where", ["a", "provider", "a_child"])
def test_a_decision_by_somebody_in_the_line_is_named(where, cast, extended):
    assert list(broken()) == []

    make_membership(cast.laleh, getattr(cast, where), Role.REPORTER)

    code = report_of(extended, cast.a).tracking_code
    assert [line for line in broken() if "line" in line] == [
        f"report {code}: extend by {cast.laleh}, who was in the line of the unit"
    ]


@pytest.mark.parametrize(
    "fields",
    [{"accepted_at": None}, {"starts_at": "later"}, {"ends_at": "before"}],
    ids=["never accepted", "began after it", "ended before the call opened"],
)
def test_a_seat_that_was_not_in_effect_bars_nobody(fields, cast, extended):
    moments = {"later": at_closing(extended, days=30), "before": extended.opens_at - timedelta(days=1)}
    make_membership(cast.laleh, cast.a, Role.REPORTER, **{k: moments.get(v, v) for k, v in fields.items()})

    assert list(broken()) == []


def test_a_decision_about_a_sibling_is_nobodys_conflict(cast, extended):
    make_membership(cast.laleh, cast.b, Role.REPORTER)
    excuse_unit(report=report_of(extended, cast.a), by=cast.laleh, reason="منحل شد.")

    assert list(broken()) == []
