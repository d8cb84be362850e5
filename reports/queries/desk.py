"""What the desk asks the database. Each function is a fixed number of queries; what it gives is bounded."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, JSONObject, Least

from sajad_portal.lib.sql import Dialect, InSubquery, Written
from sla.enums import OPEN_DISPUTE, Answer, OfferState, Side, Verdict
from sla.models import Acceptance, Dispute, Offer, RequestTarget, RequestType
from sla.models.querysets import DisputeQuerySet
from units.enums import Role
from units.models import Membership, Person, Unit
from units.queries.lines import line_seats

from ..enums import IN_REVIEW, NOT_ASKED, UNSUBMITTED, CallPhase, CallState, ReportState, ReportStatus, ReviewState
from ..models import Call, ExtensionRequest, ObjectionLine, Report, ResultVersion, ReturnRound, Review, SignOffRound
from . import reports_at
from .clocks import clocks_of
from .lines import names_hidden
from .results import reviews_complete, without_lead

S = ReportStatus
UNIT_TURN = (*UNSUBMITTED, S.RETURNED, S.ANNOUNCED, S.MISSED)
PAST = (*IN_REVIEW, S.ANNOUNCED, S.CONTESTED, S.FINAL, S.MISSED)
PAST_SHOWN = 5
_OF_CLOCK = (
    "state", "correction_due_at", "call__title",
    *(f"request__{name}" for name in ("created_at", "stopped_at", "voided_at", "request_type", "target_working_days")),
    *(f"request__request_type__{name}" for name in ("title", "title_en")),
)  # fmt: skip
MOST = 60  # rows that one person's desk can hold
NEAR_CLOSING = timedelta(days=7)
SILENT_AFTER = timedelta(days=5)


# ------------------------------------------------------------------------------------------------------- a unit's
def reports_of_units(units: Iterable[Unit], at: datetime, handed: Q) -> list[Report]:
    """What the units' desk is about, the nearest deadline first: their reports without a result or with one that can still be
    contested, and the PAST_SHOWN that were announced last.

    `handed`: a Q over reports, those that were handed to these units.
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
    theirs = Q(unit__in=[unit.pk for unit in units]) | handed
    own = Report.objects.filter(theirs)
    over = own.filter(state=ReportState.ANNOUNCED).order_by("-call__period_starts", "-call_id", "unit_sort_key", "pk")
    contestable = Q(state=ReportState.ANNOUNCED, final_at=None, objection_until__gt=at)
    ended = [ReportState.ANNOUNCED, ReportState.EXCUSED, ReportState.CANCELLED]
    alive = Q(call__state=CallState.PUBLISHED) & (contestable | ~Q(state__in=ended))
    found = (
        reports_at(at)
        .with_timeliness(at)
        .filter(theirs, alive | Q(pk__in=over.values("pk")[:PAST_SHOWN]))
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


def notes_of_the_head(reports: Iterable[Report]) -> dict[int, str]:
    """{report id: the head's note} of drafts that were sent back and not asked for again since."""
    ids = [report.pk for report in reports if report.status in (S.DRAFT, S.RETURNED) and not report.asks_signature]
    if not ids:
        return {}
    later = SignOffRound.objects.filter(report=OuterRef("report"), number__gt=OuterRef("number"))
    rounds = SignOffRound.objects.filter(~Exists(later), report__in=ids, signed=False).exclude(reply="")
    return dict(rounds.values_list("report_id", "reply"))


def newest_past(reports: Iterable[Report]) -> list[Report]:
    """Those that were submitted or missed, the newest period first."""
    past = sorted((r for r in reports if r.status in PAST), key=lambda r: (r.unit_sort_key, r.pk))
    past.sort(key=lambda r: (r.call.period_starts, r.call_id), reverse=True)
    return past[:PAST_SHOWN]


def disputes_of(where: Q, at: datetime, *, answering: Side) -> DisputeQuerySet:
    """Open disputes under `where`, the nearest end first; `offered`: the other side's offer waits for `answering`;
    `unanswered`: how many contested indicators wait for the provider's answer."""
    lines = ObjectionLine.objects.filter(objection__dispute=OuterRef("pk"), answered_at=None).order_by()
    counted = lines.values("objection__dispute").annotate(n=Count("pk")).values("n")
    offers = Offer.objects.filter(dispute=OuterRef("pk"), state=OfferState.OPEN).exclude(side=answering)
    return (
        Dispute.objects.with_status(at)
        .filter(where, status__in=OPEN_DISPUTE)
        .annotate(offered=Exists(offers), unanswered=Coalesce(Subquery(counted), 0))
        .select_related("unit", "agreement")
        .order_by("final_at", "pk")
    )


# -------------------------------------------------------------------------------------------------- headquarters'
def calls_of_desk(person, asked: Q, providers: Iterable[int], at: datetime, most: int) -> tuple[list[Call], list[Call]]:
    """(running, drafts), each at most `most` and the nearest instant first. Running: published, not yet closed, asking units
    under `asked` (a Q over reports) or of these provider units; with `asked_count` and `came_count` of the reports under
    `asked`. Drafts: one's own, and those of one's providers.
    """
    theirs = Q(agreement__service__provider__in=list(providers))
    reports = Report.objects.filter(asked, call=OuterRef("pk")).asked().order_by()
    calls = Call.objects.with_phase(at).filter(
        Q(state=CallState.DRAFT) & (theirs | Q(created_by=person))
        | Q(theirs | Exists(reports), state=CallState.PUBLISHED, grace_ends_at__gt=at)
    )
    # What was taken back has not come: these calls are open, so that nothing of it counts yet.
    came = Count("submitted_at", filter=~Q(state__in=UNSUBMITTED))
    counts = reports.values("call").annotate(n=JSONObject(asked=Count("pk"), came=came)).values("n")
    names = [f"agreement__service__{name}" for name in ("title", "title_en")]
    calls = calls.select_related("agreement__service").only("title", "state", "opens_at", "closes_at", *names)
    found = calls.annotate(counts=Subquery(counts))
    # What is published stands before the drafts.
    rows = list(found.order_by("-state", "closes_at", "pk")[: 5 * most])
    for call in rows:
        call.asked_count, call.came_count = (call.counts[n] if call.counts else 0 for n in ("asked", "came"))
    drafts = sorted((call for call in rows if call.phase == CallPhase.DRAFT), key=lambda call: (call.opens_at, call.pk))
    return [call for call in rows if call.phase != CallPhase.DRAFT][:most], drafts[:most]


def standing_of_calls(asked: Q, mine: Q, at: datetime) -> list[dict]:
    """How the reports without a result stand, by call: [{call_id, title, review_until, until, …}], one statement.

    Of the open ones under `asked` that close within NEAR_CLOSING: `waiting` (not submitted), `headless` (nobody could sign at
    their deadline: no head, or none whose seat lasts so long), `unaccepted` (the unit has not accepted the call's agreement
    version), and `until`, the nearest deadline. Under `mine`: `ready`, and of calls that have closed `missed` and
    `reviewing`, as `announce_filters`; a result can be announced before its call has closed. `unled`: their reviewers differ and
    nobody leads; `code`: of one of them.
    """
    found: dict[int, dict] = {}
    for group in _groups(asked, mine, at).order_by("call__closes_at", "call_id"):
        row = found.setdefault(
            group["call_id"],
            {"call_id": group["call_id"], "title": group["title"], "review_until": group["review_until"], "until": None}
            | dict.fromkeys(("waiting", "headless", "unaccepted", "ready", "missed", "reviewing", "unled"), 0),
        )
        if group["is_open"] and group["near"]:
            row["waiting"] += group["n"]
            row["headless"] += group["headless"] * group["n"]
            row["unaccepted"] += group["unaccepted"] * group["n"]
            row["until"] = min(filter(None, (row["until"], group["until"])))
        if group["unled"] and group["status"] in IN_REVIEW:
            row["unled"] += group["n"]
            row["code"] = group["code"]
        if group["mine"] and group["status"] in IN_REVIEW and group["complete"]:
            row["ready"] += group["n"]
        elif group["closed"]:
            if group["status"] == S.MISSED:
                row["missed"] += group["n"]
            elif group["status"] in (*IN_REVIEW, S.RETURNED):
                row["reviewing"] += group["n"]
    return list(found.values())[:MOST]


def headless(at: datetime) -> Q:
    """Reports, with their `deadline`, that a head must sign and that nobody can sign at their deadline: the unit has no head
    with an open account, or none whose seat lasts so long."""
    lasts = Q(ends_at__isnull=True) | Q(ends_at__gte=OuterRef("deadline"))
    lasts &= Q(deputy_for__ends_at__isnull=True) | Q(deputy_for__ends_at__gte=OuterRef("deadline"))
    heads = Membership.objects.valid_at(at).filter(lasts, unit=OuterRef("unit"), role=Role.HEAD, person__is_active=True)
    return Q(call__needs_sign_off=True) & ~Q(Exists(heads))


def unaccepted() -> Q:
    """Reports whose unit has not accepted the agreement version of their call."""
    accepted = Acceptance.objects.filter(
        agreement=OuterRef("call__agreement"), unit=OuterRef("unit"), answer=Answer.ACCEPTED
    )
    return ~Q(Exists(accepted))


def _groups(asked: Q, mine: Q, at: datetime) -> QuerySet:
    """Equal reports counted: grouped by what they are, each condition stands once in the statement, and what is asked of
    other tables is asked only where it matters."""
    # No deadline is before its call's closing: of calls that neither run nor close soon nothing is counted.
    counted = Q(closes_at__lt=at + NEAR_CLOSING) | Q(opens_at__lte=at)
    near_closing = Call.objects.published().filter(counted).order_by().values("pk")
    near = Q(asked, state__in=UNSUBMITTED, deadline__lt=at + NEAR_CLOSING)
    closed = Q(mine, call__closes_at__lte=at)
    in_review = Report.objects.filter(call=OuterRef("pk"), state__in=IN_REVIEW)
    reviewed = Call.objects.published().filter(Exists(in_review))
    calls = reviewed.select_related("form_version").defer("form_version__definition", "form_version__summary")
    return (
        Report.objects.before_result(at)
        .filter(InSubquery("call_id", near_closing), asked | mine)
        .exclude(state__in=NOT_ASKED)
        .values(
            "call_id", "status", "is_open", title=F("call__title"), review_until=F("call__review_until"),
            near=_whether(near), closed=_whether(closed), mine=_whether(mine),
            headless=_whether(near & headless(at)), unaccepted=_whether(near & unaccepted()),
            complete=_whether(mine & Q(submitted_at__isnull=False) & reviews_complete(calls)),
            unled=_whether(mine & Q(state__in=IN_REVIEW) & without_lead()),
        )
        .annotate(n=Count("pk"), until=Min("deadline"), code=Min("tracking_code"))
    )  # fmt: skip


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))


