"""The second at which a call closes:  python -m bench.second PORT FACTS.json SPREAD PID DATABASE_URL  (JSON)

A thousand entry pages are open. When the time that they show has come, each asks the portal once, at random within SPREAD
seconds (static/js/countdown.js: 20; 0 is how it was: all at once). Meanwhile heads submit, from a second before the closing
to a moment after it. PID is gunicorn's. The call is closed in DATABASE_URL, by this machine's clock, which is the database's
too, once every head has the page to sign: how long that takes is the machine's business.

A thread for each request, which waits for its own turn and for nobody else: an open loop.
"""

import json
import random
import statistics
import sys
import threading
import time
from pathlib import Path

import psycopg

from bench.client import Answer, Connection, Request, request
from bench.pages import received, seen_in, sign

SUBMITTERS = 60
FIRST, LAST = -1.0, 0.2  # seconds around the closing within which they submit
AHEAD = 15.0  # seconds in which the crowd takes its place
CLOCK = 100  # of the kernel's ticks, a second


def cpu_seconds(pid: int) -> float:
    """What a process and those that it has started have used, so far."""
    family = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    ticks = 0
    for one in family:
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / CLOCK


class Crowd:
    """Requests, each with its instant; what each got, and when, counted from its turn."""

    def __init__(self, port: int):
        self.port = port
        self.threads: list[threading.Thread] = []
        self.polls: list[float] = []
        self.submits: list[tuple[float, Answer]] = []
        self.errors: list[str] = []

    def poll(self, at: float, asked: Request) -> None:
        def keep(waited: float, answer: Answer) -> None:
            self.polls.append(waited)
            if answer.status != 200:
                self.errors.append(f"poll {answer.status}")

        self._start(at, asked, keep)

    def submit(self, at: float, asked: Request) -> None:
        def keep(waited: float, answer: Answer) -> None:
            self.submits.append((waited, answer))
            if answer.status >= 500:
                self.errors.append(f"submit {answer.status}")

        self._start(at, asked, keep)

    def _start(self, at: float, asked: Request, keep) -> None:
        def run() -> None:
            time.sleep(max(0.0, at - time.time()))
            connection = Connection(self.port)
            try:
                answer = connection.send(asked)
            except OSError as error:
                self.errors.append(type(error).__name__)
                return
            finally:
                connection.close()
            keep(time.time() - at, answer)

        thread = threading.Thread(target=run, daemon=True)
        self.threads.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(120)


def p95(waits: list[float]) -> float:
    return round(statistics.quantiles(waits, n=20)[-1], 3) if len(waits) > 1 else 0.0


def main() -> None:
    port, path, spread, pid, url = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    threading.stack_size(256 * 1024)
    facts, chance = json.loads(Path(path).read_text()), random.Random(1405)
    heads = facts["writers"][:SUBMITTERS]
    connection = Connection(port)
    signed = []
    for writer in heads:
        page = connection.send(request(f"/reports/{writer['code']}/sign/", session=writer["head"]["session"]))
        signed.append(sign(writer, seen_in(page)))
    closes_at = time.time() + AHEAD
    with psycopg.connect(url) as database:
        database.execute(
            "UPDATE reports_call SET closes_at = to_timestamp(%s), grace = '0' WHERE id = %s",
            [closes_at, facts["open_call"]],
        )
    crowd = Crowd(port)
    for writer in facts["writers"]:
        asked = request(f"/reports/{writer['code']}/time/", session=writer["reporter"]["session"], script=True)
        crowd.poll(closes_at + chance.uniform(0, spread), asked)
    for asked in signed:
        crowd.submit(closes_at + chance.uniform(FIRST, LAST), asked)
    ready = closes_at - time.time()
    if ready < -FIRST:
        raise RuntimeError(f"the crowd was ready {ready:.1f} s before the closing; it wants more than {AHEAD:g}")
    time.sleep(max(0.0, closes_at + FIRST - time.time()))
    before, began = cpu_seconds(pid), time.time()
    crowd.join()
    took = time.time() - began
    print(
        json.dumps(
            {
                "closes_at": closes_at,
                "pages": len(crowd.polls),
                "spread_s": spread,
                "cpu_s": round(cpu_seconds(pid) - before, 1),
                "seconds": round(took, 1),
                "poll_p95_s": p95(crowd.polls),
                "poll_worst_s": round(max(crowd.polls, default=0.0), 3),
                "submit_p95_s": p95([waited for waited, _answer in crowd.submits]),
                "received": sum(received(answer) for _waited, answer in crowd.submits),
                "refused": sum(not received(answer) for _waited, answer in crowd.submits),
                "errors": crowd.errors[:20],
                "error_count": len(crowd.errors),
            }
        )
    )


if __name__ == "__main__":
    main()
