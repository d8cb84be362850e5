"""Who works where in which role, from when to when."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused

from .. import notices
from ..enums import Role, UnitVerb
from ..models import Event, Membership, Person, Unit
from ..rules import can_grant, granting_membership
from .events import record, tell


@transaction.atomic
def grant_membership(
    *, unit: Unit, person: Person, role: str, by: Person | None, ends_at: datetime | None = None
) -> Membership:
    """Give the person the role on exactly this unit, from now on, until `ends_at` (exclusive; None: until it is ended).

    `by=None` is the portal itself (a command, the demo). Raises Forbidden, and Refused where they hold it already.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    at = database_now()
    _may_grant(by, unit, role, at)
    if not person.is_active:
        raise Refused(_("This account is closed. An administrator can open it again."), code="account-closed")
    if unit.retired_at and unit.retired_at <= at:
        raise Refused(_("This unit is retired; nobody new joins it."), code="unit-retired")
    if ends_at is not None and ends_at <= at:
        raise Refused(_("The membership would end before it begins. Choose a later day."), code="ends-before-start")
    if Membership.objects.valid_at(at).filter(person=person, unit=unit, role=role).exists():
        raise Refused(
            _("%(person)s is already %(role)s of this unit.")
            % {"person": person.get_full_name(), "role": Role(role).label},
            code="already-member",
        )
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                person=person, unit=unit, role=role, starts_at=at, ends_at=ends_at, granted_by=by
            )
    except IntegrityError as error:  # the same grant at the same instant
        raise Refused(_("Somebody gave this role a moment ago. Load the page again."), code="already-member") from error
    event = _recorded(UnitVerb.GRANT, membership, by, at)
    tell(event, notices.membership_granted(membership, by))
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: Person | None, reason: str = "") -> Membership:
    """End the membership now: whatever it allowed ends with it. Raises Forbidden, and Refused where it has ended."""
    membership = _locked(membership)
    at = database_now()
    _may_grant(by, membership.unit, membership.role, at)
    if membership.ends_at is not None and membership.ends_at <= at:
        raise Refused(_("This membership has already ended."), code="already-ended")
    membership.ends_at = max(at, membership.starts_at)
    membership.save(update_fields=["ends_at"])
    event = _recorded(UnitVerb.END, membership, by, at, reason=reason)
    tell(event, notices.membership_ended(membership, by, reason))
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: Person | None) -> Membership:
    """End the membership and grant the other role on the same unit, in one step: nobody is left without either."""
    membership = _locked(membership)
    if membership.role == role:
        raise Refused(_("This is the role they hold already."), code="same-role")
    left = membership.ends_at
    ended = end_membership(membership=membership, by=by, reason=_("The role was changed."))
    return grant_membership(unit=ended.unit, person=ended.person, role=role, by=by, ends_at=left)


def _locked(membership: Membership) -> Membership:
    # The person first, as in `grant_membership`: two changes of one person's roles wait for each other.
    Person.objects.select_for_update().get(pk=membership.person_id)
    return Membership.objects.select_for_update(of=("self",)).select_related("unit", "person").get(pk=membership.pk)


def _may_grant(by: Person | None, unit: Unit, role: str, at: datetime) -> None:
    if by is not None and not can_grant(by, unit, role, at):
        raise Forbidden(
            _("Roles are given by a coordinator of the unit or of one above it; a head names the unit’s experts."),
            code="may-not-grant",
        )


def _recorded(verb: UnitVerb, membership: Membership, by: Person | None, at: datetime, **more) -> Event:
    return record(
        verb, noun="membership", key=membership.pk, at=at, by=by,
        membership=granting_membership(by, membership.unit, at) if by else None,
        path=membership.unit.path, unit_id=membership.unit_id,
        data={"person": membership.person_id, "role": membership.role, **{k: v for k, v in more.items() if v}},
    )  # fmt: skip
