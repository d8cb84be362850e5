"""Rows of tables: what is written, remarked on and put beside them belongs to rows that are or were there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from ..models import DraftSection, Evidence, ObjectionLine, Report, ReturnRound, ReviewItem, Revision
from ..queries import form_of
from ..queries.drafts import FILE
from ..queries.judged_rows import has_row
from ..queries.table_rows import is_there, table_of_name
from ..xlsform import FormDefinition
from ..xlsform.tables import ROW, TABLE, row_name, row_of, rows_around
from .saying import Check, holds

Found = TypeVar("Found")


@holds(_("What is written in a row of a table is of a table of the form, and of a row that was added."))
def rows_are_of_their_tables() -> Iterator[str]:
    """In a draft a row that was taken out keeps what was in it; one that was never added holds nothing."""
    drafts = (
        DraftSection.objects.filter(answers__icontains="@").order_by("pk").values_list("report", "section", "answers")
    )
    told: dict[int, dict[str, str]] = defaultdict(dict)
    for pk, _section, answers in drafts.iterator(chunk_size=500):
        told[pk] |= {name: cell["v"] for name, cell in answers.items() if _told_shape(name)}
    for report, names in _by_report(told):
        definition = form_of(report.call.form_version)
        for name in sorted(names):
            if not _was_added(definition, name, names):
                yield f"report {report.tracking_code}: its draft holds {name}, which is of no row of a table"


@holds(_("A submission holds nothing of a row that was taken out, nor of one inside a row that was taken out."))
def submitted_rows_are_there() -> Iterator[str]:
    revisions = (
        Revision.objects.filter(answers__icontains="@").select_related("report__call__form_version").order_by("pk")
    )
    for revision in revisions.iterator(chunk_size=200):
        definition = form_of(revision.report.call.form_version)
        for name in sorted(filter(_told_shape, revision.answers)):
            table = table_of_name(definition, name)
            if table is None:
                yield f"revision {revision.pk}: it holds {name}, which is of no table of the form"
            elif not is_there(definition, table, row_of(name), revision.answers):
                yield f"revision {revision.pk}: it holds {name}, whose row, or a row around it, was taken out"


@holds(_("Remarks, findings and objections on rows are on rows that the report submitted."))
def remarks_are_on_submitted_rows() -> Iterator[str]:
    rounds = ReturnRound.objects.order_by("pk")
    named: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, of, remarks in rounds.values_list("pk", "report", "remarks").iterator(chunk_size=2000):
        if found := [(f"return {pk}", code) for code in remarks if code.startswith((ROW, TABLE))]:
            named[of] += found
    for start in (ROW, TABLE):
        items = ReviewItem.objects.filter(indicator__startswith=start).order_by("pk")
        for pk, of, code in items.values_list("pk", "review__report", "indicator").iterator(chunk_size=2000):
            named[of].append((f"review item {pk}", code))
        lines = ObjectionLine.objects.filter(indicator__startswith=start).order_by("pk")
        for pk, of, code in lines.values_list("pk", "objection__report", "indicator"):
            named[of].append((f"objection line {pk}", code))
    answers = _submitted(named)
    for report, codes in _by_report(named):
        definition = form_of(report.call.form_version)
        for what, code in codes:
            if not _was_submitted(definition, code, answers[report.pk]):
                yield f"{what}: it is about {code}, which no submission of report {report.tracking_code} has"


@holds(_("A file in a row belongs to a row that the draft or a submission has or had."))
def files_are_in_rows() -> Iterator[str]:
    files = Evidence.objects.filter(indicator__startswith=FILE, indicator__contains="@").order_by("pk")
    named: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for pk, of, key in files.values_list("pk", "report", "indicator").iterator(chunk_size=2000):
        named[of].append((pk, key.removeprefix(FILE)))
    answers, written = _submitted(named), dict[int, dict[str, str]]()
    for of, cells in DraftSection.objects.filter(report__in=list(named)).values_list("report", "answers"):
        written.setdefault(of, {}).update({name: cell["v"] for name, cell in cells.items()})
    for report, files_of in _by_report(named):
        definition = form_of(report.call.form_version)
        for pk, name in files_of:
            table = table_of_name(definition, name)
            read = [written.get(report.pk, {}), *answers[report.pk]]
            if table is None or not any(_was_added(definition, name, each) for each in read):
                yield f"evidence {pk}: it stands in {name}, and no draft or submission has that row"


# ------------------------------------------------------------------------------------------------------------- parts
def _told_shape(name: str) -> bool:
    """`question@row` or `row:table@row`: not a comment, in which somebody may have written an address of mail."""
    return "@" in name


def _by_report(found: Mapping[int, Found]) -> Iterator[tuple[Report, Found]]:
    ids = sorted(found)
    for start in range(0, len(ids), 500):
        reports = Report.objects.select_related("call__form_version").filter(pk__in=ids[start : start + 500])
        for report in reports.order_by("pk"):
            yield report, found[report.pk]


def _submitted(found: Mapping[int, object]) -> dict[int, list[dict[str, str]]]:
    read: dict[int, list[dict[str, str]]] = defaultdict(list)
    rows = Revision.objects.filter(report__in=list(found)).values_list("report", "answers")
    for report, answers in rows.iterator(chunk_size=200):
        read[report].append(answers)
    return read


def _was_submitted(definition: FormDefinition, code: str, revisions: list[dict[str, str]]) -> bool:
    if code.startswith(TABLE):
        return any(table.code == code for table in definition.judged_tables)
    return any(has_row(definition, code, answers) for answers in revisions)


def _was_added(definition: FormDefinition, name: str, names: Mapping[str, str]) -> bool:
    """Whether a row, and each row around it, was ever added: it stands in what is written, if only as one that was taken out."""
    table = table_of_name(definition, name)
    if table is None:
        return False
    for row in rows_around(row_of(name)):
        if table.is_open and row_name(table.key, row) not in names:
            return False
        if table.outer:
            table = definition.own_table(table.outer)
    return True


ROW_CHECKS: tuple[Check, ...] = (
    rows_are_of_their_tables,
    submitted_rows_are_there,
    remarks_are_on_submitted_rows,
    files_are_in_rows,
)