def without_reviewers(asked: Q) -> list[Mapping[str, Any]]:
    """[{call_id, title, n, until}]: reports without a result that nobody is to review, by call."""
    reviewed = Review.objects.filter(report=OuterRef("pk"), lead=False).exclude(state=ReviewState.RELEASED)
    rows = Report.objects.filter(asked, ~Exists(reviewed), call__state=CallState.PUBLISHED)
    return list(
        rows.exclude(state__in=(*NOT_ASKED, ReportState.ANNOUNCED))
        .order_by()
        .values("call_id", title=F("call__title"), until=F("call__review_until"))
        .annotate(n=Count("pk"))
        .order_by("until", "call_id")[:MOST]
    )


def extensions_asked(asked: Q) -> list[Mapping[str, Any]]:
    """[{call_id, title, n, until}]: requests for more time that nobody has decided, by call."""
    published = Report.objects.filter(asked, call__state=CallState.PUBLISHED)
    rows = ExtensionRequest.objects.filter(ExtensionRequest.FEE_SETTLED, decided_at__isnull=True, report__in=published)
    return list(
        rows.order_by()
        .values(call_id=F("report__call_id"), title=F("report__call__title"), until=F("report__call__closes_at"))
        .annotate(n=Count("pk"))
        .order_by("until", "call_id")[:MOST]
    )


