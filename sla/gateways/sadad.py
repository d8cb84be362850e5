"""Sadad (Bank Melli), after its public description. NOT TRIED AGAINST THE BANK; off unless PAYMENT_GATEWAY=sadad.

Why Sadad and not Saman: Saman's verify wants a reference that only the payer's browser brings, and its answer names no
order. Sadad is asked by the token that it gave us from server to server, and answers with order and amount (ADR 10).

- `OrderId` is a number there, so Sadad gets the attempt's own number; the unguessable order number stays in our addresses.
- The answer names no terminal. A token belongs to the terminal that asked for it, and every question is signed with that
  terminal's key over that token: an answer with result 0 is the bank's word about that terminal.
- A repeated verify answers 0 or 100 with the same figures. What is never verified the bank gives back by itself, and it
  offers no reversal and no statement here: money to be returned goes to the refund list, statements come as files.
"""

import base64
import binascii
from datetime import date
from typing import Any

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.padding import PKCS7
from django.conf import settings

from sajad_portal.lib.clock import TEHRAN

from ..models import Payment
from . import http
from .answers import (
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

DONE, DONE_BEFORE, NOT_PAID, TOO_LATE = "0", "100", "-1", "101"


def signed(message: str, key: str) -> str:
    """What Sadad calls SignData: 3DES-ECB under the terminal's key (base64), PKCS#7, base64. The bank prescribes it."""
    try:
        secret = base64.b64decode(key, validate=True)
        cipher = Cipher(TripleDES(secret), modes.ECB()).encryptor()  # noqa: S305 prescribed
    except (binascii.Error, ValueError) as error:
        raise GatewayUnknown("BANK_SECRET is no key of Sadad") from error
    padding = PKCS7(64).padder()
    padded = padding.update(message.encode()) + padding.finalize()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


class Sadad:
    name = "sadad"
    minutes = 20

    def __init__(self):
        self.terminal = settings.BANK_TERMINAL

    def request(self, order: BankOrder) -> Started:
        answer = self._ask(
            "Request/PaymentRequest",
            {
                "TerminalId": self.terminal,
                "MerchantId": settings.BANK_MERCHANT,
                "Amount": order.amount_rials,
                "OrderId": order.number,
                "LocalDateTime": order.at.astimezone(TEHRAN).strftime("%m/%d/%Y %I:%M:%S %p"),
                "ReturnUrl": order.return_url,
                "SignData": signed(f"{self.terminal};{order.number};{order.amount_rials}", settings.BANK_SECRET),
            },
        )
        if answer_text(answer, "ResCode") != DONE:
            raise GatewayRefused(answer_text(answer, "Description", 200))
        token = answer_text(answer, "Token", 300)
        if not token:
            raise GatewayUnknown("no token in the answer")
        return Started(token, self.page(token))

    def page(self, token: str) -> str:
        return f"{settings.BANK_URL}/VPG/Purchase?Token={token}"

    def verify(self, payment: Payment) -> Verified:
        answer = self._verify(payment)
        code = answer_text(answer, "ResCode")
        if code == NOT_PAID:
            # Sadad says the same of one who pays at this moment and of one who never will: the token's time decides.
            raise GatewayPending(answer_text(answer, "Description", 200))
        if code == TOO_LATE:
            raise GatewayRefused(answer_text(answer, "Description", 200))
        if code not in (DONE, DONE_BEFORE):
            raise GatewayUnknown(f"result {code or 'missing'}")
        order = answer_text(answer, "OrderId")
        return Verified(
            order_id=payment.order_id if order == str(payment.pk) else order, amount_rials=rials(answer, "Amount"),
            terminal=payment.terminal, reference=answer_text(answer, "RetrivalRefNo"),
            card_masked=answer_text(answer, "CardNumberMasked", 30),
        )  # fmt: skip

    def inquire(self, payment: Payment) -> Inquired:
        """Sadad has one question only; whoever asks it confirms."""
        try:
            self.verify(payment)
        except GatewayPending:
            return Inquired("pending")
        return Inquired("paid")

    def reverse(self, payment: Payment) -> None:
        raise GatewayRefused("Sadad offers no reversal")

    def statement(self, day: date) -> list[StatementLine]:
        raise GatewayRefused("Sadad offers no statement here")

    def _verify(self, payment: Payment) -> dict[str, Any]:
        sign = signed(payment.token, settings.BANK_SECRET)
        return self._ask("Advice/Verify", {"Token": payment.token, "SignData": sign})

    def _ask(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return http.ask_bank(f"{settings.BANK_URL}/vpg/api/v0/{what}", body)
