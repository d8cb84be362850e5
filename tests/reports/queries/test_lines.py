"""Who is barred from a report: in its unit's line now, or at any time while the report was open."""

from datetime import timedelta

import pytest

from reports.models import Call, Report
from reports.queries.lines import barred_reports, is_barred, names_hidden
from sajad_portal.lib.clock import database_now
from tests.calls import published_call, report_of
from tests.factories import make_membership, make_person
from units.enums import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(cast) -> Call:
    return published_call(cast)


def seats(cast, opened):
    """(unit, role, fields, whether it bars from unit A's report, which opened at `opened`)."""
    before, after = opened - timedelta(minutes=5), opened + timedelta(minutes=5)
    return [
        (cast.a, Role.HEAD, {}, True),
        (cast.provider, Role.REPORTER, {}, True),
        (cast.a_child, Role.REPORTER, {}, True),
        (cast.b, Role.HEAD, {}, False),
        (cast.a, Role.REVIEWER, {}, False),
        (cast.a, Role.COORDINATOR, {}, False),
        (cast.a, Role.AUDITOR, {}, False),
        (cast.a, Role.HEAD, {"ends_at": after}, True),
        (cast.a, Role.HEAD, {"ends_at": opened}, False),
        (cast.a, Role.HEAD, {"ends_at": before}, False),
        (cast.a, Role.HEAD, {"accepted_at": None}, False),
        (cast.a, Role.HEAD, {"accepted_at": None, "ends_at": after}, False),
        (cast.a, Role.HEAD, {"starts_at": opened + timedelta(days=9)}, False),
        (cast.a, Role.HEAD, {"starts_at": after, "ends_at": after, "accepted_at": after}, False),
    ]


@pytest.mark.parametrize("n", range(14))
def test_a_seat_bars_or_not_and_the_list_says_the_same(n, cast, call):
    unit, role, fields, bars = seats(cast, call.opens_at)[n]
    person = make_person()
    make_membership(person, unit, role, **fields)
    report, at = report_of(call, cast.a), database_now()

    assert is_barred(person, report, at) is bars
    assert Report.objects.filter(barred_reports(person, at), pk=report.pk).exists() is bars


def test_who_came_after_the_report_was_final_is_barred_only_while_they_stay(cast, call):
    report, now = report_of(call, cast.a), database_now()
    Report.objects.filter(pk=report.pk).update(
        state="announced", announced_at=now - timedelta(days=40), objection_until=now - timedelta(days=30),
        final_at=now - timedelta(days=30),
    )  # fmt: skip
    Call.objects.filter(pk=call.pk).update(opens_at=now - timedelta(days=90), closes_at=now - timedelta(days=80))
    late, stays, was = make_person(), make_person(), make_person()
    make_membership(late, cast.a, Role.HEAD, starts_at=now - timedelta(days=20), ends_at=now - timedelta(days=10))
    make_membership(stays, cast.a, Role.HEAD, starts_at=now - timedelta(days=20))
    make_membership(was, cast.a, Role.HEAD, starts_at=now - timedelta(days=60), ends_at=now - timedelta(days=50))
    report = report_of(call, cast.a)

    assert [is_barred(person, report, now) for person in (late, stays, was)] == [False, True, True]
    listed = [Report.objects.filter(barred_reports(p, now), pk=report.pk).exists() for p in (late, stays, was)]
    assert listed == [False, True, True]


def test_a_unit_that_moves_away_leaves_who_reported_above_it_barred(cast, call):
    """The tree of the call counts: whoever manages units cannot move one out of their own line in mid-call."""
    above = make_person()
    make_membership(above, cast.provider, Role.REPORTER)
    cast.a.parent, cast.a.path = None, f"{cast.a.pk}."
    cast.a.save()
    report, at = report_of(call, cast.a), database_now()

    assert is_barred(above, report, at) is True
    assert Report.objects.filter(barred_reports(above, at), pk=report.pk).exists() is True


def test_names_are_hidden_until_the_announcement_even_where_the_call_shows_them(cast, call):
    now, hidden = database_now(), lambda: Report.objects.filter(names_hidden(cast.sara, database_now()), call=call)
    Call.objects.filter(pk=call.pk).update(shows_reviewers=True)
    assert [report.unit_id for report in hidden()] == [cast.a.pk]

    Report.objects.filter(call=call, unit=cast.a).update(
        state="announced", announced_at=now, objection_until=now + timedelta(days=10)
    )
    assert list(hidden()) == []
    Call.objects.filter(pk=call.pk).update(shows_reviewers=False)
    assert [report.unit_id for report in hidden()] == [cast.a.pk]
