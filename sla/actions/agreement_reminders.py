"""Reminding heads of a version that their units have not accepted."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record, record_many, tell
from units.models import Event, Person, Unit

from .. import notices
from ..enums import AgreementState, AgreementVerb
from ..models import AgreementVersion
from ..queries.agreements import remindable
from .agreements import lock_agreement, provider_of

NOBODY_LEFT = gettext_lazy("Nobody is left to remind: these units have accepted, have no head, or were reminded today.")


def remind_heads(
    *, agreement: AgreementVersion, by: Person, units: Iterable[Unit] | None = None, note: str = ""
) -> list[Unit]:
    """Tell the heads of these units (None: of all) that the version waits for their answer. Returns the units reminded.

    Units that have accepted, that have nobody to answer, or that were reminded within PEACE are left out. The version's
    row is the lock: two clicks at once remind once. Refused (`nobody-waiting`) where nobody is left.
    """
    with transaction.atomic():
        agreement, at = lock_agreement(agreement)
        membership = provider_of(by, agreement.service, at)
        if agreement.state != AgreementState.PUBLISHED:
            raise Refused(_("This version is still a draft; there is nothing to accept yet."), code="not-published")
        chosen = remindable(agreement, at, units).now
        if not chosen:
            raise Refused(str(NOBODY_LEFT), code="nobody-waiting")
        note = normalise(note)
        provider = agreement.service.provider
        event = record(
            AgreementVerb.REMIND_HEADS, noun="agreement", key=agreement.pk, at=at, by=by, membership=membership, path=provider.path,
            unit_id=provider.pk, data={"version": agreement.number, "units": len(chosen), "note": note},
        )  # fmt: skip
        record_many(
            Event(
                at=at, verb=AgreementVerb.REMIND, noun="agreement", key=str(agreement.pk), path=unit.path, unit_id=unit.pk,
                person=by, membership=membership, data={"note": note},
            )
            for unit in chosen
        )  # fmt: skip
        tell(event, notices.acceptance_reminded(agreement, chosen, note, at))
        return chosen
