"""The report of the period of a call whose form has no indicators: who reported, and what was answered, accepted and remarked on."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.utils.translation import gettext as _

from sajad_portal.lib import periods
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import format_number, listed
from sajad_portal.lib.pdf import pdf_of_parts
from sajad_portal.lib.sheets import Sheet, xlsx_bytes
from sla.queries.services import service_beside
from units.models import Person

from ...enums import QuestionState, ReportStatus, Timeliness
from ...models import Call
from ...queries import form_of
from ...queries.analysis import reported_calls
from ...xlsform.definition import FormDefinition, Question
from ...xlsform.indicator import ALONE
from ...xlsform.tables import AT, ROW, TABLE
from ..report_export.content import ExportedReport, exported_reports, reports_to_export

SHEET = "css/pdf/period_report.css"
TEMPLATE = "reports/period_report/plain.html"
# More units make no paper that anybody turns; the workbook has them all.
MOST_UNITS = 1500


@dataclass
class AskedQuestion:
    """What became of a question, or of a table, over all reports. `sum` of numbers, `chosen` {choice: times}."""

    name: str
    question: Question | None  # none of a table
    label: str
    section: str
    answered: int = 0
    accepted: int = 0
    remarked: int = 0
    sum: Decimal | None = None
    chosen: Counter = field(default_factory=Counter)

    def told(self, language: str) -> str:
        """The answers together, in words; "" of what cannot be put together."""
        if self.sum is not None:
            return _("sum %(sum)s") % {"sum": format_number(self.sum, language=language)}
        choices = self.question.choices if self.question else ()
        labels = {choice.name: choice.label_in(language) for choice in choices}
        return listed(
            f"{labels.get(name, name)}: {format_number(n, language=language)}" for name, n in self.chosen.most_common(8)
        )


@dataclass(frozen=True)
class ReportedUnit:
    code: str
    name: str
    status: str
    standing: str
    is_missed: bool
    announced: bool
    remarks: list[tuple[str, str]]  # (question, remark)


@dataclass(frozen=True)
class PlainContent:
    call: Call
    period: str
    service: str
    units: list[ReportedUnit]
    questions: list[AskedQuestion]

    @property
    def sent(self) -> int:
        return sum(not unit.is_missed for unit in self.units)

    @property
    def with_remarks(self) -> list[ReportedUnit]:
        return [unit for unit in self.units if unit.remarks]

    @property
    def shown(self) -> list[ReportedUnit]:
        return self.units[:MOST_UNITS]


def plain_content(person: Person, call_pk: int, language: str, progress) -> PlainContent:
    call = reported_calls(person).select_related("form_version").get(pk=call_pk)
    definition = form_of(call.form_version)
    questions = _questions(definition, language)
    reports = reports_to_export(person, {"call": call.pk}, database_now())
    total = reports.order_by().count() + 1
    progress(0, total)
    units: list[ReportedUnit] = []
    for chunk in exported_reports(reports, [call]):
        units += [_unit(line, questions) for line in chunk]
        progress(len(units), total)
    return PlainContent(
        call, periods.label(call.period_kind, call.period_starts, call.period_ends), service_beside(call), units, list(questions.values())
    )  # fmt: skip


def _questions(definition: FormDefinition, language: str) -> dict[str, AskedQuestion]:
    sections = {section.name: section.label_in(language) for section in definition.sections}
    found = {}
    for each in definition.judged:
        name = each.code.removeprefix(ALONE).removeprefix(TABLE)
        question = definition.question(name) if each.code.startswith(ALONE) else None
        found[each.code] = AskedQuestion(name, question, each.label_in(language), sections.get(each.section, ""))
    return found


def _unit(line: ExportedReport, questions: Mapping[str, AskedQuestion]) -> ReportedUnit:
    _pk, code, name, _kind, _call, _tracking, status, standing, *_rest = line.report
    answers, _values, evidence = line.revision[5:] if line.revision else ({}, {}, [])
    files = {item["indicator"].removeprefix("file:") for item in evidence}
    remarks = []
    tables = {name.removeprefix(ROW).partition(AT)[0] for name in answers if name.startswith(ROW)}
    for code, asked in questions.items():
        answer = answers.get(asked.name) or ""
        if answer or asked.name in (files if asked.question else tables):
            asked.answered += 1
            _count(asked, answer)
        state, remark = line.verdicts.get(code, ("", ""))
        asked.accepted += state == QuestionState.ACCEPTED
        if state == QuestionState.REMARKED and line.revision:
            asked.remarked += 1
            remarks.append((asked.label, remark))
    told = {value: str(label) for value, label in (*ReportStatus.choices, *Timeliness.choices)}
    return ReportedUnit(
        code, name, told.get(status, status), told.get(standing, ""), line.revision is None, line.result[0] is not None, remarks
    )  # fmt: skip


def _count(asked: AskedQuestion, answer: str) -> None:
    if asked.question is None:
        return
    if asked.question.choices:
        asked.chosen.update(asked.question.chosen(answer))
    elif asked.question.kind.numeric and answer:
        try:
            asked.sum = (asked.sum or Decimal(0)) + Decimal(answer)
        except InvalidOperation:
            return


# ------------------------------------------------------------------------------------------------------------ papers
def make_plain_paper(person: Person, parameters: dict, path: Path, progress) -> None:
    language = current_language()
    content = plain_content(person, parameters["call"], language, progress)
    context = {"content": content, "language": language, "made_on": tehran_date(database_now())}
    path.write_bytes(pdf_of_parts(TEMPLATE, [context], SHEET))


def make_plain_workbook(person: Person, parameters: dict, path: Path, progress) -> None:
    language = current_language()
    path.write_bytes(xlsx_bytes(_sheets(plain_content(person, parameters["call"], language, progress), language)))


def _sheets(content: PlainContent, language: str) -> Iterator[Sheet]:
    about: list[list] = [
        [_("Call"), content.call.title],
        *([[_("Service"), content.service]] if content.service else []),
        [_("Period"), content.period],
        [_("Units asked"), len(content.units)],
        [_("Reported"), content.sent],
        [_("Score"), _("Nothing in this form is scored.")],
    ]
    yield Sheet("about", _("About this workbook"), [_("About this workbook"), ""], about)
    head = [
        _("Area"), _("Question"), _("Name"), _("Answered"), _("Accepted"), _("Remarked on"), _("Together"), _("Answers together"),
    ]  # fmt: skip
    rows = [
        [q.section, q.label, q.name, q.answered, q.accepted, q.remarked, q.sum, q.told(language)]
        for q in content.questions
    ]
    yield Sheet("questions", _("Questions"), head, rows)
    units = [
        [u.code, u.name, u.status, u.standing, int(u.is_missed), len(u.remarks) if u.announced else None]
        for u in content.units
    ]
    unit_head = [_("Code"), _("Unit"), _("Status"), _("Against the deadline"), _("Missed"), _("Remarks on answers")]
    yield Sheet("units", _("Units"), unit_head, units)
    remarks = [[u.code, u.name, question, remark] for u in content.units for question, remark in u.remarks]
    yield Sheet("remarks", _("Remarks on answers"), [_("Code"), _("Unit"), _("Question"), _("Remark")], remarks)
