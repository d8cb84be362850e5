"""Documents of a service: uploaded as a version in a slot, then published for ever."""

from datetime import datetime

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.files import inspect
from sajad_portal.lib.text import normalise
from units.actions.events import record
from units.models import Person

from .. import rules
from ..enums import AgreementVerb, Slot
from ..models import Document, Service


def upload_document(*, service: Service, slot: str, title: str, file: File, by: Person) -> Document:
    """A new, unpublished version in the slot. The file's type is read from its content. Raises Refused as lib.files does."""
    if slot not in Slot.values:
        raise Refused(_("There is no such slot for a document of a service."), code="unknown-slot")
    title = normalise(title) or str(Slot(slot).label)
    found = inspect(file, max_bytes=settings.EVIDENCE_MAX_BYTES)
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=service.pk)
        at = database_now()
        membership = _manager(by, service, at)
        same = service.documents.filter(slot=slot, sha256=found.sha256).first()
        if same:
            raise Refused(
                _("This very file is version %(number)s of this document already.") % {"number": same.number},
                code="same-file",
            )
        number = (service.documents.filter(slot=slot).aggregate(last=Max("number"))["last"] or 0) + 1
        file.name = found.name
        document = Document.objects.create(
            service=service, slot=slot, number=number, title=title, file=file, media_type=found.media_type,
            size=found.size, sha256=found.sha256, uploaded_at=at, uploaded_by=by,
        )  # fmt: skip
        record(
            AgreementVerb.UPLOAD, noun="document", key=document.pk, at=at, by=by, membership=membership,
            path=service.provider.path, unit_id=service.provider_id,
            data={"slot": slot, "version": number, "sha256": found.sha256},
        )  # fmt: skip
        return document


def publish_document(*, document: Document, by: Person) -> Document:
    """The version is public from now on, and calls published later pin it. A second click changes nothing."""
    with transaction.atomic():
        locked = Document.objects.select_for_update(of=("self",)).select_related("service__provider")
        document = locked.get(pk=document.pk)
        at = database_now()
        membership = _manager(by, document.service, at)
        if document.published_at is not None:
            return document
        document.published_at, document.published_by = at, by
        document.save(update_fields=["published_at", "published_by"])
        Service.objects.filter(pk=document.service_id).update(updated_at=at)
        record(
            AgreementVerb.PUBLISH, noun="document", key=document.pk, at=at, by=by, membership=membership,
            path=document.service.provider.path, unit_id=document.service.provider_id,
            data={"slot": document.slot, "version": document.number, "sha256": document.sha256},
        )  # fmt: skip
        return document


def _manager(by: Person, service: Service, at: datetime):
    membership = rules.provider_membership(by, service, at)
    if membership is None:
        raise Forbidden(_("Only a coordinator of the providing unit keeps its documents."))
    return membership
