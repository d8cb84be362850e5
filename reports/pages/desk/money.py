"""What waits over money: a unit's fees; the provider's refunds, and payments that the bank does not tell about."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import local_number
from sla.enums import PaymentState
from sla.models import Payment, Refund
from units.enums import Role
from units.models import Person
from units.rules import is_second_person

from ...enums import UNSUBMITTED
from ...models import ExtensionRequest, Report
from ...queries.payments import LONG_UNKNOWN
from ...queries.refunds import refundable
from ...rules import submitting_roles
from ...rules.deadlines import deadline, is_open
from .items import DeskItem, Seats, of_call


def fee_items(reports: Iterable[Report], seats: Seats, at: datetime) -> list[DeskItem]:
    """Fees that this person can pay: of open reports by their deadline, then of requests for more time. `reports`: all that
    the units' desk is about."""
    owing = [report for report in reports if _owes(report, seats, at)]
    heads = [unit.pk for unit in seats.units(Role.HEAD)]
    asking = any(report.asks_extension for report in reports)
    if not owing and not (heads and asking):
        return []
    asked = list(_unpaid_extensions(heads, seats)) if heads and asking else []
    waiting = _awaiting_the_bank([*(r.request_id for r in owing), *(a.request_id for a in asked)])
    found = []
    for report in owing:
        facts = {"rials": local_number(report.request.price_rials), "call": report.call.title}
        address = reverse("reports:report", args=[report.tracking_code]) + "#fee"
        if report.request_id in waiting:
            title, note = _("The bank’s word on the fee is awaited: %(call)s"), _("Do not pay a second time.")
        else:
            title, note = _("Pay the fee of %(rials)s rials: %(call)s"), _("Without it the report cannot be submitted.")
        found.append(DeskItem("credit-card", "warn", title % facts, address, note, deadline(report), report.call_id))
    for one in asked:
        facts = {"rials": local_number(one.request.price_rials), "call": one.report.call.title}
        address = reverse("reports:extension_ask", args=[one.report.tracking_code])
        title = _("Pay the fee of %(rials)s rials for more time: %(call)s")
        item = DeskItem("credit-card", "warn", title % facts, address, _("It is decided once it is paid."))
        found += of_call(one.report.call_id, item)
    return found


def _owes(report: Report, seats: Seats, at: datetime) -> bool:
    request = report.request
    return (
        request.price_rials > 0
        and request.paid_at is None
        and report.status in UNSUBMITTED
        and is_open(report, at)
        and any(seats.holds(report.unit_id, role, report.call_id) for role in submitting_roles(report))
    )


def _unpaid_extensions(units: list[int], seats: Seats):
    """Of the units, and of what was handed to them."""
    theirs = Q(report__unit__in=units)
    for matter in seats.matters:
        if matter.successor_id in units and matter.call_id:
            theirs |= Q(report__unit=matter.unit_id, report__call=matter.call_id)
    open_ones = ExtensionRequest.objects.filter(
        theirs,
        decided_at=None,
        request__price_rials__gt=0,
        request__paid_at=None,
        request__voided_at=None,
    )
    return open_ones.select_related("request", "report__call").order_by("asked_at", "pk")[:20]


def _awaiting_the_bank(requests: list[int]) -> set[int]:
    if not requests:
        return set()
    rows = Payment.objects.filter(request__in=requests, state=PaymentState.UNKNOWN)
    return set(rows.values_list("request_id", flat=True))


def money_items(person: Person, providers: list[int], at: datetime) -> list[DeskItem]:
    """For the provider's coordinators: what waits for their consent, is to be paid out or proposed, and is not known."""
    if not providers:
        return []
    theirs = Q(request__agreement__service__provider__in=providers)
    live = Refund.objects.filter(
        payment__request__agreement__service__provider__in=providers, declined_at=None, paid_out_at=None
    )
    unknown = Payment.objects.filter(theirs, state=PaymentState.UNKNOWN, redirected_at__lte=at - LONG_UNKNOWN)
    # Four numbers in one row: each alone is a statement of its own.
    counts = Person.objects.filter(pk=person.pk).values(
        consent=_count(live.filter(consented_at=None).exclude(proposed_by=person)),
        payout=_count(live.filter(consented_at__isnull=False)),
        owed=_count(refundable(at).filter(theirs)),
        unknown=_count(unknown),
    )[0]
    owed, unknown = counts["owed"], counts["unknown"]
    if counts["consent"]:  # of those, what the person is no second person to waits for somebody else
        waiting = live.filter(consented_at=None).exclude(proposed_by=person).select_related("proposed_by")
        second = {one: is_second_person(person, one) for one in {refund.proposed_by for refund in waiting}}
        counts["consent"] = sum(second[refund.proposed_by] for refund in waiting)
    refunds = reverse("reports:refunds")
    lines = [
        (
            counts["consent"], "people", "blue", refunds,
            ngettext("Agree to %(n)s refund, or decline it", "Agree to %(n)s refunds, or decline them", counts["consent"]),
            _("A colleague proposed it; two people decide."),
        ),
        (
            counts["payout"], "cash-coin", "blue", refunds,
            ngettext("Pay out %(n)s refund and record it", "Pay out %(n)s refunds and record them", counts["payout"]),
            _("Both have agreed."),
        ),
        (
            owed, "reply", "", refunds,
            ngettext("Propose %(n)s refund", "Propose %(n)s refunds", owed),
            _("Fees that nothing was submitted for, or money that paid nothing."),
        ),
        (
            unknown, "question-circle", "warn", reverse("reports:payments") + "?state=waiting",
            ngettext("%(n)s payment without the bank’s word", "%(n)s payments without the bank’s word", unknown),
            _("For more than a quarter of an hour. The portal keeps asking; ask the bank if it lasts."),
        ),
    ]  # fmt: skip
    return [
        DeskItem(icon, tone, title % {"n": local_number(count)}, address, note)
        for count, icon, tone, address, title, note in lines
        if count
    ]


def _count(rows: QuerySet) -> Coalesce:
    one = rows.order_by().annotate(one=Value(1)).values("one")
    return Coalesce(Subquery(one.annotate(n=Count("pk")).values("n")), 0)
