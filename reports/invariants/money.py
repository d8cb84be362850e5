"""What must be true of money: attempts, ledger, refunds and what reports made of them. Read by `checkinvariants`."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from sla.enums import LIVE_PAYMENTS, RECEIVED_PAYMENTS, AgreementVerb, EntryKind, PaymentState
from sla.models import Dispute, GeneralRequest, LedgerEntry, Payment, Refund, ServiceRequest
from units.models import Event

from ..enums import CallState, ReportVerb
from ..models import Call, ExtensionRequest, Report, Revision
from .saying import apart, holds

P, K = PaymentState, EntryKind


@holds(_("Money comes in once a payment, one payment pays a request, and one attempt at a time is under way."))
def credits_are_single() -> Iterator[str]:
    """At most one credit a payment, and at most one that was not refunded a request; at most one live attempt."""
    for row in _more_than_one(LedgerEntry.objects.filter(kind__in=[K.CREDIT, K.SURPLUS]), "payment"):
        yield f"payment {row['payment']}: money came in {row['n']} times"
    for row in _more_than_one(Payment.objects.filter(state=P.PAID), "request"):
        yield f"request {row['request']}: {row['n']} payments paid it"
    for row in _more_than_one(Payment.objects.filter(state__in=LIVE_PAYMENTS), "request"):
        yield f"request {row['request']}: {row['n']} attempts are under way"
    used = Payment.objects.exclude(reference="").values("gateway", "reference").annotate(n=Count("id")).filter(n__gt=1)
    for row in used:
        yield f"payment: the reference {row['reference']} of {row['gateway']} stands for {row['n']} orders"


def _more_than_one(rows, name: str):
    return rows.order_by().values(name).annotate(n=Count("id")).filter(n__gt=1)


@holds(_("The ledger says of every payment what its state says."))
def ledger_agrees_with_payments() -> Iterator[str]:
    """What came in and went out by the ledger is what each attempt's state says."""
    came_in = {
        P.PAID: {K.CREDIT}, P.SURPLUS: {K.SURPLUS}, P.REVERSED: {K.SURPLUS, K.REVERSAL},
    }  # fmt: skip
    entries: dict[int, list[LedgerEntry]] = {}
    for entry in LedgerEntry.objects.select_related("payment").order_by("id").iterator(chunk_size=2000):
        entries.setdefault(entry.payment_id, []).append(entry)
        if entry.request_id != entry.payment.request_id:
            yield f"ledger {entry.pk}: names another request than its payment"
        if entry.rials != entry.payment.received_rials:
            yield f"ledger {entry.pk}: {entry.rials} rials, the bank said {entry.payment.received_rials}"
    for payment in Payment.objects.iterator(chunk_size=2000):
        found = {K(entry.kind) for entry in entries.get(payment.pk, [])}
        if payment.state == P.REFUNDED:
            right = found in ({K.CREDIT, K.REFUND}, {K.SURPLUS, K.REFUND})
        else:
            right = found == came_in.get(P(payment.state), set())
        if not right:
            yield f"payment {payment.order_id}: is {payment.state}, its ledger has {', '.join(sorted(found)) or 'nothing'}"


@holds(_("A fee was credited by the bank’s word on this order, terminal, amount and reference."))
def credits_match_their_order() -> Iterator[str]:
    """What the bank said when the fee was credited: this order, this terminal, this amount, this reference."""
    for entry in (
        LedgerEntry.objects.filter(kind=K.CREDIT).select_related("payment", "request").iterator(chunk_size=2000)
    ):
        payment, said = entry.payment, entry.data
        if (said.get("order_id"), said.get("terminal"), said.get("reference"), entry.rials) != (
            payment.order_id, payment.terminal, payment.reference, payment.amount_rials,
        ):  # fmt: skip
            yield f"payment {payment.order_id}: credited with the receipt of another order, terminal or amount"
        if payment.state == P.PAID and payment.amount_rials != entry.request.price_rials:
            yield f"payment {payment.order_id}: credited {payment.amount_rials}, the price is {entry.request.price_rials}"


