"""Calls that are over, written in bulk: as many units and periods as asked for, consistent to the last Event.

Rows as the verbs would have left them at their instants; `checkinvariants` is the proof. Live things go through the verbs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sajad_portal.lib.clock import end_of_day, start_of_day
from sajad_portal.lib.codes import TRACKING_GROUPS, new_code
from sajad_portal.lib.errors import promised
from sajad_portal.lib.periods import Period
from sla.models import AgreementVersion, ClockInterval, RequestType, ServiceRequest
from sla.queries import days_deadline, pinned_documents
from units.models import Event, Membership, Unit

from ..actions.facts import write_facts
from ..actions.results import Prepared, result_hash
from ..actions.submission import revision_hash
from ..enums import CallState, ReportState, ReportVerb, ResultKind, ReviewState, Standing
from ..models import (
    Call,
    CallDocument,
    Evidence,
    FormVersion,
    Report,
    ResultVersion,
    Review,
    ReviewAssignment,
    ReviewItem,
    Revision,
    Snapshot,
)
from ..queries import form_of
from ..queries.result_findings import score_findings, stored_total
from ..queries.terms import terms_told
from . import figures
from .papers import evidence_paper

BATCH = 1000
GRACE = timedelta(minutes=30)


@dataclass(frozen=True)
class PastTerms:
    """Under what a past call ran, and who acted for headquarters."""

    form_version: FormVersion
    agreement: AgreementVersion
    request_type: RequestType
    coordinator: Membership
    reviewer: Membership


@dataclass(frozen=True)
class Past:
    """One call that is over. `latch`: results whose objection window has ended are recorded final."""

    call: Call
    reports: list[Report]


def past_call(
    terms: PastTerms, period: Period, heads: dict[int, Membership], units: list[Unit], *, announced_at: datetime, now: datetime,
    leave_open: Iterable[int] = (), files: bool = True, variety: int = 0,
) -> Past:  # fmt: skip
    """A call of `period` to `units`, announced at `announced_at`.

    `heads` {unit id: membership of its head}. Units in `leave_open` get no final instant, because a dispute follows.
    `files`: evidence too. `variety` 0: each report its own figures; n: n different ones.
    """
    call = _call(terms, period, announced_at)
    requests = ServiceRequest.objects.bulk_create(
        [
            ServiceRequest(
                unit=unit, request_type=terms.request_type, agreement=terms.agreement, created_at=call.published_at,
                stopped_at=announced_at, target_working_days=terms.request_type.target_working_days,
            )
            for unit in units
        ],
        batch_size=BATCH,
    )  # fmt: skip
    until = days_deadline(announced_at, call.objection_days)
    disputed = set(leave_open)
    stories = [
        _Story(call, unit, request, heads[unit.pk], terms.reviewer.person.get_full_name(), until, now, unit.pk in disputed, variety)
        for unit, request in zip(units, requests, strict=True)
    ]  # fmt: skip
    reports = Report.objects.bulk_create([story.report for story in stories], batch_size=BATCH)
    sent = [story for story in stories if story.submitted_at]
    if files:
        _evidence(terms, sent)
    revisions = Revision.objects.bulk_create([story.revision() for story in sent], batch_size=BATCH)
    for story, revision in zip(sent, revisions, strict=True):
        story.stored_revision = revision
    ClockInterval.objects.bulk_create(
        [ClockInterval(request=s.request, starts_at=s.submitted_at, ends_at=announced_at) for s in sent],
        batch_size=BATCH,
    )
    _reviews(terms, call, sent)
    versions = ResultVersion.objects.bulk_create([s.result(terms, announced_at) for s in stories], batch_size=BATCH)
    write_facts(list(zip(reports, versions, strict=True)))
    _snapshot(call, stories)
    Event.objects.bulk_create(_events(terms, call, stories, announced_at), batch_size=BATCH)
    return Past(call, reports)


def _call(terms: PastTerms, period: Period, announced_at: datetime) -> Call:
    closes_at = end_of_day(announced_at.date() - timedelta(days=22))
    opens_at = start_of_day(closes_at.date() - timedelta(days=26))
    call = Call.objects.create(
        title=f"ارزیابی عملکرد خدمات دانشجویی، {period.label('fa')}", period_kind=period.kind, period_code=period.code,
        period_starts=period.starts, period_ends=period.ends, form_version=terms.form_version, agreement=terms.agreement,
        request_type=terms.request_type, audience={}, opens_at=opens_at, closes_at=closes_at, grace=GRACE,
        review_until=announced_at, state=CallState.PUBLISHED, created_at=opens_at - timedelta(days=9),
        created_by=terms.coordinator.person, published_at=opens_at - timedelta(days=5), published_by=terms.coordinator.person,
        opening_recorded_at=opens_at + timedelta(seconds=20), first_announced_at=announced_at,
    )  # fmt: skip
    CallDocument.objects.bulk_create(
        CallDocument(call=call, document=d) for d in pinned_documents(terms.agreement.service)
    )
    return call


class _Story:
    """What happened to one unit's report in a past call, decided by the unit and the period alone."""

    def __init__(
        self, call: Call, unit: Unit, request: ServiceRequest, head: Membership, reviewer: str, until: datetime, now: datetime,
        leave_open: bool, variety: int,
    ):  # fmt: skip
        self.call, self.unit, self.request, self.head, self.reviewer = call, unit, request, head, reviewer
        self.rng = Random(f"{unit.code}:{call.period_code}")  # noqa: S311 a demo's figures
        self.level = round(
            0.55 + figures.stable_number(unit.code) % 30 / 100 + (call.period_starts.year - 2025) * 0.02, 2
        )
        self.key = str(self.rng.randrange(variety)) if variety else f"{unit.code}:{call.period_code}"
        # A few hundred different reports serve ten thousand, in every period the same.
        self.figures_at = call.form_version.uploaded_at if variety else end_of_day(call.period_ends)
        if variety:
            self.level = round(0.55 + int(self.key) % 30 / 100, 2)
        self.standing = self.rng.choices([Standing.ON_TIME, Standing.IN_GRACE, None], [93, 4, 3])[0]
        if leave_open and self.standing is None:
            self.standing = Standing.ON_TIME
        self.started_at = call.opens_at + (call.closes_at - call.opens_at) * self.rng.uniform(0.02, 0.4)
        self.submitted_at = self._submitted_at()
        self.until, self.final = until, until <= now and not leave_open
        self.stored_revision: Revision | None = None
        self.evidence: list[dict] = []  # as a revision names it
        last = call.closes_at + call.grace
        self.report = Report(
            call=call, unit=unit, unit_name=unit.name, unit_sort_key=unit.sort_key, unit_path=unit.path,
            unit_kind=unit.kind_id, unit_attributes=unit.attributes, request=request,
            tracking_code=new_code(call.period_code.replace("-", ""), groups=TRACKING_GROUPS), state=ReportState.ANNOUNCED, closed_for=last,
            started_at=self.started_at, last_saved_at=self.submitted_at or self.started_at, submitted_at=self.submitted_at,
            review_started_at=self.review_at if self.submitted_at else None, announced_at=call.first_announced_at,
            objection_until=until, final_at=until if self.final else None,
        )  # fmt: skip

    def _submitted_at(self) -> datetime | None:
        """Most come in the last days."""
        if self.standing is None:
            return None
        if self.standing == Standing.IN_GRACE:
            return self.call.closes_at + timedelta(minutes=self.rng.randint(1, 28))
        return self.call.closes_at - timedelta(minutes=round(self.rng.expovariate(1 / 3000)) % 14000 + 3)

    @property
    def review_at(self) -> datetime:
        return self.call.closes_at + timedelta(days=1, hours=self.unit.pk % 7 + 5)

    def revision(self) -> Revision:
        report = figures.filled(*self._figures())
        at = promised(self.submitted_at, "only who sent a report has a revision")
        deadline = self.call.closes_at + self.call.grace
        rule = {
            "kind": "call", "closes_at": self.call.closes_at.isoformat(), "extension_until": None,
            "grace_seconds": int(self.call.grace.total_seconds()), "last_moment": deadline.isoformat(),
        }  # fmt: skip
        return Revision(
            report=self.report, number=1, answers=report.answers, values=report.values, evidence=self.evidence,
            sha256=revision_hash(self.report, report.answers, report.values, self.evidence, at), receipt_code=new_code(),
            submitted_at=at, submitted_by=self.head.person, membership=self.head, standing=self.standing,
            deadline=deadline, rule=rule,
        )  # fmt: skip

    def _figures(self) -> tuple:
        return self.call.form_version, self.key, self.level, self.figures_at, self.reviewer

    def result(self, terms: PastTerms, at: datetime) -> ResultVersion:
        missed = self.submitted_at is None
        if missed:
            empty = score_findings(form_of(terms.form_version), {}, None)
            prepared = Prepared({**empty.to_json(), "findings": {}}, stored_total(empty), True, None)
        else:
            json, score = figures.scored(*self._figures(), self.standing)
            prepared = Prepared(json, stored_total(score), False, self.stored_revision)
        self.version = ResultVersion(
            report=self.report, number=1, kind=ResultKind.INITIAL, revision=prepared.revision, score=prepared.score,
            total=prepared.total, missed=missed, prepared_at=at, prepared_by=terms.coordinator.person, announced_at=at,
            announced_by=terms.coordinator.person, membership=terms.coordinator, verification_code=new_code(),
            sha256=result_hash(self.report, 1, prepared),
        )  # fmt: skip
        return self.version


