"""Interleaved measuring: the null view before and after every page, in the same workers, in the same minute."""

import statistics
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bench.client import Answer, Connection, Request, request

NULL = request("/null")


@dataclass
class Sample:
    """Answers to one request, and the null answers around them. Times in seconds."""

    seconds: list[float] = field(default_factory=list)
    null: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    length: int = 0
    sql: int | None = None

    def add(self, answer: Answer) -> None:
        self.seconds.append(answer.seconds)
        self.cpu.append(answer.cpu_us / 1e6)
        self.length = len(answer.body)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]

    @property
    def null_median(self) -> float:
        return statistics.median(self.null)

    @property
    def ratio(self) -> float:
        return self.median / self.null_median

    @property
    def cpu_median(self) -> float:
        return statistics.median(self.cpu)


def checked(answer: Answer, asked: Request) -> Answer:
    if answer.status != 200:
        raise RuntimeError(f"{asked.method} {asked.path}: {answer.status} {answer.location}")
    return answer


def count_sql(connection: Connection, asked: Request) -> int:
    """Statements of one answer, asked for apart from the timing. The second of two: what is kept for the process is there."""
    counting = asked._replace(headers={**asked.headers, "X-Count-Sql": "1"})
    return max(checked(connection.send(counting), asked).sql for _ in range(2))


def ask(port: int, page: Callable[[int], Request], *, clients: int, times: int, sample: Sample) -> None:
    """`times` answers for each of `clients` at once, with as many null answers by the same clients before and after."""

    def one(connection: Connection, n: int, found: list, wanted: Request) -> None:
        found.extend(checked(connection.send(wanted), wanted) for _ in range(times))

    for wanted_of, keep in ((lambda n: NULL, sample.null), (page, None), (lambda n: NULL, sample.null)):
        for answer in together(port, clients, lambda c, n, found, w=wanted_of: one(c, n, found, w(n))):
            if keep is None:
                sample.add(answer)
            else:
                keep.append(answer.seconds)


def run_writing(port: int, writing, facts: dict, *, clients: int, times: int, sample: Sample) -> None:
    """The same for what changes something."""

    def null(connection: Connection, n: int, found: list) -> None:
        found.extend(checked(connection.send(NULL), NULL) for _ in range(times))

    def write(connection: Connection, n: int, found: list) -> None:
        found.extend(writing.run(connection, facts, n, clients, times))

    for work, keep in ((null, sample.null), (write, None), (null, sample.null)):
        for answer in together(port, clients, work):
            if keep is None:
                sample.add(answer)
            else:
                keep.append(answer.seconds)


def together(port: int, clients: int, work: Callable[[Connection, int, list], None]) -> Iterable[Answer]:
    """Run `work(connection, n, found)` for each client at once; what all of them found. The first error is raised."""
    found: list[Answer] = []
    errors: list[Exception] = []
    start = threading.Barrier(clients)

    def live(n: int) -> None:
        connection, own = Connection(port), []
        try:
            connection.send(NULL)  # the connection is open and warm before the clock runs
            start.wait()
            work(connection, n, own)
        except Exception as error:
            errors.append(error)
            start.abort()
        finally:
            connection.close()
            found.extend(own)

    if clients == 1:
        live(0)
    else:
        threads = [threading.Thread(target=live, args=(n,)) for n in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if errors:
        raise next((e for e in errors if not isinstance(e, threading.BrokenBarrierError)), errors[0])
    return found
