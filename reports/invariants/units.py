"""Units: kinds and attributes as they are described, frozen kinds, and hand-overs of what a retired unit left open."""

from collections.abc import Iterator

from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.errors import Refused
from units.enums import UnitVerb
from units.models import Event, Notice, Succession, Unit, UnitAttribute, UnitKind

from ..enums import ReportVerb
from ..models import FormVersion, Report, ResultVersion
from ..queries import asked_of, form_of
from ..queries.findings import not_reviewed
from ..queries.keeping import PASSING
from .saying import holds


@holds(_("A unit’s attributes are described, and their values are written as described."))
def attributes_are_described() -> Iterator[str]:
    """Every stored value belongs to an attribute and is written as it is."""
    known = {attribute.code: attribute for attribute in UnitAttribute.objects.all()}
    for code, values in Unit.objects.exclude(attributes={}).values_list("code", "attributes").iterator():
        for name, value in values.items():
            if name not in known:
                yield f"unit: {code} has a value of {name}, which is no attribute"
                continue
            try:
                clean = known[name].clean_value(value)
            except Refused:
                clean = ""
            if clean != value or not value:
                yield f"unit: {code} has {value!r} as its {name}"


@holds(_("Every report keeps a kind of unit that the portal knows."))
def reports_have_a_kind() -> Iterator[str]:
    """Every report keeps the kind that its unit had, and the portal knows it."""
    known = UnitKind.objects.values("code")
    for code, kind in Report.objects.exclude(unit_kind__in=known).values_list("tracking_code", "unit_kind").iterator():
        yield f"report: {code} keeps the kind {kind!r}, which is none"


@holds(_("Every report keeps the kind and the attributes with which its unit was asked, and asks by them."))
def reports_keep_what_units_were() -> Iterator[str]:
    """As the Event of asking tells it; one of an earlier release tells nothing. Of a form that reads units, what is not reviewed and
    what the standing result scores is what the form makes of them."""
    told = Event.objects.filter(noun="report", verb=ReportVerb.ASK, data__has_key="kind").order_by("id")
    asked = dict(told.values_list("key", "data").iterator())
    stored = Report.objects.order_by("pk").values_list("tracking_code", "unit_kind", "unit_attributes")
    for code, kind, attributes in stored.iterator():
        data = asked.get(code)
        if data is not None and (data["kind"], data["attributes"]) != (kind, attributes):
            yield f"report {code}: its unit was asked as {data}, it keeps {kind} and {attributes}"
    for version in FormVersion.objects.order_by("pk").iterator(chunk_size=20):
        reports = Report.objects.filter(call__form_version=version)
        if form_of(version).sources:
            yield from _scopes(reports.select_related("unit", "call").order_by("pk"), version)
        else:
            for code in reports.exclude(not_reviewed="").values_list("tracking_code", flat=True):
                yield f"report {code}: leaves sections out of a form that asks every unit the same"


def _scopes(reports: QuerySet[Report], version: FormVersion) -> Iterator[str]:
    results = ResultVersion.objects.filter(report__in=reports, announced_at__isnull=False)
    scored: dict[int, list[str]] = {}
    for pk, lines in results.order_by("announced_at", "number").values_list("report", "score__indicators"):
        scored[pk] = sorted(line["code"] for line in lines)
    for report in reports.iterator(chunk_size=500):
        report.call.form_version = version
        if report.not_reviewed != (right := not_reviewed(report)):
            yield f"report {report.tracking_code}: is not reviewed in {report.not_reviewed!r}, its form says {right!r}"
        codes = sorted(indicator.code for indicator in asked_of(report).indicators)
        if scored.get(report.pk, codes) != codes:
            yield f"report {report.tracking_code}: its result scores other indicators than its unit is asked"


@holds(_("What was handed over belongs to a unit that has ended, and one hand-over ends before the next begins."))
def successions_hold() -> Iterator[str]:
    """What was handed over belongs to a unit that has ended and, within a call, to a report of that call; one that
    was ended before the next began."""
    standing = Succession.objects.standing().select_related("unit", "successor")
    for row in standing:
        name = f"hand-over {row.pk} of {row.unit.code}"
        if row.unit.retired_at is None:
            yield f"succession: {name} stands, and the unit works"
        if row.call_id and not Report.objects.filter(unit=row.unit_id, call=row.call_id).exists():
            yield f"succession: {name} names call {row.call_id}, which asked nothing of the unit"
    ended: dict[tuple[int, int | None], Succession] = {}
    for row in Succession.objects.order_by("at", "pk"):
        before = ended.get((row.unit_id, row.call_id))
        if before and (before.ended_at is None or before.ended_at > row.at):
            yield f"succession: hand-over {row.pk} began while {before.pk} stood"
        ended[row.unit_id, row.call_id] = row


@holds(_("Each hand-over has its Event."))
def successions_are_told_of() -> Iterator[str]:
    told = Event.objects.filter(noun="unit", verb__in=[UnitVerb.HAND_TO_SUCCESSOR, UnitVerb.LEAVE_OPEN])
    known = set(told.values_list("unit_id", "call_id", "person_id", "at"))
    for row in Succession.objects.order_by("pk"):
        if (row.unit_id, row.call_id, row.by_id, row.at) not in known:
            yield f"succession: hand-over {row.pk} happened, and no event tells of it"


@holds(_("A unit’s path leads through the units above it."))
def paths_follow_the_tree() -> Iterator[str]:
    own = Concat(Cast("pk", CharField()), Value("."))
    roots = Unit.objects.filter(parent=None).exclude(path=own, depth=0)
    below = Unit.objects.exclude(parent=None).exclude(path=Concat(F("parent__path"), own), depth=F("parent__depth") + 1)
    for code in [*roots.values_list("code", flat=True), *below.values_list("code", flat=True)]:
        yield f"unit: the path of {code} is not that of its place in the tree"


@holds(_("Nobody is told of one event twice by one channel."))
def notices_are_told_once() -> Iterator[str]:
    told = Notice.objects.order_by().values("event", "person", "channel").annotate(n=Count("pk")).filter(n__gt=1)
    for row in told:
        yield f"notice: person {row['person']} is told of event {row['event']} {row['n']} times by {row['channel']}"


@holds(_("Only rows that pass were removed because their days were over."))
def only_what_passes_was_removed() -> Iterator[str]:
    passing = {passing.model._meta.db_table for passing in PASSING}
    for event in Event.objects.filter(noun="keeping").exclude(key__in=passing):
        yield f"keeping: event {event.pk} tells of rows of {event.key} that were removed"


UNIT_CHECKS = (
    attributes_are_described,
    reports_have_a_kind,
    reports_keep_what_units_were,
    successions_hold,
    successions_are_told_of,
    paths_follow_the_tree,
    notices_are_told_once,
    only_what_passes_was_removed,
)
