"""Checking the whole report before it goes: the expert asks for the signature, the head signs or sends it back."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sajad_portal.lib.access import SIGNING, access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.sql import prepared
from sla.rules import has_accepted
from units.enums import Role
from units.pages.frame import SignedInRequest

from ...actions.drafts import refusal_of
from ...actions.locking import require
from ...actions.sign_off import request_sign_off, send_back, withdraw_request
from ...actions.submission import recall_submission, submit_report
from ...models import Report, SignOffRound
from ...pages.entry.page import page_url, report_parts, section_lines
from ...pages.entry.section import Card
from ...pages.payments.fees import fee_of_report
from ...pages.report.summary import changes_between, file_changes, parts_of
from ...queries import engine_of, report_for, report_named
from ...queries.claimed_scores import claim_of_draft
from ...queries.draft_progress import progress
from ...queries.drafts import Assessment, assess, collect, remarks_of
from ...rules import can_request_sign_off, can_sign, unit_membership
from ...rules.deadlines import is_open, standing, standing_if_sent, takes_submission
from ...xlsform.definition import FormDefinition
from ..entry.tries import of_a_draft, to_the_report


@access("can_request_sign_off", fresh=SIGNING)
@of_a_draft
@never_cache
@require_http_methods(["GET", "POST"])
@prepared()
def sign(request: SignedInRequest, code: str) -> HttpResponse:
    """GET: everything to check. POST: sign and submit what was checked."""
    if request.method == "POST":
        return _submit(request, report_named(code))
    at = database_now()
    report = report_for(request.user, code, at)
    if not unit_membership(request.user, report, at):
        return to_the_report(request, report)
    return render(request, "reports/sign/page.html", _context(request, report, at))


def _submit(request: SignedInRequest, report: Report) -> HttpResponse:
    """What the head signs is what the head read: a page that is older than the draft signs nothing."""
    try:
        submit_report(report=report, by=request.user, seen=request.POST.get("seen") or "nothing")
    except Refused as refusal:
        return _again(request, report, refusal)
    return redirect("reports:report_receipt", report.tracking_code)


def _again(request: SignedInRequest, report: Report, refusal: Refused, note: str = "") -> HttpResponse:
    """The page with what was refused. Http404 for a stranger, Forbidden for a reader: the draft is the unit's own."""
    at = database_now()
    report = report_for(request.user, report.tracking_code, at)
    require(unit_membership(request.user, report, at), _("Only the unit’s own experts and head change its report."))
    context = _context(request, report, at) | {"said": refusal, "typed_note": note}
    return render(request, "reports/sign/page.html", context, status=refusal.status)


def _context(request: SignedInRequest, report: Report, at: datetime) -> dict:
    draft = collect(report)
    assessment = assess(report, draft, at)
    may_sign = can_sign(request.user, report, at)
    rounds = list(report.sign_offs.select_related("requested_by", "decided_by"))
    open_round = next((item for item in rounds if item.decided_at is None), None)
    base, since, against = _earlier_reading(report, rounds, open_round)
    definition, changes = assessment.definition, None
    if base is not None and since is not None:
        changes = changes_between(definition, (base, since), (draft.flat(), at), engine_of(report))
        changes += file_changes(report, definition, since)
    scored = assessment.definition.is_scored and takes_submission(report, at)
    claimed = claim_of_draft(assessment, standing_if_sent(report, at)) if scored else None
    todo = section_lines(report, assessment.problems, progress(assessment))
    return {
        **report_parts(request, report, at),
        "parts": parts_of(
            assessment, remarks_of(report), claimed, _change(report, assessment, open_round, may_sign, at)
        ),
        "claimed": claimed,
        "problems": assessment.problems,
        "todo": todo,
        "open_round": open_round,
        "changes": changes,
        "against": against,
        "seen": draft.digest,
        "may_sign": may_sign,
        "may_request": open_round is None and can_request_sign_off(request.user, report, at),
        "may_withdraw": open_round is not None and takes_submission(report, at),
        "accepted": has_accepted(report.unit, report.call.agreement),
        "fee": fee_of_report(report, request.user, at),
        "is_head": bool(unit_membership(request.user, report, at, {Role.HEAD})),
        "standing": standing(report, at) if is_open(report, at) else "",
        "said": None,
        "typed_note": _about(request, definition) if open_round and may_sign else "",
    }


