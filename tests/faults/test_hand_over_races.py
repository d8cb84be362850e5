"""What a retired unit left open is decided about while others act on it: handing over meets a submission, an announcement and
another hand-over; and the twins without the locks."""

from threading import Barrier, Event

import pytest
from django.db import IntegrityError

from reports.actions import submission, successions
from reports.actions.results import announce_result
from reports.actions.submission import submit_report
from reports.actions.successions import settle_left_open
from reports.enums import Fate, ReportState
from reports.invariants import broken
from reports.models import Report, ResultVersion, Revision
from reports.queries import reports_at
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from tests.calls import fill, published_call, report_of
from tests.factories import make_unit
from tests.reviews import reviewed_report
from units.actions.units import retire_unit
from units.models import Succession

from .races import PATIENCE, Runner, spin_until
from .test_announcing_races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
WHY = "ادغام دو اداره کل"


def retire(cast) -> None:
    retire_unit(unit=cast.a, by=cast.laleh, reason=WHY, successor=cast.b)


def decide(cast, call, fate=Fate.HAND, heir=None) -> int:
    return settle_left_open(
        unit=cast.a, fates={call.pk: fate}, by=cast.laleh, reason=WHY, successor=heir or cast.b
    )  # fmt: skip


@pytest.fixture
def handed(cast) -> Report:
    """Unit A's report, ready to be submitted, handed to unit B's people."""
    call = published_call(cast)
    report = fill(report_of(call, cast.a), cast.sara)
    retire(cast)
    decide(cast, call)
    return report


@pytest.fixture
def unlocked(monkeypatch):
    """The guard off: who decides holds neither the call nor the report nor the tree."""
    monkeypatch.setattr(successions, "hold_call", lambda pk: None)
    monkeypatch.setattr(successions, "hold_tree", lambda: None)


@pytest.mark.parametrize("turn", range(3))
def test_a_report_that_is_excused_is_not_submitted_afterwards(cast, handed, turn):
    given = at_once(
        lambda: submit_report(report=handed, by=cast.kamran), lambda: decide(cast, handed.call, Fate.EXCUSE)
    )

    assert given[1] == 1
    assert isinstance(given[0], Revision) == Revision.objects.exists()
    assert Report.objects.get(pk=handed.pk).state == ReportState.EXCUSED
    assert list(broken()) == []


def test_without_the_lock_only_the_constraint_keeps_an_excused_report_from_being_submitted(cast, handed, monkeypatch):
    """The twin: the submitter has read before the report is excused, and holds nothing."""
    read, excused = Event(), Event()

    def unlocked(report, *, alone: bool = False):
        at = database_now()
        found = reports_at(at).get(pk=report.pk)
        read.set()
        assert excused.wait(PATIENCE)
        return found, at

    monkeypatch.setattr(submission, "lock_report", unlocked)
    runner = Runner()
    runner.start(lambda: submit_report(report=handed, by=cast.kamran))
    spin_until(read.is_set)
    decide(cast, handed.call, Fate.EXCUSE)
    excused.set()

    with pytest.raises(IntegrityError, match="report_excused_has_instant"):
        runner.join()


@pytest.mark.parametrize("turn", range(3))
def test_who_submits_while_it_is_handed_on_had_the_right_at_that_instant(cast, handed, turn):
    other = make_unit("OTH", "اداره دیگر", parent=cast.provider)

    sent, decided = at_once(
        lambda: submit_report(report=handed, by=cast.kamran), lambda: decide(cast, handed.call, heir=other)
    )

    first = Succession.objects.order_by("pk").first()
    assert decided == 1
    if isinstance(sent, Refused):
        assert not Revision.objects.exists()
    else:
        assert sent.submitted_at <= first.ended_at
    assert list(broken()) == []


@pytest.mark.parametrize("turn", range(3))
def test_a_report_is_announced_or_excused_and_never_both(cast, turn):
    report = reviewed_report(cast, published_call(cast))
    retire(cast)

    given = at_once(
        lambda: announce_result(report=report, by=cast.laleh), lambda: decide(cast, report.call, Fate.EXCUSE)
    )

    refused = [each for each in given if isinstance(each, Refused)]
    state = Report.objects.get(pk=report.pk).state
    assert len(refused) == 1
    assert state == (ReportState.ANNOUNCED if ResultVersion.objects.exists() else ReportState.EXCUSED)
    assert list(broken()) == []


def test_two_hand_overs_at_once_leave_one_that_stands(cast):
    call = published_call(cast)
    retire(cast)
    other = make_unit("OTH", "اداره دیگر", parent=cast.provider)

    assert at_once(lambda: decide(cast, call), lambda: decide(cast, call, heir=other)) == [1, 1]

    assert Succession.objects.standing().count() == 1
    assert Succession.objects.count() == 2
    assert list(broken()) == []


@pytest.mark.usefixtures("unlocked")
def test_without_the_locks_two_hand_overs_get_in_each_others_way(cast, monkeypatch):
    """The twin: both have read what stands before either writes. No report of the unit is locked, for there is none in a
    dispute about no call; the constraint alone is left."""
    call = published_call(cast)
    retire(cast)
    other = make_unit("OTH", "اداره دیگر", parent=cast.provider)
    both_have_read, settle = Barrier(2), successions._settle

    def read_first(*args):
        list(Succession.objects.standing())
        both_have_read.wait(PATIENCE)
        return settle(*args)

    monkeypatch.setattr(successions, "_settle", read_first)
    monkeypatch.setattr(Report.objects, "select_for_update", Report.objects.all)
    with pytest.raises(IntegrityError):
        at_once(lambda: decide(cast, call), lambda: decide(cast, call, heir=other))
