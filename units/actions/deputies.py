"""Who stands in for a head or a reviewer for a time."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused

from ..enums import UnitVerb
from ..models import Membership, Person
from ..queries import possible_deputies
from ..rules import can_name_deputy
from .offering import offer_seat, require_no_other_deputy, require_within_giver


@transaction.atomic
def name_deputy(
    *, membership: Membership, person: Person, starts_at: datetime, ends_at: datetime, by: Person
) -> Membership:
    """Offer somebody of the unit to stand in for this seat, [starts_at, ends_at). Like every seat it takes effect when its
    person accepts it, under the same consents; it ends with the seat that it stands in for.

    Raises Forbidden to anybody but the seat's own person, to a deputy and for a seat that is not valid; Refused for who does
    not work in the unit, for a time beyond the seat's, and where somebody is named for the same time.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    giver = Membership.objects.select_for_update(of=("self",)).select_related("unit", "person").get(pk=membership.pk)
    at = database_now()
    if giver.person_id != by.pk or not can_name_deputy(by, giver, at):
        raise Forbidden(
            _("A head or a reviewer names a deputy for a seat of their own that is in force; a deputy names nobody."),
            code="may-not-name",
        )
    if not possible_deputies(giver, at).filter(pk=person.pk).exists():
        raise Refused(_("Choose somebody of this unit who does not hold the role."), code="not-of-the-unit")
    seat = Membership(
        unit=giver.unit, person=person, role=giver.role, starts_at=starts_at, ends_at=ends_at, granted_by=by,
        deputy_for=giver,
    )  # fmt: skip
    require_within_giver(seat)
    require_no_other_deputy(seat, giver, at)
    return offer_seat(seat, UnitVerb.NAME_DEPUTY, at)
