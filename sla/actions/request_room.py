"""Room for the files of a unit's general requests: saying that there is none, giving more."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from units.actions.events import claim_once, record, tell
from units.enums import UNIT_ROLES
from units.models import Event, Membership, Person, Unit
from units.rules import acting_membership

from ..enums import AgreementVerb
from ..models import RequestRoom, Service
from ..notices import requests as notices
from ..queries.requests import room_limits
from ..rules.requests import can_give_room, room_giver


@transaction.atomic
def record_no_request_room(*, unit: Unit, service: Service, by: Person) -> None:
    """A file found no room: the coordinators hear it once for so much room, until more is given."""
    unit, at = _lock(unit)
    room, _made = RequestRoom.objects.get_or_create(unit=unit)
    if room.reached_at is not None:
        return
    room.reached_at = at
    room.save(update_fields=["reached_at"])
    membership = acting_membership(by, unit, None, UNIT_ROLES, at)
    limits = room_limits(unit)
    event = _record(AgreementVerb.LACK_ROOM, unit, at, by, membership, {"room": list(limits)})
    if claim_once(f"no-request-room:{unit.pk}:{limits[0]}:{limits[1]}", at):
        tell(event, notices.no_request_room(unit, service, at))


@transaction.atomic
def raise_request_room(*, unit: Unit, mb: int, files: int, by: Person) -> RequestRoom:
    """Give the unit's requests more room, at once. A second click changes nothing; less than there is is refused."""
    unit, at = _lock(unit)
    if not can_give_room(by, unit, at):
        raise Forbidden(
            _(
                "Only a coordinator of the provider who reports for no unit in this unit’s line, or an administrator, gives more room."
            )
        )
    before = room_limits(unit)
    room, _made = RequestRoom.objects.get_or_create(unit=unit)
    if (mb, files) == before:
        return room
    if mb < before[0] or files < before[1]:
        raise Refused(_("Room can only be added. Write for each at least what there is already."), code="less-room")
    room.mb, room.files, room.reached_at = mb, files, None
    room.save(update_fields=["mb", "files", "reached_at"])
    event = _record(
        AgreementVerb.GIVE_ROOM, unit, at, by, room_giver(by, unit, at),
        {"before": list(before), "after": [mb, files]},
    )  # fmt: skip
    tell(event, notices.more_request_room(unit, at))
    return room


def _lock(unit: Unit) -> tuple[Unit, datetime]:
    """The unit's row, as whoever counts a file in holds it; then the clock."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    return unit, database_now()


def _record(
    verb: AgreementVerb, unit: Unit, at: datetime, by: Person, membership: Membership | None, data: dict
) -> Event:
    return record(
        verb,
        noun="request_room",
        key=unit.code,
        at=at,
        by=by,
        membership=membership,
        path=unit.path,
        unit_id=unit.pk,
        data=data,
    )
