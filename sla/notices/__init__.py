"""Who is told what about agreements and disputes, in which words."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.numbers import local_digits
from units.enums import Role
from units.models import Membership, Person, Unit
from units.notices import Message
from units.queries import people_with
from units.queries.successions import acting_people

from ..enums import Answer, Side
from ..models import Acceptance, AgreementVersion, Dispute, DisputeMessage, Offer, Position
from ..queries.services import beside_service


def agreement_published(agreement: AgreementVersion, at: datetime) -> list[Message]:
    """Every head under the provider is asked anew; what they accepted before stays as it was."""
    held = Membership.objects.valid_at(at).filter(
        role=Role.HEAD, unit__path__startswith=agreement.service.provider.path
    )
    heads = Person.objects.filter(is_active=True, pk__in=held.values("person_id"))

    def words() -> tuple[str, str]:
        return (
            _numbered(_("Version %(number)s of the service-level agreement is in force"), agreement),
            _("Read it and accept it for your unit. Until then drafts go on, but nothing can be signed under it."),
        )

    return [Message(heads, words, reverse("sla:agreement", args=[agreement.pk]))]


def agreement_answered(given: Acceptance, at: datetime) -> list[Message]:
    """A refusal waits for somebody; an acceptance is told to nobody."""
    if given.answer == Answer.ACCEPTED:
        return []
    agreement = given.agreement

    def words() -> tuple[str, str]:
        return (
            _numbered(_("%(unit)s refused version %(number)s of the agreement"), agreement, unit=given.unit.name),
            given.reason,
        )

    coordinators = people_with(agreement.service.provider, Role.COORDINATOR, at=at)
    return [Message(coordinators, words, reverse("sla:agreement", args=[agreement.pk]))]


def acceptance_reminded(agreement: AgreementVersion, units: Iterable[Unit], note: str, at: datetime) -> list[Message]:
    """The heads of units that have not accepted, asked again by a coordinator."""
    held = Membership.objects.valid_at(at).filter(role=Role.HEAD, unit__in=[unit.pk for unit in units])
    heads = Person.objects.filter(is_active=True, pk__in=held.values("person_id"))

    def words() -> tuple[str, str]:
        text = _("Read it and accept or refuse it for your unit. Until it is accepted, no report is signed under it.")
        return (
            _numbered(_("Version %(number)s of the agreement waits for your answer"), agreement),
            f"{note}\n{text}" if note else text,
        )

    return [Message(heads, words, reverse("sla:agreement_answer", args=[agreement.pk]), urgent=True)]


def _numbered(subject: str, agreement: AgreementVersion, **more: str) -> str:
    return beside_service(subject % {"number": local_digits(agreement.number), **more}, agreement)


# --------------------------------------------------------------------------------------------- disputes
def dispute_filed(dispute: Dispute, at: datetime) -> list[Message]:
    def to_other() -> tuple[str, str]:
        return (
            _("Dispute filed: %(title)s, %(unit)s") % _named(dispute),
            _("Negotiation goes on until the end of %(day)s. Without an agreement the provider’s view stands then.")
            % {"day": _last_day(dispute)},
        )

    return [Message(_others(dispute, dispute.filed_side, at), to_other, _page(dispute), urgent=True)]


def message_written(message: DisputeMessage, at: datetime) -> list[Message]:
    dispute = message.dispute

    def words() -> tuple[str, str]:
        return (_("New message in the dispute: %(title)s, %(unit)s") % _named(dispute), message.text[:500])

    return [Message(_others(dispute, message.side, at), words, _page(dispute))]


def offer_made(offer: Offer, at: datetime) -> list[Message]:
    dispute = offer.dispute

    def words() -> tuple[str, str]:
        return (
            _("An offer is on the table: %(title)s, %(unit)s") % _named(dispute),
            _(
                "%(text)s\n\nIf you accept it, the dispute ends at that moment. It can be accepted until the end of %(day)s."
            )
            % {"text": offer.text[:500], "day": _last_day(dispute)},
        )

    return [Message(_others(dispute, offer.side, at), words, _page(dispute), urgent=True)]


def offer_declined(offer: Offer, at: datetime) -> list[Message]:
    dispute = offer.dispute

    def words() -> tuple[str, str]:
        return (_("Your offer was declined: %(title)s, %(unit)s") % _named(dispute), offer.reply[:500])

    return [Message(_people(dispute, offer.side, at), words, _page(dispute))]


def offer_taken_back(offer: Offer, at: datetime) -> list[Message]:
    dispute = offer.dispute

    def words() -> tuple[str, str]:
        return (_("The offer was taken back: %(title)s, %(unit)s") % _named(dispute), "")

    return [Message(_others(dispute, offer.side, at), words, _page(dispute))]


def position_stated(position: Position, at: datetime) -> list[Message]:
    dispute = position.dispute

    def words() -> tuple[str, str]:
        return (
            _("The provider stated its view: %(title)s, %(unit)s") % _named(dispute),
            _("%(text)s\n\nWithout an agreement this view is final after the end of %(day)s.")
            % {"text": position.text[:500], "day": _last_day(dispute)},
        )

    return [Message(_people(dispute, Side.RECIPIENT, at), words, _page(dispute))]


def dispute_settled(dispute: Dispute, offer: Offer, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (_("Dispute settled by agreement: %(title)s, %(unit)s") % _named(dispute), offer.text[:500])

    return [Message(_both(dispute, at), words, _page(dispute), urgent=True)]


def dispute_withdrawn(dispute: Dispute, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("Dispute withdrawn: %(title)s, %(unit)s") % _named(dispute),
            _("What was contested stands as it is."),
        )

    return [Message(_both(dispute, at), words, _page(dispute))]


def dispute_final(dispute: Dispute, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("The provider’s view is final: %(title)s, %(unit)s") % _named(dispute),
            _("The month of negotiation ended with %(day)s without an agreement. The provider’s view stands.")
            % {"day": _last_day(dispute)},
        )

    return [Message(_both(dispute, at), words, _page(dispute), urgent=True)]


def position_overdue(dispute: Dispute, at: datetime) -> list[Message]:
    def to_provider() -> tuple[str, str]:
        return (
            _("Overdue: your view on the dispute %(title)s, %(unit)s") % _named(dispute),
            _("Negotiation ended with %(day)s and no view is stated. State it now: the dispute waits for nothing else.")
            % {"day": _last_day(dispute)},
        )

    def to_unit() -> tuple[str, str]:
        return (
            _("Negotiation has ended: %(title)s, %(unit)s") % _named(dispute),
            _("The provider has not stated its view yet; it is overdue. You are told when it is recorded."),
        )

    return [
        Message(_people(dispute, Side.PROVIDER, at), to_provider, _page(dispute), urgent=True),
        Message(_people(dispute, Side.RECIPIENT, at), to_unit, _page(dispute), urgent=True),
    ]


def dispute_ends_soon(dispute: Dispute, at: datetime) -> list[Message]:
    def words() -> tuple[str, str]:
        return (
            _("Negotiation ends soon: %(title)s, %(unit)s") % _named(dispute),
            _("It ends with %(day)s. Without an agreement the provider’s view stands then.")
            % {"day": _last_day(dispute)},
        )

    return [Message(_both(dispute, at), words, _page(dispute), urgent=True)]


def _people(dispute: Dispute, side: str, at: datetime) -> list[Person]:
    """Who speaks for a side now, and whoever filed for it."""
    if side == Side.RECIPIENT:
        found = list(acting_people(dispute.unit, dispute.call_id, Role.HEAD, at=at))
    else:
        found = list(people_with(dispute.agreement.service.provider, Role.COORDINATOR, at=at))
    return found + ([dispute.filed_by] if dispute.filed_side == side and dispute.filed_by.is_active else [])


def _others(dispute: Dispute, side: str, at: datetime) -> list[Person]:
    return _people(dispute, Side.PROVIDER if side == Side.RECIPIENT else Side.RECIPIENT, at)


def _both(dispute: Dispute, at: datetime) -> list[Person]:
    return _people(dispute, Side.RECIPIENT, at) + _people(dispute, Side.PROVIDER, at)


def _named(dispute: Dispute) -> dict[str, str]:
    return {"title": beside_service(dispute.name, dispute.agreement), "unit": dispute.unit.name}


def _last_day(dispute: Dispute) -> str:
    return format_date(dispute.last_day, "full")


def _page(dispute: Dispute) -> str:
    return reverse("reports:dispute", args=[dispute.pk])
