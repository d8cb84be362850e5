"""Announcing while others announce or cancel: one outcome; and the twin that shows what the lock is for."""

from threading import Barrier

import pytest
from django.db import IntegrityError

from reports.actions import results
from reports.actions.calls import cancel_call
from reports.actions.results import announce_result
from reports.enums import CallState
from reports.invariants import broken
from reports.models import Call, Report, ResultVersion
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from tests.calls import published_call
from tests.reviews import reviewed_report

from .races import Runner

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
WRITERS = 4


@pytest.fixture
def report(cast):
    return reviewed_report(cast, published_call(cast))


def at_once(*acts) -> list:
    """What each act gave, or the refusal that it raised; all begin together."""
    together, runner = Barrier(len(acts)), Runner()
    for act in acts:
        runner.start(lambda act=act: (together.wait(), act())[1])
    return runner.join()


def test_who_announces_at_once_gets_the_same_version(cast, report):
    given = at_once(*[lambda: announce_result(report=report, by=cast.laleh)] * WRITERS)
    assert {type(each) for each in given} == {ResultVersion}
    assert (len({each.pk for each in given}), ResultVersion.objects.count()) == (1, 1)
    assert list(broken()) == []


def test_without_the_lock_they_get_in_each_others_way(cast, report, monkeypatch):
    """The twin: every writer has read before anyone writes, so they cannot all get one version."""
    all_have_read = Barrier(WRITERS)

    def unlocked(found: Report):
        at = database_now()
        fresh = reports_at(at).get(pk=found.pk)
        all_have_read.wait()
        return fresh, at

    monkeypatch.setattr(results, "lock_report", unlocked)
    with pytest.raises(IntegrityError):
        at_once(*[lambda: announce_result(report=report, by=cast.laleh)] * WRITERS)


@pytest.mark.parametrize("turn", range(3))
def test_a_call_is_cancelled_or_announced_and_never_both(cast, report, turn):
    given = at_once(
        lambda: announce_result(report=report, by=cast.laleh),
        lambda: cancel_call(call=report.call, by=cast.laleh, reason="تصمیم تازه"),
    )
    refused = [each for each in given if isinstance(each, Refused)]
    cancelled = Call.objects.get(pk=report.call_id).state == CallState.CANCELLED
    assert (len(refused), cancelled) == (1, not ResultVersion.objects.exists())
    assert list(broken()) == []
