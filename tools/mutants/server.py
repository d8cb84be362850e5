"""A plugin of pytest: collects once, sets the database up once, then tries each mutant in a fork.

In the fork the functions of the changed module get the changed code, their tests run, the first that fails kills the mutant.
The parent puts an untouched copy of the database under the next one and ends a fork that takes too long, with its children.
"""

import ast
import gc
import json
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from functools import _lru_cache_wrapper
from pathlib import Path
from types import CodeType, FunctionType

import pytest
from django.conf import settings
from django.db import connections

from .sites import BASE, applied

SLOWEST = 20  # seconds for a test that is quick without the change
LATE = 5  # how often its usual time a slow test may take


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutants", help="a file: a line of JSON a mutant, {key, tests: [[id, seconds]], seconds}")
    parser.addoption("--outcomes", help="where a line of JSON is written for each")
    parser.addoption("--until", type=float, default=float("inf"), help="seconds since 1970 after which none is begun")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    by_id = {item.nodeid: item for item in session.items}
    _warm(session)
    living = _functions()
    empty = _untouched_database()
    gc.freeze()
    with Path(session.config.getoption("outcomes")).open("a", encoding="utf-8") as outcomes:
        for line in Path(session.config.getoption("mutants")).read_text("utf-8").splitlines():
            if time.time() > session.config.getoption("until"):
                break
            order = json.loads(line)
            _put_back(empty)
            outcome = _in_a_fork(order, by_id, living)
            outcomes.write(
                json.dumps({"key": order["key"], "of": len(order["tests"]), **outcome}, ensure_ascii=False) + "\n"
            )
            outcomes.flush()
    return True


def _warm(session: pytest.Session) -> None:
    """Run one test that uses the database: what lives for a session is made here, and every fork inherits it."""
    first = next(item for item in session.items if "db" in getattr(item, "fixturenames", ()))
    first.ihook.pytest_runtest_protocol(item=first, nextitem=first)
    for thing in gc.get_objects():
        if isinstance(thing, _lru_cache_wrapper) and (getattr(thing, "__module__", "") or "").startswith(
            ("reports", "sla", "units")
        ):
            thing.cache_clear()
    connections.close_all()


def _functions() -> dict[str, list[FunctionType]]:
    """{file: its functions that live in this process}."""
    found: dict[str, list[FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType):
            found.setdefault(thing.__code__.co_filename, []).append(thing)
    return found


# ----------------------------------------------------------------------------------------- the database
def _untouched_database() -> Path:
    base = Path(settings.DATABASES["default"]["NAME"])
    kept = base.with_suffix(".untouched")
    shutil.copyfile(base, kept)
    return kept


def _put_back(kept: Path) -> None:
    base = Path(settings.DATABASES["default"]["NAME"])
    for ending in ("-wal", "-shm"):
        base.with_name(base.name + ending).unlink(missing_ok=True)
    shutil.copyfile(kept, base)


# --------------------------------------------------------------------------------------------- the fork
def _in_a_fork(order: dict, by_id: dict[str, pytest.Item], living: dict[str, list[FunctionType]]) -> dict:
    began = time.monotonic()
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os.close(reading)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        code = 1
        try:
            os.write(writing, json.dumps(_try(order, by_id, living, writing), ensure_ascii=False).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    outcome = _wait(child, reading, order["seconds"] + 4 * SLOWEST)
    return {**outcome, "seconds": round(time.monotonic() - began, 2)}


def _wait(child: int, reading: int, seconds: float) -> dict:
    last = time.monotonic() + seconds
    while not (done := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > last:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.02)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what a test of it had started
    if said:
        return json.loads(said)
    return {"outcome": "killed", "by": "the process ended" if done[0] else "did not end", "ran": 0}


def _try(order: dict, by_id: dict[str, pytest.Item], living: dict[str, list[FunctionType]], writing: int) -> dict:
    if not _changed(order["key"], living):
        return {"outcome": "untried", "by": "", "ran": 0}
    last = time.monotonic() + order["seconds"]
    tests = [(by_id[test], took) for test, took in order["tests"] if test in by_id]
    for number, (item, took) in enumerate(tests, 1):
        item.session._setupstate.teardown_exact(item)
        limit = max(SLOWEST, LATE * took)
        signal.signal(signal.SIGALRM, lambda *_, item=item, number=number: _hung(writing, item.nodeid, number))
        signal.alarm(int(limit))
        reports = _run(item, tests[number][0] if number < len(tests) else None)
        signal.alarm(0)
        if any(report.failed for report in reports):
            return {"outcome": "killed", "by": item.nodeid, "ran": number}
        if time.monotonic() > last:
            return {"outcome": "lived", "by": "", "ran": number}
    return {"outcome": "lived", "by": "", "ran": len(tests)}


def _run(item: pytest.Item, following: pytest.Item | None) -> list[pytest.TestReport]:
    from _pytest.runner import runtestprotocol

    return runtestprotocol(item, log=False, nextitem=following)


def _hung(writing: int, test: str, number: int) -> None:
    os.write(writing, json.dumps({"outcome": "killed", "by": f"{test} (did not end)", "ran": number}).encode())
    os._exit(0)


def _changed(key: str, living: dict[str, list[FunctionType]]) -> bool:
    """Give the living functions of the module the changed code. False where none of them is another one now, or one that was
    made when the module was imported cannot be: the change takes away a name that it closes over."""
    path = str(BASE / key.split("|", 1)[0])
    changed: ast.Module = applied(key)
    codes = dict(_codes(compile(changed, path, "exec")))
    done = False
    for function in living.get(path, ()):
        old = function.__code__
        new = codes.get((old.co_qualname, old.co_firstlineno))
        if new is None or new == old:
            continue
        if new.co_freevars != old.co_freevars:
            return False
        function.__code__ = new
        done = True
    return done


def _codes(code: CodeType):
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield (constant.co_qualname, constant.co_firstlineno), constant
            yield from _codes(constant)
