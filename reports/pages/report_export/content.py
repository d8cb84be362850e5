"""Which reports go into an export, and what is read of each: two statements for every five hundred of them.

`parameters`: {"call": id, "status"?, "q"?} of a call's page, or {"list": true, "call"?, "period"?, "status"?, "q"?} of
`/reports/`. What stands in a file is what the pages show to the same person: the answers of the last submitted revision
and, once announced, the result that stands. Drafts and what reviewers found before the announcement are in no file.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Aggregate, Func, OuterRef, QuerySet, Subquery, TextField

from units.models import Person

from ...enums import CallState, QuestionState, ReportStatus
from ...models import Call, IndicatorFact, Report, ResultFact, ResultVersion, Revision
from ...queries import form_of, visible_reports
from ...queries.calls import narrowed_reports, reports_of
from ...queries.reports import of_status, of_timeliness, search_listed
from ...queries.result_findings import findings_of_version
from ...xlsform.tables import AT, ROW, TABLE

CHUNK = 500
# What a report is read as; the order in which Line has them.
OF_RESULT = ("version_id", "version__number", "total", "missed")
OF_REPORT = (
    "pk", "unit__code", "unit_name", "unit_kind", "call_id", "tracking_code", "status", "timeliness", "deadline", "announced_at",
    "final_at", "revision_pk", *(f"fact__{name}" for name in OF_RESULT),
)  # fmt: skip
OF_REVISION = ("pk", "number", "submitted_at", "receipt_code", "sha256", "answers", "values", "evidence")
FIGURES = ("value", "points", "weight")


class FigureText(Func):
    """A stored decimal as text without zeros at its end: a million of them are made in the database and not in Python."""

    output_field = TextField()

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="trim_scale(%(expressions)s)::text", **context)

    def as_sqlite(self, compiler, connection, **context):
        template = (
            "CASE WHEN %(expressions)s IS NOT NULL THEN rtrim(rtrim(printf('%%%%.10f', %(expressions)s), '0'), '.') END"
        )
        return self.as_sql(compiler, connection, template=template, **context)


class Together(Aggregate):
    """The texts of a group as one JSON array, "" for NULL. Arrays of one statement are in the same order: rows are met once."""

    output_field = TextField()

    def as_postgresql(self, compiler, connection, **context):
        # As text: the driver would make a list of json by itself, and Django another of that.
        return self.as_sql(compiler, connection, template="json_agg(COALESCE(%(expressions)s, ''))::text", **context)

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="json_group_array(COALESCE(%(expressions)s, ''))", **context)


# An array a column: the codes, and what Line.findings has of each.
GATHERED = {
    "codes": Together("indicator"), **{f"{name}_texts": Together(FigureText(name)) for name in FIGURES},
    "states": Together("state"),
}  # fmt: skip


def reports_to_export(person: Person, parameters: dict, at: datetime) -> QuerySet[Report]:
    """The reports of an export, with status, as the person sees them at `at`."""
    words, status = parameters.get("q", ""), parameters.get("status", "")
    if not parameters.get("list"):
        call = Call.objects.get(pk=parameters["call"])
        return narrowed_reports(reports_of(call, person, at), status=status, words=words)
    found = (
        Report.objects.with_status(at)
        .with_timeliness(at)
        .filter(visible_reports(person, at))
        .exclude(call__state=CallState.DRAFT)
    )
    if parameters.get("call"):
        found = found.filter(call=parameters["call"])
    if parameters.get("period"):
        found = found.filter(call__period_code=parameters["period"])
    found = search_listed(found, words)
    if parameters.get("deadline"):
        found = of_timeliness(found, parameters["deadline"])
    return of_status(found, status) if status in ReportStatus.values else found


# ------------------------------------------------------------------------------------------------------ what is read
@dataclass
class ExportedReport:
    """One report: its columns out of the first statement, its revision as OF_REVISION, its result as OF_RESULT and by
    indicator."""

    report: tuple
    revision: tuple | None = None
    result: tuple = (None,) * len(OF_RESULT)
    # {indicator: (value, points, weight, state)}, as text, "" for none
    findings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # {question of a form without indicators: (state, remark)}
    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict)

    # {table or row: (what the result says of it, the remark)}
    rows_said: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def pk(self) -> int:
        return self.report[0]

    @property
    def call(self) -> int:
        return self.report[4]

    @property
    def revision_pk(self) -> int | None:
        return self.report[-1]


def calls_in(reports: QuerySet[Report]) -> list[Call]:
    """The calls of these reports with their forms, in the order in which a file has them."""
    ids = reports.order_by().values("call")
    found = Call.objects.filter(pk__in=ids).select_related("form_version__form", "agreement__service")
    return list(found.order_by("form_version__form__code", "form_version__number", "-period_starts", "-pk"))


def exported_reports(reports: QuerySet[Report], calls: list[Call]) -> Iterator[list[ExportedReport]]:
    """Every report, some hundred at a time, in the order of `calls` and then of the units."""
    last = Revision.objects.filter(report=OuterRef("pk")).order_by("-number").values("pk")[:1]
    rows = reports.annotate(revision_pk=Subquery(last)).order_by(
        "call__form_version__form__code", "call__form_version__number", "-call__period_starts", "-call_id",
        "unit_sort_key", "pk",
    )  # fmt: skip
    known = {call.pk for call in calls}
    with_tables = {call.pk for call in calls if form_of(call.form_version).tables}
    chunk: list[ExportedReport] = []
    for row in rows.values_list(*OF_REPORT).iterator(chunk_size=CHUNK):
        line = ExportedReport(row[: -len(OF_RESULT)], result=row[-len(OF_RESULT) :])
        if line.call not in known:
            continue  # published since the calls were read
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield _filled(chunk, with_tables)
            chunk = []
    if chunk:
        yield _filled(chunk, with_tables)


def _filled(chunk: list[ExportedReport], with_tables: Collection[int]) -> list[ExportedReport]:
    revisions = Revision.objects.filter(pk__in=[line.revision_pk for line in chunk if line.revision_pk])
    of_pk = {row[0]: row for row in revisions.values_list(*OF_REVISION)}
    findings: dict[int, dict[str, tuple[str, ...]]] = {}
    versions: dict[int, int] = {}
    with_result = [line.pk for line in chunk if line.result[0]]
    facts = IndicatorFact.objects.filter(result__in=with_result).values_list("result_id", "result__version_id")
    # A row a report: four hundred thousand rows, one an indicator, cost more to receive than to find.
    for report, version, *columns in facts.annotate(**GATHERED):
        codes, *found = map(json.loads, columns)
        versions[report] = version
        findings[report] = dict(zip(codes, zip(*found, strict=True), strict=True))
    for line in chunk:
        line.revision = of_pk.get(line.revision_pk)
        line.findings = findings.get(line.pk, {})
    _judged([line for line in chunk if line.result[0] and not line.findings])
    _follow([line for line in chunk if line.findings and versions[line.pk] != line.result[0]])
    _say_of_rows([line for line in chunk if line.call in with_tables and line.result[0]])
    return chunk


def _judged(lines: list[ExportedReport]) -> None:
    """Of results without figures: what was accepted or remarked on, question by question."""
    if not lines:
        return
    versions = ResultVersion.objects.filter(pk__in=[line.result[0] for line in lines])
    found = dict(versions.values_list("pk", "score__findings"))
    for line in lines:
        line.verdicts = _verdicts(found.get(line.result[0]) or {})


def _verdicts(findings: dict[str, dict]) -> dict[str, tuple[str, str]]:
    """Of questions, and of tables with the remarks on their rows."""
    told: dict[str, list[str]] = {}
    for code, finding in findings.items():
        own = f"{TABLE}{code.removeprefix(ROW).partition(AT)[0]}" if code.startswith(ROW) else code
        reason = finding.get("reason") or ""
        told.setdefault(own, []).extend([reason] if reason else [])
    return {
        code: ((QuestionState.ACCEPTED if findings[code].get("verified") else QuestionState.REMARKED).value, "\n".join(told[code]))
        for code in told
        if code in findings
    }  # fmt: skip


def _say_of_rows(lines: list[ExportedReport]) -> None:
    """What the results that stand say of tables and of rows: a statement where a form has tables, else none."""
    versions = ResultVersion.objects.filter(pk__in=[line.result[0] for line in lines]) if lines else ()
    findings = {version.pk: findings_of_version(version) for version in versions}
    for line in lines:
        for code, finding in findings.get(line.result[0], {}).items():
            if code.startswith((ROW, TABLE)):
                # On a table without a remark of its own those on its rows stand; its other rows are accepted.
                accepted = bool(finding.verified) or (code.startswith(TABLE) and not finding.reason)
                line.rows_said[code] = (
                    (QuestionState.ACCEPTED if accepted else QuestionState.REMARKED).value,
                    finding.reason,
                )


def _follow(moved: list[ExportedReport]) -> None:
    """Another version was announced since the first statement: its total belongs beside its indicators."""
    if moved:
        heads = ResultFact.objects.filter(pk__in=[line.pk for line in moved]).values_list("pk", *OF_RESULT)
        found = {pk: tuple(head) for pk, *head in heads}
        for line in moved:
            line.result = found[line.pk]