def silent_reviewers(asked: Q, at: datetime, reader: Person) -> list[Mapping[str, Any]]:
    """[{call_id, title, until, first_name, last_name, unnamed, n}]: reviews not begun SILENT_AFTER since they could have been.
    `unnamed`: they judge a unit of the call in whose line the reader is."""
    waiting = Report.objects.filter(
        asked, call__state=CallState.PUBLISHED, state__in=IN_REVIEW,
        submitted_at__lt=at - SILENT_AFTER,
    )  # fmt: skip
    rows = Review.objects.filter(
        state=ReviewState.ASSIGNED, lead=False, started_at__isnull=True, assigned_at__lt=at - SILENT_AFTER, report__in=waiting
    )  # fmt: skip
    own = Review.objects.filter(
        names_hidden(reader, at, "report__"), reviewer=OuterRef("reviewer"), report__call=OuterRef("report__call")
    )
    unnamed = Exists(own) if line_seats(reader, at) else Value(False)
    return list(
        rows.order_by()
        .annotate(unnamed=unnamed)
        .values(
            "reviewer_id",
            "unnamed",
            call_id=F("report__call_id"),
            title=F("report__call__title"),
            until=F("report__call__review_until"),
            first_name=F("reviewer__first_name"),
            last_name=F("reviewer__last_name"),
        )
        .annotate(n=Count("pk"))
        .order_by("until", "reviewer_id")[:MOST]
    )


