"""The review page's contents: one indicator, what is claimed beside what was found, and how far the whole is. Reads only."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from sajad_portal.lib.language import current_language

from ...actions.review import TypedFinding, needs_verdict
from ...enums import ReviewState
from ...models import Report, Review, Revision
from ...queries import asked_of
from ...queries.claimed_scores import ClaimOnRecord, claim_of_revision
from ...queries.doubts import (
    Doubt,
    departure_doubt,
    doubt_found,
    doubts_kept,
    figures_elsewhere,
    with_what_came_since,
)
from ...queries.earlier_periods import SHOWN, earlier_values
from ...queries.findings import (
    Claim,
    Stand,
    claim_of,
    covers,
    evidence_of,
    in_hand,
    irrelevant_indicators,
    is_fresh,
    is_unanswered,
    item_of,
    reviewed_indicators,
    reviews_of,
    revisions_of,
    settle_report,
    visible_items,
    waiting_in,
)
from ...queries.judged_rows import judged_table
from ...queries.result_findings import ON_TIME
from ...rules.review import can_work_on
from ...scoring import ACCEPTED, REFUSED, score_indicator
from ...scoring.departures import as_number, departure
from ...xlsform import Indicator, display_answer, with_answers
from ...xlsform.indicator import JudgedRows
from ..entry.section import Amount
from ..report.summary import AnswerChange
from ..report.tables import ReadTable, submitted_tables
from .answers import AnswerList, AnswerReader, steps_of, surrounding_answers
from .before import SubmissionBefore
from .cards import (
    IndicatorSheet,
    OtherFinding,
    decimal,
    gap_between,
    lenient,
    typed_before,
)
from .inputs import input_rows
from .tables import ReviewedTable, TableReader

Reader = TypeVar("Reader", AnswerReader, TableReader)


class ReviewSheet:
    """The page of one report for one person. `code` chooses the indicator; without it the first that wants work.

    `revisions` where somebody has loaded them already; there is one at least.
    """

    def __init__(
        self,
        report: Report,
        person,
        at: datetime,
        *,
        code: str = "",
        evidence: int | None = None,
        typed: TypedFinding | None = None,
        errors: Mapping[str, str] | None = None,
        revisions: list[Revision] | None = None,
        remarks: Mapping[str, str | None] | None = None,
        rows_page: int = 1,
    ):
        self.report, self.person, self.at = report, person, at
        self.definition = asked_of(report)
        self.reviews = reviews_of(report)
        self.revisions = revisions or revisions_of(report)
        self.revision = self.revisions[-1]
        self.irrelevant = irrelevant_indicators(report, self.revision)
        self.mine = in_hand(person, self.reviews, at)
        self.stands = settle_report(self.definition, self.reviews, self.revisions)
        self.rounds = list(report.returns.order_by("number"))
        place = {section.name: n for n, section in enumerate(self.definition.sections)}
        judged = sorted(reviewed_indicators(self.definition), key=lambda each: place.get(each.section, -1))
        self.indicators = [i for i in judged if not self.mine or self.review_of(i)]
        self.steps = steps_of(self.indicators)
        self.by_portal = [i for i in self.definition.indicators if i.source]
        self.earlier = earlier_values(report)
        self.kept = doubts_kept(self.revision)
        self.doubts = with_what_came_since(self.kept or {}, self.definition, self.revision, figures_elsewhere(report))
        self._rows_page, self._row = rows_page, ""
        self.current = self._choose(code)
        self._evidence, self._typed, self._errors, self._remarks = evidence, typed, errors or {}, remarks or {}

    # ------------------------------------------------------------------------------------------------- whose work
    def review_of(self, indicator: Indicator) -> Review | None:
        """The person's own review that covers the indicator; one that is still open before one that is handed in."""
        found = [r for r in self.mine if covers(r.section, indicator)]
        return next((r for r in found if r.state == ReviewState.ASSIGNED), found[0] if found else None)

    @property
    def open_reviews(self) -> list[Review]:
        return [r for r in self.mine if can_work_on(self.person, self.report, r, self.at)]

    def missing(self, review: Review) -> list[Indicator]:
        """What the review still needs: a fresh finding for each indicator; of a lead only where nothing is settled."""
        of_section = [i for i in self.indicators if covers(review.section, i) and not self.is_done(i)]
        if review.lead:
            stands = [(i, self.stands[i.code].stand) for i in of_section]
            return [i for i, s in stands if not s.is_settled and (s == Stand.DISPUTED or not self.is_unanswered(i))]
        return [i for i in of_section if not self.is_unanswered(i)]

    def is_unanswered(self, indicator: Indicator) -> bool:
        """Whether nothing need be said of it."""
        return is_unanswered(indicator, self.revision)

    def is_done(self, indicator: Indicator) -> bool:
        return indicator.code in self._done

    @cached_property
    def _done(self) -> set[str]:
        """Codes with a fresh finding of the person's own: the page asks about each a dozen times."""
        reviews = [(i, self.review_of(i)) for i in self.indicators]
        return {i.code for i, own in reviews if own and is_fresh(item_of(own, i.code), i, self.revisions)}

    def needs_nothing(self, indicator: Indicator) -> bool:
        """For whom reviews: their own finding. For a lead or a reader: that something counts."""
        review = self.review_of(indicator)
        settled = self.stands[indicator.code].stand.is_settled
        return (
            self.is_done(indicator)
            or ((review is None or review.lead) and settled)
            or (self.is_unanswered(indicator) and self.stands[indicator.code].stand != Stand.DISPUTED)
        )

    @property
    def wanted(self) -> int:
        """How many want a finding of the person's own: what was not answered wants none."""
        return sum(not self.is_unanswered(each) or self.is_done(each) for each in self.indicators)

    @property
    def by_questions(self) -> bool:
        return any(each.is_alone for each in self.indicators)

    @property
    def done(self) -> int:
        return len(self._done)

    def silent(self, review: Review) -> list[Review]:
        return waiting_in(review.section, self.reviews)

    def _choose(self, code: str) -> Indicator | None:
        if row := self.definition.judged_row(code):
            self._row, code = code, judged_table(self.definition, row).code
        chosen = next((i for i in self.indicators if i.code == code), None)
        wanting = (i for i in self.indicators if not self.needs_nothing(i))
        return chosen or next(wanting, self.indicators[0] if self.indicators else None)

    # ---------------------------------------------------------------------------------------------- page by page
    @property
    def position(self) -> int:
        return next((n for n, step in enumerate(self.steps, 1) if self.current in step), 0)

    @property
    def step(self) -> list[Indicator]:
        """What is on the page: the indicator at hand, or the questions of none around it."""
        return self.steps[self.position - 1] if self.current else []

    def neighbour(self, step: int) -> str:
        """The code of the page before (-1) or after (+1) this one, "" at the ends."""
        place = self.position - 1 + step
        return self.steps[place][0].code if self.current and 0 <= place < len(self.steps) else ""

    def next_missing(self) -> str:
        """What has no finding yet, on the pages after this one first; "" where there is none."""
        start = self.position
        ordered = [each for step in self.steps[start:] + self.steps[:start] for each in step]
        here = self.step if not (self.current and self.current.is_alone and not self.current.is_rows) else []
        return next((i.code for i in ordered if i not in here and not self.needs_nothing(i)), "")

    @property
    def by_indicators(self) -> bool:
        """Whether there are indicators to review at all."""
        return any(not each.is_alone for each in self.indicators)

    def doubts_of(self, indicator: Indicator) -> list[Doubt]:
        """What was asked about it when it was submitted, and what another call says of it since; of older revisions, whether it
        departs from the unit's own history."""
        asked = self.doubts.get(indicator.code, [])
        return asked if self.kept is not None else [*self._departure(indicator), *asked]

    def _departure(self, indicator: Indicator) -> list[Doubt]:
        value = None if indicator.is_alone else self._score(indicator, self._claim(indicator).inputs).value
        if value is None:
            return []
        past = [earlier.number for earlier in self.earlier.get(indicator.code, ()) if not earlier.brought]
        found = departure(Decimal(value.numerator) / Decimal(value.denominator), past)
        return [departure_doubt(indicator.code, found)] if found else []

    # --------------------------------------------------------------------------------------------- one indicator
    def _claim(self, indicator: Indicator) -> Claim:
        return claim_of(self.revision, indicator, self.irrelevant)

    def _score(self, indicator: Indicator, inputs: Mapping[str, str], verdict: bool | None = None, points=None):
        answer = "" if verdict is None else ACCEPTED if verdict else REFUSED
        on_time = self.revision.standing in ON_TIME if indicator.source else None
        return score_indicator(
            indicator,
            inputs=inputs,
            not_applicable=answer,
            on_time=on_time,
            manual_points=None if points in (None, "") else str(points),
        )

    def amount(self, indicator: Indicator, value) -> Amount:
        if value is None:
            return Amount()
        if isinstance(value, Fraction):
            value = Decimal(value.numerator) / Decimal(value.denominator)
        return Amount(number=Decimal(value).quantize(Decimal("0.01")), percent=indicator.unit == "٪")

    def sheet(self) -> IndicatorSheet | None:
        if self.current is None or self.current.is_alone:
            return None
        indicator, claim = self.current, self._claim(self.current)
        review = self.review_of(indicator)
        item = item_of(review, indicator.code) if review else None
        typed = self._typed or typed_before(item, claim)
        inputs = {role: self._read(name, typed.verified.get(role, "")) for role, name in indicator.inputs.items()}
        verdict_due = needs_verdict(claim, inputs)
        verdict = typed.not_applicable if verdict_due else None
        claimed, score = self._score(indicator, claim.inputs), self._score(indicator, inputs, verdict, lenient(typed.points))  # fmt: skip
        evidence = evidence_of(self.revision, indicator)
        submitted = {**self.revision.answers, **self.revision.values}
        earlier = self.earlier.get(indicator.code, [])[-SHOWN:]
        past = [(e.period, self._past(indicator, e.text)) for e in earlier]
        trend = [shown.number for _period, shown in past] + [self.amount(indicator, score.value).number]
        return IndicatorSheet(
            indicator=indicator,
            claim=claim,
            review=review,
            rows=input_rows(
                self.definition, indicator, claim, typed, self._errors, self.said, as_stored=self._typed is None
            ),
            claimed=self.amount(indicator, claimed.value),
            verified=self.amount(indicator, score.value),
            difference=gap_between(score.value, claimed.value),
            score=score,
            claimed_score=claimed,
            standard=self.amount(indicator, score.standard),
            floor=self.amount(indicator, score.floor),
            editable=self._may_judge(review),
            verdict_due=verdict_due,
            not_applicable={True: "yes", False: "no", None: ""}[typed.not_applicable],
            points=typed.points,
            reason=typed.reason,
            note=typed.note,
            item=item,
            fresh=is_fresh(item, indicator, self.revisions),
            errors=self._errors,
            past=past,
            trend=trend if sum(number is not None for number in trend) > 1 else [],
            doubts=[doubt_found(doubt, self.definition, submitted) for doubt in self.doubts_of(indicator)],
            evidence=evidence,
            shown=next((e for e in evidence if e.pk == self._evidence), evidence[0] if evidence else None),
            others=self._others(indicator),
            remarks=[(r.number, r.remarks[indicator.code]) for r in self.rounds if indicator.code in r.remarks],
            settled=self.stands[indicator.code],
        )

    def answers(self, address: Callable[[str, int], str]) -> AnswerList | None:
        """The questions of no indicator on this page. `address`: of a file by its report and its key."""
        if self.current is None or not self.current.is_alone or self.current.is_rows:
            return None
        review = self.review_of(self.current)
        reader = self._read_by(AnswerReader)
        return reader.page(
            self.step, review, editable=self._may_judge(review), stands=self.stands, changed=self.before.changed, rounds=self.rounds,
            address=address,
        )  # fmt: skip

    def table(self) -> ReviewedTable | None:
        """The table on this page."""
        if not isinstance(self.current, JudgedRows):
            return None
        review = self.review_of(self.current)
        return self._read_by(TableReader).page(
            self.current, review, editable=self._may_judge(review), settled=self.stands[self.current.code],
            rounds=self.rounds, number=self._rows_page, row=self._row,
        )  # fmt: skip

    def _may_judge(self, review: Review | None) -> bool:
        return review is not None and can_work_on(self.person, self.report, review, self.at)

    def _read_by(self, reader: type[Reader]) -> Reader:
        return reader(
            self.report, self.person, self.definition, self.revisions, self.reviews, self.said, typed=self._remarks,
            errors=self._errors,
        )  # fmt: skip

    def _past(self, indicator: Indicator, text: str) -> Amount:
        question = self.definition.question(indicator.value_question)
        if question is None or question.kind.numeric or question.calculation:
            return self.amount(indicator, as_number(text))
        return Amount(text=display_answer(question, text, current_language()))

    def _read(self, name: str, text: str) -> str:
        """What is typed as scoring reads it: a figure in the making, or the answer as it is."""
        return lenient(text) if self.definition.own_question(name).kind.numeric else text

    def _others(self, indicator: Indicator) -> list[OtherFinding]:
        found = []
        for review, item in visible_items(self.person, indicator, self.reviews):
            if review not in self.mine:
                score = self._score(indicator, item.verified, item.not_applicable, item.points)
                found.append(OtherFinding(review, item, self.amount(indicator, score.value), score))
        return found

    # ------------------------------------------------------------------------------------------------- the whole
    @property
    def points(self) -> tuple[Decimal, Decimal]:
        """(points so far, weights so far) of the person's own fresh findings."""
        points = weights = Fraction(0)
        for indicator in self.indicators:
            review = self.review_of(indicator)
            item = item_of(review, indicator.code) if review else None
            if item and not indicator.is_alone and is_fresh(item, indicator, self.revisions):
                score = self._score(indicator, item.verified, item.not_applicable, item.points)
                points, weights = points + score.points, weights + score.effective_weight
        return decimal(points), decimal(weights)

    @property
    def peers(self) -> int:
        """How many others review what this person reviews."""
        sections = {r.section for r in self.mine}
        return len(
            {r.reviewer_id for r in self.reviews if not r.lead and r.reviewer_id != self.person.pk and _overlaps(r, sections)}
        )  # fmt: skip

    @cached_property
    def claimed(self) -> ClaimOnRecord:
        """What the submission would earn if every figure were verified."""
        return claim_of_revision(self.report, self.revision)

    # ------------------------------------------------------------------------------------- between two submissions
    @cached_property
    def before(self) -> SubmissionBefore:
        return SubmissionBefore(self.report, self.definition, self.revisions)

    @property
    def changed_here(self) -> list[AnswerChange]:
        return self.before.changed.get(self.current.code, []) if self.current and not self.current.is_alone else []

    @property
    def changed_elsewhere(self) -> list[tuple[str, str]]:
        """(code, label) of the other indicators that changed."""
        language = current_language()
        codes = self.before.codes
        return [
            (i.code, self.said(i.label_in(language))) for i in self.indicators if i.code in codes and i not in self.step
        ]

    @property
    def other_answers(self) -> list[tuple[str, str]]:
        """What surrounds the indicator's figures."""
        if self.current is None or self.current.is_alone:
            return []
        return surrounding_answers(self.definition, self.current.section, self.revision, self.report, self.said)

    @property
    def other_tables(self) -> list[ReadTable]:
        """Beside an indicator those of its section; a table has a page of its own."""
        if self.current is None or self.current.is_alone:
            return []
        return submitted_tables(self.report, self.definition, self.revision, self.current.section)

    def said(self, text: str) -> str:
        """What the form says, with the answers of the revision that it names."""
        values = {**self.revision.answers, **self.revision.values}
        return with_answers(text, self.definition, values, current_language())


def _overlaps(review: Review, sections: set[str]) -> bool:
    return not review.section or "" in sections or review.section in sections