@holds(_("A request is paid exactly where a payment paid it, at that instant."))
def requests_agree_with_payments() -> Iterator[str]:
    """A request is paid where a payment paid it, at that instant; the bank's instants are that attempt's."""
    paid = Payment.objects.filter(request=OuterRef("pk"), state=P.PAID)
    for pk in ServiceRequest.objects.filter(~Exists(paid), paid_at__isnull=False).values_list("pk", flat=True):
        yield f"request {pk}: is paid and no payment paid it"
    for pk in ServiceRequest.objects.filter(Exists(paid), paid_at__isnull=True).values_list("pk", flat=True):
        yield f"request {pk}: a payment paid it and it is not paid"
    for payment in Payment.objects.filter(state=P.PAID).select_related("request"):
        request = payment.request
        if (request.paid_at, request.bank_begun_at, request.bank_settled_at) != (
            payment.settled_at, payment.begun_at, payment.settled_at,
        ):  # fmt: skip
            yield f"request {request.pk}: its instants are not those of payment {payment.order_id}"
    stray = Payment.objects.filter(request=OuterRef("pk"), settled_at=OuterRef("bank_settled_at"))
    for pk in ServiceRequest.objects.filter(~Exists(stray), bank_settled_at__isnull=False).values_list("pk", flat=True):
        yield f"request {pk}: a bank settled it and no payment says so"
    for order_id in Payment.objects.filter(request__price_rials=0, state=P.PAID).values_list("order_id", flat=True):
        yield f"payment {order_id}: paid a request that costs nothing"


@holds(_("A request costs what its tariff says, or what was agreed since."))
def prices_are_those_of_their_tariff() -> Iterator[str]:
    agreed = _agreed_fees()
    priced = ServiceRequest.objects.annotate(told=Coalesce("tariff__rials", Value(0))).exclude(price_rials=F("told"))
    for pk, price, told in priced.order_by("pk").values_list("pk", "price_rials", "told"):
        if pk not in agreed:
            yield f"request {pk}: costs {price}, its tariff says {told}"
    for pk, price in ServiceRequest.objects.filter(pk__in=list(agreed)).values_list("pk", "price_rials"):
        if price != agreed[pk]:
            yield f"request {pk}: costs {price}, agreed was {agreed[pk]}"
    calls = Call.objects.annotate(told=Coalesce("tariff__rials", Value(0))).exclude(state=CallState.DRAFT)
    for pk in calls.exclude(price_rials=F("told")).order_by("pk").values_list("pk", flat=True):
        yield f"call {pk}: its price is not that of its tariff"


def _agreed_fees() -> dict[int, int]:
    """{request: rials}: what both sides agreed on last, where the fee of a report or of a general request was contested."""
    told: dict[str, dict[str, int]] = {"report": {}, "general_request": {}}
    verbs = [ReportVerb.LOWER_FEE, AgreementVerb.LOWER_FEE]
    events = Event.objects.filter(noun__in=list(told), verb__in=verbs).order_by("id")
    for noun, key, data in events.values_list("noun", "key", "data"):
        told[noun][key] = data["after"]
    of_reports, of_requests = told.values()
    reports = Report.objects.filter(tracking_code__in=list(of_reports)).values_list("request", "tracking_code")
    requests = GeneralRequest.objects.filter(pk__in=list(of_requests)).values_list("request", "pk")
    return {pk: of_reports[code] for pk, code in reports} | {pk: of_requests[str(key)] for pk, key in requests}


@holds(_("A request is of the unit, the agreement and the tariff of what it was opened for."))
def requests_are_under_their_terms() -> Iterator[str]:
    terms = [
        ("report", Report.objects.filter(apart("request__tariff", "call__tariff")), "its request has another tariff than its call"),
        ("report", Report.objects.exclude(request__unit=F("unit")), "its request is another unit’s"),
        ("report", Report.objects.exclude(request__agreement=F("call__agreement")), "its request is under another agreement"),
        ("extension request", ExtensionRequest.objects.exclude(request__agreement=F("report__call__agreement")), "it is under another agreement than its call"),
        ("extension request", ExtensionRequest.objects.exclude(request__unit=F("report__unit")), "its request is another unit’s"),
        ("dispute", Dispute.objects.exclude(request__unit=F("unit")), "its request is another unit’s"),
    ]  # fmt: skip
    for noun, wrong, said in terms:
        for pk in wrong.order_by("pk").values_list("pk", flat=True):
            yield f"{noun} {pk}: {said}"


