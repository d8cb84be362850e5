"""What stands in the lists behind the figures: a query for each, and the values of its rows, many at once.

With the same number of queries for one row as for five hundred. Values are texts, numbers, days and instants; the page and
the file each write them in their own way (tables.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.clock import TEHRAN, last_day_before
from sla.enums import Answer, Decision, DisputeStatus, Side, Subject, Verdict
from sla.models import Acceptance, Dispute, RequestDecision, RequestType, ServiceRequest
from sla.queries.clocks import ended_by_time, read_clocks
from units.models import Event

from ...enums import Timeliness
from ...models import Call, ExtensionRequest, Report, ReturnRound
from ...queries import form_of
from ...queries.clocks import resumed_by_time
from .acts import ACTS, KINDS, acts_in, extensions_in, labels_of, of_kind, returns_in, table_code
from .clocks import OPEN, answered_in, days_since, open_clocks, requests_in, type_key, with_verdict
from .deadlines import deadlines_in
from .disputes import disputes_in, end_of
from .scope import Scope, Window
from .terms import answers_in

Filters = Mapping[str, str]
EXCERPT = 90  # letters of a reason that a list quotes


@dataclass(frozen=True)
class ListLine:
    """`url` is where the thing itself stands; the first value leads there."""

    url: str
    values: list[Any]


# --------------------------------------------------------------------------------------------------------- requests
def requests_listed(scope: Scope, window: Window, at: datetime, filters: Filters) -> QuerySet[ServiceRequest]:
    """Answered in the period; with `verdict` running, paused or overdue those that wait now; `type`: of one request type."""
    verdict = filters.get("verdict", "")
    if verdict in OPEN:
        ids = [pk for pk, (_request, reading) in open_clocks(scope, at).items() if reading.verdict == verdict]
    else:
        ids = with_verdict(answered_in(scope, window, at), verdict)
    found = requests_in(scope).filter(pk__in=ids)
    if filters.get("type"):
        slug, _dot, code = filters["type"].partition(".")
        found = found.filter(request_type__service__slug=slug, request_type__code=code)
    return found.select_related(*ABOUT_REQUEST).defer("report__call__audience")


# What `about` reads of a service request.
ABOUT_REQUEST = (
    "request_type__service",
    "unit",
    "report__call",
    "extension_request__report__call",
    "dispute",
    "general",
)


def request_lines(requests: list[ServiceRequest], at: datetime) -> list[ListLine]:
    given_back = Report.objects.with_status(at).filter(request__in=[request.pk for request in requests])
    ended = ended_by_time(at)
    readings = read_clocks(requests, at, resumed=resumed_by_time(given_back), ended=ended)
    lines = []
    for request in requests:
        reading, (url, words) = readings[request.pk], about(request)
        begun = min((i.starts_at for i in request.intervals.all()), default=None)
        used = round(reading.used_days, 1) if reading.elapsed else None
        lines.append(
            ListLine(url, [
                request.unit.name, request.request_type.title_here, request.request_type.service.title_here, words, begun, request.stopped_at or ended.get(request.pk),
                used, reading.target_days, reading.verdict.label,
            ])
        )  # fmt: skip
    return lines


def about(request: ServiceRequest) -> tuple[str, str]:
    """(address, words) of what the request is: a report, a request for more time, a dispute, a general request."""
    if report := getattr(request, "report", None):
        return reverse("reports:report", args=[report.tracking_code]), report.call.title
    if asked := getattr(request, "extension_request", None):
        return reverse("reports:extension", args=[asked.pk]), asked.report.call.title
    if dispute := getattr(request, "dispute", None):
        return reverse("reports:dispute", args=[dispute.pk]), dispute.title
    if general := getattr(request, "general", None):
        return reverse("reports:request", args=[general.pk]), _excerpt(general.reason)
    return "", ""


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1].rsplit(" ", 1)[0] + "…"


# Of requests that have no answer yet.
NOW = tuple(verdict.value for verdict in OPEN)


def verdicts() -> list[tuple[str, Any]]:
    shown = (Verdict.MET, Verdict.MISSED, *OPEN)
    return [("", gettext_lazy("Answered in the period")), *((v.value, v.label) for v in shown)]


def types() -> list[tuple[str, Any]]:
    types = list(RequestType.objects.select_related("service").order_by("service__title", "pk"))
    several = len({kind.service_id for kind in types}) > 1
    words = [f"{t.title_here}، {t.service.title_here}" if several else t.title_here for t in types]
    return [("", gettext_lazy("All types")), *zip(map(type_key, types), words, strict=True)]


# ---------------------------------------------------------------------------------------------------------- returns
def returns_listed(scope: Scope, window: Window, at: datetime, filters: Filters) -> QuerySet[ReturnRound]:
    found = returns_in(scope, window).select_related(
        "report__call__form_version", "report__call__agreement__service", "returned_by"
    )
    hidden = Case(When(scope.unnamed("report__"), then=Value(True)), default=Value(False))
    return found.annotate(**{"unnamed": hidden}).defer(
        "report__call__form_version__definition", "report__call__form_version__summary"
    )


def return_lines(rounds: list[ReturnRound], at: datetime) -> list[ListLine]:
    versions = {r.report.call.form_version_id: r.report.call.form_version for r in rounds}
    labels = {pk: labels_of([version]) for pk, version in versions.items()}
    return [
        ListLine(reverse("reports:report", args=[r.report.tracking_code]), [
            r.report.unit_name, r.report.call.title, r.report.call.service.title_here, r.number, r.returned_at, _returned_by(r),
            "\n".join(f"{labels[r.report.call.form_version_id].get(table_code(code), code)}: {text}" for code, text in r.remarks.items()),
            r.note, _until(r.due_at), _outcome(r, at),
        ])
        for r in rounds
    ]  # fmt: skip


def _returned_by(round_: Any) -> str:
    """Of a row of `returns_listed`: no name for who may not learn who judges the unit."""
    return _("the provider") if round_.unnamed else str(round_.returned_by)


def _outcome(round_: ReturnRound, at: datetime) -> str:
    if round_.answered_at:
        return _("answered")
    if round_.withdrawn_at:
        return _("taken back")
    return _("not answered in time") if round_.lapsed_at or round_.due_at <= at else _("waits for the unit")


# ------------------------------------------------------------------------------------------------------- extensions
def extensions_listed(scope: Scope, window: Window, at: datetime, filters: Filters) -> QuerySet[ExtensionRequest]:
    found = extensions_in(scope, window).select_related(
        "report__call__agreement__service", "asked_by", "membership__deputy_for__person", "decided_by"
    )
    decision = filters.get("decision", "")
    if decision == "waiting":
        return found.filter(decided_at=None)
    return found.filter(decision=decision) if decision in Decision.values else found


def extension_lines(requests: list[ExtensionRequest], at: datetime) -> list[ListLine]:
    return [
        ListLine(reverse("reports:extension", args=[r.pk]), [
            r.report.unit_name, r.report.call.title, r.report.call.service.title_here, r.asked_at, r.who, _until(r.asked_until), r.reason,
            Decision(r.decision).label if r.decision else _("Not decided yet"), _until(r.granted_until), r.decided_at,
            str(r.decided_by or ""), r.decision_reason,
        ])
        for r in requests
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------------- general requests
def decided_listed(scope: Scope, window: Window, at: datetime, filters: Filters) -> QuerySet[RequestDecision]:
    """Decisions of the period on general requests, those by agreement among them."""
    found = RequestDecision.objects.filter(
        scope.of("general__unit__path", "general__request_type__service"), window.of("at")
    )
    decision = filters.get("decision", "")
    found = found.filter(decision=decision) if decision in Decision.values else found
    return found.select_related("general__unit", "general__request_type__service", "by")


def decided_lines(decisions: list[RequestDecision], at: datetime) -> list[ListLine]:
    return [
        ListLine(reverse("reports:request", args=[d.general_id]), [
            d.general.unit.name, d.general.request_type.title_here, d.general.request_type.service.title_here,
            d.general.filed_at, d.general.reason,
            Decision(d.decision).label, d.at, str(d.by), d.reason, _("by agreement") if d.dispute_id else "",
        ])
        for d in decisions
    ]  # fmt: skip


def general_decisions() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("All")), *Decision.choices]


def decisions() -> list[tuple[str, Any]]:
    waiting = ("waiting", gettext_lazy("Not decided yet"))
    return [("", gettext_lazy("All")), *Decision.choices, waiting]


# -------------------------------------------------------------------------------------------------------- deadlines
def deadlines_listed(scope: Scope, window: Window, at: datetime, filters: Filters) -> QuerySet[Report]:
    found = deadlines_in(scope, window, at, filters.get("deadline", ""))
    found = found.select_related("call__agreement__service", "call__form_version", "fact")
    return found.defer("call__audience", "call__form_version__definition", "call__form_version__summary")


def deadline_lines(reports: list[Report], at: datetime) -> list[ListLine]:
    return [
        ListLine(reverse("reports:report", args=[r.tracking_code]), [
            r.unit_name, r.call.title, r.call.service.title_here, _until(r.deadline), r.submitted_at, Timeliness(r.timeliness).label,
            _until(r.extension_until), r.fact.total if hasattr(r, "fact") and form_of(r.call.form_version).is_scored else None,
        ])
        for r in reports
    ]  # fmt: skip


def timings() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("All")), *Timeliness.choices]


# -------------------------------------------------------------------------------------------- closings and excuses
def acts_listed(scope: Scope, window: Window, at: datetime, filters: Filters) -> QuerySet[Event]:
    return of_kind(acts_in(scope, window), filters.get("kind", "")).select_related("person")


def act_lines(events: list[Event], at: datetime) -> list[ListLine]:
    of_call = Call.objects.select_related("agreement__service").in_bulk({e.call_id for e in events if e.call_id})
    calls: dict[int | None, tuple[str, str]] = {pk: (c.title, c.service.title_here) for pk, c in of_call.items()}
    codes = [event.key for event in events if event.noun == "report"]
    names = dict(Report.objects.filter(tracking_code__in=codes).values_list("tracking_code", "unit_name"))
    return [
        ListLine(
            reverse("reports:report", args=[e.key]) if e.noun == "report" else reverse("reports:call", args=[e.call_id]),
            [
                ACTS[e.noun, e.verb], *calls.get(e.call_id, ("", "")), names.get(e.key, "") if e.noun == "report" else _("all units"),
                e.at, str(e.person or _("the portal")), e.data.get("reason", ""), _moment(e.data.get("before")),
                _moment(e.data.get("after") or e.data.get("until")),
            ],
        )
        for e in events
    ]  # fmt: skip


def _moment(text: str | None) -> datetime | date | None:
    return _until(datetime.fromisoformat(text)) if text else None


def _until(end: datetime | None) -> datetime | date | None:
    """A deadline at midnight in Tehran is told by its last day, as people say it."""
    if end is None or end.astimezone(TEHRAN).time() != time():
        return end
    return last_day_before(end)


def act_kinds() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("All")), *KINDS.items()]


# --------------------------------------------------------------------------------------------------------- disputes
def disputes_listed(scope: Scope, window: Window, at: datetime, filters: Filters) -> QuerySet[Dispute]:
    found = disputes_in(scope, window, at).select_related("unit", "agreement__service")
    status = filters.get("status", "")
    return found.filter(status=status) if status in DisputeStatus.values else found


def dispute_lines(disputes: list[Dispute], at: datetime) -> list[ListLine]:
    return [
        ListLine(reverse("reports:dispute", args=[d.pk]), [
            d.title, d.unit.name, d.agreement.service.title_here, Subject(d.subject).label, Side(d.filed_side).label, d.filed_at,
            DisputeStatus(d.status).label, d.last_day, d.ended_at or (d.final_at if d.status == DisputeStatus.FINAL else None),
            days_since(d.filed_at, end_of(d.status, d.ended_at, d.final_at, at)),
        ])
        for d in disputes
    ]  # fmt: skip


def statuses() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("All")), *DisputeStatus.choices]


# ---------------------------------------------------------------------------------------------------------- answers
def answers_listed(scope: Scope, window: Window, at: datetime, filters: Filters) -> QuerySet[Acceptance]:
    found = answers_in(scope, window).select_related("unit", "agreement__service", "by")
    answer = filters.get("answer", "")
    return found.filter(answer=answer) if answer in Answer.values else found


def answer_lines(answers: Iterable[Acceptance], at: datetime) -> list[ListLine]:
    return [
        ListLine(reverse("sla:agreement", args=[a.agreement_id]), [
            a.unit.name, a.agreement.service.title_here, a.agreement.number, Answer(a.answer).label, a.reason, a.at, str(a.by),
        ])
        for a in answers
    ]  # fmt: skip


def answer_kinds() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("All")), *Answer.choices]
