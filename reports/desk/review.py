"""The desk of a reviewer: the queue that runs out first, and its figures."""

from dataclasses import dataclass, field
from datetime import datetime

from units.enums import Role
from units.models import Person

from ..models import Report
from ..queries_review import Row, counts_of, filters_of, in_review, rows_of
from .items import Seats

ROWS = 8


@dataclass
class ReviewDesk:
    counts: dict[str, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    @property
    def next(self) -> Report | None:
        return self.rows[0].report if self.rows else None


def review_desk(person: Person, seats: Seats, at: datetime) -> ReviewDesk | None:
    """None for somebody who reviews nothing."""
    if not seats.has(Role.REVIEWER):
        return None
    filters = filters_of(person, True)
    reports = in_review(person, at).filter(is_mine=True)
    waiting = list(reports.filter(filters["todo"]).order_by("service_due", "pk")[:ROWS])
    return ReviewDesk(counts_of(reports, filters), rows_of(waiting, person, True, at))
