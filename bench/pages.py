"""What is measured, with its aim. One more page is one more line of PAGES."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlencode

from bench.client import Answer, Connection, Request, request


@dataclass(frozen=True)
class Page:
    """`ask(facts, n)`: the request of client n. `sql`, `ratio`: at most so many statements, so many times the null view."""

    work: str
    ask: Callable[[dict, int], Request]
    ratio: float | None = None
    sql: int | None = None
    on: str = "sizes"  # "sizes": growth over the three sizes counts; "call": the call of ten thousand units only


def as_(who: str, path: Callable[[dict, int], str] | str, **options) -> Callable[[dict, int], Request]:
    """A page as one of headquarters' people sees it."""
    return lambda facts, n: request(
        path if isinstance(path, str) else path(facts, n), session=facts["people"][who]["session"], **options
    )


def as_unit(role: str, path: Callable[[dict], str]) -> Callable[[dict, int], Request]:
    """A page of a unit's own people, of another unit for each client. `path` gets the unit's announced report."""

    def ask(facts: dict, n: int) -> Request:
        report = facts["announced"][n % len(facts["announced"])]
        return request(path(report), session=report[role]["session"])

    return ask


def _list(facts: dict, n: int) -> str:
    return "/reports/?" + urlencode({"q": "واحد نمونه", "status": "final", "period": facts["past_period"]})


def _review(facts: dict, n: int) -> str:
    return f"/reports/{facts['submitted'][n % len(facts['submitted'])]}/review/"


def _year(facts: dict, n: int) -> str:
    return f"/analysis/years/{facts['past_period'].partition('-')[0]}-Y/"


def _entry(facts: dict, n: int) -> Request:
    writer = facts["writers"][n % len(facts["writers"])]
    return request(f"/reports/{writer['code']}/edit/{facts['section']}/", session=writer["reporter"]["session"])


PAGES = [
    Page("signed in, all middleware, does nothing", as_("coordinator", "/bench-null/")),
    Page("desk of a unit's expert", as_unit("reporter", lambda r: "/desk/"), 30, 12),
    Page("desk of a unit's head", as_unit("head", lambda r: "/desk/"), 30, 12),
    Page("desk of a reviewer", as_("reviewer", "/desk/"), 30, 12),
    Page("desk of a coordinator", as_("coordinator", "/desk/"), 30, 12),
    Page("desk of an auditor", as_("auditor", "/desk/"), 30, 12),
    Page("list of reports, filtered and searched", as_("coordinator", _list), 40, 10),
    Page("list of reports, all", as_("auditor", "/reports/"), 40, 10),
    Page("report page, 39 indicators with history", as_unit("head", lambda r: f"/reports/{r['code']}/"), 50, 15),
    Page("result page", as_unit("head", lambda r: f"/reports/{r['code']}/result/"), None, None),
    Page("review page", as_("reviewer", _review), 60, 18),
    Page("review queue", as_("reviewer", "/review/"), None, None),
    Page("entry page of one section", _entry, None, None),
    Page("page of a call", as_("coordinator", lambda f, n: f"/calls/{f['open_call']}/"), None, None),
    Page(
        "league table of a call of 10,000 units",
        as_("coordinator", lambda f, n: f"/analysis/calls/{f['past_call']}/"),
        60,
        10,
        on="call",
    ),
    Page(
        "progress of a call of 10,000 units",
        as_("coordinator", lambda f, n: f"/calls/{f['open_call']}/progress/"), 60, 12, on="call",
    ),
    Page("year of 10,000 results", as_("coordinator", _year), 300, 16, on="call"),
]  # fmt: skip


# ------------------------------------------------------------------------------------------------- what writes
class Writing:
    """Requests that change something, each client on reports of its own. `run` yields the answers that are measured."""

    work: str
    ratio: float
    sql: int

    def run(
        self, connection: Connection, facts: dict, client: int, clients: int, times: int, *, count: bool = False
    ) -> Iterator[Answer]:
        raise NotImplementedError


def mine(facts: dict, client: int, clients: int) -> list[dict]:
    return facts["writers"][client::clients]


def autosave(facts: dict, writer: dict, name: str, text: str, *, count: bool = False) -> Request:
    return request(
        f"/reports/{writer['code']}/edit/{facts['section']}/", session=writer["reporter"]["session"], script=True, count=count,
        post={"base": "999", "person": writer["reporter"]["person"], f"q:{name}": text},
    )  # fmt: skip


class Autosave(Writing):
    """One field of one section, changed by one and changed back: what entry.js sends after a pause in typing."""

    work, ratio, sql = "autosave of one section", 20, 8

    def run(self, connection, facts, client, clients, times, *, count=False):
        own = cycle(mine(facts, client, clients))
        for _n in range(times):
            writer = next(own)
            turn = writer["turn"] = writer.get("turn", 0) + 1
            name, value = sorted(writer["answers"].items())[0]
            text = str(int(value) - turn % 2)
            answer = connection.send(autosave(facts, writer, name, text, count=count))
            if not saved(answer):
                raise RuntimeError(f"autosave: {answer.status} {answer.body[-600:].decode(errors='replace')}")
            yield answer


class Submit(Writing):
    """The head signs and submits the whole report. The page that is signed, and taking it back, are not measured here."""

    work, ratio, sql = "submit", 30, 20

    def run(self, connection, facts, client, clients, times, *, count=False):
        own = cycle(mine(facts, client, clients))
        for _n in range(times):
            writer = next(own)
            session = writer["head"]["session"]
            page = connection.send(request(f"/reports/{writer['code']}/sign/", session=session))
            answer = connection.send(sign(writer, seen_in(page), count=count))
            if not received(answer):
                raise RuntimeError(f"submit: {answer.status} {answer.location}")
            yield answer
            connection.send(request(f"/reports/{writer['code']}/recall/", session=session, post={}))


def shown(answer: Answer) -> bool:
    return answer.status == 200


def saved(answer: Answer) -> bool:
    return shown(answer) and b'"saved": ["' in answer.body.replace(b"&quot;", b'"')


def received(answer: Answer) -> bool:
    """The submission was taken: its receipt comes next."""
    return answer.status == 302 and "/receipt/" in answer.location


def seen_in(page: Answer) -> str:
    """The digest of the draft that the page shows, which the signature sends back."""
    _before, _found, after = page.body.partition(b'name="seen"')
    if not after:
        raise RuntimeError(f"nothing to sign on the page: {page.status}")
    return after.partition(b'value="')[2].partition(b'"')[0].decode()


def sign(writer: dict, seen: str, *, count: bool = False) -> Request:
    return request(
        f"/reports/{writer['code']}/sign/", session=writer["head"]["session"], post={"seen": seen}, count=count
    )


WRITINGS = [Autosave(), Submit()]