def _change(
    report: Report, assessment: Assessment, open_round: SignOffRound | None, may_sign: bool, at: datetime
) -> Callable[[Card], str] | None:
    """Where “Change” beside a line leads: to its field while the draft is open; while it waits for the signature, to the note
    with which the head sends it back."""
    if open_round is not None:
        return (
            (lambda card: f"?about={quote(card.code)}#decision-panel" if not card.by_portal else "")
            if may_sign
            else None
        )
    if refusal_of(report, at) is not None:
        return None
    editable = assessment.editable

    def to_field(card: Card) -> str:
        if card.by_portal or (editable is not None and card.code not in editable):
            return ""
        return page_url(report, assessment.definition.page_of(card.code), f"ind-{card.code}")

    return to_field


def _about(request: SignedInRequest, definition: FormDefinition) -> str:
    """The line that the head wants changed, named in the note."""
    indicator = definition.indicator(request.GET.get("about", ""))
    return f"{indicator.label_in(current_language())}: " if indicator else ""


def _earlier_reading(report: Report, rounds: list[SignOffRound], open_round: SignOffRound | None):
    """(answers, instant, words) of what the head saw last: an earlier round, or what was submitted before a return."""
    answered = [item for item in rounds if item is not open_round and item.reply]
    last = report.revisions.order_by("-number").first()
    round_ = answered[-1] if answered else None
    if last and (round_ is None or last.submitted_at > round_.requested_at):
        return last.answers, last.submitted_at, _("since the last submission")
    if round_:
        return round_.answers, round_.requested_at, _("since it was sent back")
    return None, None, ""


@access("can_request_sign_off")
@of_a_draft
@require_POST
def ask(request: SignedInRequest, code: str) -> HttpResponse:
    """The expert asks the head to sign."""
    report = report_for(request.user, code, database_now())
    note = request.POST.get("note", "")
    try:
        request_sign_off(report=report, by=request.user, note=note)
    except Refused as refusal:
        return _again(request, report, refusal, note)
    messages.success(
        request, _("The head has been told. While the report waits for the signature it cannot be changed.")
    )
    return redirect("reports:report", report.tracking_code)


@access("can_request_sign_off")
@of_a_draft
@require_POST
def withdraw(request: SignedInRequest, code: str) -> HttpResponse:
    report = report_for(request.user, code, database_now())
    try:
        withdraw_request(report=report, by=request.user)
    except Refused as refusal:
        return _again(request, report, refusal)
    messages.success(request, _("The request was taken back; the report can be changed again."))
    return redirect(reverse("reports:report_edit", args=[report.tracking_code]))


@access("can_sign")
@of_a_draft
@require_POST
def back(request: SignedInRequest, code: str) -> HttpResponse:
    """The head sends the draft back with a note."""
    report = report_for(request.user, code, database_now())
    note = request.POST.get("note", "")
    try:
        send_back(report=report, note=note, by=request.user)
    except Refused as refusal:
        return _again(request, report, refusal, note)
    messages.success(request, _("The report went back to its writer with your note."))
    return redirect("reports:report", report.tracking_code)


@access("can_recall")
@require_POST
def recall(request: SignedInRequest, code: str) -> HttpResponse:
    report = report_for(request.user, code, database_now())
    try:
        recall_submission(report=report, by=request.user)
    except Forbidden:
        raise
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request,
            _("The submission was taken back. If nothing is submitted again before the deadline, it still counts."),
        )
    return redirect("reports:report", report.tracking_code)
