"""The head's signature: asked for, taken back, sent back. Signing itself is `submission.submit_report`.

While a request is open nobody changes the draft, so the head signs what they read.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.text import normalise
from units.actions.events import record, tell
from units.models import Membership, Person

from ..enums import ReportVerb
from ..models import Report, SignOffRound
from ..notices.sign_off import sent_back, sign_off_requested
from ..queries.drafts import assess, collect
from ..rules import can_sign, submitting_roles, unit_membership
from ..rules.deadlines import in_correction, is_open
from .locking import lock_report, next_report_state, require, require_reason


@transaction.atomic
def request_sign_off(*, report: Report, by: Person, note: str = "") -> SignOffRound:
    """Ask the head to sign. A repeated click gives the open request. Refused while anything is missing, or too late."""
    report, at = lock_report(report)
    membership = require(unit_membership(by, report, at), _("Only the unit’s own experts and head do this."))
    if open_ := _open_round(report):
        return open_
    if not report.call.needs_sign_off:
        raise Refused(_("This call wants no signature; submit the report yourself."), code="no-sign-off")
    _require_time(report, at)
    state = next_report_state(report, "request_sign_off")
    draft = collect(report)
    if found := assess(report, draft, at).problems:
        raise Refused(
            _("%(n)s items are missing or wrong. The list beside the report leads to each of them.")
            % {"n": local_digits(len(found))},
            code="incomplete",
        )
    round_ = SignOffRound.objects.create(
        report=report, number=report.sign_offs.count() + 1, answers=draft.flat(), requested_at=at, requested_by=by,
        note=normalise(note)[:2000],
    )  # fmt: skip
    report.state = state
    report.save(update_fields=["state"])
    event = _record(ReportVerb.REQUEST_SIGN_OFF, report, round_, at=at, by=by, membership=membership)
    tell(event, sign_off_requested(report, round_, at))
    return round_


@transaction.atomic
def withdraw_request(*, report: Report, by: Person) -> SignOffRound:
    """Take the open request back, to go on writing. Kept as a round that was neither signed nor answered (no reply)."""
    report, at = lock_report(report)
    membership = require(unit_membership(by, report, at), _("Only the unit’s own experts and head do this."))
    return _decide(report, ReportVerb.WITHDRAW, "", at=at, by=by, membership=membership)


@transaction.atomic
def send_back(*, report: Report, note: str, by: Person) -> SignOffRound:
    """The head returns the draft to its writer, with a note that says what is to change."""
    report, at = lock_report(report)
    membership = require(
        unit_membership(by, report, at, submitting_roles(report)) if can_sign(by, report, at) else None,
        _("Only the head of the unit sends a draft back, and only while the report is open."),
    )
    round_ = _decide(report, ReportVerb.SEND_BACK, require_reason(note), at=at, by=by, membership=membership)
    return round_


def _decide(
    report: Report, verb: ReportVerb, reply: str, *, at: datetime, by: Person, membership: Membership
) -> SignOffRound:
    round_ = _open_round(report)
    if round_ is None:
        raise Refused(
            _("No signature is being waited for. Reload the page to see where the report stands."), code="no-request"
        )
    _require_time(report, at)
    report.state = next_report_state(report, verb)
    report.save(update_fields=["state"])
    round_.decided_at, round_.decided_by, round_.signed, round_.reply = at, by, False, reply
    round_.save(update_fields=["decided_at", "decided_by", "signed", "reply"])
    event = _record(verb, report, round_, at=at, by=by, membership=membership)
    if verb == ReportVerb.SEND_BACK:
        tell(event, sent_back(report, round_, at))
    return round_


def _require_time(report: Report, at: datetime) -> None:
    if in_correction(report, at) or is_open(report, at):
        return
    raise Refused(
        _("The deadline has passed, so this was not done. The head of the unit can ask for an extension."),
        code="closed",
    )


def _open_round(report: Report) -> SignOffRound | None:
    return report.sign_offs.filter(decided_at__isnull=True).select_related("requested_by").first()


def _record(verb: ReportVerb, report: Report, round_: SignOffRound, *, at, by: Person, membership: Membership):
    return record(
        verb, noun="report", key=report.tracking_code, at=at, by=by, membership=membership,
        path=report.unit_path, unit_id=report.unit_id, call_id=report.call_id, data={"round": round_.number},
    )  # fmt: skip
