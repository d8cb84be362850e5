"""What is told about a report when its fee settles late."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from units.enums import UNIT_ROLES
from units.notices import Message
from units.queries.successions import acting_people

from ..models import Report
from ..queries.services import called
from ..rules.deadlines import last_moment


def more_time(report: Report, at: datetime) -> list[Message]:
    """The unit's own: the payment was begun in time, so the report is still taken."""

    def words() -> tuple[str, str]:
        return (
            _("The report is open again: %(call)s") % {"call": called(report.call)},
            _(
                "The bank confirmed the fee after the deadline. The payment was begun in time, so the report is accepted "
                "until %(until)s. Submit it before then."
            )
            % {"until": until(last_moment(report))},
        )

    people = acting_people(report.unit, report.call_id, *UNIT_ROLES, at=at)
    return [Message(people, words, reverse("reports:report", args=[report.tracking_code]), urgent=True)]
