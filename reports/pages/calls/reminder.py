"""Who gets what from a reminder that is about to be sent: the people, their channels, the text; and whom it does not reach."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import translation

from units.enums import UNIT_ROLES, Channel
from units.models import Membership, Person
from units.notices import channels_of

from ...enums import UNSUBMITTED
from ...models import Call, Report
from ...notices.extensions import reminder_words


@dataclass
class Reminded:
    """One person: for which units, by which channels (labels), in which language."""

    person: Person
    units: list[str] = field(default_factory=list)

    @property
    def channels(self) -> list[str]:
        return [str(Channel(channel).label) for channel in channels_of(self.person)]


@dataclass
class Preview:
    """`texts`: (language, subject, body) for each language that somebody reads and each deadline among the units; `nobody`: units where nobody works;
    `left_out`: units that have submitted or whose deadline has passed since they were chosen."""

    told: list[Reminded]
    texts: list[tuple[str, str, str]]
    nobody: list[Report]
    left_out: list[Report]


def preview(call: Call, reports: Iterable[Report], note: str, at: datetime) -> Preview:
    """What `remind_units` would put on the outbox now. One query; the reports carry `status` and `is_open`."""
    reports = list(reports)
    waiting = [report for report in reports if report.status in UNSUBMITTED and report.is_open]
    names = {report.unit_id: report.unit_name for report in waiting}
    seats = (
        Membership.objects.valid_at(at)
        .filter(role__in=UNIT_ROLES, unit__in=list(names), person__is_active=True)
        .select_related("person")
        .order_by("person__sort_key", "person_id", "pk")
    )
    told: dict[int, Reminded] = {}
    reached = defaultdict(set)
    for seat in seats:
        one = told.setdefault(seat.person_id, Reminded(seat.person))
        reached[seat.unit_id].add(seat.person_id)
        if names[seat.unit_id] not in one.units:
            one.units.append(names[seat.unit_id])
    texts = []
    dues = sorted({report.deadline for report in waiting if reached[report.unit_id]})
    for language in dict.fromkeys(one.person.language for one in told.values()):
        with translation.override(language):
            texts += [(language, *reminder_words(call, note, due)) for due in dues]
    nobody = [report for report in waiting if not reached[report.unit_id]]
    return Preview(list(told.values()), texts, nobody, [report for report in reports if report not in waiting])
