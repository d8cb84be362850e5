"""Results: what can be announced, which version stands, how the peers did."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from statistics import median

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from sajad_portal.lib.language import current_language
from sla.enums import Outcome

from ..enums import IN_REVIEW, WITH_RESULT, ReportStatus, ReviewState
from ..models import Call, Report, ResultFact, ResultVersion, Review, ReviewItem, Revision
from ..models.querysets import ReportQuerySet
from ..xlsform.definition import FormDefinition
from . import asked_of, form_of, reports_at
from .facts_cache import cached, facts_of
from .findings import Items, Settled, reviewed_sections, reviews_with_items, settle_report
from .result_findings import findings_of_stands, score_findings, stored_total

S = ReportStatus
# Fewer peers than this say more about single units than about the field.
LEAST_PEERS = 3


# ------------------------------------------------------------------------------------------- what can be announced
def announce_filters(call: Call) -> dict[str, Q]:
    """{name: condition} over the call's reports with status: ready to announce, still in reviewing, missed, announced."""
    complete = reviews_complete([call])
    return {
        "ready": Q(status__in=IN_REVIEW) & complete,
        "missed": Q(status=S.MISSED),
        "reviewing": Q(status=S.RETURNED) | (Q(status__in=IN_REVIEW) & ~complete),
        "announced": Q(status__in=WITH_RESULT),
    }


def reviews_complete(calls: Sequence[Call]) -> Q:
    """Of reports of these calls: `settle_report` leaves nothing open. Every section has been handed in, nobody is waited for, and
    where reviewers differ a lead has settled. (A lead hands in once nothing in their section is open.)"""
    reviews = Review.objects.filter(report=OuterRef("pk"))
    handed_in = reviews.filter(state=ReviewState.HANDED_IN)
    by_lead = Review.objects.filter(report=OuterRef("report"), state=ReviewState.HANDED_IN, lead=True)
    waiting = reviews.filter(state=ReviewState.ASSIGNED, lead=False).exclude(
        Exists(by_lead.filter(Q(section="") | Q(section=OuterRef("section"))))
    )
    sections = handed_in.order_by().values("report").annotate(n=Count("section", distinct=True)).values("n")
    whens = [When(where, then=Value(n)) for where, n in _sections_to_review(calls)]
    every = Case(*whens, default=Value(1))
    whole = Exists(handed_in.filter(section="")) | Q(GreaterThanOrEqual(Subquery(sections), every))
    return Q(Exists(handed_in)) & whole & ~Q(Exists(waiting)) & ~Q(Exists(differing()))


def _sections_to_review(calls: Sequence[Call]) -> list[tuple[Q, int]]:
    """(which reports, how many sections of theirs are reviewed). A query more where a form asks units of different kinds different
    sections."""
    forms = {call.form_version_id: form_of(call.form_version) for call in calls}
    counts = {pk: len(reviewed_sections(definition)) for pk, definition in forms.items()}
    apart = [call.pk for call in calls if forms[call.form_version_id].sources]
    reports = Report.objects.filter(call__in=apart).exclude(not_reviewed="").order_by()
    rows = reports.values_list("call__form_version", "not_reviewed").distinct() if apart else ()
    found = [
        (Q(call__form_version=pk, not_reviewed=left_out), counts[pk] - len(left_out.split())) for pk, left_out in rows
    ]
    return [*found, *((Q(call__form_version=pk), n) for pk, n in counts.items())]


def differing(report: str = "pk") -> QuerySet[ReviewItem]:
    """Of the report of an outer row, in its column `report`."""
    return differing_items().filter(review__report=OuterRef(report))


def differing_items() -> QuerySet[ReviewItem]:
    """Findings of reviewers beside which another reviewer's of the same report differs, and that no lead has settled:
    `findings.agree` in SQL."""

    def said(column: str, of: str = "") -> Coalesce:
        return Coalesce(Cast(OuterRef(column) if of else F(column), TextField()), Value("", TextField()))

    theirs = {"review__lead": False, "review__state": ReviewState.HANDED_IN}
    same = {f"{name}_text": said(name) for name in ("verified", "not_applicable", "points")}
    on_it = ReviewItem.objects.filter(review__report=OuterRef("review__report"), indicator=OuterRef("indicator"))
    others = on_it.filter(**theirs, pk__gt=OuterRef("pk")).annotate(**same)
    agreeing = Q(**{f"{name}_text": said(name, "outer") for name in ("verified", "not_applicable", "points")})
    settled = on_it.filter(review__lead=True, review__state=ReviewState.HANDED_IN)
    return ReviewItem.objects.filter(Exists(others.exclude(agreeing)), **theirs).exclude(Exists(settled))


