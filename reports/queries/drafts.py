"""What a unit has written so far, and what still stands between it and submission. Reads only.

During a return only the indicators that carry a remark may change. Everything else is taken from the last revision, so
that words written after a recall, or in an earlier round that was never answered, cannot slip in.
"""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.language import current_language

from ..models import DraftSection, Evidence, Report, Revision
from ..scoring.departures import as_number, departure
from ..xlsform import Evaluation, FormDefinition, Indicator, Question, with_answers
from ..xlsform.labels import text_in
from ..xlsform.markup import unmarked
from ..xlsform.tables import TABLE, bare, row_of, seen_from
from . import asked_of, engine_of
from .doubts import Doubt, OtherFigure, doubt_found, doubts_of, figures_elsewhere
from .earlier_periods import Earlier, earlier_values
from .editable import COMMENT, FILE, NOT_APPLICABLE, EditableNames, editable_for
from .table_rows import cells_in_rows, is_there, row_label, table_of_name, without_lost_rows
from .values import value_text

_OF_EVIDENCE = (
    *(f.name for f in Evidence._meta.concrete_fields),
    *(f"uploaded_by__{name}" for name in ("username", "first_name", "last_name")),
)


@dataclass(frozen=True)
class Draft:
    """`answers` {question: canonical text}, `comments` and `not_applicable` {indicator: reason}; empty ones are left out.

    `evidence` is in order of upload; the file of a file question has `indicator` "file:<question>".
    """

    answers: dict[str, str]
    comments: dict[str, str]
    not_applicable: dict[str, str]
    evidence: list[Evidence]

    def flat(self) -> dict[str, str]:
        """One mapping, as sections and revisions store it: questions, `comment:<indicator>`, `na:<indicator>`."""
        return {
            **self.answers,
            **{COMMENT + code: text for code, text in self.comments.items()},
            **{NOT_APPLICABLE + code: text for code, text in self.not_applicable.items()},
        }

    @property
    def digest(self) -> str:
        """What somebody has before their eyes, as 64 hex digits: a page sends it back with the signature."""
        body = [sorted(self.flat().items()), sorted(item.sha256 for item in self.evidence)]
        return hashlib.sha256(json.dumps(body, ensure_ascii=False).encode()).hexdigest()

    def files_of(self, indicator: str) -> list[Evidence]:
        return [item for item in self.evidence if item.indicator == indicator]


@dataclass(frozen=True)
class DraftProblem:
    """Something to settle before submission. `kind`: missing | error | evidence | comment.

    `question` is the field to jump to (a question's name, `comment:<indicator>` or `na:<indicator>`; "" for evidence), `page` the
    page of the form on which it stands.
    """

    kind: str
    indicator: str
    question: str
    section: str
    message: str
    label: str = ""
    page: str = ""

    @property
    def anchor(self) -> str:
        """The id on the entry page to jump to."""
        if self.kind == "evidence":
            return f"files-{self.indicator}"
        return field_id(self.question)


@dataclass(frozen=True)
class Assessment:
    """A draft measured against its form at an instant. `doubts` {indicator: what wants a comment}."""

    definition: FormDefinition
    draft: Draft
    evaluation: Evaluation
    earlier: Mapping[str, list[Earlier]]
    elsewhere: Mapping[str, OtherFigure]
    doubts: dict[str, list[Doubt]]
    problems: list[DraftProblem] = field(default_factory=list)
    editable: EditableNames | None = None
    words: str = ""  # the language of the form's words, where it is not the portal's

    @property
    def language(self) -> str:
        return self.words or current_language()


def field_id(name: str) -> str:
    """The id of a field on a page: no colon, so that it needs no escape in a selector."""
    return "q-" + name.replace(":", "-").replace("@", "-at-").replace(".", "-")


# ------------------------------------------------------------------------------------------------ what is written
def flatten(sections: list[DraftSection]) -> dict[str, str]:
    return {name: cell["v"] for section in sections for name, cell in section.answers.items() if cell["v"]}


def from_flat(flat: Mapping[str, str], evidence: list[Evidence]) -> Draft:
    """The inverse of `Draft.flat`."""
    draft = Draft({}, {}, {}, evidence)
    for name, text in flat.items():
        if not text:
            continue
        if name.startswith(COMMENT):
            draft.comments[name.removeprefix(COMMENT)] = text
        elif name.startswith(NOT_APPLICABLE):
            draft.not_applicable[name.removeprefix(NOT_APPLICABLE)] = text
        else:
            draft.answers[name] = text
    return draft


