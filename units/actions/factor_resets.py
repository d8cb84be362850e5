"""A second factor that is lost: one administrator proposes that it is removed, another one confirms it."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise

from ..enums import UnitVerb
from ..models import FactorReset, Person
from ..notices import factors as notices
from ..queries.factors import administrators_without, has_factor, open_reset_of
from ..rules import administers, can_confirm_factor_reset, can_propose_factor_reset
from .events import record, tell
from .sessions import end_all


@transaction.atomic
def propose_factor_reset(*, person: Person, reason: str, by: Person) -> FactorReset:
    """The other administrators and the person are told. Raises Forbidden; Refused without a reason, a factor, or where it is proposed."""
    person, by = _locked(person, by)
    if not can_propose_factor_reset(by, person):
        raise Forbidden(_("A lost second factor is seen to by another administrator."), code="not-an-administrator")
    if not normalise(reason):
        raise Refused(_("Write how you know that it is lost; the history says so."), code="no-reason")
    if not has_factor(person):
        raise Refused(_("This person has no second factor."), code="no-factor")
    if open_reset_of(person) is not None:
        raise Refused(_("This is proposed already and waits for a second administrator."), code="already-proposed")
    at = database_now()
    reset = FactorReset.objects.create(person=person, proposed_by=by, proposed_at=at, reason=normalise(reason)[:500])
    event = record(
        UnitVerb.PROPOSE_FACTOR_RESET, noun="person", key=person.pk, at=at, by=by, data={"reason": reset.reason}
    )
    others = [each for each in administrators_without(by) if each.pk != person.pk]
    tell(event, notices.reset_was_proposed(person, by, others))
    return reset


@transaction.atomic
def confirm_factor_reset(*, reset: FactorReset, by: Person) -> FactorReset:
    """All factors and codes of the person go, and all their sessions end. Raises Forbidden to who proposed it, to the person and to
    whoever is no second person to them; Refused where it is over."""
    person, by = _locked(reset.person, by)
    reset = FactorReset.objects.select_for_update().select_related("proposed_by", "person").get(pk=reset.pk)
    if reset.ended_at is not None:
        raise Refused(_("This proposal is over already."), code="already-ended")
    if not can_confirm_factor_reset(by, reset):
        raise Forbidden(
            _("Somebody else confirms it: an administrator who neither proposed it nor is the person."),
            code="not-a-second",
        )
    at = database_now()
    kinds = list(Authenticator.objects.filter(user=person).order_by("pk").values_list("type", flat=True))
    Authenticator.objects.filter(user=person).delete()
    reset.confirmed_by, reset.ended_at = by, at
    reset.save(update_fields=["confirmed_by", "ended_at"])
    data = {
        "reason": reset.reason,
        "proposed_by": reset.proposed_by_id,
        "kinds": kinds,
        "sessions": end_all(person, at),
    }
    event = record(UnitVerb.RESET_FACTOR, noun="person", key=person.pk, at=at, by=by, data=data)
    tell(event, notices.factor_was_reset(person, reset.proposed_by, by))
    return reset


@transaction.atomic
def withdraw_factor_reset(*, reset: FactorReset, by: Person) -> FactorReset:
    """Any administrator, also the one who proposed it; the person themself, who has not lost it. Raises Forbidden, Refused."""
    person, by = _locked(reset.person, by)
    reset = FactorReset.objects.select_for_update().get(pk=reset.pk)
    if not (administers(by) or by.pk == person.pk):
        raise Forbidden(_("A lost second factor is seen to by another administrator."), code="not-an-administrator")
    if reset.ended_at is not None:
        raise Refused(_("This proposal is over already."), code="already-ended")
    reset.ended_at = database_now()
    reset.save(update_fields=["ended_at"])
    record(UnitVerb.WITHDRAW_FACTOR_RESET, noun="person", key=person.pk, at=reset.ended_at, by=by)
    return reset


def _locked(person: Person, by: Person) -> tuple[Person, Person]:
    """The two, in the order of their keys: whether each is an administrator with an open account stays so until the end."""
    found = Person.objects.filter(Q(pk=person.pk) | Q(pk=by.pk)).order_by("pk").select_for_update(no_key=True)
    locked = {each.pk: each for each in found}
    return locked[person.pk], locked[by.pk]