def _evidence(terms: PastTerms, sent: list[_Story]) -> None:
    """A file for each indicator that wants one; all of them are one paper in the store."""
    wanting = [i.code for i in form_of(terms.form_version).indicators if i.evidence]
    rows = [
        Evidence(
            report=s.report, indicator=code, name=f"مستند {code}.pdf", uploaded_at=s.started_at, uploaded_by=s.head.person, **evidence_paper()
        )
        for s in sent
        for code in wanting
    ]  # fmt: skip
    stories = {s.report.pk: s for s in sent}
    for row in Evidence.objects.bulk_create(rows, batch_size=BATCH):
        named = {"id": row.pk, "indicator": row.indicator, "name": row.name, "sha256": row.sha256, "size": row.size}
        stories[row.report_id].evidence.append(named)


def _reviews(terms: PastTerms, call: Call, sent: list[_Story]) -> None:
    """One reviewer looked at everything and handed in."""
    ReviewAssignment.objects.create(
        call=call, unit=call.service.provider, reviewer=terms.reviewer.person, assigned_at=call.closes_at, assigned_by=terms.coordinator.person
    )  # fmt: skip
    reviews = Review.objects.bulk_create(
        [
            Review(
                report=s.report, reviewer=terms.reviewer.person, state=ReviewState.HANDED_IN, assigned_at=call.closes_at,
                started_at=s.review_at, handed_in_at=s.review_at + timedelta(hours=3),
            )
            for s in sent
        ],
        batch_size=BATCH,
    )  # fmt: skip
    ReviewItem.objects.bulk_create(
        [
            ReviewItem(review=review, indicator=code, revision=1, verified=found.verified, reason=found.reason, saved_at=review.handed_in_at)
            for review, story in zip(reviews, sent, strict=True)
            for code, found in figures.filled(*story._figures()).findings.items()
        ],
        batch_size=BATCH,
    )  # fmt: skip


