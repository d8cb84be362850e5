"""The review page's contents: one indicator, what is claimed beside what was found, and how far the whole is. Reads only."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import legible, parse_number, plain

from ...actions.review import TypedFinding, needs_verdict
from ...enums import ReviewState
from ...models import Report, Review, ReviewItem, Revision
from ...queries import asked_of, engine_of
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
    item_of,
    reviewed_indicators,
    reviews_of,
    revisions_of,
    settle_report,
    visible_items,
    waiting_in,
)
from ...queries.result_findings import ON_TIME
from ...rules.review import can_work_on
from ...scoring import ACCEPTED, REFUSED, score_indicator
from ...scoring.departures import departure
from ...xlsform import Choice, Indicator, Question, as_typed, display_answer, with_answers
from ..entry.section import Amount
from ..report.summary import AnswerChange, changes_by_indicator
from .cards import IndicatorSheet, InputRow, OtherFinding, RailEntry, RailSection, decimal


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
        self.indicators = [i for i in reviewed_indicators(self.definition) if not self.mine or self.review_of(i)]
        self.by_portal = [i for i in self.definition.indicators if i.source]
        self.earlier = earlier_values(report)
        self.kept = doubts_kept(self.revision)
        self.doubts = with_what_came_since(self.kept or {}, self.definition, self.revision, figures_elsewhere(report))
        self.current = self._choose(code)
        self._evidence, self._typed, self._errors = evidence, typed, errors or {}

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
        of_section = [i for i in self.indicators if covers(review.section, i)]
        if review.lead:
            return [i for i in of_section if not self.stands[i.code].stand.is_settled and not self.is_done(i)]
        return [i for i in of_section if not self.is_done(i)]

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
        return self.is_done(indicator) or ((review is None or review.lead) and settled)

    @property
    def done(self) -> int:
        return len(self._done)

    def silent(self, review: Review) -> list[Review]:
        return waiting_in(review.section, self.reviews)

    def _choose(self, code: str) -> Indicator | None:
        chosen = next((i for i in self.indicators if i.code == code), None)
        wanting = (i for i in self.indicators if not self.is_done(i))
        return chosen or next(wanting, self.indicators[0] if self.indicators else None)

    # --------------------------------------------------------------------------------------------------- the rail
    @property
    def position(self) -> int:
        return self.indicators.index(self.current) + 1 if self.current else 0

    def neighbour(self, step: int) -> str:
        """The code before (-1) or after (+1) the current indicator, "" at the ends."""
        place = self.position - 1 + step
        return self.indicators[place].code if self.current and 0 <= place < len(self.indicators) else ""

    def next_missing(self) -> str:
        """The next indicator without a finding, after the current one first; "" where there is none."""
        start = self.position
        ordered = self.indicators[start:] + self.indicators[:start]
        return next((i.code for i in ordered if i is not self.current and not self.is_done(i)), "")

    @property
    def rail(self) -> list[RailSection]:
        found = []
        for section in self.definition.sections:
            inside = [i for i in self.indicators if i.section == section.name]
            if not inside:
                continue
            current = self.current is not None and self.current.section == section.name
            entries = [self._entry(i) for i in inside] if current else []
            done = sum(self.needs_nothing(i) for i in inside)
            found.append(
                RailSection(section.label_in(current_language()), inside[0].code, done, len(inside), current, entries)
            )
        return found

    def _entry(self, indicator: Indicator) -> RailEntry:
        state, word = self._state(indicator)
        return RailEntry(indicator.code, indicator.label_in(current_language()), state, word, indicator is self.current)

    def _state(self, indicator: Indicator) -> tuple[str, str]:
        review = self.review_of(indicator)
        stand = self.stands[indicator.code].stand
        if stand == Stand.DISPUTED and (review is None or review.lead):
            return "disputed", _("differ")
        if self.needs_nothing(indicator):
            return "done", ""
        if review and item_of(review, indicator.code):
            return "changed", _("changed")
        return ("jump", _("in question")) if self._doubts(indicator) else ("none", "")

    def _doubts(self, indicator: Indicator) -> list[Doubt]:
        """What was asked about it when it was submitted, and what another call says of it since; of older revisions, whether it
        departs from the unit's own history."""
        asked = self.doubts.get(indicator.code, [])
        return asked if self.kept is not None else [*self._departure(indicator), *asked]

    def _departure(self, indicator: Indicator) -> list[Doubt]:
        value = self._score(indicator, self._claim(indicator).inputs).value
        if value is None:
            return []
        past = [earlier.number for earlier in self.earlier.get(indicator.code, ())]
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
        if self.current is None:
            return None
        indicator, claim = self.current, self._claim(self.current)
        review = self.review_of(indicator)
        item = item_of(review, indicator.code) if review else None
        typed = self._typed or _typed_of(item, claim)
        inputs = {role: lenient(typed.verified.get(role, "")) for role in indicator.inputs}
        verdict_due = needs_verdict(claim, inputs)
        verdict = typed.not_applicable if verdict_due else None
        claimed, score = self._score(indicator, claim.inputs), self._score(indicator, inputs, verdict, lenient(typed.points))  # fmt: skip
        evidence = evidence_of(self.revision, indicator.code)
        submitted = {**self.revision.answers, **self.revision.values}
        earlier = self.earlier.get(indicator.code, [])[-SHOWN:]
        past = [(e.period, self.amount(indicator, e.number)) for e in earlier]
        trend = [shown.number for _period, shown in past] + [self.amount(indicator, score.value).number]
        return IndicatorSheet(
            indicator=indicator,
            claim=claim,
            review=review,
            rows=self._rows(indicator, claim, typed),
            claimed=self.amount(indicator, claimed.value),
            verified=self.amount(indicator, score.value),
            difference=_difference(score.value, claimed.value),
            score=score,
            claimed_score=claimed,
            standard=self.amount(indicator, score.standard),
            floor=self.amount(indicator, score.floor),
            editable=review is not None and can_work_on(self.person, self.report, review, self.at),
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
            doubts=[doubt_found(doubt, self.definition, submitted) for doubt in self._doubts(indicator)],
            evidence=evidence,
            shown=next((e for e in evidence if e.pk == self._evidence), evidence[0] if evidence else None),
            others=self._others(indicator),
            remarks=[(r.number, r.remarks[indicator.code]) for r in self.rounds if indicator.code in r.remarks],
            settled=self.stands[indicator.code],
        )

    def _rows(self, indicator: Indicator, claim: Claim, typed: TypedFinding) -> list[InputRow]:
        rows = []
        for role, name in indicator.inputs.items():
            question = self.definition.own_question(name)
            rows.append(
                InputRow(
                    role=role,
                    label=self._said(question.label_in(current_language())),
                    claimed=display_answer(question, claim.inputs[role], current_language()),
                    value=typed.verified.get(role, "")
                    if self._typed
                    else as_typed(question, typed.verified.get(role, ""), current_language()),
                    inputmode=question.kind.inputmode,
                    error=self._errors.get(role, ""),
                )
            )
        return rows

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
            if item and is_fresh(item, indicator, self.revisions):
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
    def _before(self) -> Revision | None:
        """The submission before the one that is reviewed."""
        return self.revisions[-2] if len(self.revisions) > 1 else None

    @property
    def since(self) -> int | None:
        return self._before.number if self._before else None

    @cached_property
    def changed(self) -> dict[str, list[AnswerChange]]:
        """{indicator: what changed since the submission before}, in the order of the form; "" for what belongs to none."""
        if self._before is None:
            return {}
        return changes_by_indicator(self.definition, self._before, self.revision)

    @property
    def changed_here(self) -> list[AnswerChange]:
        return self.changed.get(self.current.code, []) if self.current else []

    @property
    def changed_elsewhere(self) -> list[tuple[str, str]]:
        """(code, label) of the other indicators that changed."""
        language = current_language()
        return [
            (i.code, i.label_in(language)) for i in self.indicators if i.code in self.changed and i is not self.current
        ]

    @cached_property
    def other_answers(self) -> list[tuple[str, str]]:
        """The unit's answers in this section that belong to no indicator: what surrounds the figures."""
        if self.current is None:
            return []
        questions = [q for q in self.definition.questions_of(self.current.section) if q.is_written and not q.indicator]
        rows = [(q, self.revision.answers.get(q.name, "")) for q in questions]
        return [
            (self._said(q.label_in(current_language())), display_answer(q, value, current_language(), self._offered(q)))
            for q, value in rows
            if value
        ]

    def _offered(self, question: Question) -> Sequence[Choice]:
        engine = engine_of(self.report)
        return engine.offered(question.name, self.revision.answers, at=self.revision.submitted_at)

    def _said(self, text: str) -> str:
        """What the form says, with the answers of the revision that it names."""
        values = {**self.revision.answers, **self.revision.values}
        return with_answers(text, self.definition, values, current_language())


def _overlaps(review: Review, sections: set[str]) -> bool:
    return not review.section or "" in sections or review.section in sections


def _typed_of(item: ReviewItem | None, claim: Claim) -> TypedFinding:
    """What the fields start with: the stored finding, else what the unit claims."""
    if item is None:
        return TypedFinding(verified=claim.inputs)
    points = "" if item.points is None else plain(item.points)
    return TypedFinding(item.verified, item.not_applicable, points, item.reason, item.note)


def lenient(text: str) -> str:
    """A number in the making as a decimal string; "" for what is none yet."""
    try:
        return plain(parse_number(text)) if text else ""
    except Refused:
        return ""


def _difference(verified: Fraction | None, claimed: Fraction | None) -> Decimal | None:
    if verified is None or claimed is None or verified == claimed:
        return None
    return legible(decimal(verified - claimed))