def collect(
    report: Report, sections: list[DraftSection] | None = None, *, at: datetime | None = None,
    definition: FormDefinition | None = None,
) -> Draft:  # fmt: skip
    """The draft as it would be submitted now. Two queries, one where the caller has read the `sections` already; during a
    return two more, for the revision and its remarks. `definition`: `asked_of` the report, where the caller holds it."""
    flat = written(report, list(report.draft_sections.all()) if sections is None else sections, at)
    evidence = list(with_uploaders(report.evidence.all()))
    last = report.revisions.order_by("-number").first() if is_returned(report) else None
    definition = definition or asked_of(report)
    if last is None:
        return draft_as_written(flat, evidence, definition)
    names = editable_names(report, definition) or EditableNames()
    return answering(last, flat, evidence, names, definition)


def draft_as_written(flat: Mapping[str, str], evidence: list[Evidence], definition: FormDefinition) -> Draft:
    """The draft outside of returns: what is written, without what was taken out."""
    flat = without_lost_rows(definition, flat)
    return from_flat(flat, [item for item in evidence if item.removed_at is None and _stands(definition, item, flat)])


def _stands(definition: FormDefinition, item: Evidence, flat: Mapping[str, str]) -> bool:
    """Whether the row that a file stands in, if any, is still there."""
    name = item.indicator.removeprefix(FILE)
    table = table_of_name(definition, name)
    return table is None or is_there(definition, table, row_of(name), flat)


def written(report: Report, sections: list[DraftSection], at: datetime | None) -> dict[str, str]:
    """What its sections hold; of a report that nobody has begun, what the first save will store."""
    return (_defaults(report, at) if report.started_at is None else {}) | flatten(sections)


def with_uploaders(evidence: QuerySet[Evidence]) -> QuerySet[Evidence]:
    return evidence.select_related("uploaded_by").only(*_OF_EVIDENCE)


def answering(
    last: Revision, flat: Mapping[str, str], evidence: list[Evidence], names: Container[str], definition: FormDefinition
) -> Draft:
    """The draft during a return: of what is `names`, what is written now, of all else the last revision."""
    merged = {name: text for name, text in last.answers.items() if name not in names}
    merged |= {name: text for name, text in flat.items() if name in names}
    merged = without_lost_rows(definition, merged)
    kept = [item for item in evidence if item.removed_at is None and _stands(definition, item, merged)]
    named = {item["id"] for item in last.evidence}
    files = [item for item in kept if item.indicator in names]
    files += [
        item for item in evidence
        if item.indicator not in names and item.pk in named and _stands(definition, item, merged)
    ]  # fmt: skip
    return from_flat(merged, sorted(files, key=lambda item: item.pk))


def _defaults(report: Report, at: datetime | None) -> dict[str, str]:
    """What a draft that nobody has begun starts with; the first save stores it."""
    return engine_of(report).defaults(at=at or database_now())


def is_returned(report: Report) -> bool:
    """By its deadline, which a constraint ties to the state: a verb that has set the next state already still reads right."""
    return report.correction_due_at is not None


def remarks_of(report: Report) -> dict[str, str]:
    """{indicator: what is to be corrected} of the open return, or nothing."""
    if not is_returned(report):
        return {}
    last = report.returns.order_by("-number").first()
    return last.remarks if last else {}


def editable_names(
    report: Report, definition: FormDefinition, remarks: Iterable[str] | None = None
) -> EditableNames | None:
    """During a return: the questions, comments and evidence of the remarked indicators. None: everything may change.
    A query where the `remarks` are not given."""
    if not is_returned(report):
        return None
    return editable_for(definition, remarks_of(report) if remarks is None else remarks)


# ------------------------------------------------------------------------------------------------ what is missing
def assess(
    report: Report, draft: Draft, at: datetime, *, earlier: Mapping[str, list[Earlier]] | None = None,
    elsewhere: Mapping[str, OtherFigure] | None = None, definition: FormDefinition | None = None,
    remarks: Iterable[str] | None = None, words: str = "",
) -> Assessment:  # fmt: skip
    """Evaluate the draft and name every problem, in the order of the form. A query each for `earlier`, `elsewhere` and the
    `remarks` of a return where they are not given.
    `definition`: as for `collect`; `words`: the language of the form's words, where it is not the portal's."""
    definition = definition or asked_of(report)
    past = earlier_values(report, definition=definition) if earlier is None else earlier
    evaluation = engine_of(report).evaluate(
        draft.answers,
        at=at,
        language=current_language(),
        words=words,
        earlier={name: [value.text for value in values if not value.brought] for name, values in past.items()},
    )
    departures = {}
    for indicator in definition.indicators:
        found = departure(
            as_number(value_text(indicator, evaluation.values)),
            [value.number for value in past.get(indicator.code, ()) if not value.brought],
        )
        wrong = any(name in evaluation.errors for name in (*indicator.inputs.values(), indicator.ratio))
        if found and not wrong and indicator.code not in draft.not_applicable:
            departures[indicator.code] = found
    others = figures_elsewhere(report) if elsewhere is None else elsewhere
    doubts = doubts_of(definition, evaluation, departures, others, draft.not_applicable)
    assessment = Assessment(
        definition,
        draft,
        evaluation,
        past,
        others,
        doubts,
        editable=editable_names(report, definition, remarks),
        words=words,
    )
    for section in definition.sections:
        if evaluation.relevant_sections.get(section.name, True):
            assessment.problems.extend(_problems_of(assessment, section.name))
    places = {page.key: number for number, page in enumerate(definition.pages)}
    assessment.problems.sort(key=lambda problem: places.get(problem.page, len(places)))
    return assessment


