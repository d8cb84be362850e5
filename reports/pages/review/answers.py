"""Questions that belong to no indicator, as the review page shows them: a list to accept or to remark on. Plain data; reads only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sajad_portal.lib.language import current_language

from ...models import Evidence, Report, Review, ReviewItem, Revision
from ...queries import engine_of
from ...queries.earlier_answers import PeriodBefore, period_before
from ...queries.findings import (
    Settled,
    claim_of,
    evidence_of_each,
    irrelevant_indicators,
    is_fresh,
    is_unanswered,
    item_of,
    visible_items,
)
from ...xlsform import FormDefinition, Indicator, Question, display_answer
from ..report.summary import AnswerChange

# So many questions stand on one page; more of a section go on the next.
MOST = 40


def steps_of(judged: Sequence[Indicator]) -> list[list[Indicator]]:
    """What is reviewed, page by page: an indicator each, a table each, and neighbouring questions of none together."""
    found: list[list[Indicator]] = []
    for (_section, alone), group in groupby(
        judged, key=lambda each: (each.section, each.is_alone and not each.is_rows)
    ):
        inside = list(group)
        size = MOST if alone else 1
        found += [inside[start : start + size] for start in range(0, len(inside), size)]
    return found


@dataclass(frozen=True)
class SaidBefore:
    """What stood there in the period before."""

    period: str
    answer: str
    files: list[tuple[str, str]]  # (name, address)


@dataclass(frozen=True)
class OtherRemark:
    who: str
    lead: bool
    accepted: bool
    reason: str


@dataclass(frozen=True)
class AnswerRow:
    """A question with its answer, what was said of it, and what is typed now. `verdict`: accepted | remarked | ""."""

    indicator: Indicator
    label: str
    answer: str
    asked: bool
    unanswered: bool
    files: list[Evidence]
    before: SaidBefore | None
    changes: list[AnswerChange]
    verdict: str
    remark: str
    error: str
    stale: bool  # what was found is of an answer that has changed since
    others: list[OtherRemark]
    rounds: list[tuple[int, str]]
    settled: Settled | None = None

    @property
    def code(self) -> str:
        return self.indicator.code

    @property
    def field(self) -> str:
        """What its inputs are called, without the colon of the code."""
        return self.indicator.inputs["value"]

    @property
    def differs(self) -> bool:
        """Whether the period before says something else."""
        return self.before is not None and bool(self.before.answer) and self.before.answer != self.answer


@dataclass(frozen=True)
class Worked:
    """What the form works out of the answers, to be read beside them."""

    label: str
    answer: str
    before: str


@dataclass(frozen=True)
class AnswerList:
    """A page of questions. `review`: whose work it is; None for a reader."""

    section: str
    review: Review | None
    editable: bool
    rows: list[AnswerRow] = field(default_factory=list)
    worked: list[Worked] = field(default_factory=list)

    @property
    def answered(self) -> list[AnswerRow]:
        return [row for row in self.rows if not row.unanswered]

    @property
    def unanswered(self) -> list[AnswerRow]:
        return [row for row in self.rows if row.unanswered]

    @property
    def open(self) -> int:
        """How many answers have no finding yet."""
        return sum(not row.verdict for row in self.answered)

    @property
    def errors(self) -> list[AnswerRow]:
        return [row for row in self.rows if row.error]


def found_verdict(typed: Mapping[str, str | None], code: str, item: ReviewItem | None) -> tuple[str, str]:
    """(what was found or is typed, the remark)."""
    if code in typed:
        remark = typed[code]
        return ("accepted", "") if remark is None else ("remarked", remark)
    if item is None:
        return "", ""
    return ("accepted", "") if item.verified else ("remarked", item.reason)


class AnswerReader:
    """Reads the questions of one report's revision for one person."""

    def __init__(
        self, report: Report, person, definition: FormDefinition, revisions: list[Revision], reviews: list[Review],
        said: Callable[[str], str], *, typed: Mapping[str, str | None] | None = None, errors: Mapping[str, str] | None = None,
    ):  # fmt: skip
        self.report, self.person, self.definition = report, person, definition
        self.revisions, self.revision, self.reviews = revisions, revisions[-1], reviews
        self._said, self._typed, self._errors = said, typed or {}, errors or {}
        self._language = current_language()
        self._engine = engine_of(report)

    def page(
        self, step: Sequence[Indicator], review: Review | None, *, editable: bool, stands: Mapping[str, Settled],
        changed: Mapping[str, list[AnswerChange]], rounds: Sequence, address: Callable[[str, int], str],
    ) -> AnswerList:  # fmt: skip
        section = step[0].section
        before, irrelevant = period_before(self.report), irrelevant_indicators(self.report, self.revision)
        files = evidence_of_each(self.revision, step)
        rows = [
            self._row(
                each, review, before, files[each.code], irrelevant, stands[each.code], changed.get(each.code, []),
                [(r.number, r.remarks[each.code]) for r in rounds if each.code in r.remarks], address,
            )
            for each in step
        ]  # fmt: skip
        names = {label.label_in(self._language) for label in self.definition.sections if label.name == section}
        return AnswerList(next(iter(names), ""), review, editable, rows, self._worked(section, before))

    def _row(
        self, indicator: Indicator, review: Review | None, before: PeriodBefore | None, files: list[Evidence], irrelevant,
        settled: Settled, changes: list[AnswerChange], rounds: list[tuple[int, str]], address,
    ) -> AnswerRow:  # fmt: skip
        question = self.definition.own_question(indicator.inputs["value"])
        item = item_of(review, indicator.code) if review else None
        fresh = is_fresh(item, indicator, self.revisions)
        verdict, remark = found_verdict(self._typed, indicator.code, item if fresh else None)
        return AnswerRow(
            indicator=indicator,
            label=self._said(question.label_in(self._language)),
            answer="" if files or question.kind.is_file else self._answer(question),
            asked=indicator.code not in irrelevant,
            unanswered=is_unanswered(indicator, self.revision),
            files=files,
            before=self._before(question, indicator, before, address),
            changes=changes,
            verdict=verdict,
            remark=remark,
            error=self._errors.get(indicator.code, ""),
            stale=item is not None and not fresh,
            others=[
                OtherRemark(other.who, other.lead, found.verified == claim_of(self.revision, indicator).inputs, found.reason)
                for other, found in visible_items(self.person, indicator, self.reviews)
                if other != review
            ],
            rounds=rounds,
            settled=settled,
        )  # fmt: skip

    def _answer(self, question: Question) -> str:
        value = self.revision.answers.get(question.name, "")
        offered = self._engine.offered(question.name, self.revision.answers, at=self.revision.submitted_at)
        return display_answer(question, value, self._language, offered) if value else ""

    def _before(
        self, question: Question, indicator: Indicator, before: PeriodBefore | None, address
    ) -> SaidBefore | None:
        if before is None:
            return None
        files = [
            (entry["name"], address(before.tracking_code, entry["id"]))
            for entry in before.files(indicator.evidence_keys)
        ]
        return SaidBefore(before.period, before.said(question, self._language), files)

    def _worked(self, section: str, before: PeriodBefore | None) -> list[Worked]:
        """What the form calculates in the section and shows, of no indicator."""
        found = []
        for question in self.definition.questions_of(section):
            value = self.revision.values.get(question.name, "")
            if question.calculation and not question.indicator and value:
                shown = display_answer(question, value, self._language)
                past = before.said(question, self._language) if before else ""
                found.append(Worked(self._said(question.label_in(self._language)), shown, past))
        return found


def surrounding_answers(
    definition: FormDefinition, section: str, revision: Revision, report: Report, said: Callable[[str], str]
) -> list[tuple[str, str]]:
    """The unit's answers in a section that belong to no indicator: what surrounds the figures of one that does."""
    engine, language = engine_of(report), current_language()
    found = []
    for question in definition.questions_of(section):
        value = revision.answers.get(question.name, "")
        if question.is_written and not question.indicator and value:
            offered = engine.offered(question.name, revision.answers, at=revision.submitted_at)
            found.append((said(question.label_in(language)), display_answer(question, value, language, offered)))
    return found
