"""Who is told what about the lines of an objection."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import local_digits
from sla.models import Dispute
from units.enums import Role
from units.notices import Message
from units.queries.successions import acting_people

from ..enums import LineAnswer
from ..models import ObjectionLine, Report
from ..queries.services import called


def lines_answered(dispute: Dispute, report: Report, lines: Sequence[ObjectionLine], at: datetime) -> list[Message]:
    """The head, and who filed it, read how many of the contested indicators are accepted."""
    taken = sum(line.answer != LineAnswer.REFUSED for line in lines)

    def words():
        return (
            ngettext(
                "%(n)s contested indicator was answered: %(call)s",
                "%(n)s contested indicators were answered: %(call)s",
                len(lines),
            )
            % {"n": local_digits(len(lines)), "call": called(report.call)},
            _("%(n)s accepted, wholly or in part. The result changes by an offer that both sides agree on.")
            % {"n": local_digits(taken)},
        )

    people = [*acting_people(report.unit, report.call_id, Role.HEAD, at=at), dispute.filed_by]
    page = f"{reverse('reports:dispute', args=[dispute.pk])}#lines"
    return [Message([person for person in people if person.is_active], words, page)]
