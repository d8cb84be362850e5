"""How the portal's pages come to a browser: Lighthouse's marks, and the bytes and first words on an office line.

    make lighthouse                          nine pages and the sign-in page, three runs each: docs/lighthouse.md
    make lighthouse ARGS="--only entry"      some of them, printed only

It starts the demo (`manage.py serve`) in a folder of its own, signs in as the demo's people, and asks Lighthouse 12 (npm, phone,
simulated line) for the marks; bytes, layout shift and first words are Chromium's own, at 300 ms and 400 kbit/s with an empty
cache. CHROME_PATH names another Chromium. Bytes and layout shift are the same on every machine; marks and times are not, so the
load of the machine stands in the table. It ends with 1 where bytes or layout shift miss their aim.
"""

import argparse
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from playwright.sync_api import Browser, BrowserContext, sync_playwright

BASE = Path(__file__).resolve().parents[2]
TARGET = BASE / "docs" / "lighthouse.md"
LIGHTHOUSE = Path(__file__).resolve().parent / "node_modules" / ".bin" / "lighthouse"
PASSWORD = "sajad-demo-1405"  # noqa: S105 the demo's, printed by its start
CATEGORIES = ("performance", "accessibility", "best-practices")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"
LINE = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
PHONE = {"width": 390, "height": 844}
SHIFTS = """window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())
  if (!entry.hadRecentInput) window.shift += entry.value; }).observe({ type: "layout-shift", buffered: true });"""
# What is aimed at: marks, layout shift, kB of the first load (of the entry page) and of a next page, seconds to the first words.
SHIFT, FIRST_KB, NEXT_KB, WORDS = 0.05, 180, 15, 3.0


@dataclass
class Place:
    name: str
    person: str
    aim: int
    address: str = ""
    marks: dict[str, float] = field(default_factory=dict)
    shift: float = 0.0
    first_kb: float = 0.0
    next_kb: float = 0.0
    words: float = 0.0


PLACES = [
    Place("desk", "laleh", 90), Place("entry", "sara", 90), Place("review", "omid", 90), Place("result", "reza", 90),
    Place("service", "", 90), Place("sign-in", "", 90), Place("call", "laleh", 85), Place("progress", "laleh", 85),
    Place("league", "laleh", 85),
]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ the demo
@contextmanager
def demo() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="portal-lighthouse-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        given = {
            "DEMO": "1",
            "READ_DOT_ENV": "0",
            "VAR_DIR": os.environ.get("LIGHTHOUSE_VAR_DIR", folder),
            "PORT": str(port),
        }
        kept = {
            key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "PRODUCTION")
        }
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=BASE,
            env=kept | given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(server, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


def _wait(server: subprocess.Popen, site: str) -> None:
    last = time.monotonic() + 600  # the first start fills the demo
    while time.monotonic() < last:
        if server.poll() is not None:
            raise SystemExit("the demo ended before it answered: is another one running on LIGHTHOUSE_VAR_DIR?")
        try:
            build_opener().open(f"{site}/sign-in/", timeout=10).close()
            return
        except (URLError, OSError):
            time.sleep(0.5)
    raise SystemExit("the demo did not answer in ten minutes")


class Visitor:
    """Somebody of the demo, signed in over HTTP."""

    def __init__(self, site: str, name: str):
        self.site, self._jar = site, CookieJar()
        self._web: OpenerDirector = build_opener(HTTPCookieProcessor(self._jar))
        if name:
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page("/sign-in/"))
            form = {"csrfmiddlewaretoken": token[1] if token else "", "name": name, "password": PASSWORD}
            self._web.open(f"{site}/sign-in/", urlencode(form).encode(), timeout=60).close()
            if "sessionid" not in self.cookies:
                raise SystemExit(f"{name} could not sign in")

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self._jar}

    def page(self, path: str) -> str:
        with self._web.open(self.site + path, timeout=60) as answer:
            return answer.read().decode()

    def lands_at(self, path: str) -> str:
        with self._web.open(self.site + path, timeout=60) as answer:
            return urlsplit(answer.url).path

    def first(self, path: str, pattern: str) -> str:
        found = re.search(rf'href="({pattern})["?#]', self.page(path))
        if not found:
            raise SystemExit(f"{path} links to nothing like {pattern}: has the demo changed?")
        return found[1]


def find(place: Place, who: Visitor) -> str:
    """The page's address in this demo."""
    code = r"/reports/[\w-]{15,}/"
    match place.name:
        case "desk":
            return "/desk/"
        case "entry":
            return who.lands_at(who.first("/reports/?status=draft", code) + "edit/")
        case "review":
            return who.first("/review/", code + "review/")
        case "result":
            return who.first("/reports/?status=final", code) + "result/"
        case "service":
            return "/services/performance/"
        case "call":
            return who.first("/calls/?phase=open", r"/calls/\d+/")
        case "progress":
            return who.first("/calls/?phase=open", r"/calls/\d+/") + "progress/"
        case "league":
            return who.first("/analysis/", r"/analysis/calls/\d+/")
        case _:
            return "/sign-in/"