def without_lead() -> Q:
    """Of reports in review: all have handed in, two of them differ, and nobody leads there who could settle it. What is cheap to
    ask comes first: few reports have two reviewers."""
    reviews = Review.objects.filter(report=OuterRef("pk"))
    theirs = {"lead": False, "state": ReviewState.HANDED_IN}
    second = Review.objects.filter(**theirs, report=OuterRef("report"), pk__gt=OuterRef("pk"))
    leads = Review.objects.filter(report=OuterRef("review__report"), lead=True).exclude(state=ReviewState.RELEASED)
    led = Exists(leads.filter(Q(section="") | Q(section=OuterRef("review__section"))))
    unled = differing().exclude(led).exclude(Exists(leads), review__section="")
    return (
        Q(Exists(reviews.filter(Exists(second), **theirs)))
        & ~Q(Exists(reviews.filter(state=ReviewState.ASSIGNED, lead=False)))
        & Q(Exists(unled))
    )


@dataclass
class ReadyRow:
    """A report as the announcing page shows it. `total` is what the result would be, or is; `open_codes` stand in the way, by code
    or by their words."""

    report: Report
    total: Decimal | None = None
    missed: bool = False
    open_codes: list[str] = field(default_factory=list)
    waiting_for: list[str] = field(default_factory=list)
    version: ResultVersion | None = None
    barred: bool = False  # not by whoever looks: they are or were in the unit's line
    beyond: bool = False  # not by whoever looks: they do not decide about this unit
    scored: bool = True  # whether the form scores anything

    @property
    def is_ready(self) -> bool:
        return (
            self.version is None
            and not self.open_codes
            and not self.waiting_for
            and not self.barred
            and not self.beyond
        )


def ready_rows(reports: Sequence[Report]) -> list[ReadyRow]:
    """Each report with its result in the making: four queries for one and for fifty."""
    reviews, items = reviews_with_items(reports)
    revisions = defaultdict(list)
    for revision in Revision.objects.filter(report__in=reports).order_by("number"):
        revisions[revision.report_id].append(revision)
    versions = standing_versions(reports)
    return [
        _ready(report, reviews.get(report.pk, []), items, revisions[report.pk], versions.get(report.pk))
        for report in reports
    ]


def _ready(
    report: Report, reviews: list[Review], items: Items, revisions: list[Revision], version: ResultVersion | None
) -> ReadyRow:
    definition = asked_of(report)
    scored = definition.is_scored
    if version is not None:
        return ReadyRow(report, version.total, version.missed, version=version, scored=scored)
    if report.status == S.MISSED:
        return ReadyRow(report, Decimal(0), missed=True, scored=scored)
    if not revisions:
        return ReadyRow(report, open_codes=["—"])
    stands = settle_report(definition, reviews, revisions, items)
    still_open = [code for code, settled in stands.items() if not settled.stand.is_settled]
    if still_open or report.status not in IN_REVIEW:
        names = [_named(definition, code) for code in still_open]
        return ReadyRow(report, open_codes=names, waiting_for=_names(stands.values()), scored=scored)
    findings = findings_of_stands(definition, stands, revisions)
    return ReadyRow(report, stored_total(score_findings(definition, findings, revisions[-1].standing)), scored=scored)


def _named(definition: FormDefinition, code: str) -> str:
    """What stands in the way, as a list names it: an indicator by its code, a question by its words."""
    judged = definition.judged_as(code)
    return judged.label_in(current_language()) if judged and judged.is_alone else code


def _names(stands: Iterable[Settled]) -> list[str]:
    return list(dict.fromkeys(name for settled in stands for name in settled.waiting_for))


