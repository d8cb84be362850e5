"""What the bank says to the portal, truthfully or as the chosen outcome has it. Bodies are dicts for JSON."""

from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

from .books import Books, Visit
from .outcomes import PASSING


class Wrong(Exception):
    """The answer is not JSON this time: `how` is `timeout`, `500` or `garbage`."""

    def __init__(self, how: str):
        super().__init__(how)
        self.how = how


def token(books: Books, body: dict) -> dict:
    amount, minutes = body.get("amount"), body.get("minutes", 15)
    address = urlsplit(str(body.get("return_url", "")))
    if type(amount) is not int or amount <= 0 or type(minutes) not in (int, float):
        return {"refused": "the amount cannot be read"}
    if address.scheme not in ("http", "https") or not address.netloc:
        return {"refused": "the return address cannot be read"}
    if not body.get("order_id") or not body.get("terminal"):
        return {"refused": "order and terminal are needed"}
    found = books.open(
        order_id=str(body["order_id"]), amount=amount, terminal=str(body["terminal"]), return_url=address.geturl(),
        minutes=minutes,
    )  # fmt: skip
    return {"token": found} if found else {"refused": "this order was here before"}


def verify(books: Books, body: dict) -> dict:
    visit = _visit(books, body)
    if visit is None:
        return {"refused": "not found"}
    if visit.state == "open":
        return {"refused": "the time is over"} if visit.is_over else {"state": "pending"}
    if visit.state != "paid":
        return {"refused": visit.state}
    if visit.outcome in PASSING and books.one_time_less(visit.token):
        raise Wrong({"verify_timeout": "timeout", "verify_500": "500"}.get(visit.outcome, "garbage"))
    return _paid(books, visit)


def _paid(books: Books, visit: Visit) -> dict:
    answer = {
        "state": "paid", "order_id": visit.order_id, "amount": visit.taken, "terminal": visit.terminal,
        "reference": visit.reference, "card": "603799******1405",
    }  # fmt: skip
    other = books.another_paid(visit)
    if visit.outcome == "other_order":
        answer["order_id"] = other.order_id if other else "0000-0000-0000-0000-0000"
        answer["reference"] = other.reference if other else "000000000000"
    elif visit.outcome == "replayed_reference":
        answer["reference"] = other.reference if other else ""
    elif visit.outcome == "other_terminal":
        answer["terminal"] = f"9{visit.terminal}"
    elif visit.outcome == "missing_amount":
        del answer["amount"]
    return answer


def inquire(books: Books, body: dict) -> dict:
    visit = _visit(books, body)
    if visit is None:
        return {"state": "not_found"}
    if visit.state == "open":
        return {"state": "unpaid" if visit.is_over else "pending"}
    return {"state": {"cancelled": "unpaid"}.get(visit.state, visit.state)}


def reverse(books: Books, body: dict) -> dict:
    visit = _visit(books, body)
    if visit is None:
        return {"refused": "not found"}
    if visit.state == "reversed" or books.reverse(visit.token):
        return {"state": "reversed"}
    return {"refused": "nothing was taken"}


def statement(books: Books, terminal: str, day: str) -> dict:
    try:
        found = books.day(terminal, date.fromisoformat(day))
    except ValueError:
        return {"refused": "the day cannot be read"}
    return {
        "lines": [
            {
                "order_id": visit.order_id, "reference": visit.reference, "amount": visit.taken,
                "terminal": visit.terminal, "time": visit.paid_at, "state": visit.state,
            }
            for visit in found
        ]
    }  # fmt: skip


def _visit(books: Books, body: dict) -> Visit | None:
    """The order of this token, for the terminal that asked for it and no other."""
    found = books.find(str(body.get("token", "")))
    return found if found and found.terminal == str(body.get("terminal", "")) else None


ASKED: dict[str, Callable[[Books, dict], dict]] = {
    "token": token,
    "verify": verify,
    "inquire": inquire,
    "reverse": reverse,
}
