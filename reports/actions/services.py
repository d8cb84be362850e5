"""The end of a service, and its second beginning: only when nothing of it is open."""

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sla.enums import AgreementVerb
from sla.models import Service
from sla.rules import provider_membership
from units.actions.events import record
from units.models import Person

from ..queries.services import what_is_open
from .locking import require, require_reason


def close_service(*, service: Service, by: Person, reason: str) -> Service:
    """No call is published of it any more; its page, its results and its papers stay. A second time changes nothing.

    Raises Forbidden; Refused (`service-in-use`) naming what is open. Writing and publishing a call take the same lock: none slips in.
    """
    with transaction.atomic():
        service = lock_service(service)
        at = database_now()
        membership = require(
            provider_membership(by, service, at), _("Only a coordinator of the providing unit closes the service.")
        )
        reason = require_reason(reason)
        if service.closed_at is not None:
            return service
        if found := what_is_open(service, at):
            said = _("The service is in use: %(what)s. Close it when nothing of it is open.")
            raise Refused(said % {"what": "، ".join(found)}, code="service-in-use")
        service.closed_at, service.closed_by, service.updated_at = at, by, at
        service.save(update_fields=["closed_at", "closed_by", "updated_at"])
        record(
            AgreementVerb.CLOSE, noun="service", key=service.pk, at=at, by=by, membership=membership,
            path=service.provider.path, unit_id=service.provider_id, data={"reason": reason},
        )  # fmt: skip
        return service


def reopen_service(*, service: Service, by: Person, reason: str) -> Service:
    with transaction.atomic():
        service = lock_service(service)
        at = database_now()
        membership = require(
            provider_membership(by, service, at), _("Only a coordinator of the providing unit opens the service again.")
        )
        reason = require_reason(reason)
        if service.closed_at is None:
            return service
        service.closed_at, service.closed_by, service.updated_at = None, None, at
        service.save(update_fields=["closed_at", "closed_by", "updated_at"])
        record(
            AgreementVerb.REOPEN, noun="service", key=service.pk, at=at, by=by, membership=membership,
            path=service.provider.path, unit_id=service.provider_id, data={"reason": reason},
        )  # fmt: skip
        return service


def lock_service(service: Service) -> Service:
    locked = Service.objects.select_for_update(of=("self",)).select_related("provider")
    return locked.get(pk=service.pk)
