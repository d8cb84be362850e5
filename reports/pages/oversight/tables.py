"""The lists behind the figures: one definition serves the page, the CSV and the sheet of the workbook."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.lists import Column, Listed, Listing
from sajad_portal.lib.sheets import Sheet
from sla.models import ClockInterval
from units.models import Unit

from . import lists
from .lists import Filters, ListLine
from .scope import Scope, Window

CHUNK = 500
Options = Callable[[], list[tuple[str, Any]]]


@dataclass(frozen=True)
class Table:
    """`listing`: a column a value of a line. `unit`: the field that holds the unit whose name is searched for.
    `filters`: {parameter: (what it is about, its choices)}."""

    key: str
    title: Any
    listing: Listing
    unit: str
    rows: Callable[[Scope, Window, datetime, Filters], QuerySet]
    cells: Callable[[list, datetime], list[ListLine]]
    filters: Mapping[str, tuple[Any, Options]] = field(default_factory=dict)

    def found(self, listed: Listed, scope: Scope, window: Window, at: datetime) -> QuerySet:
        """The rows that the address asks for; what runs now is offered in a period that is not over."""
        past = window.is_past(at)
        asked = {
            name: listed.choose(name, label, [o for o in options() if not (past and o[0] in lists.NOW)], menu=place > 0)
            for place, (name, (label, options)) in enumerate(self.filters.items())
        }
        words = listed.search(_("Name or code of the unit"))
        rows = self.rows(scope, window, at, asked)
        return rows.filter(**{f"{self.unit}__in": Unit.objects.matching(words).values("pk")}) if words else rows

    def shown(self, listed: Listed, rows: list, at: datetime) -> list[ListLine]:
        """Lines with the values of the columns that are shown."""
        shows = [listed.shows[column.key] for column in self.listing.columns]
        return [
            ListLine(line.url, [value for value, is_shown in zip(line.values, shows, strict=True) if is_shown])
            for line in self.cells(rows, at)
        ]

    def sheet(self, rows: QuerySet, at: datetime) -> Sheet:
        """Every row, with every column."""
        header = [str(column.label) for column in self.listing.columns]
        return Sheet(self.key, str(self.title), header, [line.values for line in self._lines(rows, at)])

    def _lines(self, rows: QuerySet, at: datetime) -> Iterator[ListLine]:
        """In chunks, so that ten thousand need no more memory than five hundred."""
        ids = list(rows.values_list("pk", flat=True))
        for start in range(0, len(ids), CHUNK):
            some = {row.pk: row for row in rows.filter(pk__in=ids[start : start + CHUNK])}
            yield from self.cells([some[pk] for pk in ids[start : start + CHUNK] if pk in some], at)


_INTERVALS = ClockInterval.objects.filter(request=OuterRef("pk")).order_by().values("request")
_SUBMITTED = Subquery(_INTERVALS.annotate(first=Min("starts_at")).values("first"))
# A period's rows within one's reach are few enough to be sorted by what no index holds.
REQUESTS = Listing(
    Column("unit", _("Unit"), by=("unit__sort_key", "-created_at"), fixed=True),
    Column("type", _("Type of request")),
    Column("service", _("Service"), optional=True),
    Column("about", _("About")),
    Column("submitted", _("Submitted at"), by=("begun_at",), adds={"begun_at": _SUBMITTED}, falls=True, blank=True),
    Column("answered", _("Answered at"), by=("stopped_at",), falls=True, blank=True),
    Column("days", _("Working days")),
    Column("target", _("Target")),
    Column("verdict", _("Against the target")),
    sort="-submitted",
)
RETURNS = Listing(
    Column("unit", _("Unit"), by=("report__unit_sort_key", "-returned_at"), fixed=True),
    Column("call", _("Call"), by=("report__call_id", "report__unit_sort_key"), falls=True),
    Column("service", _("Service"), optional=True),
    Column("number", _("Return no."), by=("number", "-returned_at"), falls=True),
    Column("returned", _("Returned at"), by=("returned_at",), falls=True),
    Column("by", _("By whom")),
    Column("remarks", _("What was to be corrected")),
    Column("note", _("Note")),
    Column("due", _("Due"), by=("due_at",)),
    Column("outcome", _("What became of it")),
    sort="-returned",
)
EXTENSIONS = Listing(
    Column("unit", _("Unit"), by=("report__unit_sort_key", "-asked_at"), fixed=True),
    Column("call", _("Call"), by=("report__call_id", "report__unit_sort_key"), falls=True),
    Column("service", _("Service"), optional=True),
    Column("asked", _("Asked at"), by=("asked_at",), falls=True),
    Column("by", _("By whom")),
    Column("until", _("Until"), by=("asked_until",)),
    Column("reason", _("Reason")),
    Column("decision", _("Decision")),
    Column("granted", _("Granted until"), by=("granted_until",), falls=True, blank=True),
    Column("decided", _("Decided at"), by=("decided_at",), falls=True, blank=True),
    Column("decided_by", _("Decided by")),
    Column("why", _("Reason of the decision")),
    sort="-asked",
)
DECISIONS = Listing(
    Column("unit", _("Unit"), by=("general__unit__sort_key", "-at"), fixed=True),
    Column("type", _("Type of request")),
    Column("service", _("Service"), optional=True),
    Column("filed", _("Filed at"), by=("general__filed_at",), falls=True),
    Column("asked", _("Request")),
    Column("decision", _("Decision")),
    Column("at", _("Decided at"), by=("at",), falls=True),
    Column("by", _("Decided by")),
    Column("why", _("Reason of the decision")),
    Column("how", _("How")),
    sort="-at",
)
DEADLINES = Listing(
    Column("unit", _("Unit"), by=("unit_sort_key", "-deadline"), fixed=True),
    Column("call", _("Call"), by=("call_id", "unit_sort_key"), falls=True),
    Column("service", _("Service"), optional=True),
    Column("deadline", _("Deadline"), by=("deadline", "unit_sort_key"), falls=True),
    Column("submitted", _("Submitted at"), by=("submitted_at",), falls=True, blank=True),
    Column("timing", _("Against the deadline"), by=("timeliness", "unit_sort_key")),
    Column("extended", _("Extended until"), by=("extension_until",), falls=True, blank=True),
    Column("total", _("Score of 100")),
    sort="-deadline",
)
ACTS = Listing(
    Column("act", _("Act"), fixed=True),
    Column("call", _("Call"), by=("call_id", "-at"), falls=True),
    Column("service", _("Service"), optional=True),
    Column("unit", _("Unit")),
    Column("at", _("When"), by=("at",), falls=True),
    Column("by", _("By whom")),
    Column("reason", _("Reason")),
    Column("before", _("Instant before")),
    Column("after", _("Instant after")),
    sort="-at",
)
DISPUTES = Listing(
    Column("dispute", _("Dispute"), fixed=True),
    Column("unit", _("Unit"), by=("unit__sort_key", "-filed_at")),
    Column("service", _("Service"), optional=True),
    Column("subject", _("Subject")),
    Column("side", _("Filed by")),
    Column("filed", _("Filed at"), by=("filed_at",), falls=True),
    Column("state", _("State")),
    Column("last_day", _("Last day of negotiation"), by=("final_at",)),
    Column("ended", _("Ended at")),
    Column("age", _("Age in days")),
    sort="-filed",
)
ANSWERS = Listing(
    Column("unit", _("Unit"), by=("unit__sort_key", "-at"), fixed=True),
    Column("service", _("Service")),
    Column("version", _("Version"), by=("agreement__number", "-at"), falls=True),
    Column("answer", _("Answer")),
    Column("reason", _("Reason")),
    Column("at", _("When"), by=("at",), falls=True),
    Column("by", _("By whom")),
    sort="-at",
)

TABLES = {
    table.key: table
    for table in (
        Table(
            "requests", _("Service requests"), REQUESTS, "unit", lists.requests_listed, lists.request_lines,
            {"verdict": (_("Against the target"), lists.verdicts), "type": (_("Type of request"), lists.types)},
        ),
        Table(
            "deadlines", _("Reports and their deadlines"), DEADLINES, "unit", lists.deadlines_listed,
            lists.deadline_lines, {"deadline": (_("Against the deadline"), lists.timings)},
        ),
        Table("returns", _("Returns for correction"), RETURNS, "report__unit", lists.returns_listed, lists.return_lines),
        Table(
            "extensions", _("Requests for more time"), EXTENSIONS, "report__unit", lists.extensions_listed,
            lists.extension_lines, {"decision": (_("Decision"), lists.decisions)},
        ),
        Table(
            "decisions", _("Decisions on requests"), DECISIONS, "general__unit", lists.decided_listed, lists.decided_lines,
            {"decision": (_("Decision"), lists.general_decisions)},
        ),
        Table(
            "acts", _("Extensions, early closings and excuses"), ACTS, "unit_id", lists.acts_listed, lists.act_lines,
            {"kind": (_("Act"), lists.act_kinds)},
        ),
        Table(
            "disputes", _("Disputes"), DISPUTES, "unit", lists.disputes_listed, lists.dispute_lines,
            {"status": (_("State"), lists.statuses)},
        ),
        Table(
            "answers", _("Answers to the agreement"), ANSWERS, "unit", lists.answers_listed, lists.answer_lines,
            {"answer": (_("Answer"), lists.answer_kinds)},
        ),
    )
}  # fmt: skip
