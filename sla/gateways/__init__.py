"""Banks, behind one protocol. Only what a bank answers to our own question, from server to server, is believed (ADR 10).

A gateway asks and reads; it stores nothing, and it is never called inside a transaction (`http.call` refuses that).
"""

from datetime import date
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused

from ..models import Payment
from .answers import (
    BankOrder,
    GatewayPending,
    GatewayRefused,
    GatewayUnknown,
    Inquired,
    Started,
    StatementLine,
    Verified,
)

__all__ = [
    "BankOrder",
    "GatewayPending",
    "GatewayRefused",
    "GatewayUnknown",
    "Inquired",
    "PaymentGateway",
    "Started",
    "StatementLine",
    "Verified",
    "bank_page",
    "configured",
    "current",
    "named",
    "require_gateway",
]


class PaymentGateway(Protocol):
    """Each method raises GatewayRefused where the bank says no for good, and GatewayUnknown where nothing is known."""

    name: str
    terminal: str
    minutes: int  # how long the bank takes money for a token

    def request(self, order: BankOrder) -> Started:
        """A token for one order, and where its payer is sent."""

    def page(self, token: str) -> str:
        """The address to which the payer of this token is sent; no question to the bank."""

    def verify(self, payment: Payment) -> Verified:
        """Confirm the payment at the bank, and what it says was paid. May be asked again: the answer is the same.

        GatewayPending: the payer has not finished there.
        """

    def inquire(self, payment: Payment) -> Inquired:
        """What became of the token, confirming nothing."""

    def reverse(self, payment: Payment) -> None:
        """Have the bank give the money back. Returns once it has."""

    def statement(self, day: date) -> list[StatementLine]:
        """What the bank took for us on that day in Tehran. GatewayRefused where it offers no statement."""


def configured() -> bool:
    """Whether fees can be paid at all."""
    return bool(settings.PAYMENT_GATEWAY)


def named(name: str) -> PaymentGateway:
    """The gateway of that name, for an attempt that was begun there. GatewayUnknown where it is not configured any more."""
    if not name or name != settings.PAYMENT_GATEWAY:
        raise GatewayUnknown(f"gateway {name or '(none)'} is not configured")
    if name == "sadad":
        from .sadad import Sadad

        return Sadad()
    from .simulator import Simulator

    return Simulator()


def current() -> PaymentGateway:
    """The gateway for new attempts. Refused (`no-gateway`) where the portal has none."""
    require_gateway()
    return named(settings.PAYMENT_GATEWAY)


def require_gateway(price_rials: int = 1) -> None:
    """Refused (`no-gateway`) where something costs and the portal can take no money: asked before a price is frozen."""
    if price_rials and not configured():
        raise Refused(
            _(
                "This costs a fee, and the portal has no payment gateway. Ask the administrator to set one up, or publish "
                "a tariff table without this fee."
            ),
            code="no-gateway",
        )


def bank_page(payment: Payment) -> str:
    """Where the payer of this attempt goes."""
    return named(payment.gateway).page(payment.token)
