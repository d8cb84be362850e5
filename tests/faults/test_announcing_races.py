"""Announcing while others announce or cancel: one outcome; and the twin that shows what the lock is for."""

from threading import Barrier

import pytest
from django.db import IntegrityError

from reports.actions import announcement_orders, results
from reports.actions.announcement_orders import carry_out, order_announcement
from reports.actions.calls import cancel_call
from reports.actions.results import announce_result
from reports.enums import CallState
from reports.invariants import broken
from reports.models import AnnouncementOrder, Call, Report, ResultVersion
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from tests.calls import published_call
from tests.reviews import reviewed_report
from units.models import Event

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


@pytest.fixture
def no_doorbell(monkeypatch):
    """Nobody carries an order out before the test does."""
    monkeypatch.setattr(announcement_orders, "_ring", lambda: None)


@pytest.mark.usefixtures("no_doorbell")
def test_who_orders_at_once_gets_the_same_order(cast, report):
    given = at_once(*[lambda: order_announcement(call=report.call, which="ready", by=cast.laleh)] * WRITERS)
    assert (len({each.pk for each in given}), AnnouncementOrder.objects.count()) == (1, 1)
    assert Event.objects.filter(verb="order_announcement").count() == 1


@pytest.mark.usefixtures("no_doorbell")
def test_workers_that_wake_at_once_carry_an_order_out_once(cast, report):
    order = order_announcement(call=report.call, which="ready", by=cast.laleh)
    given = at_once(*[lambda: carry_out(order.pk)] * WRITERS)
    assert sorted(given) == [False] * (WRITERS - 1) + [True]
    assert told_of(report) == (1, 1)
    assert list(broken()) == []


@pytest.mark.usefixtures("no_doorbell")
def test_without_the_claim_each_worker_that_wakes_tells_of_it(cast, report, monkeypatch):
    """The twin: nobody asks whose the order is. The result is still one, by the lock on the report; the news is not."""
    monkeypatch.setattr(announcement_orders, "claim_order", lambda model, pk: True)
    monkeypatch.setattr(
        announcement_orders, "claimed_order", lambda order: AnnouncementOrder.objects.filter(pk=order.pk)
    )
    order = order_announcement(call=report.call, which="ready", by=cast.laleh)
    at_once(*[lambda: carry_out(order.pk)] * WRITERS)
    results, ends = told_of(report)
    assert results == 1
    assert ends > 1


def told_of(report) -> tuple[int, int]:
    """(versions announced, times that the end of an order was told)."""
    ends = Event.objects.filter(verb="end_announcement_order")
    return ResultVersion.objects.filter(report=report).count(), ends.count()