@holds(_("What costs a fee was paid before it was submitted or decided."))
def submissions_were_paid() -> Iterator[str]:
    """A first submission of a report that costs a fee has a credit at or before its instant; so has a decided extension."""
    credit = LedgerEntry.objects.filter(
        request=OuterRef("report__request"), kind=K.CREDIT, at__lte=OuterRef("submitted_at")
    )
    unpaid = Revision.objects.filter(~Exists(credit), correction_round=0, report__request__price_rials__gt=0)
    for pk in unpaid.values_list("pk", flat=True):
        yield f"revision {pk}: submitted before its fee was paid"
    credit = LedgerEntry.objects.filter(request=OuterRef("request"), kind=K.CREDIT, at__lte=OuterRef("decided_at"))
    decided = ExtensionRequest.objects.filter(~Exists(credit), decided_at__isnull=False, request__price_rials__gt=0)
    for pk in decided.values_list("pk", flat=True):
        yield f"extension {pk}: decided before its fee was paid"


@holds(_("No more is refunded than came in, by two people, and the ledger has it."))
def refunds_are_covered() -> Iterator[str]:
    """Never more than came in, by two different people, and in the ledger where it was paid out."""
    for refund in Refund.objects.filter(declined_at=None).select_related("payment"):
        if refund.rials > (refund.payment.received_rials or 0):
            yield f"refund {refund.pk}: more than the payment brought"
        if refund.consented_by_id == refund.proposed_by_id:
            yield f"refund {refund.pk}: one person proposed it and agreed to it"
    entry = LedgerEntry.objects.filter(payment=OuterRef("payment"), kind=K.REFUND, rials=OuterRef("rials"))
    for pk in Refund.objects.filter(~Exists(entry), paid_out_at__isnull=False).values_list("pk", flat=True):
        yield f"refund {pk}: paid out, the ledger does not have it"
    paid_out = Refund.objects.filter(payment=OuterRef("payment"), paid_out_at__isnull=False)
    for pk in LedgerEntry.objects.filter(~Exists(paid_out), kind=K.REFUND).values_list("pk", flat=True):
        yield f"ledger {pk}: a refund that nobody agreed to"
    signed = LedgerEntry.objects.order_by().values("request").annotate(
        came=Sum("rials", filter=Q(kind__in=[K.CREDIT, K.SURPLUS]), default=0),
        went=Sum("rials", filter=Q(kind__in=[K.REVERSAL, K.REFUND]), default=0),
    ).filter(went__gt=F("came"))  # fmt: skip
    for row in signed:
        yield f"request {row['request']}: more went out than came in"


@holds(_("Each sum that came in has exactly one Event."))
def money_has_its_events() -> Iterator[str]:
    """Each sum that came in is told of by exactly one Event."""
    told = dict(
        Event.objects.filter(noun="payment", verb__in=[AgreementVerb.SETTLE, AgreementVerb.EXCEED])
        .order_by().values_list("key").annotate(n=Count("id"))
    )  # fmt: skip
    for order_id in Payment.objects.filter(state__in=RECEIVED_PAYMENTS).values_list("order_id", flat=True):
        if told.pop(order_id, 0) != 1:
            yield f"event: the money of payment {order_id} is not told of exactly once"
    for order_id in told:
        yield f"event: tells of money of payment {order_id} that never came"


MONEY_CHECKS = (
    credits_are_single,
    ledger_agrees_with_payments,
    credits_match_their_order,
    requests_agree_with_payments,
    prices_are_those_of_their_tariff,
    requests_are_under_their_terms,
    submissions_were_paid,
    refunds_are_covered,
    money_has_its_events,
)
