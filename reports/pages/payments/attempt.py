"""One attempt at the bank in words: where it stands, what happened when, what to do now; and its receipt."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.jalali import format_datetime
from sajad_portal.lib.numbers import local_number
from sla.enums import ENDED_PAYMENTS, PaymentState
from sla.models import Payment
from sla.queries.services import service_beside
from sla.queries.tariffs import price_of_request

from ...queries.payments import Matter, can_oversee_money, matter_of

P = PaymentState
# tone and icon of each state, for its tag
MARKS = {
    P.BEGUN: ("blue", "hourglass-split"),
    P.REDIRECTED: ("blue", "bank"),
    P.UNKNOWN: ("warn", "question-circle"),
    P.PAID: ("good", "check-circle"),
    P.FAILED: ("mute", "x-circle"),
    P.EXPIRED: ("mute", "clock-history"),
    P.SURPLUS: ("warn", "arrow-counterclockwise"),
    P.REVERSED: ("teal", "arrow-counterclockwise"),
    P.REFUNDED: ("teal", "reply"),
}


@dataclass(frozen=True)
class Says:
    """What the page answers first."""

    tone: str  # of an alert: success, info, warning, danger
    title: str
    text: str


def says_of(payment: Payment) -> Says:
    state = P(payment.state)
    if state == P.PAID:
        return Says("success", _("The fee is paid"), _("It stands in the ledger and is never asked for again."))
    if state == P.UNKNOWN:
        return Says(
            "warning",
            _("The bank’s word is awaited"),
            _(
                "It is not known yet whether the money was taken. The portal keeps asking the bank by itself; until it "
                "answers, do not pay a second time. A payment begun before the deadline counts: if the bank confirms it "
                "later, there are two hours from then to submit."
            ),
        )
    if state in (P.BEGUN, P.REDIRECTED):
        text = _(
            "The bank has not said that it is paid. If you have paid there, the portal finds it out by itself within "
            "minutes; if you have not, you can still do so until %(until)s."
        )
        until = format_datetime(payment.expires_at, "long")
        return Says("info", _("The payment is at the bank"), text % {"until": until})
    if state in ENDED_PAYMENTS:
        text = _("%(reason)s Nothing was credited. If your account was debited, the bank gives it back by itself.")
        return Says("danger", _("The fee was not paid"), text % {"reason": payment.get_reason_display()})
    if state == P.SURPLUS:
        text = _("%(reason)s The money paid nothing; it is given back, by the bank or through the refund list.")
        return Says("warning", _("The money is to be given back"), text % {"reason": payment.get_reason_display()})
    if state == P.REVERSED:
        text = _("%(reason)s The bank has given the money back.")
        return Says("info", _("The money was given back"), text % {"reason": payment.get_reason_display()})
    return Says("info", _("The fee was refunded"), _("The paying out is recorded in the ledger."))


def attempt_view(payment: Payment, person, at: datetime) -> dict:
    """What attempt.html prints of a payment from `queries.payments.payment_for`."""
    request = payment.request
    others = request.payments.exclude(pk=payment.pk).order_by("-pk")
    return {
        "matter": matter_of(request),
        "price": price_of_request(request),
        "says": says_of(payment),
        "mark": MARKS[P(payment.state)],
        "steps": attempt_steps(payment),
        "entries": list(payment.ledger.select_related("by")),
        "refunds": list(payment.refunds.select_related("proposed_by", "consented_by", "paid_out_by", "declined_by")),
        "others": [(one, MARKS[P(one.state)]) for one in others],
        "gateway": gateway_words(payment),
        "has_receipt": payment.settled_at is not None,
        "oversees": can_oversee_money(person),
        "is_live": payment.is_live,
        "ended": payment.state in ENDED_PAYMENTS and request.paid_at is None,
    }


def gateway_words(payment: Payment) -> str:
    names = {"simulator": _("Simulated bank"), "sadad": _("Sadad (Bank Melli)")}
    return names.get(payment.gateway, payment.gateway)


def attempt_steps(payment: Payment) -> list[dict]:
    """The instants of the attempt, the first one first."""
    steps = [{"icon": "credit-card", "title": _("Begun"), "note": payment.who, "at": payment.begun_at}]
    if payment.redirected_at:
        steps.append({"icon": "box-arrow-up-right", "title": _("Sent to the bank"), "at": payment.redirected_at})
    if payment.settled_at:
        steps.append({"icon": "bank", "title": _("Confirmed by the bank"), "at": payment.settled_at})
    if payment.ended_at:
        steps.append(
            {
                "icon": "x-circle",
                "title": payment.get_state_display(),
                "note": payment.get_reason_display(),
                "at": payment.ended_at,
            }
        )
    if payment.reversed_at:
        steps.append(
            {"icon": "arrow-counterclockwise", "title": _("Given back by the bank"), "at": payment.reversed_at}
        )
    if payment.next_try_at and payment.state != P.PAID:
        steps.append({"icon": "clock", "title": _("The bank is asked again"), "at": payment.next_try_at, "todo": True})
    return steps


# -------------------------------------------------------------------------------------------------------- the receipt
def receipt_of_payment(payment: Payment) -> dict:
    """What the receipt prints. Its QR leads to the tracking page of what was paid for, which anybody may read."""
    request, matter = payment.request, matter_of(payment.request)
    return {
        "payment": payment,
        "matter": matter,
        "service": service_beside(request.request_type),
        "provider": request.agreement.service.provider,
        "price": price_of_request(request),
        "gateway": gateway_words(payment),
        "standing": says_of(payment),
        "deposit_id": request.tariff.deposit_id if request.tariff else "",
        "words": amount_words(payment.received_rials or 0),
        "track_url": _track(matter),
        "track_address": settings.SITE_URL.partition("://")[2] + reverse("reports:track"),
    }


def _track(matter: Matter) -> str:
    return f"{settings.SITE_URL}{reverse('reports:track')}?code={matter.code}" if matter.code else ""


def amount_words(rials: int) -> str:
    """The amount a second time, in tomans: a slip of a digit shows."""
    tomans, rest = divmod(rials, 10)
    if rest:
        return ""
    return _("%(n)s tomans") % {"n": local_number(tomans)}
