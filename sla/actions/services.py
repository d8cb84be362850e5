"""The service card, kept by the provider."""

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record
from units.models import Person

from .. import rules
from ..enums import AgreementState, AgreementVerb, Beginning, Nature
from ..models import Service

EDITABLE = (
    "title", "title_en", "description", "description_en", "recipients", "recipients_en", "kind", "nature", "begins_with",
    "required_documents", "required_documents_en", "window", "hours", "hours_en", "contact", "email", "address",
    "address_en",
)  # fmt: skip
REQUIRED = ("title", "description", "recipients", "window")
# What an agreement's header clause is made of: a draft that follows it was edited today.
IN_HEADER = {"title", "title_en", "description", "description_en", "recipients", "recipients_en", "window"}
CHOICES = {"kind": {"G2G", "G2B", "G2C"}, "nature": {"", *Nature.values}, "begins_with": {"", *Beginning.values}}


def edit_service(*, service: Service, by: Person, seen: str = "", **fields: str) -> Service:
    """Change the card. `fields` as in EDITABLE; published agreements keep the header they were published with.

    `seen`: `marked(service)` as the writer saw it; Refused (`card-changed`) where the card is another by now.
    """
    with transaction.atomic():
        service = Service.objects.select_for_update(of=("self",)).select_related("provider").get(pk=service.pk)
        at = database_now()
        membership = rules.provider_membership(by, service, at)
        if membership is None:
            raise Forbidden(_("Only a coordinator of the providing unit keeps the service card."))
        if seen and seen != marked(service):
            raise Refused(
                _("Somebody has changed the card since you opened it. Open it again and enter your changes once more."),
                code="card-changed",
            )
        changed = {}
        for name in EDITABLE:
            text = normalise(str(fields.get(name, getattr(service, name))))
            if text != getattr(service, name):
                changed[name] = [getattr(service, name), text]
                setattr(service, name, text)
        _check(service)
        if not changed:
            return service
        service.updated_at = at
        service.save(update_fields=[*changed, "updated_at"])
        if IN_HEADER & changed.keys():
            drafts = service.agreement_versions.filter(state=AgreementState.DRAFT)
            drafts.update(edited_on=tehran_date(at))
        record(
            AgreementVerb.EDIT, noun="service", key=service.pk, at=at, by=by, membership=membership, path=service.provider.path,
            unit_id=service.provider_id, data={"changed": changed},
        )  # fmt: skip
        return service


def marked(service: Service) -> str:
    """What tells one state of the card from another."""
    return service.updated_at.isoformat()


def _check(service: Service) -> None:
    if not all(getattr(service, name) for name in REQUIRED):
        raise Refused(
            _("A service needs a title, a definition, its recipients and its window."), code="card-incomplete"
        )
    for name, allowed in CHOICES.items():
        if getattr(service, name) not in allowed:
            raise Refused(_("Choose one of the values that the card knows."), code="card-choice")
