"""Try small wrong changes and write docs/mutants.md.

    tools.mutants                          300 changes of seed 1, at most 90 minutes, two at a time
    tools.mutants --count 40 --only sla    fewer, of these files
    tools.mutants --record tests/sla       record anew which test runs which line (only these tests)
    tools.mutants --again                  those that lived, once more
    tools.mutants --table                  only write the page

What was tried is kept in var/mutants/ and not tried again; a run that was stopped goes on where it was.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import sites, table
from .recording import KEPT, recorded

MARKS = "not browser and not redis and not postgres and not full"
USES_THE_DATABASE = "tests/test_suite.py"  # collected always, so that the database is set up before the first fork
SECONDS = 60  # of tests for one change


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[], metavar="PATH")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--record", nargs="*", metavar="TESTS", help="record these tests (all where none is named), try nothing"
    )
    parser.add_argument("--again", action="store_true", help="try again what lived")
    parser.add_argument("--table", action="store_true", help="write the page, try nothing")
    given = parser.parse_args()
    ends = time.time() + 60 * given.minutes
    if given.record is not None or (not given.table and not list(KEPT.glob("ran-*.json"))):
        record(given.record or ["tests"], given.processes)
    if given.record is not None:
        return 0
    if not given.table:
        attempt(chosen(given), given.processes, ends)
    print(table.write())
    return 0


def environment(scratch: Path) -> dict[str, str]:
    scratch.mkdir(parents=True, exist_ok=True)
    kept = {
        key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "DEMO", "DEBUG")
    }
    return {**kept, "READ_DOT_ENV": "0", "VAR_DIR": str(scratch)}


def record(tests: list[str], processes: int) -> None:
    """Run the tests under coverage. What fails is left out of the record: it would kill whatever is tried."""
    spread = ["-n", str(processes)] if processes > 1 else []
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tools.mutants.recording",
        "-q",
        "--no-header",
        "-m",
        MARKS,
        *spread,
        *tests,
    ]
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        subprocess.run(command, cwd=sites.BASE, env=environment(Path(scratch)))


def chosen(given: argparse.Namespace) -> list[sites.Mutant]:
    before = table.outcomes()
    if given.again:
        lived = {key for key, outcome in before.items() if outcome["outcome"] == "lived"}
        every = [mutant for path in sites.files(given.only) for mutant in sites.all_of(path)]
        return [mutant for mutant in every if mutant.key in lived][: given.count]
    return [mutant for mutant in sites.sample(given.seed, given.count, given.only) if mutant.key not in before]


def orders(mutants: list[sites.Mutant]) -> list[dict]:
    """For each the tests that run its line, the cheapest first."""
    tests = recorded()
    by_line: dict[tuple[str, int], list[tuple[float, str]]] = {}
    wanted = {mutant.path for mutant in mutants}
    for name, record in tests.items():
        for path in wanted & record["lines"].keys():
            for line in record["lines"][path]:
                by_line.setdefault((path, line), []).append((record["took"], name))
    found = []
    for mutant in mutants:
        chosen = sorted(by_line.get((mutant.path, mutant.line), []))
        found.append({"key": mutant.key, "tests": [[name, took] for took, name in chosen], "seconds": SECONDS})
    return found


def attempt(mutants: list[sites.Mutant], processes: int, ends: float) -> None:
    waiting = orders(mutants)
    untested = [order for order in waiting if not order["tests"]]
    with table.OUTCOMES.open("a", encoding="utf-8") as file:
        for order in untested:
            file.write(
                json.dumps({"key": order["key"], "of": 0, "ran": 0, "outcome": "lived", "by": ""}, ensure_ascii=False)
                + "\n"
            )
    waiting = [order for order in waiting if order["tests"]]
    print(f"{len(mutants)} to try, {len(untested)} of them run by no test", flush=True)
    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as scratch:
        servers = [
            serve(waiting[i::processes], Path(scratch) / str(i), ends)
            for i in range(processes)
            if waiting[i::processes]
        ]
        watch(servers, len(waiting))


def serve(waiting: list[dict], scratch: Path, ends: float) -> tuple[subprocess.Popen, Path]:
    """Start a process that tries these. It collects only the files whose tests are asked for."""
    scratch.mkdir(parents=True)
    given, outcomes = scratch / "mutants.jsonl", scratch / "outcomes.jsonl"
    given.write_text("".join(json.dumps(order, ensure_ascii=False) + "\n" for order in waiting), "utf-8")
    outcomes.touch()
    files = sorted({USES_THE_DATABASE} | {name.partition("::")[0] for order in waiting for name, _ in order["tests"]})
    command = [
        sys.executable, "-m", "pytest", "-p", "tools.mutants.server", "-q", "-s", "--no-header", "-m", MARKS,
        "--mutants", str(given), "--outcomes", str(outcomes), "--until", str(ends), *files,
    ]  # fmt: skip
    log = (scratch / "log").open("w")
    process = subprocess.Popen(command, cwd=sites.BASE, env=environment(scratch / "var"), stdout=log, stderr=log)
    return process, outcomes


def watch(servers: list[tuple[subprocess.Popen, Path]], total: int) -> None:
    """Keep what comes in at once, so that nothing is lost when this is stopped. When the time is over they begin no other."""
    began, done, read = time.monotonic(), 0, {path: 0 for _, path in servers}
    running = True
    with table.OUTCOMES.open("a", encoding="utf-8") as kept:
        while running:
            time.sleep(1)
            running = any(process.poll() is None for process, _ in servers)
            for _, path in servers:
                lines = path.read_text("utf-8").splitlines(keepends=True)
                for line in [line for line in lines[read[path] :] if line.endswith("\n")]:
                    read[path] += 1
                    done += 1
                    kept.write(line)
                    kept.flush()
                    tell(json.loads(line), done, total, began)
    for process, path in servers:
        if process.returncode:
            print((path.parent / "log").read_text("utf-8")[-3000:], flush=True)


def tell(outcome: dict, done: int, total: int, began: float) -> None:
    place, function, rest = outcome["key"].split("|", 2)
    change = rest.rpartition("|")[0]
    print(
        f"{done}/{total} {time.monotonic() - began:.0f} s  {outcome['outcome']:<7} {place} {function}: {change}"
        f"  [{outcome['by'].rpartition('::')[2] or outcome['ran']}]",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
