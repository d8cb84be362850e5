"""`manage.py runsweep`: closing by hand."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from reports.models import Snapshot
from sajad_portal.lib.clock import database_now
from sajad_portal.sweeps import PARTS
from tests.calls import published_call, with_closing
from units.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_a_closing_is_recorded_by_hand_once(cast, capsys):
    call = published_call(cast, grace=timedelta(0))
    with_closing(call, database_now() - timedelta(minutes=5))
    call_command("runsweep", "closings")
    call_command("runsweep", "closings")

    assert Snapshot.objects.filter(call=call).count() == 1
    assert capsys.readouterr().out.splitlines()[1] == "closings: 0"
    assert Heartbeat.objects.filter(part="closings").exists(), "its age begins anew"


def test_each_sweep_can_be_run_by_hand(capsys):
    call_command("runsweep", *PARTS.values())

    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == [*PARTS.values()]


def test_without_a_name_they_are_listed_and_a_strange_one_is_refused(capsys):
    call_command("runsweep")
    assert len(capsys.readouterr().out.splitlines()) == len(PARTS)
    with pytest.raises(CommandError, match="No sweep is called closing\\. There are: openings, closings"):
        call_command("runsweep", "closing")
