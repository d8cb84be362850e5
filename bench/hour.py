"""The worst hour, and the most that is held:  python -m bench.hour PORT FACTS.json hour|flood SECONDS   (JSON)

A flow is what one unit does: open the page of a section, three autosaves, the page to sign, submit. Meanwhile headquarters
reads. *hour* is an open loop: a user for each unit, who begins when the timetable says, however long others still take, so a
server that stalls is not spared. *flood* is a closed loop without pauses, where a few users always have the next flow ready:
how many flows a second get through once the server is saturated.

Importing locust replaces the sockets and threads of a process by gevent's, so this is a program and nobody imports it.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle

import gevent
import locust.stats
from locust import FastHttpUser, constant_pacing, task
from locust.env import Environment
from locust.exception import RescheduleTask, StopUser

from bench.client import Answer, Request, request
from bench.pages import autosave, received, saved, seen_in, shown, sign
from bench.timetable import FASTER, timetable

PAUSE = 2.0 / FASTER  # seconds between two steps of a flow in the hour
CLIENTS = 12  # of the flood: half as many again as the server has threads
locust.stats.bucket_response_time = lambda ms: round(ms, 1)  # as it is, 295 ms counts as 300


class Load(Environment):
    """What users share: whom they ask, whose turn is when, and what was acknowledged to them."""

    def __init__(self, port: int, facts: dict, turns: Iterator[tuple[float, dict]], units: int, pause: float):
        super().__init__(user_classes=[Unit, Reviewer, Coordinator, Auditor], host=f"http://127.0.0.1:{port}")
        self.facts, self.turns, self.units, self.pause = facts, turns, units, pause
        self.worst_lag = 0.0
        self.sent: dict[str, dict[str, str]] = {}  # tracking code → values of acknowledged autosaves
        self.submitted: list[str] = []

    def run(self) -> None:
        everybody = self.units + sum(who.fixed_count for who in self.user_classes)
        runner = self.create_local_runner()
        runner.start(everybody, spawn_rate=everybody)
        runner.spawning_greenlet.join()
        while runner.user_classes_count["Unit"]:
            gevent.sleep(0.1)
        runner.quit()

    def told(self) -> dict:
        steps = {
            step: {
                "n": entry.num_requests,
                "median_ms": round(entry.median_response_time, 1),
                "p95_ms": round(entry.get_response_time_percentile(0.95), 1),
            }
            for (step, _method), entry in self.stats.entries.items()
        }
        failed = [(error.occurrences, error.to_name()) for error in self.stats.errors.values()]
        failed += [(raised["count"], raised["msg"]) for raised in self.runner.exceptions.values()]
        return {
            "steps": steps,
            "errors": [f"{times}× {what}" for times, what in failed[:20]],
            "error_count": sum(times for times, _what in failed),
            "worst_lag_s": round(self.worst_lag, 3),
            "submitted": self.submitted,
            "sent": self.sent,
        }


class Person(FastHttpUser):
    abstract = True
    environment: Load

    def __init__(self, environment: Load):
        super().__init__(environment)
        self.client.client.cookiejar = None  # each request brings its own cookies; a jar would cost a fifth of the CPU

    def ask(self, step: str, asked: Request, right: Callable[[Answer], bool] = shown) -> Answer:
        """The answer; one that is not right is an error and ends the task."""
        with self.client.request(
            asked.method, asked.path, name=step, headers=asked.headers | {"Accept-Encoding": "identity"}, data=asked.body,
            allow_redirects=False, catch_response=True,
        ) as found:  # fmt: skip
            answer = Answer(found.status_code, found.content or b"", (found.headers or {}).get("location", ""))
            if not right(answer):
                found.failure(f"{answer.status or found.error} {answer.location}".strip())
                raise RescheduleTask
        return answer


class Unit(Person):
    @task
    def flow(self) -> None:
        turn = next(self.environment.turns, None)
        if turn is None:
            raise StopUser
        due, writer = turn
        gevent.sleep(max(0.0, due - time.monotonic()))
        self.environment.worst_lag = max(self.environment.worst_lag, time.monotonic() - due)
        facts, code = self.environment.facts, writer["code"]
        name, value = min(writer["answers"].items())
        self.ask("open", request(f"/reports/{code}/edit/{facts['section']}/", session=writer["reporter"]["session"]))
        for less in (1, 2, 1):
            gevent.sleep(self.environment.pause)
            text = str(int(value) - less)
            self.ask("autosave", autosave(facts, writer, name, text), saved)
        self.environment.sent[code] = {name: text}
        gevent.sleep(self.environment.pause)
        page = self.ask("page to sign", request(f"/reports/{code}/sign/", session=writer["head"]["session"]))
        self.ask("submit", sign(writer, seen_in(page)), received)
        self.environment.submitted.append(code)


class Reader(Person):
    """One of headquarters, who opens the next of some pages at a steady pace, ten times that of a busy day."""

    abstract = True
    fixed_count = 1
    who: str
    pages: tuple[str, ...]

    def on_start(self) -> None:
        self.next_pages = cycle(self.pages)

    @task
    def read(self) -> None:
        facts, path = self.environment.facts, next(self.next_pages)
        asked = request(path.format(**facts), session=facts["people"][self.who]["session"])
        self.ask(f"{self.who} reads {path.split('/')[1]}", asked)


class Reviewer(Reader):
    who, pages, wait_time = "reviewer", ("/desk/", "/review/"), constant_pacing(20 / FASTER)


class Coordinator(Reader):
    who, pages, wait_time = "coordinator", ("/desk/", "/calls/{open_call}/progress/"), constant_pacing(20 / FASTER)


class Auditor(Reader):
    who, pages, wait_time = "auditor", ("/desk/", "/reports/"), constant_pacing(40 / FASTER)


def in_time(facts: dict, times: list[float]) -> Iterator[tuple[float, dict]]:
    began = time.monotonic()
    for at, writer in zip(times, facts["writers"][: len(times)], strict=True):
        yield began + at, writer


def at_once(facts: dict, seconds: float) -> Iterator[tuple[float, dict]]:
    last = time.monotonic() + seconds
    for writer in facts["writers"]:
        if (now := time.monotonic()) >= last:
            return
        yield now, writer
    raise RuntimeError("no draft is left; seed more units")


def main() -> None:
    port, path, kind, seconds = int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
    with open(path) as file:
        facts = json.load(file)
    if kind == "hour":
        times = timetable(facts["open_call_units"], seconds)
        load = Load(port, facts, in_time(facts, times), len(times), PAUSE)
    else:
        load = Load(port, facts, at_once(facts, seconds), CLIENTS, 0.0)
    began, cpu = time.monotonic(), time.process_time()
    load.run()
    took = time.monotonic() - began
    flows = {
        "seconds": round(took, 1),
        "flows": len(load.submitted),
        "flows_a_second": round(len(load.submitted) / took, 2),
        "generator_cpu_s": round(time.process_time() - cpu, 2),
    }
    print(json.dumps(flows | load.told()))


if __name__ == "__main__":
    main()
