"""What must be true of who decided: nobody who was in the line of a unit, at that instant, decided about its report.

Derived from Events and seats. Where a seat's unit stood below the report's can only be told while neither has moved in the
tree since; above, the call's frozen path tells it for ever.
"""

from collections import defaultdict
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.clock import database_now
from units.enums import UNIT_ROLES, UnitVerb
from units.models import Event, Membership
from units.queries import ancestor_ids
from units.queries.lines import LineSeat, seats_of

from ..enums import ReportVerb
from ..models import Report
from .saying import holds

# What somebody decides about one report for the provider; who accepts an offer for the unit acts as its head.
DECISIONS = (
    ReportVerb.EXTEND, ReportVerb.ASK_LATE, ReportVerb.EXCUSE, ReportVerb.DECIDE_EXTENSION, ReportVerb.START_REVIEW,
    ReportVerb.REVIEW_ITEM, ReportVerb.REVIEW_ANSWERS, ReportVerb.HAND_IN, ReportVerb.TAKE_LEAD, ReportVerb.SETTLE, ReportVerb.RETURN,
    ReportVerb.WITHDRAW_RETURN, ReportVerb.ANNOUNCE, ReportVerb.REASSIGN_REVIEW,
)  # fmt: skip


@holds(_("Nobody decided about a report in whose line they were."))
def nobody_in_the_line_decided() -> Iterator[str]:
    seats = _line_seats()
    told = Event.objects.filter(noun="report", verb__in=DECISIONS, person__in=list(seats)).exclude(
        membership__role__in=UNIT_ROLES
    )
    events = list(told.select_related("person").order_by("id"))
    found = Report.objects.filter(tracking_code__in={event.key for event in events}).select_related("unit", "call")
    reports = {report.tracking_code: report for report in found}
    moved = {int(key) for key in Event.objects.filter(noun="unit", verb=UnitVerb.MOVE).values_list("key", flat=True)}
    for event in events:
        report = reports[event.key]
        if any(_was_in_line(seat, report, event, moved) for seat in seats[event.person_id or 0]):
            yield f"report {event.key}: {event.verb} by {event.person}, who was in the line of the unit"


def _line_seats() -> dict[int, list[LineSeat]]:
    found: dict[int, list[LineSeat]] = defaultdict(list)
    held = Membership.objects.begun_by(database_now()).filter(role__in=UNIT_ROLES).select_related("unit").order_by("id")
    for membership in held:
        found[membership.person_id] += seats_of([membership])
    return found


def _was_in_line(seat: LineSeat, report: Report, event: Event, moved: set[int]) -> bool:
    """At the instant of the event, or at any time between the call's opening and it."""
    if seat.since > event.at or (seat.until is not None and seat.until <= min(report.call.opens_at, event.at)):
        return False
    if seat.unit_id in ancestor_ids(report.unit_path):
        return True
    below = seat.path.startswith(report.unit.path)
    return below and not moved & {*ancestor_ids(seat.path), *ancestor_ids(report.unit.path)}


LINE_CHECKS = (nobody_in_the_line_decided,)