# ------------------------------------------------------------------------------------------------------------ measures
def marks(site: str, place: Place, cookies: dict[str, str], chromium: str, runs: int) -> dict[str, float]:
    """Lighthouse's, the median of some runs: points of 100, and its largest paint in seconds."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        headers = Path(folder, "headers.json")
        headers.write_text(json.dumps({"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}))
        for run in range(runs):
            report = Path(folder, f"{run}.json")
            command = [
                str(LIGHTHOUSE), site + place.address, "--quiet", "--output=json", f"--output-path={report}",
                f"--chrome-flags={FLAGS}", f"--extra-headers={headers}", f"--only-categories={','.join(CATEGORIES)}",
            ]  # fmt: skip
            for _try in range(3):  # on a busy machine a trace is lost now and then, and it asks to be run again
                done = subprocess.run(command, cwd=folder, env={**os.environ, "CHROME_PATH": chromium}, timeout=300)
                if done.returncode == 0:
                    break
            else:
                raise SystemExit(f"Lighthouse could not look at {place.name}; what it said stands above")
            said = json.loads(report.read_text("utf-8"))
            for category in CATEGORIES:
                found.setdefault(category, []).append(round(100 * (said["categories"][category]["score"] or 0)))
            found.setdefault("largest paint", []).append(
                said["audits"]["largest-contentful-paint"]["numericValue"] / 1000
            )
            _tell_faults(place, said)
    return {name: statistics.median(values) for name, values in found.items()}


def _tell_faults(place: Place, said: dict[str, Any]) -> None:
    for category in ("accessibility", "best-practices"):
        for audit in said["categories"][category]["auditRefs"]:
            one = said["audits"][audit["id"]]
            if audit["weight"] and one["score"] is not None and one["score"] < 1:
                print(f"  {place.name}: {category}: {one['id']}: {one['title']}", flush=True)


def weigh(browser: Browser, site: str, place: Place, cookies: dict[str, str]) -> None:
    """Bytes of the first load and of the next, layout shift (the larger of a desk's and a phone's), first words."""
    for viewport in ({"width": 1280, "height": 900}, PHONE):
        context = browser.new_context(base_url=site, viewport=viewport, locale="fa-IR")
        context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
        first, words, shift = _visit(context, place.address, LINE)
        after, _words, next_shift = _visit(context, place.address, None)
        place.first_kb, place.next_kb = max(place.first_kb, first / 1000), max(place.next_kb, after / 1000)
        place.shift, place.words = max(place.shift, shift, next_shift), max(place.words, words)
        context.close()


def _visit(context: BrowserContext, address: str, line: dict | None) -> tuple[int, float, float]:
    page, got = context.new_page(), [0]
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: got.append(event["encodedDataLength"]))
    if line:
        session.send("Network.emulateNetworkConditions", line)
    page.add_init_script(SHIFTS)
    page.goto(address, timeout=120_000)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)
    words = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0") / 1000
    shift = page.evaluate("window.shift")
    page.close()
    return sum(got), words, shift


# ------------------------------------------------------------------------------------------------------------- the table
def table(places: list[Place], version: str, loads: list[float], runs: int) -> str:
    rows = [
        f"| {place.name} | {place.marks['performance']:.0f} (≥ {place.aim}) | {place.marks['accessibility']:.0f} "
        f"| {place.marks['best-practices']:.0f} | {place.marks['largest paint']:.1f} | {place.shift:.3f} | {place.first_kb:.0f} "
        f"| {place.next_kb:.1f} | {place.words:.1f} |"
        for place in places
    ]
    return "\n".join([
        "# How pages come to a browser",
        "",
        "`make lighthouse` writes this page (`tools/lighthouse/measure.py`): the demo under `manage.py serve`, each page with an empty cache.",
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC with {version}, Lighthouse 12 (phone, simulated line), median of {runs} runs. "
        f"Load of the machine ({os.cpu_count()} processors) meanwhile: {min(loads):.1f} to {max(loads):.1f}. Marks, paint and first words fall "
        "with the load; bytes and layout shift do not.",
        "",
        "| page | performance (aim) | accessibility | best practices | largest paint, s | layout shift | first load, kB | next load, kB "
        "| first words at 300 ms and 400 kbit/s, s |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"Aims: accessibility and best practices 100; layout shift at most {SHIFT} (the larger of 1280 and 390 pixels); first load of the "
        f"entry page at most {FIRST_KB} kB, every next page at most {NEXT_KB} kB; first words within {WORDS:.0f} s.",
        "",
    ])  # fmt: skip


def misses(place: Place) -> list[str]:
    """Of what is the same on every machine."""
    found = []
    if place.shift > SHIFT:
        found.append(f"{place.name}: layout shift {place.shift:.3f}")
    if place.name == "entry" and place.first_kb > FIRST_KB:
        found.append(f"{place.name}: {place.first_kb:.0f} kB at first")
    if place.next_kb > NEXT_KB:
        found.append(f"{place.name}: {place.next_kb:.1f} kB next")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--only", nargs="*", default=[], help="names of pages: " + ", ".join(place.name for place in PLACES)
    )
    options = parser.parse_args()
    chromium = os.environ.get("CHROME_PATH") or os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    if not LIGHTHOUSE.exists():
        raise SystemExit("Lighthouse is not there: run `make lighthouse`, which brings it.")
    places = [place for place in PLACES if not options.only or place.name in options.only]
    loads = [os.getloadavg()[0]]
    with demo() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split()[1:])
        version = f"Chromium {browser.version}"
        visitors = {name: Visitor(site, name) for name in {place.person for place in places}}
        for place in places:
            who = visitors[place.person]
            place.address = find(place, who)
            weigh(browser, site, place, who.cookies)
            place.marks = marks(site, place, who.cookies, chromium, options.runs)
            loads.append(os.getloadavg()[0])
            said = ", ".join(f"{name} {value:g}" for name, value in place.marks.items())
            print(f"{place.name}: {said}, shift {place.shift:.3f}, {place.first_kb:.0f} kB, next {place.next_kb:.1f} kB, "
                  f"first words {place.words:.1f} s", flush=True)  # fmt: skip
        browser.close()
    if not options.only:
        TARGET.write_text(table(places, version, loads, options.runs), "utf-8")
    missed = [miss for place in places for miss in misses(place)]
    print(*(f"missed: {miss}" for miss in missed), sep="\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
