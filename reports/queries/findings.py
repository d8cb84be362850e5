"""What reviewers found, and what counts: reads reviews and settles their items into one finding an indicator.

A review with section "" covers every section. Reviews of one report that share an indicator are *peers*: they are
independent, so nobody sees another's items until every peer has handed in. A lead's items count before all others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from json import loads
from typing import NamedTuple

from django.db.models import BigIntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat

from units.enums import Role
from units.models import Event, Unit
from units.queries import stands_in_for

from ..enums import ReportVerb, ReviewState
from ..models import Call, Evidence, Report, Review, ReviewAssignment, ReviewItem, Revision
from ..xlsform.definition import FormDefinition, Indicator
from ..xlsform.indicator import JudgedRows
from . import asked_of, engine_of, form_of
from .judged_rows import claimed_rows, judged_rows, judged_table

EARLIEST = datetime.min.replace(tzinfo=UTC)


# ----------------------------------------------------------------------------------------------- who covers what
def covers(section: str, indicator: Indicator) -> bool:
    return section in ("", indicator.section)


def reviewed_indicators(definition: FormDefinition, section: str = "") -> list[Indicator]:
    """What of a section (all: "") a person reviews: its indicators, and its questions that belong to none. Timeliness comes from
    the receipt."""
    return [i for i in definition.judged if covers(section, i)]


def reviewed_sections(definition: FormDefinition) -> set[str]:
    """The names of the sections that hold something a person reviews."""
    return {indicator.section for indicator in reviewed_indicators(definition)}


def not_reviewed(report: Report) -> str:
    """What `Report.not_reviewed` holds: the sections in which the call's form has something to review and none of it is asked of
    the unit."""
    gone = reviewed_sections(form_of(report.call.form_version)) - reviewed_sections(asked_of(report))
    return f" {' '.join(sorted(gone))} " if gone else ""


def is_reviewed_in(section: str) -> Q:
    """Reports in which something of the section is reviewed; of the whole report where it is ""."""
    return ~Q(not_reviewed__contains=f" {section} ") if section else Q()


def under(unit: Unit) -> Q:
    """Reports whose frozen path leads through the unit: the call's own tree, wherever the unit has moved since."""
    return Q(unit_path__startswith=f"{unit.pk}.") | Q(unit_path__contains=f".{unit.pk}.")


def assignments_of(call: Call) -> QuerySet[ReviewAssignment]:
    """The call's valid assignments."""
    return (
        ReviewAssignment.objects.filter(call=call, ended_at__isnull=True)
        .select_related("reviewer", "unit")
        .order_by("section", "-lead", "id")
    )


def hands_of(person, at: datetime) -> list[int]:
    """In whose reviews the person may work: their own, and those of the reviewers for whom they stand in."""
    return [person.pk, *stands_in_for(person, Role.REVIEWER, at)]


def in_hand(person, reviews: Iterable[Review], at: datetime) -> list[Review]:
    """Of a report's reviews those that the person works on: their own; where they have none, those of the one for whom they
    stand in. Never both, nor for two: reviewers of one report are independent."""
    reviews = list(reviews)
    own = [review for review in reviews if review.reviewer_id == person.pk]
    if own:
        return own
    givers = stands_in_for(person, Role.REVIEWER, at)
    theirs = [review for review in reviews if review.reviewer_id in givers]
    return theirs if len({review.reviewer_id for review in theirs}) == 1 else []


_BY_DEPUTY = Q(verb__in=[ReportVerb.HAND_IN, ReportVerb.SETTLE], membership__deputy_for__isnull=False)


