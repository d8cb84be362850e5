"""Objections to results: a side contests within the window, either side offers another result, the other accepts it.

The report's row is locked before the dispute's (lock order: call, report, the rest); the clock that decides is the one
read after the last lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sla.actions.disputes import (
    acting_side,
    lock_dispute,
    next_status,
    open_dispute,
    required_text,
    the_same_filing,
    write_for_provider,
)
from sla.actions.offers import put_offer, settle_dispute
from sla.enums import OfferState, Side, Subject
from sla.files.attachments import inspect_all
from sla.models import Dispute, DisputeMessage, Offer
from sla.rules import RESULT
from units.actions.events import record
from units.models import Person

from ..enums import ReportStatus, ReportVerb
from ..models import Objection, Report, ResultVersion
from ..queries import asked_of, reports_at
from ..queries.disputes import reviewed_report_of
from ..queries.findings import Claim, claim_of
from ..queries.lines import once_in_line
from ..queries.result_findings import ChangedFinding
from ..rules import contesting_side, score_makers
from ..rules.disputes import contested_review_membership
from .locking import lock_report, next_report_state, require
from .objection_lines import TypedLine, are_the_same, clean_lines, keep_lines, words_of_lines
from .results import announce_version, last_announced, offer_version
from .review import ItemRefused, TypedFinding, check


def contest_result(
    *, report: Report, text: str, by: Person, files: Sequence[File] = (), lines: Mapping[str, TypedLine] | None = None
) -> Dispute:
    """Contest the result that stands, within the objection window: the head for the unit, a coordinator of the provider for
    the provider. The result is position 0 of the dispute. The same click twice is one dispute.

    `lines` {indicator: TypedLine}: which indicators the unit contests, with the figure it stands by; then `text` may be empty.
    LinesRefused (nothing stored) for lines that cannot be taken.
    """
    lines = lines or {}
    inspected = inspect_all(files)
    with transaction.atomic():
        report, at = lock_report(report)
        acting = require(
            contesting_side(by, report, at),
            _("A result is contested by the head of the unit or by a coordinator of the provider."),
        )
        again, version = _opened_by(report, by), last_announced(report)
        if again is not None:
            return _the_same_objection(again, report, text, inspected, lines, at)
        if report.status == ReportStatus.FINAL:
            raise Refused(_("The days for objecting have passed; the result is final."), code="objection-window-passed")
        next_report_state(report, "contest")
        if version is None:
            raise Refused(_("There is no result to contest yet."), code="no-result")
        if lines and acting[0] != Side.RECIPIENT:
            raise Refused(
                _("Figures to stand by are the unit’s. Write what the provider contests, in words."),
                code="lines-of-the-unit",
            )
        contested, line_files = clean_lines(report, version, lines, at)
        text, inspected = text.strip() or words_of_lines(report, contested), [*inspected, *line_files]
        dispute = open_dispute(
            unit=report.unit, agreement=report.call.agreement, subject=Subject.RESULT, noun=RESULT, key=str(version.pk),
            title=report.call.title, text=text, inspected=inspected, side=acting[0], at=at, by=by,
            membership=acting[1], call_id=report.call_id, position=version.reason,
            without_vote=Person.objects.filter(pk__in=score_makers(report) | once_in_line(report, at)),
        )  # fmt: skip
        objection = Objection.objects.create(report=report, result=version, dispute=dispute)
        keep_lines(objection, contested, lines, general=len(inspected) - len(line_files))
        record(
            ReportVerb.CONTEST, noun="report", key=report.tracking_code, at=at, by=by, membership=acting[1],
            path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id,
            data={"version": version.number, "dispute": dispute.pk, "indicators": [line.indicator for line in contested]},
        )  # fmt: skip
        return dispute


class OfferRefused(Refused):
    """Values of an offer that cannot be stored. `errors`: {indicator: {field: message}}, fields as in `ItemRefused`."""

    def __init__(self, errors: dict[str, dict[str, str]]):
        super().__init__(_("Some values cannot be read. Correct them; nothing was offered yet."), code="offer-refused")
        self.errors = errors


def offer_result(*, dispute: Dispute, typed: Mapping[str, TypedFinding], text: str, by: Person) -> Offer:
    """Propose another result: `typed` {indicator: finding} instead of what stands, scored and kept as a version of its own.

    Accepting the offer announces exactly that version. OfferRefused (nothing stored) for values that cannot be read.
    """
    with transaction.atomic():
        report, dispute, at = _lock_both(dispute)
        side, membership = acting_side(by, dispute, at)
        next_status(dispute, "offer")
        if not typed:
            raise Refused(
                _("An offer changes at least one value. Change what you would verify otherwise."), code="no-change"
            )
        text = required_text(text)
        changes = typed_changes(report, typed, reason=text, by=by, at=at)
        version = offer_version(report, changes, dispute=dispute, reason=text, at=at, by=by)
        return put_offer(
            dispute, side=side, text=text, at=at, by=by, membership=membership, act_noun=RESULT, act_key=str(version.pk)
        )


def typed_changes(
    report: Report, typed: Mapping[str, TypedFinding], *, reason: str, by: Person, at: datetime
) -> dict[str, ChangedFinding]:
    """What was typed, checked as a reviewer's findings are."""
    definition, revision = asked_of(report), report.revisions.order_by("number").last()
    changes, errors = {}, {}
    clean: dict[str, Any]
    for code, finding in typed.items():
        indicator = definition.judged_as(code)
        if indicator is None:
            raise Refused(_("The form has no indicator %(code)s.") % {"code": code}, code="no-such-indicator")
        if indicator.source:
            clean = {"verified": {"value": "1" if finding.verified.get("value") == "1" else "0"}}
        else:
            claim = claim_of(revision, indicator) if revision else Claim(inputs={})
            try:
                finding = replace(finding, reason=finding.reason or reason)
                clean = check(report, indicator, claim, finding, answers=revision.answers if revision else {}, at=at)
            except ItemRefused as refusal:
                errors[code] = refusal.errors
                continue
        points = clean.get("points")
        changes[code] = ChangedFinding(
            verified=clean["verified"],
            reason=finding.reason or reason,
            not_applicable=clean.get("not_applicable"),
            points=None if points is None else str(points),
            by=by.get_full_name(),
        )
    if errors:
        raise OfferRefused(errors)
    return changes


