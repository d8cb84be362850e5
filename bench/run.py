"""`make bench`: seeds, serves, measures, and says what is met.

    python -m bench.run                everything (about half an hour, of which the first run seeds a quarter)
    python -m bench.run --only pages   pages | plans | sweeps | exports | load | second, one or several
    python -m bench.run --quick        fewer rounds and a shorter hour: to look, not to publish

The table goes to standard output and every row to bench/latest.json.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench.client import Connection, Request, request
from bench.databases import Databases, say
from bench.measure import Sample, ask, count_sql, run_writing
from bench.pages import PAGES, WRITINGS
from bench.server import (  # fmt: skip
    BASE,
    VAR,
    WORKERS,
    Server,
    collect_static,
    facts_of,
    production_environment,
    run_python,
    tool_environment,
)
from tests import services

LATEST = BASE / "bench" / "latest.json"
SIZES = ("1k", "10k", "100k")
MIDDLE = "10k"
GROWTH = 1.3
LATE = 0.5  # seconds; where flows begin later than this, the hour was no open loop
PORT = int(os.environ.get("BENCH_PORT", "8190"))
PARTS = ("pages", "plans", "sweeps", "exports", "load", "second")
# Seconds for ten thousand reports with all their answers.
EXPORTS = {"csv": 4, "xlsx": 20, "jsonl": 20}
EXPORT_MEGABYTES = 150


class Bench:
    def __init__(self, ends: ExitStack, options: argparse.Namespace):
        self.ends, self.options = ends, options
        self.rounds, self.times = (3, 6) if options.quick else (5, 12)
        self.databases = Databases(services.postgres_server(ends))
        self.redis = services.redis_server(ends)
        self.rows: list[dict] = []
        self.collected = False
        VAR.mkdir(parents=True, exist_ok=True)

    def add(self, work: str, aim: str, measured: str, met: bool | None, **more) -> None:
        self.rows.append({"work": work, "aim": aim, "measured": measured, "met": met, **more})
        say(f"  {'' if met is None else 'met   ' if met else 'MISSED'} {work}: {measured} (aim: {aim or 'none'})")

    def serve(self, url: str, port: int, ends: ExitStack) -> Server:
        if not self.collected:
            collect_static(production_environment(url, self.redis))
            self.collected = True
        return Server(url, self.redis, port).start(ends)

    # -------------------------------------------------------------------------------------------------- pages
    def pages(self) -> None:
        with ExitStack() as ends:
            urls = {size: self.databases.copy(size) for size in (*SIZES, "call")}
            ports = {size: PORT + i for i, size in enumerate(urls)}
            for size, url in urls.items():
                self.serve(url, ports[size], ends)
            facts = {size: facts_of(url, writers=80) for size, url in urls.items()}
            for page in PAGES:
                sizes = ("call",) if page.on == "call" else SIZES
                sql = {size: self._sql(ports[size], page.ask(facts[size], 0)) for size in sizes}
                self._measure(page, sizes, sql, lambda size, n, s, p=page: ask(
                    ports[size], lambda client: p.ask(facts[size], client), clients=n, times=self.times, sample=s
                ))  # fmt: skip
            for writing in WRITINGS:
                sql = {}
                for size in SIZES:
                    found = list(writing.run(Connection(ports[size]), facts[size], 0, 1, 3, count=True))
                    sql[size] = max(answer.sql for answer in found)
                self._measure(writing, SIZES, sql, lambda size, n, s, w=writing: run_writing(
                    ports[size], w, facts[size], clients=n, times=self.times, sample=s
                ))  # fmt: skip

    @staticmethod
    def _sql(port: int, asked: Request) -> int:
        connection = Connection(port)
        for _warm in range(6):  # both workers have compiled the templates
            connection.send(asked)
        return count_sql(connection, asked)

    def _measure(self, page, sizes, sql: dict[str, int], measure) -> None:
        """The sizes take turns in every round, so that what else the machine does falls on all of them alike."""
        alone: dict[str, list[Sample]] = {size: [] for size in sizes}
        for _round in range(self.rounds):
            for size in sizes:
                alone[size].append(sample := Sample())
                measure(size, 1, sample)
        size = MIDDLE if MIDDLE in sizes else sizes[0]
        crowd = Sample()
        for _round in range(max(1, self.rounds // 2)):
            measure(size, 8, crowd)
        every = alone[size]
        ratio = statistics.median(sample.ratio for sample in every)
        row = {
            "ratio": round(ratio, 1),
            "ratio_8_clients": round(crowd.ratio, 1),
            "median_ms": round(statistics.median(s.median for s in every) * 1000, 2),
            "p95_ms": round(statistics.median(s.p95 for s in every) * 1000, 2),
            "median_ms_8_clients": round(crowd.median * 1000, 2),
            "p95_ms_8_clients": round(crowd.p95 * 1000, 2),
            "null_ms": round(statistics.median(s.null_median for s in every) * 1000, 3),
            "cpu_ms": round(statistics.median(s.cpu_median for s in every) * 1000, 2),
            "sql": sql[size],
            "bytes": every[-1].length,
        }
        aims, met = [], []
        if page.ratio:
            aims.append(f"≤ {page.ratio:g}× null")
            met.append(ratio <= page.ratio)
        if page.sql:
            aims.append(f"≤ {page.sql} SQL")
            met.append(sql[size] <= page.sql)
        if len(sizes) > 1:
            pairs = zip(alone[sizes[-1]], alone[sizes[0]], strict=True)
            row["growth"] = round(statistics.median(large.median / small.median for large, small in pairs), 2)
            row["sql_by_size"] = sql
            if page.ratio:
                aims.append(f"growth ≤ {GROWTH}")
                met += [row["growth"] <= GROWTH, len(set(sql.values())) == 1]
        told = f"{ratio:.1f}×, {sql[size]} SQL" + (f", growth {row['growth']}" if "growth" in row else "")
        self.add(page.work, ", ".join(aims), told, all(met) if met else None, **row)

    # -------------------------------------------------------------------------------------------------- plans
    def plans(self) -> None:
        url = self.databases.copy("100k")
        environment = production_environment(url, self.redis)
        for work, tables in json.loads(run_python("-m", "bench.plans", environment=environment)).items():
            self.add(f"plans of: {work}", "no growing table read whole", ", ".join(tables) or "none", not tables)

    # ------------------------------------------------------------------------------------------------- sweeps
    def sweeps(self) -> None:
        for what, most, work in (
            ("closing", 5, "closing a call of 10,000 units"), ("announcing", 20, "announcing 10,000 results"),
        ):  # fmt: skip
            environment = tool_environment(self.databases.copy("call"))
            found = json.loads(run_python("-m", "bench.sweeps", what, environment=environment))
            told = f"{found['seconds']} s, {found['reports']} reports, {found['sql']} SQL, {found['notices']} notices"
            self.add(work, f"≤ {most} s", told, found["seconds"] <= most, **found)
            self._invariants(work, environment)

    # ------------------------------------------------------------------------------------------------ exports
    def exports(self) -> None:
        environment = tool_environment(self.databases.copy("call"))
        for ending, most in EXPORTS.items():
            found = json.loads(run_python("-m", "bench.exports", ending, environment=environment))
            told = (
                f"{found['seconds']} s, {found['reports']} reports, {found['sql']} SQL, memory +{found['grown_mb']} MB "
                f"to {found['peak_mb']} MB, file {found['file_mb']} MB"
            )
            met = found["seconds"] <= most and found["grown_mb"] <= EXPORT_MEGABYTES
            self.add(
                f"10,000 reports as {ending.upper()}",
                f"≤ {most} s, memory ≤ {EXPORT_MEGABYTES} MB more",
                told,
                met,
                **found,
            )

    def _invariants(self, after: str, environment: dict[str, str]) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", "checkinvariants"], cwd=BASE, env=environment, capture_output=True, text=True
        )
        told = (done.stdout or done.stderr).strip().splitlines()[:3]
        self.add(f"checkinvariants after: {after}", "clean", "; ".join(told), done.returncode == 0)

    # --------------------------------------------------------------------------------------------------- load
    def load(self) -> None:
        """The flood and the hour, each on a copy of its own."""
        flood_seconds, hour_seconds = (15, 60) if self.options.quick else (40, 360)
        found = self._under_load("flood", flood_seconds)
        self.add("flows (open, three autosaves, submit) a second, saturated", "≥ 15", f"{found['flows_a_second']}",
            found["flows_a_second"] >= 15 and not found["error_count"], **found)  # fmt: skip
        found = self._under_load("hour", hour_seconds)
        slow = {step: found["steps"].get(step, {}).get("p95_ms", 9e9) for step in ("autosave", "submit")}
        told = (
            f"{found['flows']} flows in {found['seconds']} s, begun at most {found['worst_lag_s']:.2f} s late, "
            f"{found['error_count']} errors, p95 " + ", ".join(f"{step} {ms:.0f} ms" for step, ms in slow.items())
        )
        held = not found["error_count"] and not found["lost"] and max(slow.values()) < 300
        self.add("the last hour, ten times as fast", "no error, p95 of autosave and submit < 300 ms, nothing lost", told,
            held and found["worst_lag_s"] < LATE, **found)  # fmt: skip

    def _under_load(self, kind: str, seconds: float) -> dict:
        url = self.databases.copy("call", kind)
        facts = facts_of(url, writers=5000)
        path = VAR / f"facts-{kind}.json"
        path.write_text(json.dumps(facts))
        with ExitStack() as ends:
            self.serve(url, PORT, ends)
            if kind == "hour":
                # No grace, and the last flows begin a few seconds before: the edge is a real one.
                self._execute(url, "UPDATE reports_call SET closes_at = now() + make_interval(secs => %s), grace = '0' WHERE id = %s",
                    [seconds + 10, facts["open_call"]])  # fmt: skip
            arguments = ("-m", "bench.hour", str(PORT), str(path), kind, str(seconds))
            found = json.loads(run_python(*arguments, environment=tool_environment(url)))
        found["lost"] = self._lost(url, found.pop("submitted"), found.pop("sent"))
        self.add(f"nothing that was acknowledged is lost: {kind}", "0 lost", f"{found['lost']} lost", not found["lost"])
        self._invariants(kind, tool_environment(url))
        return found

    # ------------------------------------------------------------------------------------- the second of the closing
    def second(self) -> None:
        """A thousand entry pages at the closing: spread over twenty seconds, as they are, and all at once, as they were."""
        for spread in (20, 0):
            found = self._at_the_closing(spread)
            told = (
                f"{found['pages']} pages, CPU {found['cpu_s']} s in {found['seconds']} s, p95 of a page's question {found['poll_p95_s']} s, "
                f"of a submission {found['submit_p95_s']} s; {found['received']} in time, {found['refused']} refused, {found['late']} late ones in"
            )
            sound = not found["late"] and not found["error_count"] and found["received"] == found["stored"]
            work = f"1,000 entry pages at the closing second, within {spread} s" if spread else "the same, all at once"
            self.add(work, "0 late, no error, p95 of a submission ≤ 2 s" if spread else "0 late, no error", told,
                sound and (not spread or found["submit_p95_s"] <= 2), **found)  # fmt: skip

    def _at_the_closing(self, spread: int) -> dict:
        url = self.databases.copy("second")
        facts = facts_of(url, writers=1000)
        path = VAR / "facts-second.json"
        path.write_text(json.dumps(facts))
        with ExitStack() as ends:
            server = self.serve(url, PORT, ends)
            for writer in facts["writers"][:40]:  # both workers have compiled the templates
                Connection(PORT).send(
                    request(f"/reports/{writer['code']}/time/", session=writer["reporter"]["session"])
                )
            arguments = ("-m", "bench.second", str(PORT), str(path), str(spread), str(server.process.pid), url)
            found = json.loads(run_python(*arguments, environment=tool_environment(url)))
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            codes = [writer["code"] for writer in facts["writers"]]
            cursor.execute(
                "SELECT count(*), count(*) FILTER (WHERE v.submitted_at >= to_timestamp(%s)) FROM reports_revision v "
                "JOIN reports_report r ON r.id = v.report_id WHERE r.tracking_code = ANY(%s)",
                [found["closes_at"], codes],
            )
            found["stored"], found["late"] = cursor.fetchone()
        self._invariants("the closing second", tool_environment(url))
        return found

    def _lost(self, url: str, submitted: list[str], sent: dict[str, dict[str, str]]) -> int:
        """Receipts without a revision, and values that the portal said it had stored and the revision does not hold."""
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT r.tracking_code, v.answers FROM reports_revision v JOIN reports_report r ON r.id = v.report_id "
                "WHERE r.tracking_code = ANY(%s)",
                [submitted],
            )
            stored = dict(cursor.fetchall())
        wrong = [c for c in submitted if any(stored.get(c, {}).get(k) != v for k, v in sent.get(c, {}).items())]
        return len(wrong) + len(set(submitted) - set(stored))

    @staticmethod
    def _execute(url: str, sql: str, params: list) -> None:
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(sql, params)

    # ------------------------------------------------------------------------------------------------- telling
    def tell(self) -> None:
        stamp = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": f"{os.cpu_count()} cores, {_memory()} GB, {_processor()}, Python {platform.python_version()}",
            "load_before": self.options.load,
            "workers": WORKERS,
        }
        kept = {} if not LATEST.exists() else {row["work"]: row for row in json.loads(LATEST.read_text())}
        rows = {**(kept if self.options.only else {}), **{row["work"]: {**row, **stamp} for row in self.rows}}
        LATEST.write_text(json.dumps(list(rows.values()), ensure_ascii=False, indent=1) + "\n")
        print(table(self.rows))
        print(
            f"\n{stamp['machine']}; load {stamp['load_before']:.1f} before; {stamp['date']}; every figure in {LATEST.name}"
        )


def table(rows: list[dict]) -> str:
    """Markdown, as docs/performance.md holds it."""
    lines = [
        "| work | aim | measured | met | median ms | p95 ms | 8 clients: median, p95 ms | ratio at 8 | CPU ms | null ms | bytes |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        met = {True: "yes", False: "**no**", None: "–"}[row["met"]]
        figures = [
            row.get("median_ms", ""), row.get("p95_ms", ""),
            f"{row['median_ms_8_clients']}, {row['p95_ms_8_clients']}" if "median_ms_8_clients" in row else "",
            row.get("ratio_8_clients", ""), row.get("cpu_ms", ""), row.get("null_ms", ""), row.get("bytes", ""),
        ]  # fmt: skip
        lines.append(
            f"| {row['work']} | {row['aim'] or '–'} | {row['measured']} | {met} | "
            + " | ".join(map(str, figures))
            + " |"
        )
    return "\n".join(lines)


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _processor() -> str:
    found = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return found[0].partition(": ")[2] if found else platform.processor()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=[])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    options.load = os.getloadavg()[0]
    with ExitStack() as ends:
        try:
            bench = Bench(ends, options)
        except services.PartMissing as lack:
            print(f"bench: {lack}")
            return 1
        bench.databases.forget_old()
        for part in options.only or PARTS:
            say(f"== {part}")
            getattr(bench, part)()
        bench.tell()
    return 0 if all(row["met"] is not False for row in bench.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
