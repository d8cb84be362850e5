"""What goes to a bank and what comes back, and the two ways in which nothing comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class GatewayRefused(Exception):
    """The bank says no, and means it: asking again changes nothing."""


class GatewayUnknown(Exception):
    """No answer, or none that can be read: nothing is known, and nothing may be concluded."""


class GatewayPending(GatewayUnknown):
    """The bank waits for the payer: there is nothing to confirm yet."""


@dataclass(frozen=True)
class BankOrder:
    number: int  # for banks that want a number; `order_id` is what nobody can guess
    order_id: str
    amount_rials: int
    return_url: str
    at: datetime


@dataclass(frozen=True)
class Started:
    token: str
    url: str


@dataclass(frozen=True)
class Verified:
    """What the bank says was paid. None or "" is what it did not say: that matches nothing."""

    order_id: str
    amount_rials: int | None
    terminal: str
    reference: str
    card_masked: str = ""


@dataclass(frozen=True)
class Inquired:
    state: str  # paid, unpaid, pending, reversed, not_found


INQUIRED = frozenset({"paid", "unpaid", "pending", "reversed", "not_found"})


@dataclass(frozen=True)
class StatementLine:
    order_id: str
    reference: str
    amount_rials: int
    terminal: str
    at: datetime | None = None


def answer_text(answer: Mapping[str, Any], key: str, most: int = 80) -> str:
    """A string of the answer, or a whole number as one; "" for anything else. GatewayUnknown where it is too long to keep."""
    value = answer.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    value = value.strip()
    if len(value) > most or not value.isprintable():
        raise GatewayUnknown(f"{key} cannot be read")
    return value


def rials(answer: Mapping[str, Any], key: str) -> int | None:
    """A positive whole number of the answer, written as a number or in ASCII digits; None for anything else."""
    value = answer.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value < 10**15 else None