_OF_SOONEST = {"from": "submitted_at", "days": "request__target_working_days"}


def _soonest(sql: Dialect) -> str:
    """A working day takes a day of the calendar at least: before this no report is past its target."""
    return sql.plus("{from}", f"({{days}} * {sql.day})")


def _latest(at: datetime) -> ExpressionWrapper:
    """What was submitted after this is within every target; a bound that the database knows before it joins."""
    made = RequestType.objects.order_by("target_working_days").values("target_working_days")[:1]
    later = RequestTarget.objects.order_by("working_days").values("working_days")[:1]
    shortest = Cast(Least(Subquery(made), Coalesce(Subquery(later), Subquery(made))), IntegerField())
    days = ExpressionWrapper(shortest * Value(timedelta(days=1)), DurationField())
    return ExpressionWrapper(Value(at, DateTimeField()) - days, DateTimeField())


def past_target(asked: Q, at: datetime) -> list[dict]:
    """[{call_id, title, n, until}]: reports that headquarters holds past the service's target, by call, of the MOST that
    came first."""
    found_late = (
        Report.objects.before_result(at)
        .annotate(soonest=Written(_soonest, _OF_SOONEST, DateTimeField()))
        .filter(asked, soonest__lte=at, submitted_at__lte=_latest(at), call__state=CallState.PUBLISHED)
        .exclude(state__in=NOT_ASKED)
        .exclude(state=ReportState.RETURNED, correction_due_at__gt=at)
        .select_related("request__request_type", "call")
        .only(*_OF_CLOCK)
        .order_by("submitted_at", "pk")[:MOST]
    )
    reports = [r for r in found_late if r.status in IN_REVIEW]
    readings = clocks_of(reports, at) if reports else {}
    found: dict[int, dict] = {}
    for report in reports:
        if readings[report.request_id].verdict == Verdict.OVERDUE:
            row = {"call_id": report.call_id, "title": report.call.title, "n": 0, "until": None}
            found.setdefault(report.call_id, row)["n"] += 1
    return list(found.values())
