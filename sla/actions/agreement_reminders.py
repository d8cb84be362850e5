"""Reminding heads of a version that their units have not accepted."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record, record_many, tell
from units.models import Event, Person, Unit

from .. import notices
from ..enums import AgreementState, Coverage
from ..models import AgreementVersion
from ..queries_agreements import covered_units, reminded_at
from .agreements import lock_agreement, provider_of

# A head who was reminded within it is left in peace, whoever clicks.
PEACE = timedelta(days=1)


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
        asked = covered_units(agreement, at).filter(coverage__in=[Coverage.WAITING, Coverage.REFUSED], has_head=True)
        if units is not None:
            asked = asked.filter(pk__in=[unit.pk for unit in units])
        waiting = list(asked.in_order())
        lately = reminded_at(agreement, waiting)
        chosen = [unit for unit in waiting if unit.pk not in lately or lately[unit.pk] <= at - PEACE]
        if not chosen:
            raise Refused(
                _("Nobody is left to remind: these units have accepted, have no head, or were reminded today."),
                code="nobody-waiting",
            )
        note = normalise(note)
        provider = agreement.service.provider
        event = record(
            "remind_heads", noun="agreement", key=agreement.pk, at=at, by=by, membership=membership, path=provider.path,
            unit_id=provider.pk, data={"version": agreement.number, "units": len(chosen), "note": note},
        )  # fmt: skip
        record_many(
            Event(
                at=at, verb="remind", noun="agreement", key=str(agreement.pk), path=unit.path, unit_id=unit.pk,
                person=by, membership=membership, data={"note": note},
            )
            for unit in chosen
        )  # fmt: skip
        tell(event, notices.acceptance_reminded(agreement, chosen, note, at))
        return chosen
