"""Announcing many results at once. What is plain is done in bulk, some hundred reports a transaction; whatever has a past
(a version, an offer, a dispute, a return that nobody recorded) goes through `announce_result`, one by one.

Both ways leave the same rows: a property test holds them together.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, JSONField, OuterRef, Value
from django.db.models.functions import Cast

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.garbage import uncollected
from sajad_portal.lib.locks import share_call
from sla.actions.clocks import stop_clocks
from sla.enums import Subject
from sla.models import ClockInterval, Dispute
from sla.queries import days_deadline
from sla.rules import provider_membership
from units.actions.events import record_many, tell_many
from units.enums import UNIT_ROLES
from units.models import Event, Membership, Person, Succession
from units.queries import people_of_units

from ..enums import IN_REVIEW, ReportState, ReportStatus, ReportVerb, ResultKind
from ..models import Call, Report, ResultVersion, Revision
from ..notices.review import announced_many
from ..queries import asked_of, reports_at
from ..queries.findings import reviews_with_items
from ..queries.lines import is_barred
from ..queries.result_findings import settled_findings
from .facts import write_facts
from .results import announce_result, prepare_version, prepared_from, told_of
from .returns import run_clock_since_closing

BATCH = 500
PLAIN = (*IN_REVIEW, ReportStatus.MISSED)


@dataclass(frozen=True)
class Announcement:
    """What became of one report of many: its version, or why not."""

    report: Report
    version: ResultVersion | None
    refusal: str = ""


def announce_results(*, reports: Iterable[Report], by: Person) -> list[Announcement]:
    """Announce the initial results of many reports: one that is refused stops no other. In the order given."""
    reports = list(reports)
    found: dict[int, Announcement] = {}
    of_call: dict[int, list[Report]] = defaultdict(list)
    for report in reports:
        of_call[report.call_id].append(report)
    for call_id in sorted(of_call):
        for start in range(0, len(of_call[call_id]), BATCH):
            some = of_call[call_id][start : start + BATCH]
            found |= _announce_plain(call_id, some, by)
    for report in reports:
        if report.pk not in found:
            found[report.pk] = _announce_one(report, by)
    return [found[report.pk] for report in reports]


def _announce_one(report: Report, by: Person) -> Announcement:
    try:
        return Announcement(report, announce_result(report=report, by=by))
    except (Refused, Forbidden) as refusal:
        return Announcement(report, None, str(refusal))


def _announce_plain(call_id: int, reports: Sequence[Report], by: Person) -> dict[int, Announcement]:
    """The plain ones of these reports of one call, in one transaction: lock, read the clock, check, write."""
    with transaction.atomic(), uncollected():
        share_call(call_id)
        ids = [report.pk for report in reports]
        list(Report.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        at = database_now()
        plain = [r for r in _plain_reports(ids, at) if not is_barred(by, r, at)]
        membership = provider_membership(by, plain[0].call.service, at) if plain else None
        if membership is None:
            return {}  # announce_result says why
        found, prepared = _prepared(plain, at, by)
        _write(prepared, at=at, by=by, membership=membership)
    return found | {made.report.pk: Announcement(made.report, made.version) for made in prepared}


def _plain_reports(ids: list[int], at: datetime) -> list[Report]:
    """Never announced, nothing prepared, nothing in dispute, and their stored state is what they are."""
    disputes = Dispute.objects.filter(
        outcome="", subject=Subject.MISS, call_id=OuterRef("call"), unit_id=OuterRef("unit")
    )
    return list(
        reports_at(at)
        .filter(pk__in=ids, status__in=PLAIN, announced_at__isnull=True, results__isnull=True)
        .exclude(state=ReportState.RETURNED)
        .exclude(Exists(disputes))
        .order_by("pk")
    )


@dataclass(frozen=True)
class _Made:
    """A report with its version, not stored, and the text of the version's score."""

    report: Report
    version: ResultVersion
    text: str


def _prepared(reports: list[Report], at: datetime, by: Person) -> tuple[dict[int, Announcement], list[_Made]]:
    """(who is refused and why, the versions of the others, not stored). Three queries."""
    reviews, items = reviews_with_items(reports)
    revisions: dict[int, list[Revision]] = defaultdict(list)
    for revision in Revision.objects.filter(report__in=reports).order_by("number"):
        revisions[revision.report_id].append(revision)
    refused, versions = {}, []
    for report in reports:
        definition = asked_of(report)
        missed = report.status == ReportStatus.MISSED
        own = revisions[report.pk]
        try:
            findings = {} if missed else settled_findings(definition, reviews.get(report.pk, []), own, items)
        except Refused as refusal:
            refused[report.pk] = Announcement(report, None, str(refusal))
            continue
        result = prepared_from(definition, findings, own[-1] if own else None, missed=missed)
        version = prepare_version(report, result, kind=ResultKind.INITIAL, at=at, by=by, number=1)
        versions.append(_Made(report, version, result.text))
    return refused, versions


def _write(prepared: list[_Made], *, at: datetime, by: Person, membership: Membership) -> None:
    """What `announce_version` writes for one, for all of them."""
    if not prepared:
        return
    reports = [made.report for made in prepared]
    call, requests = reports[0].call, [report.request_id for report in reports]
    until = days_deadline(at, call.objection_days)
    clock_runs = set(
        ClockInterval.objects.filter(request__in=requests, ends_at=None).values_list("request_id", flat=True)
    )
    for made in prepared:
        report, version = made.report, made.version
        version.announced_at, version.announced_by, version.membership = at, by, membership
        if report.status == ReportStatus.SUBMITTED and report.request_id not in clock_runs:
            run_clock_since_closing(report, at)
        report.state, report.correction_due_at = ReportState.ANNOUNCED, None
        report.announced_at, report.objection_until = at, until
    _store(prepared)
    Report.objects.filter(pk__in=[report.pk for report in reports]).update(
        state=ReportState.ANNOUNCED, announced_at=at, objection_until=until, correction_due_at=None
    )
    Call.objects.filter(pk=call.pk, first_announced_at__isnull=True).update(first_announced_at=at)
    stop_clocks(requests, at)
    events = [
        Event(
            verb=ReportVerb.ANNOUNCE, noun="report", key=made.report.tracking_code, at=at, person=by, membership=membership,
            path=made.report.unit_path, unit_id=made.report.unit_id, call_id=made.report.call_id, data=told_of(made.version, made.report),
        )
        for made in prepared
    ]  # fmt: skip
    record_many(events)
    heirs = dict(Succession.objects.standing().filter(call_id=call.pk).values_list("unit", "successor"))
    people = people_of_units([*(r.unit_id for r in reports), *filter(None, heirs.values())], *UNIT_ROLES, at=at)
    told = announced_many(
        (report, people.get(report.unit_id, []) + people.get(heirs.get(report.unit_id) or 0, [])) for report in reports
    )
    tell_many(zip(events, told, strict=True))
    write_facts([(made.report, made.version) for made in prepared])


def _store(prepared: list[_Made]) -> None:
    """PostgreSQL keeps a JSON value, not its text: it is sent the text that was hashed. SQLite keeps the text itself, which
    is what the field writes."""
    if connection.vendor != "postgresql":
        ResultVersion.objects.bulk_create([made.version for made in prepared], batch_size=BATCH)
        return
    scores = [made.version.score for made in prepared]
    for made in prepared:
        made.version.score = Cast(Value(made.text), JSONField())
    ResultVersion.objects.bulk_create([made.version for made in prepared], batch_size=BATCH)
    for made, score in zip(prepared, scores, strict=True):
        made.version.score = score
