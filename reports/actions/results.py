"""Announcing results. A version is scored from what is settled, kept for ever, and opens or restarts the objection window.

`prepare_result`, `prepare_version` and `announce_version` are parts of verbs, not verbs: an offer in a dispute prepares a
version, and accepting it announces exactly that one (objections.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from sajad_portal.lib.canonical import canonical_json, sha256_of
from sajad_portal.lib.codes import new_code
from sajad_portal.lib.errors import Refused
from sla.actions.clocks import stop_clock
from sla.actions.disputes import lapse_offers, replace_position
from sla.enums import Subject
from sla.models import Dispute
from sla.queries import days_deadline
from sla.rules import RESULT
from units.actions.events import record, tell
from units.models import Membership, Person

from ..enums import ReportState, ReportStatus, ReportVerb, ResultKind
from ..models import Call, Objection, Report, ResultVersion, Revision
from ..notices.review import announced
from ..queries import asked_of
from ..queries.findings import reviews_of, revisions_of
from ..queries.result_findings import (
    ChangedFinding,
    StoredFinding,
    apply_changes,
    findings_of_version,
    score_findings,
    settled_findings,
    stored_total,
)
from ..rules import announcing_membership
from ..xlsform.definition import FormDefinition
from .deciding import require_decider
from .facts import write_facts
from .locking import lock_report, next_report_state, require, require_reason
from .returns import run_clock_since_closing, settle_lapsed_return


@dataclass(frozen=True)
class Prepared:
    """A result that is not stored yet. `score`: what ResultVersion.score holds, findings included."""

    score: dict
    total: Decimal | None
    missed: bool
    revision: Revision | None

    @cached_property
    def text(self) -> str:
        """The score as canonical JSON: what is hashed, and what a bulk of them is stored from. Twenty kilobytes, made once."""
        return canonical_json(self.score)


# ---------------------------------------------------------------------------------------------------------- preparing
def prepare_result(report: Report, at: datetime, changes: Mapping[str, ChangedFinding] | None = None) -> Prepared:
    """Score the report from what stands: the last announced version's findings, else what reviewers settled.

    `changes` {indicator: Change} replace single findings. A missed report scores 0. Reads only. Refused while an indicator
    has no settled finding.
    """
    definition = asked_of(report)
    revisions = revisions_of(report)
    revision = revisions[-1] if revisions else None
    last = last_announced(report)
    if last is not None:
        findings, missed = findings_of_version(last), last.missed and not changes
    else:
        missed = report.status == ReportStatus.MISSED
        findings = {} if missed else settled_findings(definition, reviews_of(report), revisions)
    return prepared_from(definition, apply_changes(definition, findings, changes or {}), revision, missed=missed)


def prepared_from(
    definition: FormDefinition, findings: Mapping[str, StoredFinding], revision: Revision | None, *, missed: bool
) -> Prepared:
    """The result that these findings make."""
    standing = None if missed or revision is None else revision.standing
    score = score_findings(definition, findings, standing)
    return Prepared(
        score={**score.to_json(), "findings": {code: finding.to_json() for code, finding in findings.items()}},
        total=Decimal(0) if missed else stored_total(score),
        missed=missed,
        revision=None if missed else revision,
    )


def last_announced(report: Report) -> ResultVersion | None:
    """The version that stands: the last one announced, whose number was not always the highest."""
    found = report.results.filter(announced_at__isnull=False).order_by("-announced_at", "-number")
    return found.first()


def prepare_version(
    report: Report, prepared: Prepared, *, kind: str, at: datetime, by: Person, reason: str = "", dispute: Dispute | None = None,
    number: int | None = None,
) -> ResultVersion:  # fmt: skip
    """Part of a verb: the next version, unsaved and not announced. The report is locked, so that numbers stay unique;
    `number` where it is known."""
    number = number or _next_number(report)
    return ResultVersion(
        report=report, number=number, kind=kind, revision=prepared.revision, score=prepared.score, total=prepared.total,
        missed=prepared.missed, reason=reason, dispute=dispute, prepared_at=at, prepared_by=by,
        verification_code=new_code(), sha256=result_hash(report, number, prepared),
    )  # fmt: skip


def _next_number(report: Report) -> int:
    return (report.results.filter(announced_at__isnull=False).aggregate(last=Max("number"))["last"] or 0) + 1


def result_hash(report: Report, number: int, prepared: Prepared) -> str:
    """SHA-256, hex, over canonical JSON of what a version says: what a letter's fingerprint and checkinvariants compare."""
    revision = prepared.revision.sha256 if prepared.revision else None
    parts = {"missed": prepared.missed, "number": number, "revision": revision, "tracking_code": report.tracking_code}
    texts = {name: canonical_json(part) for name, part in parts.items()} | {"score": prepared.text}
    body = ",".join(f'"{name}":{texts[name]}' for name in sorted(texts))
    return sha256_of(f"{{{body}}}")