def standing_versions(reports: Sequence[Report]) -> dict[int, ResultVersion]:
    """{report id: the announced version that stands}; its big columns stay behind."""
    announced = ResultVersion.objects.filter(report__in=reports, announced_at__isnull=False)
    found = announced.defer("score").order_by("announced_at", "number")
    return {version.report_id: version for version in found}


# ---------------------------------------------------------------------------------------------------------- versions
def versions_of(report: Report) -> list[ResultVersion]:
    """Every announced version, the one that stands last."""
    found = report.results.filter(announced_at__isnull=False)
    return list(found.select_related("announced_by", "revision", "membership__unit").order_by("announced_at", "number"))


def previous_version(report: Report) -> ResultVersion | None:
    """The result that stands of the unit's report of the period before, on the same form and service."""
    call = report.call
    before = ResultVersion.objects.filter(
        report__unit=report.unit,
        report__call__form_version__form=call.form_version.form_id,
        report__call__period_kind=call.period_kind,
        report__call__agreement__service=call.agreement.service_id,
        report__call__period_ends__lt=call.period_starts,
        announced_at__isnull=False,
    )
    return (
        before.select_related("report__call").order_by("-report__call__period_starts", "-announced_at", "-number").first()
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- peers
@dataclass(frozen=True)
class Peers:
    """Results of a group of peers in the same call, by default of units of the same kind; missed ones are outside. `areas` {section: median points}."""

    totals: list[Decimal]
    median: Decimal
    areas: dict[str, Decimal]

    @property
    def count(self) -> int:
        return len(self.totals)

    @property
    def floor(self) -> int:
        """Where a drawing of them begins: a ten below the lowest."""
        return max(0, int(min(self.totals)) // 10 * 10 - 10)

    @property
    def highest(self) -> Decimal:
        return max(self.totals)

    def quartile(self, which: int) -> Decimal:
        """The first (1) or third (3) quartile: the median of the lower or upper half."""
        ordered = sorted(self.totals)
        half = len(ordered) // 2
        return median(ordered[:half] if which == 1 else ordered[-half:])

    @property
    def lower(self) -> Decimal:
        return self.quartile(1)

    @property
    def upper(self) -> Decimal:
        return self.quartile(3)


def peers_of(report: Report) -> Peers | None:
    """The report's peers, itself among them; None where fewer than three others have a result.

    What they make together is worked out once for all reports of a call and group, and kept as long as its facts stand.
    """
    own = ResultFact.objects.filter(pk=report.pk).values_list("peers", "missed", "total").first()
    if own is None:
        return None
    group, missed, total = own
    peers = cached(facts_of(report.call), f"result peers {group}", lambda: _peers(report.call_id, group))
    others = peers.count - (total is not None and not missed)
    return peers if others >= LEAST_PEERS else None


def _peers(call: int, group: str) -> Peers:
    standing = ResultFact.objects.filter(call=call, peers=group, missed=False, total__isnull=False)
    points: dict[str, list[Decimal]] = defaultdict(list)
    for areas in ResultVersion.objects.filter(pk__in=standing.values("version")).values_list("score__areas", flat=True):
        for area in areas:
            if not area["not_applicable"]:
                points[area["section"]].append(Decimal(area["points"]))
    totals = sorted(total for total in standing.values_list("total", flat=True) if total is not None)
    return Peers(
        totals,
        median(totals) if totals else Decimal(0),
        {section: median(values) for section, values in points.items()},
    )


def reports_of_call(call: Call, at: datetime) -> ReportQuerySet:
    return reports_at(at).filter(call=call)


def final_instant(report: Report) -> datetime:
    """When the result became final: a dispute's settlement or end, else the end of the objection window.

    A withdrawal leaves the rest of the window; withdrawn after it, the result is final at the withdrawal.
    """
    disputes = [objection.dispute for objection in report.objections.select_related("dispute")]
    ended = [d.ended_at or d.final_at for d in disputes if d.outcome in (Outcome.SETTLED, Outcome.FINAL, "")]
    if ended:
        return max(ended)
    withdrawn = [d.ended_at for d in disputes if d.ended_at]  # each has one: dispute_outcome_has_instant
    return max([report.objections_end, *withdrawn])
