"""Who is told what about agreements and disputes, in which words."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from units.enums import Role
from units.models import Membership, Person
from units.notices import Message
from units.queries import people_with

from .enums import Answer
from .models import Acceptance, AgreementVersion


def agreement_published(agreement: AgreementVersion, at: datetime) -> list[Message]:
    """Every head under the provider is asked anew; what they accepted before stays as it was."""
    held = Membership.objects.valid_at(at).filter(
        role=Role.HEAD, unit__path__startswith=agreement.service.provider.path
    )
    heads = Person.objects.filter(is_active=True, pk__in=held.values("person_id"))

    def words() -> tuple[str, str]:
        return (
            _("Version %(number)s of the service-level agreement is in force") % {"number": agreement.number},
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
            _("%(unit)s refused version %(number)s of the agreement")
            % {"unit": given.unit.name, "number": agreement.number},
            given.reason,
        )

    coordinators = people_with(agreement.service.provider, Role.COORDINATOR, at=at)
    return [Message(coordinators, words, reverse("sla:agreement", args=[agreement.pk]))]
