"""The desk of a reviewer: the queue that runs out first, and its figures."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_number
from units.enums import Role
from units.models import Person

from ...models import Report
from ...queries import asked_of
from ...queries.review import QueueRow, ToSettle, in_review, queue_counts, queue_rows, to_settle, with_rows
from .items import DeskItem, Seats

ROWS = 8
NAMED = 2  # indicators that a line names


@dataclass
class ReviewDesk:
    counts: dict[str, int] = field(default_factory=dict)
    rows: list[QueueRow] = field(default_factory=list)

    @property
    def next(self) -> Report | None:
        return self.rows[0].report if self.rows else None


def review_desk(person: Person, seats: Seats, at: datetime) -> ReviewDesk | None:
    """None for somebody who reviews nothing."""
    if not seats.has(Role.REVIEWER):
        return None
    waiting = with_rows(in_review(person, at, "todo", mine=True)).order_by("service_due", "pk")[:ROWS]
    return ReviewDesk(queue_counts(person, at, mine=True), queue_rows(list(waiting), person, True, at))


def settle_items(person: Person, seats: Seats, at: datetime) -> list[DeskItem]:
    """What a lead has to settle: a reviewer, or a coordinator who has taken the lead."""
    return [_settle(one) for one in to_settle(person, at, ROWS)] if seats.has(Role.REVIEWER, Role.COORDINATOR) else []


def _settle(one: ToSettle) -> DeskItem:
    """Straight to the first indicator about which they differ."""
    report, definition = one.report, asked_of(one.report)
    labels = [definition.own_indicator(code).label_in(current_language()) for code in one.codes[:NAMED]]
    facts = {"n": local_number(len(one.codes)), "unit": report.unit_name, "call": report.call.title}
    title = ngettext(
        "The reviewers differ about %(n)s indicator: settle: %(unit)s, %(call)s",
        "The reviewers differ about %(n)s indicators: settle: %(unit)s, %(call)s",
        len(one.codes),
    )
    more = "…" if len(one.codes) > NAMED else ""
    address = f"{reverse('reports:report_review', args=[report.tracking_code])}?{urlencode({'i': one.codes[0]})}"
    note = _("All have handed in; your finding as lead counts: %(indicators)s") % {
        "indicators": "، ".join(labels) + more
    }
    return DeskItem("people", "blue", title % facts, address, note, report.call.review_until, report.call_id)
