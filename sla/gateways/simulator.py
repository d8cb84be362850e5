"""The bank simulator, over HTTP like any bank (`bank_simulator/`). For demos and tests."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from ..models import Payment
from . import http
from .answers import (
    INQUIRED,
    BankOrder,
    GatewayPending,
    GatewayRefused,
    GatewayUnknown,
    Inquired,
    Started,
    StatementLine,
    Verified,
    answer_text,
    rials,
)


class Simulator:
    name = "simulator"
    minutes = 15

    def __init__(self):
        self.terminal = settings.BANK_TERMINAL

    def request(self, order: BankOrder) -> Started:
        answer = self._ask(
            "token", order_id=order.order_id, amount=order.amount_rials, terminal=self.terminal,
            return_url=order.return_url, minutes=self.minutes,
        )  # fmt: skip
        token = answer_text(answer, "token", 300)
        if not token:
            raise GatewayUnknown("no token in the answer")
        return Started(token, self.page(token))

    def page(self, token: str) -> str:
        return f"{settings.BANK_URL}/pay/{token}"

    def verify(self, payment: Payment) -> Verified:
        answer = self._ask("verify", token=payment.token, terminal=payment.terminal)
        if answer.get("state") == "pending":
            raise GatewayPending("the payer has not finished")
        if answer.get("state") != "paid":
            raise GatewayUnknown("the answer has no state")
        return Verified(
            order_id=answer_text(answer, "order_id"), amount_rials=rials(answer, "amount"), terminal=answer_text(answer, "terminal"),
            reference=answer_text(answer, "reference"), card_masked=answer_text(answer, "card", 30),
        )  # fmt: skip

    def inquire(self, payment: Payment) -> Inquired:
        answer = self._ask("inquire", token=payment.token, terminal=payment.terminal)
        state = answer.get("state")
        if state not in INQUIRED:
            raise GatewayUnknown("the answer has no state")
        return Inquired(state)

    def reverse(self, payment: Payment) -> None:
        if self._ask("reverse", token=payment.token, terminal=payment.terminal).get("state") != "reversed":
            raise GatewayUnknown("the answer has no state")

    def statement(self, day: date) -> list[StatementLine]:
        query = urlencode({"day": day.isoformat(), "terminal": self.terminal})
        answer = http.ask_bank(f"{settings.BANK_URL}/api/statement?{query}", headers=self._secret())
        lines = answer.get("lines")
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise GatewayUnknown("the answer has no lines")
        return [_line(line) for line in lines]

    def _ask(self, what: str, **body) -> dict[str, Any]:
        answer = http.ask_bank(f"{settings.BANK_URL}/api/{what}", body, self._secret())
        if answer.get("refused"):
            raise GatewayRefused(answer_text(answer, "refused", 200))
        return answer

    def _secret(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {settings.BANK_SECRET}"}


def _line(line: dict) -> StatementLine:
    amount = rials(line, "amount")
    try:
        at = datetime.fromisoformat(answer_text(line, "time"))
    except ValueError:
        at = None
    if amount is None or at is None or at.tzinfo is None:
        raise GatewayUnknown("a line of the statement cannot be read")
    return StatementLine(
        order_id=answer_text(line, "order_id"), reference=answer_text(line, "reference"), amount_rials=amount,
        terminal=answer_text(line, "terminal"), at=at,
    )  # fmt: skip