def _with_deputies(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """Annotates `deputy_name`: who handed the review in for its reviewer; None where that was the reviewer."""
    review = Cast(KeyTextTransform("review", "data"), BigIntegerField())
    name = Concat("person__first_name", Value(" "), "person__last_name")
    handed_in = Event.objects.filter(_BY_DEPUTY, noun="report", key=OuterRef("report__tracking_code"))
    newest = handed_in.annotate(review=review).filter(review=OuterRef("pk")).order_by("-id")
    return reviews.annotate(deputy_name=Subquery(newest.values(name=name)[:1]))


def reviews_of(report: Report) -> list[Review]:
    """The report's reviews that are not released, with reviewers and items, in one go (two queries)."""
    items = Prefetch("items", queryset=ReviewItem.objects.order_by("id"))
    return list(
        _with_deputies(Review.objects.filter(report=report))
        .exclude(state=ReviewState.RELEASED)
        .select_related("reviewer")
        .prefetch_related(items)
        .order_by("lead", "id")
    )


class ItemRead(NamedTuple):
    """What settling reads of a ReviewItem. Forty of them belong to a report, and some hundred reports are announced at once:
    as model instances they took longer than what is made of them."""

    indicator: str
    revision: int
    verified: dict[str, str]
    not_applicable: bool | None
    points: Decimal | None
    reason: str


Items = Mapping[int, Mapping[str, ItemRead | ReviewItem]]


def reviews_with_items(reports: Iterable[Report]) -> tuple[dict[int, list[Review]], Items]:
    """`reviews_of` for many reports: ({report id: its reviews}, {review id: {indicator: Item}}). Two queries."""
    reviews: dict[int, list[Review]] = {}
    items: dict[int, dict[str, ItemRead]] = {}
    live = _with_deputies(Review.objects.filter(report__in=list(reports)).exclude(state=ReviewState.RELEASED))
    names = [f"reviewer__{name}" for name in ("first_name", "last_name", "username")]
    columns = ["report", "section", "lead", "state", "handed_in_at", *names]
    for review in live.select_related("reviewer").only(*columns).order_by("lead", "id"):
        reviews.setdefault(review.report_id, []).append(review)
        items[review.pk] = {}
    # As text and read here: the field's own way from the database takes three times as long.
    found = ReviewItem.objects.filter(review__in=list(items)).annotate(figures=Cast("verified", TextField()))
    cells = ("review_id", "indicator", "revision", "figures", "not_applicable", "points", "reason")
    for review_id, code, revision, figures, not_applicable, points, reason in found.values_list(*cells):
        items[review_id][code] = ItemRead(code, revision, loads(figures), not_applicable, points, reason)
    return reviews, items


def loaded_items(reviews: Iterable[Review]) -> Items:
    """The same of reviews that come with their items."""
    return {review.pk: {item.indicator: item for item in review.items.all()} for review in reviews}


def item_of(review: Review, indicator: str) -> ReviewItem | None:
    return next((item for item in review.items.all() if item.indicator == indicator), None)


# ------------------------------------------------------------------------------------------------ what was claimed
@dataclass(frozen=True)
class Claim:
    """What the unit claims for one indicator in one revision. `inputs` {role: canonical text}; "" is no answer."""

    inputs: dict[str, str]
    not_applicable: str = ""  # why it does not apply, in the unit's words
    irrelevant: bool = False  # the form itself did not ask, because of another answer
    comment: str = ""
    evidence: tuple[int, ...] = ()

    @property
    def is_missing(self) -> bool:
        return any(not value for value in self.inputs.values())

    def same_as(self, other: "Claim") -> bool:
        """Whether a finding about one holds for the other: words may differ, figures and evidence may not."""
        return (self.inputs, bool(self.not_applicable), self.evidence) == (
            other.inputs,
            bool(other.not_applicable),
            other.evidence,
        )


def claim_of(revision: Revision, indicator: Indicator, irrelevant: Iterable[str] = ()) -> Claim:
    """`irrelevant`: codes out of `irrelevant_indicators`, where that matters. An input may itself be calculated."""
    return Claim(
        inputs=claimed_inputs(revision, indicator),
        irrelevant=indicator.code in irrelevant,
        not_applicable=revision.answers.get(f"na:{indicator.code}", ""),
        comment=revision.answers.get(f"comment:{indicator.code}", ""),
        evidence=tuple(sorted(e["id"] for e in revision.evidence if indicator.has_file(e["indicator"]))),
    )


def is_unanswered(indicator: Indicator, revision: Revision) -> bool:
    """Whether it is a question of no indicator to which the unit gave neither answer nor file, or a table in which nothing stands:
    a reviewer may remark on it, and need not."""
    claim = claim_of(revision, indicator)
    return indicator.is_alone and claim.is_missing and not claim.evidence


def claimed_inputs(revision: Revision, indicator: Indicator) -> dict[str, str]:
    """{role: canonical text}: the figures of `claim_of` alone."""
    if isinstance(indicator, JudgedRows):
        return claimed_rows(revision, indicator)
    values, answers = revision.values, revision.answers
    return {role: str(values.get(name, answers.get(name, "")) or "") for role, name in indicator.inputs.items()}


def irrelevant_indicators(report: Report, revision: Revision) -> set[str]:
    """Codes of what is reviewed whose inputs the form did not ask for, given the unit's other answers."""
    definition = asked_of(report)
    relevant = engine_of(report).relevance(revision.answers, at=revision.submitted_at)
    return {i.code for i in definition.judged if i.inputs and not any(relevant.get(n, True) for n in i.inputs.values())}


def revisions_of(report: Report) -> list[Revision]:
    """Oldest first; the last one is what is reviewed."""
    return list(report.revisions.order_by("number"))


def evidence_of(revision: Revision, indicator: Indicator) -> list[Evidence]:
    """The files that the revision names for the indicator; one taken out of the draft later still belongs to it."""
    return evidence_of_each(revision, [indicator])[indicator.code]


def evidence_of_each(revision: Revision, indicators: Iterable[Indicator]) -> dict[str, list[Evidence]]:
    """{code: its files}, in one query at most."""
    ids = {i.code: [e["id"] for e in revision.evidence if i.has_file(e["indicator"])] for i in indicators}
    every = [pk for own in ids.values() for pk in own]
    found = Evidence.objects.filter(report_id=revision.report_id).in_bulk(every) if every else {}
    return {code: [found[pk] for pk in sorted(own) if pk in found] for code, own in ids.items()}


def is_fresh(item: ItemRead | ReviewItem | None, indicator: Indicator, revisions: list[Revision]) -> bool:
    """Whether the item still speaks of what is claimed: the unit's figures, answers and evidence are those it looked at."""
    if item is None:
        return False
    if item.revision == revisions[-1].number:
        return True
    looked_at = next((revision for revision in revisions if revision.number == item.revision), None)
    return looked_at is not None and claim_of(looked_at, indicator).same_as(claim_of(revisions[-1], indicator))


# -------------------------------------------------------------------------------------------- independence, finding
def waiting_in(section: str, reviews: Iterable[Review]) -> list[Review]:
    """Reviews of the section that are not handed in. While there is one, nobody sees another's items."""
    return [
        r
        for r in reviews
        if not r.lead and r.state == ReviewState.ASSIGNED and (not section or not r.section or r.section == section)
    ]


def visible_items(viewer, indicator: Indicator, reviews: Iterable[Review]) -> list[tuple[Review, ReviewItem]]:
    """The items on an indicator that this person may see: their own; everybody's once each peer has handed in."""
    reviews = [r for r in reviews if covers(r.section, indicator)]
    open_to_all = not any(not r.lead and r.state == ReviewState.ASSIGNED for r in reviews)
    found = []
    for review in reviews:
        item = item_of(review, indicator.code)
        mine = review.reviewer_id == viewer.pk
        if item and (mine or (open_to_all and review.state == ReviewState.HANDED_IN)):
            found.append((review, item))
    return found


class Stand(StrEnum):
    """How far the reviewing of one indicator is."""

    UNASSIGNED = "unassigned"  # nobody reviews it
    WAITING = "waiting"  # somebody has not handed in
    DISPUTED = "disputed"  # reviewers differ; a lead settles
    AGREED = "agreed"
    SETTLED = "settled"  # a lead's finding stands

    @property
    def is_settled(self) -> bool:
        return self in (Stand.AGREED, Stand.SETTLED)


class Finding(NamedTuple):
    """What counts for one indicator. `verified` {role: canonical number}; "" where nothing is verified."""

    verified: dict[str, str]
    not_applicable: bool | None = None
    points: Decimal | None = None
    reason: str = ""
    by: tuple[str, ...] = ()


class Settled(NamedTuple):
    stand: Stand
    finding: Finding | None = None
    waiting_for: tuple[str, ...] = ()


def finding_of(item: ItemRead | ReviewItem, names: Iterable[str]) -> Finding:
    return Finding(dict(item.verified), item.not_applicable, item.points, item.reason, tuple(names))


def agree(items: list[ItemRead | ReviewItem]) -> bool:
    """Reviewers agree when they verified the same figures; their words may differ."""
    first = items[0]
    return all(
        (item.verified, item.not_applicable, item.points) == (first.verified, first.not_applicable, first.points)
        for item in items[1:]
    )


class _Bench:
    """Those who review a section of one report, sorted once for all its indicators."""

    def __init__(self, reviews: Iterable[Review], items: Items, revisions: list[Revision]):
        reviews = [r for r in reviews if r.state != ReviewState.RELEASED]
        self.revisions = revisions
        # (whether handed in, what they found {indicator: item}, review)
        sorted_ = [(r.state == ReviewState.HANDED_IN, items[r.pk], r) for r in reviews]
        self.leads = [(found, r) for handed_in, found, r in sorted_ if r.lead and handed_in]
        self.others = [each for each in sorted_ if not each[2].lead]
        self.names = {r.pk: r.who for r in reviews}

    def settle(self, indicator: Indicator) -> Settled:
        code, revisions = indicator.code, self.revisions
        leads = [
            (r, item) for found, r in self.leads if (item := found.get(code)) and is_fresh(item, indicator, revisions)
        ]
        if leads:  # the last word counts
            review, item = max(leads, key=lambda pair: (pair[0].handed_in_at or EARLIEST, pair[0].pk))
            return Settled(Stand.SETTLED, finding_of(item, [self.names[review.pk]]))
        if not self.others and self.leads and indicator.is_alone:
            return Settled(Stand.SETTLED, finding_of(self._taken(indicator), [self.names[self.leads[-1][1].pk]]))
        if not self.others:
            # A lead who has not handed in is waited for only where nobody else looks at the indicator.
            waiting = tuple(self.names.values())
            return Settled(Stand.WAITING if waiting else Stand.UNASSIGNED, waiting_for=waiting)
        said, waiting = dict[int, ItemRead | ReviewItem](), ()
        for handed_in, found, review in self.others:
            item = found.get(code) or (self._taken(indicator) if handed_in and indicator.is_alone else None)
            if handed_in and item and is_fresh(item, indicator, revisions):
                said[review.pk] = item
            else:
                waiting += (self.names[review.pk],)
        if waiting:
            return Settled(Stand.WAITING, waiting_for=waiting)
        if not agree(list(said.values())):
            return Settled(Stand.DISPUTED)
        return Settled(Stand.AGREED, self._agreed(said))

    def settle_row(self, row: JudgedRows, table: JudgedRows) -> Settled | None:
        """What is said of a row by those who have spoken of its table, whose finding stands for every row that nobody names. None
        where nothing is said of it that counts."""
        led = [(r, found) for found, r in self.leads if is_fresh(found.get(table.code), table, self.revisions)]
        if led:  # the last word counts: what the lead says of the table, the lead says of its rows
            led = [max(led, key=lambda pair: (pair[0].handed_in_at or EARLIEST, pair[0].pk))]
        spoken = led or [(r, found) for handed_in, found, r in self.others if handed_in]
        said = {
            r.pk: item for r, found in spoken if (item := found.get(row.code)) and is_fresh(item, row, self.revisions)
        }
        if not said or not agree(list(said.values())):
            return Settled(Stand.DISPUTED) if said else None
        return Settled(Stand.SETTLED if led else Stand.AGREED, self._agreed(said))

    def _agreed(self, said: Mapping[int, ItemRead | ReviewItem]) -> Finding:
        """One finding of reviewers who agree, {review: its item}, with all that they wrote."""
        reasons = " ".join(dict.fromkeys(item.reason for item in said.values() if item.reason))
        found = finding_of(next(iter(said.values())), [self.names[review] for review in said])
        return found._replace(reason=reasons)

    def _taken(self, indicator: Indicator) -> ItemRead:
        """Who handed in without a word on a question of no indicator, took its answer as reported: those of before they were asked."""
        last = self.revisions[-1]
        return ItemRead(indicator.code, last.number, claimed_inputs(last, indicator), None, None, "")


def settle_indicator(indicator: Indicator, reviews: Iterable[Review], revisions: list[Revision]) -> Settled:
    """The one finding of an indicator, or why there is none yet. A stale item (see `is_fresh`) counts as none."""
    own = [r for r in reviews if covers(r.section, indicator)]
    return _Bench(own, loaded_items(own), revisions).settle(indicator)


def settle_report(
    definition: FormDefinition, reviews: list[Review], revisions: list[Revision], items: Items | None = None
) -> dict[str, Settled]:
    """{indicator: how it stands} for every indicator that a person reviews, and for the rows of tables on which something is said.
    Pure: everything is loaded before; `items` where the reviews do not bring them along."""
    items = loaded_items(reviews) if items is None else items
    benches: dict[str, _Bench] = {}
    stands = {}
    for indicator in reviewed_indicators(definition):
        if indicator.section not in benches:
            own = [r for r in reviews if covers(r.section, indicator)]
            benches[indicator.section] = _Bench(own, items, revisions)
        stands[indicator.code] = benches[indicator.section].settle(indicator)
    for row in judged_rows(definition, (code for found in items.values() for code in found), revisions):
        settled = benches[row.section].settle_row(row, table := judged_table(definition, row))
        if settled is not None and settled.stand == Stand.DISPUTED and stands[table.code].stand.is_settled:
            stands[table.code] = settled  # the lead decides about the table, and with it about the row
        elif settled is not None and settled.stand.is_settled:
            stands[row.code] = settled
    return stands
