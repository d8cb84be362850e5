"""A plugin of pytest: which test runs which line of what is tried, and how long it takes.

Written beside what was recorded before, so that it can be done in portions; a test recorded again replaces what it was.
"""

import json
import os
import time
from collections import defaultdict
from pathlib import Path

import coverage
import pytest

from .sites import BASE, files

KEPT = BASE / "var" / "mutants"
AT_ONCE = 40  # tests, after which what was recorded is kept


class Recorder:
    def __init__(self) -> None:
        self.include = [str(BASE / path) for path in files([])]
        self.begin()

    def begin(self) -> None:
        self.took: dict[str, float] = {}
        self.failed: set[str] = set()
        self.coverage = coverage.Coverage(data_file=None, include=self.include, messages=False)
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item):
        self.coverage.switch_context(item.nodeid)
        began = time.perf_counter()
        done = yield
        self.took[item.nodeid] = round(time.perf_counter() - began, 4)
        self.coverage.switch_context("")
        if len(self.took) >= AT_ONCE:
            self.keep()
            self.begin()
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self.keep()

    def keep(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        ran: dict[str, dict[str, list[int]]] = defaultdict(dict)
        for file in data.measured_files():
            path = Path(file).relative_to(BASE).as_posix()
            for line, tests in data.contexts_by_lineno(file).items():
                for test in tests:
                    if test in self.took and test not in self.failed:  # what fails without a change proves nothing
                        ran[test].setdefault(path, []).append(line)
        if ran:
            KEPT.mkdir(parents=True, exist_ok=True)
            name = f"ran-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{time.time_ns()}.json"
            lines = {test: {"took": self.took[test], "lines": where} for test, where in ran.items()}
            (KEPT / name).write_text(json.dumps(lines), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    distributes = getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput")
    if not distributes:
        config.pluginmanager.register(Recorder(), "mutants-recorder")


def recorded() -> dict[str, dict]:
    """{test: {"took": seconds, "lines": {path: [lines]}}}, the latest of each."""
    found: dict[str, dict] = {}
    for path in sorted(KEPT.glob("ran-*.json"), key=lambda p: int(p.stem.rpartition("-")[2])):
        found |= json.loads(path.read_text("utf-8"))
    return found
