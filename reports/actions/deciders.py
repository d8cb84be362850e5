"""Naming somebody who decides about one unit's reports, where every coordinator of the provider is in its line."""

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.models import Service
from units.actions.events import record, tell
from units.enums import UnitVerb
from units.models import Event, Person, Unit

from ..notices.deciders import naming_ended, somebody_named
from ..queries.namings import may_be_named, naming_of, needs_naming
from .locking import require_reason


def name_decider(*, unit: Unit, service: Service, person: Person, by: Person, reason: str) -> Event:
    """From now on this person does for the unit's reports what a coordinator of the provider does; for no other unit's.

    By an administrator. Refused: not-needed (a coordinator is outside the line), unfit (no seat over the unit, or in its
    line), no-reason. Naming another person replaces the one before; the same one again changes nothing.
    """
    with transaction.atomic():
        unit, at = _locked(unit, by)
        reason = require_reason(reason)
        standing = naming_of(unit, service, at)
        if standing and standing.person_id == person.pk:
            return Event.objects.filter(noun="unit", key=str(unit.pk), verb=UnitVerb.NAME_DECIDER).latest("id")
        if not needs_naming(unit, service, at):
            raise Refused(
                _(
                    "A coordinator of the provider is outside the line of “%(unit)s” and decides; nobody needs to be named."
                )
                % {"unit": unit},
                code="not-needed",
            )
        if not may_be_named(person, unit, at):
            raise Refused(
                _(
                    "%(person)s cannot be named: it takes a coordinator’s or a reviewer’s seat over “%(unit)s”, and nobody in "
                    "the unit’s line. Give the seat first, or choose somebody else."
                )
                % {"person": person, "unit": unit},
                code="unfit",
            )
        data = {"person": person.pk, "name": person.get_full_name(), "reason": reason}
        event = _recorded(UnitVerb.NAME_DECIDER, unit, service, by, at, data)
        tell(event, somebody_named(unit, service, person, reason))
    return event


def end_decider(*, unit: Unit, service: Service, by: Person, reason: str) -> Event:
    """The naming ends; what the person decided stands. By an administrator. Refused: not-named, no-reason."""
    with transaction.atomic():
        unit, at = _locked(unit, by)
        reason = require_reason(reason)
        standing = naming_of(unit, service, at)
        if standing is None:
            raise Refused(_("Nobody is named for “%(unit)s” at present.") % {"unit": unit}, code="not-named")
        event = _recorded(UnitVerb.END_DECIDER, unit, service, by, at, {"person": standing.person_id, "reason": reason})
        tell(event, naming_ended(unit, Person.objects.get(pk=standing.person_id), reason))
    return event


def _locked(unit: Unit, by: Person):
    """The unit's row is locked: of two administrators who name at once, the second one sees the first one's word."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if not (by.is_superuser and by.is_active):
        raise Forbidden(_("Only an administrator names who decides about a unit. Ask one."), code="not-administrator")
    return unit, database_now()


def _recorded(verb: UnitVerb, unit: Unit, service: Service, by: Person, at, data: dict) -> Event:
    return record(
        verb, noun="unit", key=unit.pk, at=at, by=by, path=unit.path, unit_id=unit.pk,
        data={"provider": service.provider_id, **data},
    )  # fmt: skip
