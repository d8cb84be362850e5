"""The lists behind the figures: one definition serves the page, the CSV and the sheet of the workbook."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.sheets import Sheet

from . import lists
from .lists import Filters, Line
from .scope import Scope, Window

CHUNK = 500


@dataclass(frozen=True)
class Table:
    """`by`: the key of its pages. `filters`: {parameter: its choices [(value, label)]}."""

    key: str
    title: Any
    header: Sequence[Any]
    by: Sequence[str]
    rows: Callable[[Scope, Window, datetime, Filters], QuerySet]
    cells: Callable[[list, datetime], list[Line]]
    filters: Mapping[str, Callable[[], list[tuple[str, Any]]]] = field(default_factory=dict)

    def lines(self, scope: Scope, window: Window, at: datetime, filters: Filters) -> Iterator[Line]:
        """Every row, in chunks, so that ten thousand need no more memory than five hundred."""
        found = self.rows(scope, window, at, filters).order_by(*self.by)
        ids = list(found.values_list("pk", flat=True))
        for start in range(0, len(ids), CHUNK):
            some = {row.pk: row for row in found.filter(pk__in=ids[start : start + CHUNK])}
            yield from self.cells([some[pk] for pk in ids[start : start + CHUNK] if pk in some], at)

    def sheet(self, scope: Scope, window: Window, at: datetime, filters: Filters) -> Sheet:
        lines = self.lines(scope, window, at, filters)
        return Sheet(self.key, str(self.title), [str(h) for h in self.header], [line.values for line in lines])


TABLES = {
    table.key: table
    for table in (
        Table(
            "requests", _("Service requests"),
            (_("Unit"), _("Type of request"), _("About"), _("Submitted at"), _("Answered at"), _("Working days"), _("Target"), _("Against the target")),
            ("-created_at", "-pk"), lists.requests_listed, lists.request_lines, {"verdict": lists.verdicts, "type": lists.types},
        ),
        Table(
            "returns", _("Returns for correction"),
            (_("Unit"), _("Call"), _("Return no."), _("Returned at"), _("By whom"), _("What was to be corrected"), _("Note"), _("Due"), _("What became of it")),
            ("-returned_at", "-pk"), lists.returns_listed, lists.return_lines,
        ),
        Table(
            "extensions", _("Requests for more time"),
            (
                _("Unit"), _("Call"), _("Asked at"), _("By whom"), _("Until"), _("Reason"), _("Decision"), _("Granted until"),
                _("Decided at"), _("Decided by"), _("Reason of the decision"),
            ),
            ("-asked_at", "-pk"), lists.extensions_listed, lists.extension_lines, {"decision": lists.decisions},
        ),
        Table(
            "acts", _("Extensions, early closings and excuses"),
            (_("Act"), _("Call"), _("Unit"), _("When"), _("By whom"), _("Reason"), _("Instant before"), _("Instant after")),
            ("-at", "-pk"), lists.acts_listed, lists.act_lines, {"kind": lists.act_kinds},
        ),
        Table(
            "disputes", _("Disputes"),
            (
                _("Dispute"), _("Unit"), _("Subject"), _("Filed by"), _("Filed at"), _("State"), _("Last day of negotiation"),
                _("Ended at"), _("Age in days"),
            ),
            ("-filed_at", "-pk"), lists.disputes_listed, lists.dispute_lines, {"status": lists.statuses},
        ),
        Table(
            "answers", _("Answers to the agreement"),
            (_("Unit"), _("Service"), _("Version"), _("Answer"), _("Reason"), _("When"), _("By whom")),
            ("-at", "-pk"), lists.answers_listed, lists.answer_lines, {"answer": lists.answer_kinds},
        ),
    )
}  # fmt: skip