def offer_version(
    report: Report, changes: Mapping[str, ChangedFinding], *, dispute: Dispute, reason: str, at: datetime, by: Person
) -> ResultVersion:
    """Part of `offer_result`: a stored version that waits for the other side. Nobody but the two sides sees it."""
    prepared = prepare_result(report, at, changes)
    version = prepare_version(report, prepared, kind=ResultKind.OFFER, at=at, by=by, reason=reason, dispute=dispute)
    version.save(force_insert=True)
    return version


# --------------------------------------------------------------------------------------------------------- announcing
def announce_result(
    *, report: Report, by: Person, reason: str = "", changes: Mapping[str, ChangedFinding] | None = None
) -> ResultVersion:
    """Announce the initial result; with `changes` and a reason, a new version of one announced before.

    Announcing again without changes gives the version that stands. Refused while the review is not settled, and after
    finality. Within an unused objection window a new version restarts it; within an open dispute it is the provider's new
    position, and neither the window nor `final_at` moves.
    """
    with transaction.atomic():
        report, at = lock_report(report)
        require_decider(by, report, at)
        membership = require(
            announcing_membership(by, report, at),
            _("Inside a dispute no result is announced by one who made the contested score. Ask another coordinator."),
        )
        report = settle_lapsed_return(report, at)
        standing_version = last_announced(report)
        if standing_version is not None and not changes:
            return standing_version
        if report.status == ReportStatus.FINAL:
            raise Refused(_("This result is final; no new version is announced."), code="final")
        next_report_state(report, "announce")
        if report.status == ReportStatus.SUBMITTED:
            run_clock_since_closing(report, at)
        if changes:
            reason = require_reason(reason)
        prepared = prepare_result(report, at, changes)
        kind = ResultKind.INITIAL if standing_version is None else ResultKind.REVISED
        version = prepare_version(report, prepared, kind=kind, at=at, by=by, reason=reason)
        announce_version(version, report, at=at, by=by, membership=membership)
    return version


def announce_version(
    version: ResultVersion, report: Report, *, at: datetime, by: Person, membership: Membership, ends_dispute: bool = False
) -> None:  # fmt: skip
    """Part of a verb: the version stands from `at` on. `ends_dispute`: an accepted offer, whose dispute the caller ends."""
    version.announced_at, version.announced_by, version.membership = at, by, membership
    if version.kind == ResultKind.OFFER:
        # Others may have been announced since it was offered; its number is the next one now.
        version.number = _next_number(report)
        said = Prepared(version.score, version.total, version.missed, version.revision)
        version.sha256 = result_hash(report, version.number, said)
    version.save()
    dispute = open_dispute_over_result(report, at, missed=version.missed)
    if not ends_dispute and (dispute is None or report.announced_at is None):
        # The zero of a miss that is in dispute already opens no window: its month goes on.
        report.announced_at = at
        report.objection_until = at if dispute else days_deadline(at, report.call.objection_days)
    report.state, report.correction_due_at = ReportState.ANNOUNCED, None
    report.save(update_fields=["state", "announced_at", "objection_until", "correction_due_at"])
    # The call's first result: from here on it can no longer be cancelled. Whoever comes second changes 0 rows.
    Call.objects.filter(pk=report.call_id, first_announced_at__isnull=True).update(first_announced_at=at)
    stop_clock(report.request, at=at)
    event = record(
        ReportVerb.ANNOUNCE, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
        unit_id=report.unit_id, call_id=report.call_id, data=told_of(version, report),
    )  # fmt: skip
    if dispute is not None and not ends_dispute:
        _replace_position(dispute, version, at=at, by=by, membership=membership)
    elif not ends_dispute:
        tell(event, announced(report, version, at))
    write_facts([(report, version)])


def told_of(version: ResultVersion, report: Report) -> dict:
    """What the Event of an announcement says of the version, and of the end of the objection days from then on."""
    return {
        "version": version.number, "kind": version.kind, "missed": version.missed, "sha256": version.sha256,
        "reason": version.reason, "objection_until": report.objections_end.isoformat(),
    }  # fmt: skip


def open_dispute_over_result(report: Report, at: datetime, *, missed: bool = False) -> Dispute | None:
    """The dispute over the report's result that is in negotiation at `at`; with `missed` also one over the miss itself,
    whose figure a result of 0 is."""
    over = Q(objection__report=report)
    if missed:
        over |= Q(subject=Subject.MISS, call_id=report.call_id, unit_id=report.unit_id)
    return Dispute.objects.filter(over, outcome="", recorded_at__isnull=True, final_at__gt=at).first()


def _replace_position(
    dispute: Dispute, version: ResultVersion, *, at: datetime, by: Person, membership: Membership | None
) -> None:
    """A version announced within a dispute is what the provider stands on now. One over a miss is over the result from now
    on, and what was offered before lapses."""
    _objection, is_new = Objection.objects.get_or_create(
        dispute=dispute, defaults={"report_id": version.report_id, "result": version}
    )
    replace_position(
        dispute, text=version.reason, act_noun=RESULT, act_key=str(version.pk), at=at, by=by, membership=membership
    )
    if is_new:
        lapse_offers(dispute, at)
