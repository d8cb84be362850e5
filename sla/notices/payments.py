"""Who is told what about money, in which words."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.numbers import local_number
from units.enums import UNIT_ROLES, Role
from units.models import Person
from units.notices import Message
from units.queries import people_with

from ..models import Payment, Reconciliation, Refund
from ..queries.requests import deciders_for
from ..queries.services import beside_service


def paid(payment: Payment, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("The fee is paid: %(what)s, %(unit)s") % _named(payment),
            _("%(rials)s rials arrived. Order %(order)s, bank reference %(reference)s.") % _money(payment),
        )

    return [Message(_payers(payment, at), words, _page(payment), urgent=True)]


def not_paid(payment: Payment, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("The fee is not paid: %(what)s, %(unit)s") % _named(payment),
            _("The bank’s word has come: %(reason)s Order %(order)s. The fee is still to be paid.")
            % (_money(payment) | {"reason": payment.get_reason_display()}),
        )

    return [Message([payment.begun_by], words, _page(payment), urgent=True)]


def surplus(payment: Payment, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("Money that paid nothing is given back: %(what)s, %(unit)s") % _named(payment),
            _("%(reason)s The bank was asked to return %(rials)s rials. Order %(order)s, bank reference %(reference)s.")
            % (_money(payment) | {"reason": payment.get_reason_display()}),
        )

    return [Message([payment.begun_by], words, _page(payment))]


def given_back(payment: Payment, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("The bank gave the money back: %(what)s, %(unit)s") % _named(payment),
            _("%(rials)s rials go back to the card. Order %(order)s, bank reference %(reference)s.") % _money(payment),
        )

    return [Message([payment.begun_by], words, _page(payment))]


def to_be_refunded(payment: Payment, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("The bank does not give the money back: %(what)s, %(unit)s") % _named(payment),
            _("%(rials)s rials wait on the refund list. Order %(order)s, bank reference %(reference)s.")
            % _money(payment),
        )

    return [Message(_coordinators(payment, at), words, _page(payment), urgent=True)]


def refund_proposed(refund: Refund, at: datetime) -> list[Message]:
    payment = refund.payment

    def words() -> tuple[str, str]:
        return (
            _("A refund waits for a second person: %(what)s, %(unit)s") % _named(payment),
            _("%(rials)s rials, order %(order)s. Reason: %(reason)s") % (_refund(refund) | {"reason": refund.reason}),
        )

    others = [person for person in _coordinators(payment, at) if person.pk != refund.proposed_by_id]
    return [Message(others, words, _page(payment))]


def refund_declined(refund: Refund, at: datetime) -> list[Message]:
    payment = refund.payment

    def words() -> tuple[str, str]:
        return (
            _("The refund was declined: %(what)s, %(unit)s") % _named(payment),
            refund.decline_reason,
        )

    return [Message([refund.proposed_by], words, _page(payment))]


def refund_paid_out(refund: Refund, at: datetime) -> list[Message]:
    payment = refund.payment

    def words() -> tuple[str, str]:
        return (
            _("The fee was refunded: %(what)s, %(unit)s") % _named(payment),
            _("%(rials)s rials were paid out, reference %(out)s. Order %(order)s.")
            % (_refund(refund) | {"out": refund.reference}),
        )

    return [Message(_payers(payment, at), words, _page(payment), urgent=True)]


def _payers(payment: Payment, at: datetime) -> list[Person]:
    """The unit's own, and whoever began the payment."""
    unit = list(people_with(payment.request.unit, *UNIT_ROLES, at=at))
    return unit + ([payment.begun_by] if payment.begun_by.is_active else [])


def _coordinators(payment: Payment, at: datetime) -> list[Person]:
    """The provider's, and whom an administrator named to decide about this unit."""
    service = payment.request.agreement.service
    found = list(people_with(service.provider, Role.COORDINATOR, at=at))
    return found + [one for one in deciders_for(service, payment.request.unit, at) if one not in found]


def _named(payment: Payment) -> dict[str, str]:
    kind = payment.request.request_type
    return {"what": beside_service(kind.title_here, kind), "unit": payment.request.unit.name}


def reconciliation_differs(found: Reconciliation, at: datetime) -> list[Message]:
    """The daily comparison found something that somebody has to look at."""

    def words() -> tuple[str, str]:
        n = len(found.differences)
        return (
            beside_service(
                _("The bank’s statement of %(day)s differs from the ledger") % {"day": format_date(found.day, "long")},
                found,
            ),
            ngettext("One line differs. Look at it.", "%(n)s lines differ. Look at them.", n) % {"n": local_number(n)},
        )

    page = f"{reverse('reports:reconciliation')}?run={found.pk}"
    return [Message(people_with(found.service.provider, Role.COORDINATOR, at=at), words, page)]


def _money(payment: Payment) -> dict[str, str]:
    return {
        "rials": local_number(payment.received_rials or payment.amount_rials),
        "order": payment.order_id,
        "reference": payment.reference,
    }


def _refund(refund: Refund) -> dict[str, str]:
    return _money(refund.payment) | {"rials": local_number(refund.rials)}


def _page(payment: Payment) -> str:
    return reverse("reports:payment_return", args=[payment.order_id])
