"""Who is told what about the head's signature, in which words. Pure: verbs put the messages on the outbox."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from units.enums import Role
from units.notices import Message
from units.queries.successions import acting_people

from ..models import Report, SignOffRound
from ..queries.services import called
from ..rules.deadlines import deadline, in_correction


def _due(report: Report, at: datetime) -> datetime:
    return report.correction_due_at if in_correction(report, at) and report.correction_due_at else deadline(report)


def sign_off_requested(report: Report, round_: SignOffRound, at: datetime) -> list[Message]:
    def words():
        return (
            _("“%(call)s” waits for your signature") % {"call": called(report.call)},
            _("%(who)s has finished the report of %(unit)s. Check and sign it by %(until)s.")
            % {
                "who": round_.requested_by.get_full_name(),
                "unit": report.unit_name,
                "until": until(_due(report, at)),
            },
        )

    heads = acting_people(report.unit, report.call_id, Role.HEAD, at=at).exclude(pk=round_.requested_by_id)
    return [Message(heads, words, reverse("reports:report_sign", args=[report.tracking_code]), urgent=True)]


def sent_back(report: Report, round_: SignOffRound, at: datetime) -> list[Message]:
    def words():
        return (
            _("The head sent “%(call)s” back to you") % {"call": called(report.call)},
            _("Note: %(note)s") % {"note": round_.reply},
        )

    return [
        Message([round_.requested_by], words, reverse("reports:report_edit", args=[report.tracking_code]), urgent=True)
    ]
