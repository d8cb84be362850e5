"""Submitting a report, and taking it back. The verdict on the deadline is read under the lock, after the wait for it."""

from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.canonical import canonical_json, sha256_of
from sajad_portal.lib.codes import new_code
from sajad_portal.lib.deadlines import until
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import format_datetime
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_digits, local_number
from sla.actions.clocks import pause_clock, resume_clock, start_clock
from sla.queries.payments import is_paid
from sla.rules import has_accepted
from units.actions.events import record, tell
from units.models import Membership, Person

from .. import notices
from ..enums import ReportState, ReportStatus, ReportVerb
from ..models import Report, ReturnRound, Revision, SignOffRound
from ..queries import engine_of
from ..queries.claimed_scores import claim_of_draft
from ..queries.drafts import Assessment, assess, collect
from ..rules import can_recall, submitting_roles, unit_membership
from ..rules.deadlines import base_moment, in_correction, is_open, last_moment, standing
from .locking import lock_report, next_report_state, require


def submit_report(*, report: Report, by: Person, seen: str = "") -> Revision:
    """Make an immutable revision with its receipt. A repeated click gives the same receipt.

    `seen` is the digest of the draft that the signer read (`Draft.digest`): what changed since is not signed unread.

    Refused (nothing stored) after the last moment or the correction's deadline, without acceptance of the call's agreement
    version, and while something is missing; Forbidden for anybody but the unit's own.
    """
    with transaction.atomic():
        report, at = lock_report(report)
        membership = require(
            unit_membership(by, report, at, submitting_roles(report)),
            _("The head of the unit signs and submits this report. Ask the head for the signature."),
        )
        if report.state == ReportState.SUBMITTED:
            return report.revisions.latest("number")
        correcting = in_correction(report, at)
        if not correcting and not is_open(report, at):
            raise too_late(report, at)
        report.state = next_report_state(report, "submit")
        if not has_accepted(report.unit, report.call.agreement):
            raise Refused(
                _("The head of the unit has not accepted version %(n)s of the agreement yet. Accept it, then submit.")
                % {"n": local_digits(report.call.agreement.number)},
                code="not-accepted",
            )
        if not correcting and not is_paid(report.request):
            raise Refused(
                _(
                    "The fee of this report is not paid: %(rials)s rials. Pay it on the report’s page, then submit. What you "
                    "wrote is kept."
                )
                % {"rials": local_number(report.request.price_rials)},
                code="unpaid",
            )
        draft = collect(report)
        if seen and seen != draft.digest:
            raise Refused(
                _(
                    "The report changed after you opened this page, so it was not submitted. Check what changed, then sign."
                ),
                code="changed",
            )
        assessment = assess(report, draft, at)
        if found := assessment.problems:
            raise Refused(
                _("%(n)s items are missing or wrong. The list beside the report leads to each of them.")
                % {"n": local_digits(len(found))},
                code="incomplete",
            )
        revision = _make_revision(report, assessment, at=at, by=by, membership=membership, correcting=correcting)
        _close_rounds(report, revision, at=at, by=by, correcting=correcting)
        report.submitted_at = at
        report.correction_due_at = None
        report.save(update_fields=["state", "submitted_at", "correction_due_at"])
        event = record(
            ReportVerb.SUBMIT, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
            unit_id=report.unit_id, call_id=report.call_id,
            data={"revision": revision.number, "sha256": revision.sha256, "standing": revision.standing},
        )  # fmt: skip
        tell(event, notices.report_submitted(report, at))
    return revision


def too_late(report: Report, at: datetime) -> Refused:
    if report.status == ReportStatus.CANCELLED:
        return Refused(_("This call is cancelled; nothing is submitted any more."), code="cancelled")
    if at < report.call.opens_at:
        return Refused(
            _("The call opens %(at)s; nothing can be submitted before.")
            % {"at": format_datetime(report.call.opens_at)},
            code="not-open",
        )
    return Refused(
        _(
            "The call closed (%(at)s) and this submission was not accepted. What you wrote is kept. "
            "The head of the unit can ask for an extension on the report’s page."
        )
        % {"at": until(last_moment(report))},
        code="closed",
    )


