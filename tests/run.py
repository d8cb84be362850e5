"""Runs the suite as it must hold: on SQLite AND PostgreSQL, in real Chromium, with Celery on a real Redis.

    tests/run.py            all of it (`make test`)
    tests/run.py --quick    SQLite only, no browser, no Redis (`make test-quick`)
    tests/run.py --long     what is marked `long`, for which `make test` has no time (`make test-long`)
    tests/run.py --full     all of both, and what is marked `full` (`make test-full`)

Anything after these goes to pytest. A part that cannot run, runs no test, or skips one, fails the run and is named.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))

from tests import services  # noqa: E402 the path must be set first

# What a developer's shell may hold and a run must not inherit.
OURS = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DEMO", "DEBUG", "TEST_CLOCK_OFFSET", "PORT", "SITE_URL"}
# Without compiled files each worker rewrites every test anew and each server that a test starts compiles the whole portal.
OURS |= {"PYTHONDONTWRITEBYTECODE"}
WANTED = {"browser": "the browser (real Chromium)", "redis": "Celery on a real Redis", "postgres": "races"}
WORKERS = os.environ.get("TEST_WORKERS", "2")


@dataclass
class Part:
    """One run of pytest: which tests, on which servers."""

    name: str
    marks: str
    environment: dict[str, str] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)  # a mark → what to call it when no such test ran
    counts: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def run_part(part: Part, scratch: Path, extra: list[str], *, full: bool) -> None:
    report = scratch / f"{part.name}.xml"
    print(f"\n===== {part.name}: pytest -m '{part.marks}'", flush=True)
    command = [sys.executable, "-m", "pytest", "-n", WORKERS, "-q", "-m", part.marks, f"--junitxml={report}", *extra]
    environment = {key: value for key, value in os.environ.items() if key not in OURS}
    environment |= {"READ_DOT_ENV": "0", "VAR_DIR": str(scratch / part.name), **part.environment}
    if full:
        environment.setdefault("TEST_NEW_EXAMPLES", "1")
    (scratch / part.name).mkdir()
    began = time.monotonic()
    code = _run(command, environment)
    part.seconds = time.monotonic() - began
    if code not in (0, 1):
        part.faults.append(f"pytest ended with {code}")
    if not report.exists():
        part.faults.append("no report was written")
        return
    rooms: Counter = Counter()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        outcome = _outcome(case)
        part.counts[outcome] += 1
        rooms.update(prop.get("value") for prop in case.iter("property") if prop.get("name") == "part")
        if outcome == "skipped":
            part.faults.append(f"skipped: {case.get('classname')}::{case.get('name')}")
    if not part.counts["passed"] and not extra:
        part.faults.append("ran no test")
    if not extra:
        part.faults += [f"no test of {what} ran" for room, what in part.needs.items() if not rooms[room]]


def _run(command: list[str], environment: dict[str, str]) -> int:
    """What pytest ends with; where we are ended, its workers and the servers of its tests end before us."""
    tests = subprocess.Popen(command, cwd=BASE, env=environment)
    try:
        return tests.wait()
    except SystemExit:
        tests.send_signal(signal.SIGINT)
        tests.wait(60)
        raise


def _outcome(case: ElementTree.Element) -> str:
    kinds = {child.tag for child in case}
    if "error" in kinds or "failure" in kinds:
        return "failed"
    return "skipped" if "skipped" in kinds else "passed"


def plan(options: argparse.Namespace, ends: ExitStack) -> tuple[list[Part], list[str]]:
    """The parts to run, and a sentence for each that cannot."""
    full = "" if options.full else "long and not full and " if options.long else "not long and not full and "
    parts = [Part("sqlite", f"{full}not postgres and not browser and not redis")]
    if options.quick:
        return parts, []
    missing = []
    found = {}
    for name, find in (
        ("PostgreSQL", lambda: services.postgres_server(ends)),
        ("Redis", lambda: services.redis_server(ends)),
        ("Chromium", services.chromium),
    ):
        try:
            found[name] = find()
        except services.PartMissing as lack:
            missing.append(f"{name}: {lack}")
    if not missing:
        database = f"portal_{os.getpid()}"
        ends.callback(services.drop_databases, found["PostgreSQL"], f"test_{database}")
        parts.append(
            Part(
                "postgres",
                full.removesuffix(" and ") or "full or not full",
                {
                    "DATABASE_URL": f"{found['PostgreSQL']}/{database}",
                    "TEST_REDIS_URL": found["Redis"],
                    "CHROMIUM": found["Chromium"],
                },
                {} if options.long else WANTED,
            )
        )
    return parts, missing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--full", action="store_true")
    options, extra = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that private servers are ended
    began = time.monotonic()
    with ExitStack() as ends:
        scratch = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="portal-tests-")))
        parts, missing = plan(options, ends)
        if not missing:
            for part in parts:
                run_part(part, scratch, extra, full=options.full)
    total = sum((part.counts for part in parts), Counter())
    print("\n===== summary")
    for part in parts:
        counts = ", ".join(f"{part.counts[kind]} {kind}" for kind in ("passed", "failed", "skipped"))
        print(f"{part.name:<10} {counts} in {part.seconds:.0f} s")
        for fault in part.faults:
            print(f"{part.name:<10} FAULT: {fault}")
    for lack in missing:
        print(f"MISSING    {lack}")
    bad = bool(missing) or total["failed"] > 0 or any(part.faults for part in parts)
    print(f"{'RED' if bad else 'green'} after {time.monotonic() - began:.0f} s")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
