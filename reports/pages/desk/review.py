"""The desk of a reviewer: the queue that runs out first, and its figures."""

from dataclasses import dataclass, field
from datetime import datetime

from units.enums import Role
from units.models import Person

from ...models import Report
from ...queries.review import QueueRow, in_review, queue_counts, queue_rows, with_rows
from .items import Seats

ROWS = 8


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