def _make_revision(
    report: Report, assessment: Assessment, *, at, by: Person, membership: Membership, correcting: bool
) -> Revision:
    """The next revision. A correction never changes how the report stood to its deadline."""
    evidence = [
        {"id": e.pk, "indicator": e.indicator, "name": e.name, "sha256": e.sha256, "size": e.size}
        for e in assessment.draft.evidence
    ]
    answers, values = assessment.draft.flat(), _calculated(report, assessment, at)
    earlier = report.revisions.order_by("-number").first() if report.submitted_at else None
    deadline = report.correction_due if correcting else last_moment(report)
    rule = {
        "kind": "correction" if correcting else "call",
        "closes_at": report.call.closes_at.isoformat(),
        "extension_until": report.extension_until.isoformat() if report.extension_until else None,
        "grace_seconds": int(report.call.grace.total_seconds()),
        "last_moment": deadline.isoformat(),
    }
    if not correcting and (span := report.request.bank_span) and last_moment(report) > base_moment(report):
        rule["kind"] = "bank"  # the payment that spanned the deadline, from when to when
        rule |= {"begun_at": span[0].isoformat(), "settled_at": span[1].isoformat()}
    stands = earlier.standing if correcting and earlier else standing(report, at)
    return Revision.objects.create(
        report=report, number=earlier.number + 1 if earlier else 1, correction_round=report.correction_round if correcting else 0,
        answers=answers, values=values, evidence=evidence, sha256=revision_hash(report, answers, values, evidence, at),
        receipt_code=new_code(), submitted_at=at, submitted_by=by, membership=membership,
        standing=stands, deadline=deadline, rule=rule, claimed_score=claim_of_draft(assessment, stands).to_json(),
        doubts=[doubt.to_json() for found in assessment.doubts.values() for doubt in found],
    )  # fmt: skip


def _calculated(report: Report, assessment: Assessment, at: datetime) -> dict[str, str]:
    """What the form calculates, names of answers and months in Persian whatever language the signer reads: it is stored for all."""
    if current_language() == "fa":
        return assessment.evaluation.calculated
    return engine_of(report).evaluate(assessment.draft.answers, at=at, language="fa").calculated


def revision_hash(report: Report, answers: dict, values: dict, evidence: list, at: datetime) -> str:
    """SHA-256, hex, over canonical JSON of what was submitted, where and when: what the receipt and checkinvariants compare."""
    body = {
        "tracking_code": report.tracking_code,
        "submitted_at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "answers": answers,
        "values": values,
        "evidence": evidence,
    }
    return sha256_of(canonical_json(body))


def _close_rounds(report: Report, revision: Revision, *, at: datetime, by: Person, correcting: bool) -> None:
    """Submitting answers what was open: the sign-off round, the return and its pause; the first one starts the clock."""
    SignOffRound.objects.filter(report=report, decided_at__isnull=True).update(
        decided_at=at, decided_by=by, signed=True
    )
    if not correcting:
        # A recalled report's clock was paused; the first submission starts it.
        (start_clock if revision.number == 1 else resume_clock)(report.request, at=at)
        return
    round_ = report.returns.get(ReturnRound.OPEN)
    round_.answered_at = at
    round_.save(update_fields=["answered_at"])
    resume_clock(report.request, at=at)
    event = record(
        ReportVerb.ANSWER_RETURN, noun="report", key=report.tracking_code, at=at, by=by, path=report.unit_path, unit_id=report.unit_id,
        call_id=report.call_id, data={"round": round_.number, "revision": revision.number},
    )  # fmt: skip
    tell(event, notices.correction_answered(report, round_, at))


def recall_submission(*, report: Report, by: Person) -> Report:
    """Take a submission back into draft. Its receipt stays; if nothing follows by the last moment, it counts."""
    with transaction.atomic():
        report, at = lock_report(report)
        membership = require(unit_membership(by, report, at, submitting_roles(report)))
        if not can_recall(by, report, at):
            raise Refused(
                _("The submission can no longer be taken back: a reviewer has started, or the deadline has passed."),
                code="not-recallable",
            )
        report.state = next_report_state(report, "recall")
        report.save(update_fields=["state"])
        pause_clock(report.request, at=at)
        event = record(
            ReportVerb.RECALL, noun="report", key=report.tracking_code, at=at, by=by, membership=membership, path=report.unit_path,
            unit_id=report.unit_id, call_id=report.call_id, data={"revision": report.revisions.count()},
        )  # fmt: skip
        tell(event, notices.report_recalled(report, at))
    return report