def _problems_of(assessment: Assessment, section: str) -> list[DraftProblem]:
    found: list[DraftProblem] = []
    questions = assessment.definition.questions_of(section)
    last = {question.indicator: question.name for question in questions if question.indicator}
    for question in questions:
        found += _question_problems(assessment, question)
        indicator = assessment.definition.indicator(question.indicator) if question.indicator else None
        if indicator and last[indicator.code] == question.name:
            found += _indicator_problems(assessment, indicator)
    found += _table_problems(assessment, section)
    found = [replace(p, page=assessment.definition.page_of(_stands_by(p))) for p in found]
    if assessment.editable is None:
        return found
    return [p for p in found if p.question in assessment.editable or p.indicator in assessment.editable]


def _stands_by(problem: DraftProblem) -> str:
    """The question, or the indicator, beside which it is told."""
    return problem.indicator or problem.question


def _table_problems(assessment: Assessment, section: str) -> list[DraftProblem]:
    """Row by row, in the words of the table and of the row."""
    definition, evaluation = assessment.definition, assessment.evaluation
    found = [
        DraftProblem("error", "", name, section, message, table.label_in(assessment.language))
        for table in definition.tables
        if table.section == section
        for name, message in evaluation.errors.items()
        if bare(name) == f"{TABLE}{table.key}"
    ]
    for cell in cells_in_rows(definition, evaluation, section):
        for problem in _question_problems(assessment, cell.question):
            about = row_label(definition, cell.table, cell.row, cell.number, evaluation.values, whole=True)
            found.append(replace(problem, label=f"{about} · {problem.label}"))
    return found


def _question_problems(assessment: Assessment, question: Question) -> list[DraftProblem]:
    evaluation, name = assessment.evaluation, question.name
    if question.indicator in assessment.draft.not_applicable or not evaluation.relevant.get(name, True):
        return []
    if not question.is_input and name not in evaluation.errors:
        return []
    language = assessment.language

    def said(text: str) -> str:
        return with_answers(text, assessment.definition, seen_from(evaluation.values, row_of(name)), language)

    label = said(question.label_in(language))
    indicator = assessment.definition.indicator(question.indicator) if question.indicator else None
    if indicator and len(indicator.inputs) > 1:
        label = f"{said(indicator.label_in(language))}: {label}"
    if name in evaluation.errors:
        return [DraftProblem("error", question.indicator, name, question.section, evaluation.errors[name], label)]
    if name in evaluation.missing:
        message = next(
            (text for text in (unmarked(text_in(question.required_message, language)),) if text), _("Not filled in yet")
        )
        return [DraftProblem("missing", question.indicator, name, question.section, said(message), label)]
    return []


def _indicator_problems(assessment: Assessment, indicator: Indicator) -> list[DraftProblem]:
    draft, code, language = assessment.draft, indicator.code, assessment.language
    if code in draft.not_applicable or indicator.source or not is_relevant(assessment, indicator):
        return []
    found = []
    if indicator.evidence and not draft.files_of(code):
        message = _("Evidence is missing: %(what)s") % {"what": indicator.evidence_in(language)}
        found.append(DraftProblem("evidence", code, "", indicator.section, message, indicator.label_in(language)))
    if assessment.doubts.get(code) and not draft.comments.get(code):
        message = doubts_told(assessment, code, asked=True)
        found.append(
            DraftProblem("comment", code, COMMENT + code, indicator.section, message, indicator.label_in(language))
        )
    return found


def is_relevant(assessment: Assessment, indicator: Indicator) -> bool:
    return any(assessment.evaluation.relevant.get(name, True) for name in indicator.inputs.values())


def doubts_told(assessment: Assessment, code: str, *, asked: bool) -> str:
    """What is doubted about an indicator; `asked`: and what the writer does about it. "" where nothing is."""
    found = [
        doubt_found(doubt, assessment.definition, assessment.evaluation.values)
        for doubt in assessment.doubts.get(code, ())
    ]
    if found and asked:
        found.append(_("If it is right, write why, so that the reviewer does not return it."))
    return " ".join(found)
