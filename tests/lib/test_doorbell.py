"""Waking a worker."""

import ast
from pathlib import Path

import pytest
from celery import Task
from django.utils.module_loading import import_string

from sajad_portal.lib.doorbell import ring

BASE = Path(__file__).resolve().parents[2]
TASK = "reports.tasks.make_exports"


def test_it_asks_for_one_run(monkeypatch):
    rung = []
    monkeypatch.setattr(f"{TASK}.delay", lambda: rung.append(TASK))

    ring(TASK)

    assert rung == [TASK]


@pytest.mark.parametrize("trouble", [OSError("no route"), ValueError("no such transport")])
def test_a_broker_that_does_not_answer_is_told_of_and_harms_nobody(trouble, caplog, monkeypatch):
    def broken():
        raise trouble

    monkeypatch.setattr(f"{TASK}.delay", broken)

    ring(TASK)

    assert TASK in caplog.text


def test_a_name_that_is_no_task_is_a_fault_of_ours_and_not_the_brokers():
    with pytest.raises(ImportError):
        ring("reports.tasks.make_export")


def rung_tasks() -> set[str]:
    """The names that the product's code rings, all of them written out."""
    files = [path for app in ("units", "sla", "reports") for path in (BASE / app).rglob("*.py")]
    calls = [
        node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    return {call.args[0].value for call in calls if isinstance(call.func, ast.Name) and call.func.id == "ring"}


def test_every_bell_that_is_rung_is_a_task():
    names = rung_tasks()

    assert names == {"reports.tasks.announce_ordered", TASK, "units.tasks.send_notices"}
    assert [name for name in names if not isinstance(import_string(name), Task)] == []
