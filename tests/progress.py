"""A call to a whole tree of units whose reports stand anywhere: for pages that count."""

import random
from datetime import timedelta

from reports.actions.calls import publish_call
from reports.enums import ReportState, Standing
from reports.models import Call, Report, Revision
from sajad_portal.lib.clock import database_now

from .calls import make_call
from .factories import make_unit
from .people import Cast

S = ReportState


def tree_call(cast: Cast, seed: int, units: int = 14, **fields) -> Call:
    """A published call to the cast's units and `units` more at random places below, each report in a random state."""
    dice = random.Random(seed)
    places = [cast.provider, cast.a, cast.b, cast.a_child]
    for n in range(units):
        places.append(make_unit(f"R{seed}-{n}", f"واحد {dice.randrange(100)}-{n}", parent=dice.choice(places)))
    asked = dice.sample(places, dice.randrange(2, len(places)))
    call = publish_call(call=make_call(cast, audience={"units": [unit.pk for unit in asked]}, **fields), by=cast.laleh)
    for report in call.reports.all():
        stand_somewhere(report, dice, cast)
    return call


def stand_somewhere(report: Report, dice: random.Random, cast: Cast) -> None:
    now = database_now()
    report.state = dice.choice(
        [S.NOT_STARTED, S.DRAFT, S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED, S.ANNOUNCED, S.EXCUSED]
    )
    if report.state == S.EXCUSED:
        report.excused_at, report.excused_by = now, cast.laleh
    if report.state == S.DRAFT:
        report.last_saved_at = now - timedelta(hours=dice.randrange(100))
    if report.state in (S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED, S.ANNOUNCED):
        report.submitted_at = now - timedelta(minutes=dice.randrange(60))
        add_revision(report, cast, standing=dice.choice(Standing.values))
    if report.state == S.RETURNED:
        report.correction_due_at = now + timedelta(days=dice.choice([-1, 2]))
    if report.state == S.ANNOUNCED:
        report.announced_at, report.objection_until = now, now + timedelta(days=dice.choice([0, 9]))
    report.save()


def add_revision(report: Report, cast: Cast, *, standing: str = Standing.ON_TIME, number: int = 1) -> Revision:
    return Revision.objects.create(
        report=report, number=number, answers={}, values={}, evidence=[], sha256="0" * 64, receipt_code=f"R{report.pk}-{number}",
        submitted_at=report.submitted_at, submitted_by=cast.laleh, standing=standing,
        deadline=report.submitted_at + timedelta(days=9), rule={},
    )  # fmt: skip
