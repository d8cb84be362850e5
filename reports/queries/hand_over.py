"""Handing reviews of one reviewer to another: which can go, and which stay behind and why. Reads only; the page tells it
before, and the verb asks again under the lock."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from units.enums import Role
from units.models import Event, Person
from units.rules import own_membership_over

from ..enums import ReportVerb, ReviewState
from ..models import Report, Review
from .lines import is_barred


def stood_in_on(person: Person, reports: Iterable[int]) -> dict[int, set[int]]:
    """{report: reviews of others, not released, on which the person has worked as a deputy}: of such a report they have no
    review of their own, or one person would be two of its reviewers."""
    worked = Event.objects.filter(noun="report", person=person, membership__deputy_for__isnull=False)
    worked = worked.filter(
        verb__in=[ReportVerb.REVIEW_ITEM, ReportVerb.REVIEW_ANSWERS, ReportVerb.HAND_IN, ReportVerb.SETTLE]
    )
    ids = set(worked.values_list("data__review", flat=True))
    live = Review.objects.filter(pk__in=ids).exclude(reviewer=person).exclude(state=ReviewState.RELEASED) if ids else []
    found: dict[int, set[int]] = {}
    for review in live:
        found.setdefault(review.report_id, set()).add(review.pk)
    return {report: found[report] for report in reports if report in found}


@dataclass
class HandOver:
    """`free` can go. The others stay where they are: `conflicts`, because the person is or was in the unit's line;
    `held`, because they review it already; `stood_in`, because they worked on another of its reviews as a deputy; `outside`,
    because they are no reviewer of the unit."""

    free: list[Review] = field(default_factory=list)
    conflicts: list[Report] = field(default_factory=list)
    held: list[Report] = field(default_factory=list)
    stood_in: list[Report] = field(default_factory=list)
    outside: list[Report] = field(default_factory=list)

    @property
    def staying(self) -> list[Report]:
        return [*self.conflicts, *self.held, *self.stood_in, *self.outside]


def plan(reviews: Iterable[Review], reviewer: Person, at: datetime) -> HandOver:
    """Sorts reviews (with their reports, calls and units) by what would become of them. Three queries and the person's seats."""
    reviews = list(reviews)
    theirs: dict[int, list[str]] = defaultdict(list)
    held = Review.objects.filter(report__in={review.report_id for review in reviews}, reviewer=reviewer)
    for report, section in held.exclude(state=ReviewState.RELEASED).values_list("report_id", "section"):
        theirs[report].append(section)
    chosen = {review.pk for review in reviews}
    worked = stood_in_on(reviewer, {review.report_id for review in reviews})
    found = HandOver()
    for review in reviews:
        path, sections = review.report.unit.path, theirs[review.report_id]
        if is_barred(reviewer, review.report, at):
            found.conflicts.append(review.report)
        elif any(not section or not review.section or section == review.section for section in sections):
            found.held.append(review.report)
        elif worked.get(review.report_id, set()) - chosen:
            found.stood_in.append(review.report)
        elif not own_membership_over(reviewer, path, {Role.REVIEWER}, at):
            found.outside.append(review.report)
        else:
            found.free.append(review)
            sections.append(review.section)
    return found
