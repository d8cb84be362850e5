"""What the desk asks the database. Each function is a fixed number of queries; what it gives is bounded."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from sla.enums import Answer, DisputeStatus, OfferState, Side, Verdict
from sla.models import Acceptance, Dispute, Offer
from sla.querysets import DisputeQuerySet
from units.enums import Role
from units.models import Membership, Unit

from .enums import CallPhase, CallState, ReportState, ReportStatus, ReviewState
from .models import Call, ExtensionRequest, Report, ResultVersion, ReturnRound, Review, SignOffRound
from .queries import reports_at
from .queries_clocks import clocks_of
from .queries_results import announce_filters
from .queries_review import with_service_due
from .rules_payments import FEE_SETTLED

S = ReportStatus
WRITING = (S.NOT_STARTED, S.DRAFT, S.AWAITING_SIGN_OFF)
UNIT_TURN = (*WRITING, S.RETURNED, S.ANNOUNCED, S.MISSED)
PAST = (S.SUBMITTED, S.UNDER_REVIEW, S.ANNOUNCED, S.CONTESTED, S.FINAL, S.MISSED)
PAST_SHOWN = 5
MOST = 60  # rows that one person's desk can hold
NEAR_CLOSING = timedelta(days=7)
SILENT_AFTER = timedelta(days=5)


# ------------------------------------------------------------------------------------------------------- a unit's
def reports_of_units(units: Iterable[Unit], at: datetime) -> list[Report]:
    """What the units' desk is about, the nearest deadline first: their reports without a result or with one that can still be
    contested, and the PAST_SHOWN that were announced last.

    With `asks_signature`, `asks_extension`, `accepted` (the agreement version that the call pins) and `total` of the result
    that stands. What is stored narrows them and `status` is only read, because a statement that also compares and orders by
    it takes three times as long to plan.
    """
    rounds = SignOffRound.objects.filter(report=OuterRef("pk"), decided_at__isnull=True)
    asking = ExtensionRequest.objects.filter(report=OuterRef("pk"), decided_at__isnull=True)
    accepted = Acceptance.objects.filter(
        agreement=OuterRef("call__agreement"), unit=OuterRef("unit"), answer=Answer.ACCEPTED
    )
    standing = ResultVersion.objects.filter(report=OuterRef("pk"), announced_at__isnull=False)
    own = Report.objects.filter(unit__in=[unit.pk for unit in units])
    over = own.filter(state=ReportState.ANNOUNCED).order_by("-call__period_starts", "-call_id", "unit_sort_key", "pk")
    contestable = Q(state=ReportState.ANNOUNCED, final_at=None, objection_until__gt=at)
    ended = [ReportState.ANNOUNCED, ReportState.EXCUSED, ReportState.CANCELLED]
    alive = Q(call__state=CallState.PUBLISHED) & (contestable | ~Q(state__in=ended))
    found = (
        reports_at(at)
        .filter(alive | Q(pk__in=over.values("pk")[:PAST_SHOWN]), unit__in=[unit.pk for unit in units])
        .annotate(
            asks_signature=Exists(rounds),
            asks_extension=Exists(asking),
            accepted=Exists(accepted),
            total=Subquery(standing.order_by("-announced_at", "-number").values("total")[:1]),
        )
        .order_by("-pk")
    )
    return sorted(found[:MOST], key=lambda report: (_next_due(report), report.pk))


def _next_due(report: Report) -> datetime:
    if report.status == S.RETURNED and report.correction_due_at:
        return report.correction_due_at
    if report.status == S.ANNOUNCED and report.objection_until:
        return report.objection_until
    return report.deadline


def open_remarks(reports: Iterable[Report]) -> dict[int, dict[str, str]]:
    """{report id: {indicator: remark}} of the returns that wait for an answer."""
    ids = [report.pk for report in reports if report.status == S.RETURNED]
    found = ReturnRound.objects.filter(ReturnRound.OPEN, report__in=ids)
    return dict(found.values_list("report_id", "remarks")) if ids else {}


def newest_past(reports: Iterable[Report]) -> list[Report]:
    """Those that were submitted or missed, the newest period first."""
    past = sorted((r for r in reports if r.status in PAST), key=lambda r: (r.unit_sort_key, r.pk))
    past.sort(key=lambda r: (r.call.period_starts, r.call_id), reverse=True)
    return past[:PAST_SHOWN]


def disputes_of(where: Q, at: datetime, *, answering: Side) -> DisputeQuerySet:
    """Open disputes under `where`, the nearest end first; `offered`: the other side's offer waits for `answering`."""
    offers = Offer.objects.filter(dispute=OuterRef("pk"), state=OfferState.OPEN).exclude(side=answering)
    return (
        Dispute.objects.with_status(at)
        .filter(where, status__in=[DisputeStatus.NEGOTIATING, DisputeStatus.AWAITING_POSITION])
        .annotate(offered=Exists(offers))
        .select_related("unit")
        .order_by("final_at", "pk")
    )


# -------------------------------------------------------------------------------------------------- headquarters'
def calls_running(asked: Q, providers: Iterable[int], at: datetime) -> QuerySet[Call]:
    """Published calls not yet closed that ask units under `asked` (a Q over reports) or are of these provider units."""
    reports = Report.objects.filter(asked, call=OuterRef("pk"))
    return (
        Call.objects.with_phase(at)
        .filter(
            Q(agreement__service__provider__in=list(providers)) | Exists(reports),
            phase__in=[CallPhase.UPCOMING, CallPhase.OPEN, CallPhase.GRACE],
        )
        .order_by("closes_at", "pk")
    )