def accept_result_offer(*, offer: Offer, by: Person) -> ResultVersion:
    """The other side agrees: exactly the offered version is announced and the dispute ends, in one transaction.

    A second click gives the same version.
    """
    with transaction.atomic():
        report, dispute, at = _lock_both(offer.dispute)
        offer = dispute.offers.get(pk=offer.pk)
        version = report.results.get(pk=int(offer.act_key), dispute=dispute)
        if offer.state == OfferState.ACCEPTED:
            return version
        next_status(dispute, "accept")
        next_report_state(report, "announce")
        settle_dispute(dispute, offer, at=at, by=by)
        _side, membership = acting_side(by, dispute, at)
        announce_version(version, report, at=at, by=by, membership=membership, ends_dispute=True)
        return version


def write_as_reviewer(*, dispute: Dispute, text: str, by: Person, files: Sequence[File] = ()) -> DisputeMessage:
    """Whoever reviewed what is contested may explain it in the thread, on the provider's side; they decide nothing."""
    inspected = inspect_all(files)
    with transaction.atomic():
        dispute, at = lock_dispute(dispute)
        report = reviewed_report_of(dispute, at)
        membership = require(
            report and contested_review_membership(by, report, at),
            _("Only a reviewer of the contested score writes here without speaking for a side."),
        )
        return write_for_provider(dispute=dispute, text=text, by=by, membership=membership, at=at, inspected=inspected)


def _lock_both(dispute: Dispute):
    """Report, then dispute; both as of the clock after the second lock. Refused where the dispute is over no result."""
    objection = Objection.objects.select_related("report").filter(dispute_id=dispute.pk).first()
    if objection is None:
        raise Refused(_("This dispute is not over a result."), code="not-over-result")
    lock_report(objection.report)
    dispute, at = lock_dispute(dispute)
    return reports_at(at).get(pk=objection.report_id), dispute, at


def _the_same_objection(
    dispute: Dispute,
    report: Report,
    text: str,
    inspected: Sequence[tuple],
    lines: Mapping[str, TypedLine],
    at: datetime,
) -> Dispute:
    """The open dispute, where exactly this opened it. Other words, files or lines were not filed, and it says so."""
    contested, line_files = clean_lines(report, dispute.objection.result, lines, at)
    said = text.strip() or words_of_lines(report, contested)
    return the_same_filing(dispute, said, [*inspected, *line_files], alike=are_the_same(dispute, contested))


def _opened_by(report: Report, by: Person) -> Dispute | None:
    """The open dispute that the same person filed."""
    if report.status != ReportStatus.CONTESTED:
        return None
    return Dispute.objects.filter(objection__report=report, filed_by=by, outcome="").order_by("-pk").first()
