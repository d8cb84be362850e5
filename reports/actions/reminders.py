"""A coordinator's own reminder to units that have not submitted; the portal's own ones are in deadline_reminders.py."""

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.text import normalise
from sla.rules import provider_membership
from units.actions.events import record, tell
from units.models import Event, Person

from ..enums import UNSUBMITTED, CallState, ReportVerb
from ..models import Call, Report
from ..notices import extensions as notices_calls
from ..queries import reports_at
from .locking import require

# Who can still be reminded: open, and nothing submitted.


def remind_units(*, call: Call, reports: list[Report], by: Person, note: str = "") -> list[Report]:
    """Tell the people of these units that their report is missing. Returns the reports reminded.

    Units that have submitted meanwhile are left out. Refused where nobody is left, or the call is not open to them.
    """
    with transaction.atomic():
        at = database_now()
        call = Call.objects.select_related("agreement__service__provider").get(pk=call.pk)
        membership = require(provider_membership(by, call.service, at))
        if call.state != CallState.PUBLISHED or call.opens_at > at:
            raise Refused(_("The call is not open, so there is nothing to remind of."), code="not-open")
        waiting = reports_at(at).filter(call=call, pk__in=[r.pk for r in reports], status__in=UNSUBMITTED, is_open=True)
        reminded = list(waiting.order_by("unit__sort_key", "pk"))
        if not reminded:
            raise Refused(
                _("None of the chosen units still has to submit. Choose others, or leave it."), code="nobody-waiting"
            )
        note = normalise(note)
        event = record(
            ReportVerb.REMIND_UNITS, noun="call", key=call.pk, at=at, by=by, membership=membership,
            path=call.service.provider.path, unit_id=call.service.provider_id, call_id=call.pk,
            data={"units": len(reminded), "note": note},
        )  # fmt: skip
        Event.objects.bulk_create(
            [
                Event(
                    at=at, verb=ReportVerb.REMIND, noun="report", key=report.tracking_code, path=report.unit_path,
                    unit_id=report.unit_id, call_id=call.pk, person=by, membership=membership, data={"note": note},
                )
                for report in reminded
            ],
            batch_size=1000,
        )  # fmt: skip
        chosen = Report.objects.filter(pk__in=[report.pk for report in reminded])
        tell(event, notices_calls.reminded(call, chosen, note, at))
    return reminded