def drafts_of(person, providers: Iterable[int]) -> QuerySet[Call]:
    """Calls that wait to be published: one's own, and those of one's providers."""
    mine = Q(created_by=person) | Q(agreement__service__provider__in=list(providers))
    return Call.objects.filter(mine, state=CallState.DRAFT).order_by("opens_at", "pk")


def open_reports(asked: Q, at: datetime) -> QuerySet[Report]:
    return Report.objects.with_status(at).filter(asked, is_open=True, status__in=WRITING)


def by_call(reports: QuerySet[Report], most: int = MOST) -> list[dict]:
    """[{call_id, title, closes_at, review_until, n, until}]: how many of the reports each call has."""
    return list(
        reports.order_by()
        .values("call_id", title=F("call__title"), closes_at=F("call__closes_at"), review_until=F("call__review_until"))
        .annotate(n=Count("pk"), until=Min("deadline"))
        .order_by("until", "call_id")[:most]
    )


def headless(asked: Q, at: datetime) -> QuerySet[Report]:
    """Open reports that nobody could sign, of calls that close within NEAR_CLOSING."""
    heads = Membership.objects.valid_at(at).filter(unit=OuterRef("unit"), role=Role.HEAD, person__is_active=True)
    near = open_reports(asked, at).filter(call__needs_sign_off=True, deadline__lt=at + NEAR_CLOSING)
    return near.filter(~Exists(heads))


def not_accepted(asked: Q, at: datetime) -> QuerySet[Report]:
    """Open reports that cannot be submitted, because the unit has not accepted the call's agreement version."""
    accepted = Acceptance.objects.filter(
        agreement=OuterRef("call__agreement"), unit=OuterRef("unit"), answer=Answer.ACCEPTED
    )
    return open_reports(asked, at).filter(~Exists(accepted), deadline__lt=at + NEAR_CLOSING)


def not_submitted(asked: Q, at: datetime) -> QuerySet[Report]:
    """Open reports that close within NEAR_CLOSING."""
    return open_reports(asked, at).filter(deadline__lt=at + NEAR_CLOSING)


def extensions_asked(asked: Q) -> list[dict]:
    """[{call_id, title, n, until}]: requests for more time that nobody has decided, by call."""
    published = Report.objects.filter(asked, call__state=CallState.PUBLISHED)
    rows = ExtensionRequest.objects.filter(FEE_SETTLED, decided_at__isnull=True, report__in=published)
    return list(
        rows.order_by()
        .values(call_id=F("report__call_id"), title=F("report__call__title"), until=F("report__call__closes_at"))
        .annotate(n=Count("pk"))
        .order_by("until", "call_id")[:MOST]
    )


def silent_reviewers(asked: Q, at: datetime) -> list[dict]:
    """[{call_id, title, until, first_name, last_name, n}]: reviews not begun SILENT_AFTER since they could have been."""
    waiting = Report.objects.filter(
        asked, call__state=CallState.PUBLISHED, state__in=[ReportState.SUBMITTED, ReportState.UNDER_REVIEW]
    )
    since = Greatest(F("assigned_at"), F("report__submitted_at"))
    rows = Review.objects.filter(state=ReviewState.ASSIGNED, lead=False, started_at__isnull=True, report__in=waiting)
    return list(
        rows.annotate(since=since)
        .filter(since__lt=at - SILENT_AFTER)
        .order_by()
        .values(
            "reviewer_id",
            call_id=F("report__call_id"),
            title=F("report__call__title"),
            until=F("report__call__review_until"),
            first_name=F("reviewer__first_name"),
            last_name=F("reviewer__last_name"),
        )
        .annotate(n=Count("pk"))
        .order_by("until", "reviewer_id")[:MOST]
    )


def past_target(asked: Q, at: datetime) -> list[dict]:
    """[{call_id, title, n, until}]: reports that headquarters holds past the service's target, by call, of the MOST that run
    out first."""
    waiting = with_service_due(reports_at(at)).filter(
        asked, call__state=CallState.PUBLISHED, status__in=[ReportStatus.SUBMITTED, ReportStatus.UNDER_REVIEW]
    )
    reports = list(waiting.select_related("request__request_type").order_by("service_due", "pk")[:MOST])
    readings = clocks_of(reports, at) if reports else {}
    found: dict[int, dict] = {}
    for report in reports:
        if readings[report.request_id].verdict == Verdict.OVERDUE:
            row = {"call_id": report.call_id, "title": report.call.title, "n": 0, "until": None}
            found.setdefault(report.call_id, row)["n"] += 1
    return list(found.values())


def to_announce(asked: Q, at: datetime) -> list[dict]:
    """[{call_id, title, until, ready, missed, reviewing}]: reports without a result, of calls that have closed, by call."""
    conditions = {name: announce_filters()[name] for name in ("ready", "missed", "reviewing")}
    rows = (
        Report.objects.with_status(at)
        .filter(asked, call__state=CallState.PUBLISHED, call__closes_at__lte=at)
        .exclude(state__in=[ReportState.ANNOUNCED, ReportState.EXCUSED, ReportState.CANCELLED])
    )
    return list(
        rows.order_by()
        .values("call_id", title=F("call__title"), until=F("call__review_until"))
        .annotate(**{name: Count("pk", filter=where) for name, where in conditions.items()})
        .order_by("until", "call_id")[:MOST]
    )