def _snapshot(call: Call, stories: list[_Story]) -> None:
    Snapshot.objects.create(
        call=call, number=1, as_of=call.closes_at + call.grace, taken_at=call.closes_at + call.grace + timedelta(seconds=12),
        submitted=[[s.report.tracking_code, s.stored_revision.sha256] for s in stories if s.stored_revision],
        missed=[s.report.tracking_code for s in stories if not s.stored_revision], open=[],
    )  # fmt: skip


def _events(terms: PastTerms, call: Call, stories: list[_Story], announced_at: datetime) -> Iterable[Event]:
    provider = call.service.provider
    laleh, omid = terms.coordinator, terms.reviewer

    def of_call(verb: ReportVerb, at, by, **data):
        return Event(
            at=at, verb=verb, noun="call", key=str(call.pk), path=provider.path, unit_id=provider.pk, call_id=call.pk,
            person=by.person if by else None, membership=by, data=data,
        )  # fmt: skip

    yield of_call(ReportVerb.CREATE, call.created_at, laleh, title=call.title)
    yield of_call(
        ReportVerb.PUBLISH, call.published_at, laleh, units=len(stories), agreement=call.agreement.number, price_rials=0,
        **terms_told(call),
    )  # fmt: skip
    yield of_call(ReportVerb.OPEN, call.opening_recorded_at, None)
    for s in stories:

        def of(verb: ReportVerb, at, by, s=s, **data):
            return Event(
                at=at, verb=verb, noun="report", key=s.report.tracking_code, path=s.unit.path, unit_id=s.unit.pk, call_id=call.pk,
                person=by.person if by else None, membership=by, data=data,
            )  # fmt: skip

        yield of(ReportVerb.ASK, call.published_at, laleh)
        yield of(ReportVerb.DRAFT, s.started_at, s.head)
        if s.stored_revision:
            yield of(
                ReportVerb.SUBMIT,
                s.submitted_at,
                s.head,
                revision=1,
                sha256=s.stored_revision.sha256,
                standing=s.standing,
            )
            yield of(ReportVerb.START_REVIEW, s.review_at, omid)
        yield of(
            ReportVerb.ANNOUNCE,
            announced_at,
            laleh,
            version=1,
            kind="initial",
            missed=s.version.missed,
            sha256=s.version.sha256,
            reason="",
            objection_until=s.until.isoformat(),
        )
        if s.final:
            yield of(ReportVerb.FINAL, s.until + timedelta(seconds=30), None, final_at=s.until.isoformat())
    figures_of = {
        "as_of": (call.closes_at + call.grace).isoformat(),
        "closed": len(stories),
        "submitted": sum(1 for s in stories if s.stored_revision),
        "missed": sum(1 for s in stories if not s.stored_revision),
        "open": 0,
    }
    yield of_call(ReportVerb.CLOSE, call.closes_at + call.grace + timedelta(seconds=12), None, **figures_of)
