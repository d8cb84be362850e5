"""The worst hour, and the most that is held:  python -m bench.hour PORT FACTS.json hour|flood SECONDS [CLIENTS]   (JSON)

A flow is what one unit does: open the page of a section, three autosaves, the page to sign, submit. *hour* is an open
loop: flows begin when the timetable says, however long earlier ones still take, so a server that stalls is not spared.
*flood* is a closed loop without pauses: how many flows a second a number of clients gets through.
"""

import json
import random
import statistics
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from queue import Queue

from bench.client import Answer, Connection, request
from bench.pages import autosave, seen_in, sign

SHARE, LAST_MINUTE, FASTER = 0.14, 52, 10  # of all units in the last hour; in its last minute; ten times the pace
PAUSE = 2.0  # seconds between two steps of a flow in the hour, at ten times the pace
MARGIN = 5.0  # the last flows begin early enough to be done when the call closes


@dataclass
class Tally:
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    sent: dict[str, dict[str, str]] = field(default_factory=dict)  # tracking code → values of acknowledged autosaves
    submitted: list[str] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, step: str, answer: Answer, wanted: int, code: str) -> bool:
        with self.lock:
            if answer.status != wanted:
                self.errors.append(f"{step} {code}: {answer.status}")
            else:
                self.seconds[step].append(answer.seconds)
                return True
        return False


def flow(connection: Connection, facts: dict, writer: dict, tally: Tally, pause: float) -> None:
    code, names = writer["code"], sorted(writer["answers"])
    page = f"/reports/{code}/edit/{facts['section']}/"
    steps = [("open", request(page, session=writer["reporter"]["session"]))]
    for n in range(3):
        text = str(int(writer["answers"][names[0]]) - n % 2 - 1)
        steps.append(("autosave", autosave(facts, writer, names[0], text)))
    for step, data in steps:
        if not tally.add(step, connection.send(data), 200, code):
            return
        time.sleep(pause)
    tally.sent[code] = {names[0]: text}
    shown = connection.send(request(f"/reports/{code}/sign/", session=writer["head"]["session"]))
    if tally.add("page to sign", shown, 200, code):
        answer = connection.send(sign(writer, seen_in(shown)))
        if tally.add("submit", answer, 302, code):
            tally.submitted.append(code)


def guarded(connection: Connection, facts: dict, writer: dict, tally: Tally, pause: float) -> None:
    try:
        flow(connection, facts, writer, tally, pause)
    except Exception as error:
        connection.close()
        with tally.lock:
            tally.errors.append(f"{writer['code']}: {type(error).__name__} {error}")


# ------------------------------------------------------------------------------------------------------ the hour
def timetable(units: int, seconds: float) -> list[float]:
    """When flows begin, seconds from now: a rate that grows with the square of time to the last minute's."""
    hour = 3600 / FASTER
    mean, last = units * SHARE / hour, LAST_MINUTE / (60 / FASTER)
    low = (3 * mean - last) / 2  # low + (last - low)·x² has this mean
    rng, at, found = random.Random(1405), hour - seconds, []
    while True:
        rate = low + (last - low) * (at / hour) ** 2
        at += rng.expovariate(rate)
        if at >= hour - MARGIN:
            return found
        found.append(at - (hour - seconds))


def readers(port: int, facts: dict, stop: threading.Event, tally: Tally) -> list[threading.Thread]:
    """Meanwhile reviewers and coordinators look at their desks, the progress and the queue."""
    pages = [
        ("reviewer", "/desk/"), ("coordinator", "/desk/"), ("reviewer", "/review/"),
        ("coordinator", f"/calls/{facts['open_call']}/progress/"), ("auditor", "/reports/"),
    ]  # fmt: skip

    def read(who: str, path: str) -> None:
        connection = Connection(port)
        while not stop.is_set():
            try:
                data = request(path, session=facts["people"][who]["session"])
                tally.add(f"{who} reads {path.split('/')[1]}", connection.send(data), 200, path)
            except Exception as error:
                connection.close()
                tally.errors.append(f"{path}: {type(error).__name__} {error}")
            stop.wait(4)

    threads = [threading.Thread(target=read, args=page, daemon=True) for page in pages]
    for thread in threads:
        thread.start()
    return threads


def run_hour(port: int, facts: dict, seconds: float, clients: int) -> Tally:
    tally, due, stop = Tally(), Queue(), threading.Event()

    def live() -> None:
        connection = Connection(port)
        while (job := due.get()) is not None:
            at, writer = job
            tally.lag.append(max(0.0, time.monotonic() - at))
            guarded(connection, facts, writer, tally, PAUSE / FASTER)
        connection.close()

    workers = [threading.Thread(target=live) for _ in range(clients)]
    for worker in workers:
        worker.start()
    watching = readers(port, facts, stop, tally)
    began = time.monotonic()
    for at, writer in zip(timetable(facts["open_call_units"], seconds), facts["writers"], strict=False):
        time.sleep(max(0.0, began + at - time.monotonic()))
        due.put((began + at, writer))
    for _ in workers:
        due.put(None)
    for worker in workers:
        worker.join()
    stop.set()
    for thread in watching:
        thread.join(5)
    return tally


# ----------------------------------------------------------------------------------------------------- the flood
def run_flood(port: int, facts: dict, seconds: float, clients: int) -> Tally:
    tally, writers, last = Tally(), iter(list(facts["writers"])), time.monotonic() + seconds

    def live() -> None:
        connection = Connection(port)
        while time.monotonic() < last:
            with tally.lock:
                writer = next(writers, None)
            if writer is None:
                tally.errors.append("no draft is left; seed more units")
                return
            guarded(connection, facts, writer, tally, 0.0)
        connection.close()

    threads = [threading.Thread(target=live) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def main() -> None:
    port, path, kind, seconds = int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
    clients = int(sys.argv[5]) if len(sys.argv) > 5 else 40
    with open(path) as file:
        facts = json.load(file)
    began = time.monotonic()
    tally = {"hour": run_hour, "flood": run_flood}[kind](port, facts, seconds, clients)
    took = time.monotonic() - began
    steps = {
        step: {
            "n": len(found),
            "median_ms": round(statistics.median(found) * 1000, 1),
            "p95_ms": round(sorted(found)[int(0.95 * (len(found) - 1))] * 1000, 1),
        }
        for step, found in tally.seconds.items()
    }
    print(
        json.dumps(
            {
                "seconds": round(took, 1),
                "flows": len(tally.submitted),
                "flows_a_second": round(len(tally.submitted) / took, 2),
                "steps": steps,
                "errors": tally.errors[:20],
                "error_count": len(tally.errors),
                "worst_lag_s": round(max(tally.lag, default=0), 2),
                "submitted": tally.submitted,
                "sent": tally.sent,
            }
        )
    )


if __name__ == "__main__":
    main()
