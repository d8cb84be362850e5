"""Services: created by an administrator, their card kept by the provider."""

import re

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import latin_digits, normalise
from units.actions.events import record
from units.models import Person, Unit
from units.rules import can_set_up_portal

from .. import rules
from ..enums import AgreementState, AgreementVerb, Beginning, Nature
from ..models import RequestType, Service
from ..text.first_terms import REQUEST_TYPES
from .request_types import checked_target

EDITABLE = (
    "title", "title_en", "description", "description_en", "recipients", "recipients_en", "kind", "nature", "begins_with",
    "required_documents", "required_documents_en", "window", "hours", "hours_en", "contact", "email", "address",
    "address_en",
)  # fmt: skip
REQUIRED = ("title", "description", "recipients", "window")
# What an agreement's header clause is made of: a draft that follows it was edited today.
IN_HEADER = {"title", "title_en", "description", "description_en", "recipients", "recipients_en", "window"}
CHOICES = {"kind": {"G2G", "G2B", "G2C"}, "nature": {"", *Nature.values}, "begins_with": {"", *Beginning.values}}


SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$")
CODE = re.compile(r"^[0-9A-Za-z-]{1,20}$")


def create_service(
    *, provider: Unit, slug: str, code: str, by: Person, targets: dict[str, int] | None = None, **fields: str
) -> Service:
    """A service with its first request types, one of each kind. `fields` as in EDITABLE.

    `targets`: {code of the type: working days} where it is not the one it is shipped with. Provider, slug and code stay for
    ever. Raises Forbidden to anybody but an administrator; Refused (`bad-slug`, `bad-code`, `service-exists`, `unit-retired`,
    `card-incomplete`, `card-choice`, `bad-target`).
    """
    slug, code = normalise(slug), latin_digits(normalise(code))
    if not SLUG.match(slug):
        said = _("The address of a service has lower-case Latin letters, digits and hyphens; for example performance.")
        raise Refused(said, code="bad-slug")
    if not CODE.match(code):
        said = _("The service id has up to 20 digits, Latin letters or hyphens; for example 10011400000.")
        raise Refused(said, code="bad-code")
    with transaction.atomic():
        if not can_set_up_portal(by):
            raise Forbidden(_("A service is created by an administrator."))
        provider = Unit.objects.select_for_update(no_key=True).get(pk=provider.pk)
        at = database_now()
        if provider.retired_at and provider.retired_at <= at:
            raise Refused(_("This unit is retired. Choose a unit that works."), code="unit-retired")
        known = {name: normalise(str(fields.get(name, ""))) for name in EDITABLE}
        service = Service(provider=provider, slug=slug, code=code, updated_at=at, **known)
        service.kind = service.kind or "G2G"
        _check(service)
        try:
            with transaction.atomic():
                service.save(force_insert=True)
        except IntegrityError as error:
            said = _("There is a service with this address or this id already. Choose another.")
            raise Refused(said, code="service-exists") from error
        types = [
            RequestType(
                service=service, code=type_code, kind=kind, title=title, title_en=title_en,
                target_working_days=checked_target((targets or {}).get(type_code, days)),
            )
            for type_code, kind, title, title_en, days in REQUEST_TYPES
        ]  # fmt: skip
        RequestType.objects.bulk_create(types)
        record(
            AgreementVerb.CREATE_SERVICE, noun="service", key=service.pk, at=at, by=by, path=provider.path,
            unit_id=provider.pk, data={"code": code, "targets": {t.code: t.target_working_days for t in types}},
        )  # fmt: skip
        return service


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
