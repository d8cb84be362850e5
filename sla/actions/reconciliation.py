"""The bank's statement of a day beside the ledger. What differs is stored and told; nothing is changed by it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import PurePath

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, end_of_day, start_of_day, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise
from units.actions.events import claim_once, record, tell
from units.models import Membership, Person

from .. import gateways, rules
from ..enums import RECEIVED_PAYMENTS, AgreementVerb
from ..files.statements import read_statement
from ..gateways import GatewayRefused, GatewayUnknown, StatementLine
from ..models import Payment, Reconciliation, Service
from ..notices.payments import reconciliation_differs

LATELY = 7  # days back


def reconcile_day(
    *, service: Service, day: date, by: Person, data: bytes | None = None, name: str = ""
) -> Reconciliation:
    """Compare the statement of a day in Tehran with what the ledger says. May be run again: each run is kept.

    `data`: the bank's file (CSV) called `name`; without it the statement is fetched from the bank. Refused: FileRefused,
    day-ahead, no-gateway, no-statement. Not inside a transaction where it is fetched.
    """
    at = database_now()
    membership = rules.provider_membership(by, service, at)
    if membership is None:
        raise Forbidden(_("Reconciling is for coordinators of the provider."))
    if start_of_day(day) > at:
        raise Refused(_("That day lies ahead; there is no statement of it yet."), code="day-ahead")
    gateway = gateways.current()
    if data is None:
        name, lines = gateway.name, _fetch(gateway, day)
        digest = _digest(lines)
    else:
        lines, digest = read_statement(data, day), hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        return _store(service, gateway.name, day, lines, name, digest, by, membership)


def reconcile_lately() -> int:
    """The sweep: each day of the last week that ended and that the portal has not compared itself, for each service that took
    money. A bank that gives no statement is asked again by the next sweep. Where something differs the coordinators are told.

    Returns how many days it compared. May run twice, late, or never.
    """
    if not gateways.configured():
        return 0
    gateway, at, done = gateways.current(), database_now(), 0
    today = tehran_date(at)
    for service in Service.objects.select_related("provider").order_by("pk"):
        paid = Payment.objects.filter(
            request__agreement__service=service, gateway=gateway.name, state__in=RECEIVED_PAYMENTS
        )
        first = paid.order_by("begun_at").values_list("begun_at", flat=True).first()
        if first is None:
            continue
        compared = set(
            Reconciliation.objects.filter(service=service, gateway=gateway.name, by=None).values_list("day", flat=True)
        )
        for ago in range(LATELY, 0, -1):
            day = today - timedelta(days=ago)
            if day in compared or day < tehran_date(first):
                continue
            try:
                lines = _fetch(gateway, day)
            except Refused:
                break  # the bank gives none, or none now
            done += compare_once(service, gateway.name, day, lines)
    return done


def compare_once(service: Service, gateway: str, day: date, lines: list[StatementLine]) -> bool:
    """The portal's own comparison of a day; False where it has made it already."""
    with transaction.atomic():
        if not claim_once(f"reconcile:{service.pk}:{gateway}:{day}", database_now()):
            return False
        _store(service, gateway, day, lines, gateway, _digest(lines), None, None)
    return True


def _digest(lines: list[StatementLine]) -> str:
    return hashlib.sha256(json.dumps([asdict(line) for line in lines], default=str).encode()).hexdigest()


def _fetch(gateway: gateways.PaymentGateway, day: date) -> list[StatementLine]:
    try:
        return gateway.statement(day)
    except (GatewayRefused, GatewayUnknown) as error:
        raise Refused(
            _("The bank gave no statement of that day. Try again later, or send the file that the bank sends you."),
            code="no-statement",
        ) from error


def _store(
    service: Service, gateway: str, day: date, lines: list[StatementLine], name: str, digest: str, by: Person | None,
    membership: Membership | None,
) -> Reconciliation:  # fmt: skip
    at = database_now()
    matched, differences = compare_with_ledger(service, gateway, day, lines)
    found = Reconciliation.objects.create(
        service=service, gateway=gateway, day=day, source_name=normalise(PurePath(name).name)[:200], sha256=digest,
        lines=len(lines), matched=matched, differences=differences, references=[line.reference for line in lines],
        at=at, by=by,
    )  # fmt: skip
    event = record(
        AgreementVerb.RECONCILE, noun="reconciliation", key=found.pk, at=at, by=by, membership=membership,
        path=service.provider.path, unit_id=service.provider_id,
        data={"day": day.isoformat(), "lines": len(lines), "matched": matched, "differences": len(differences)},
    )  # fmt: skip
    if by is None and differences:
        tell(event, reconciliation_differs(found, at))
    return found


def compare_with_ledger(
    service: Service, gateway: str, day: date, lines: Iterable[StatementLine]
) -> tuple[int, list[dict]]:
    """How many lines agree, and what does not: only at the bank, only in the ledger, or another amount, order or terminal.

    The bank's instant lies between an attempt's beginning and its settlement. Where these are days apart, the line may stand
    in an earlier statement; it is missed here only if no other statement that was reconciled had it.
    """
    lines = list(lines)
    ours = Payment.objects.filter(gateway=gateway, state__in=RECEIVED_PAYMENTS)  # a terminal may serve several services
    known: dict[str, Payment] = {}
    references = [line.reference for line in lines]
    for start in range(0, len(references), 500):
        known |= {p.reference: p for p in ours.filter(reference__in=references[start : start + 500])}
    matched, differences = 0, []
    for line in lines:
        kind = _difference(known.get(line.reference), line)
        if kind:
            differences.append(_row(kind, known.get(line.reference), line))
        matched += not kind
    begins, ends = start_of_day(day), end_of_day(day)
    elsewhere = _references_of_other_days(service, gateway, day)
    settled = ours.filter(settled_at__gte=begins, settled_at__lt=ends, request__agreement__service=service)
    differences += [
        _row("only_ledger", payment, None)
        for payment in settled.order_by("settled_at", "pk")
        if payment.reference not in known and not (payment.begun_at < begins and payment.reference in elsewhere)
    ]
    return matched, differences


def _difference(payment: Payment | None, line: StatementLine) -> str:
    if payment is None:
        return "only_bank"
    if payment.received_rials != line.amount_rials:
        return "amount"
    if line.order_id not in ("", payment.order_id, str(payment.pk)):  # some banks know our order by its plain number
        return "order"
    return "terminal" if payment.terminal != line.terminal else ""


def _row(kind: str, payment: Payment | None, line: StatementLine | None) -> dict:
    known = payment or line
    assert known, "what differs stands on one side at least"
    return {
        "kind": kind,
        "order_id": known.order_id,
        "reference": known.reference,
        "bank_rials": line.amount_rials if line else None,
        "ledger_rials": payment.received_rials if payment else None,
    }


def _references_of_other_days(service: Service, gateway: str, day: date) -> set[str]:
    rows = Reconciliation.objects.filter(service=service, gateway=gateway).exclude(day=day)
    return {reference for found in rows.values_list("references", flat=True) for reference in found}
