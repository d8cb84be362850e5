"""A report: where it stands, what comes next, what was submitted, and what happened to it."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.language import current_language
from sajad_portal.lib.sql import prepared
from sla.enums import Subject
from sla.rules import has_accepted
from units.enums import Role
from units.models import Person
from units.pages.frame import SignedInRequest
from units.queries.events import history
from units.queries.successions import successor_of

from ...enums import UNSUBMITTED, WITH_RESULT, ReportStatus
from ...models import Report
from ...pages.disputes.links import Links, links_of
from ...pages.entry.page import page_url, report_parts
from ...pages.payments.fees import fee_of_report
from ...pages.report.due import result_due
from ...pages.report.force import force_of
from ...pages.report.history import STEPS, report_steps
from ...pages.report.summary import assess_revision, parts_of
from ...queries import asked_of, report_for
from ...queries.claimed_scores import claim_of_revision
from ...queries.clocks import clocks_of
from ...queries.draft_progress import progress
from ...queries.drafts import assess, collect
from ...queries.judged_rows import label_of
from ...queries.lines import learns_reviewers
from ...queries.prices import price_of_report
from ...queries.reports import timeliness_of
from ...rules import (
    can_ask_extension,
    can_contest,
    can_recall,
    can_request_sign_off,
    can_review,
    can_sign,
    unit_membership,
)
from ...rules.deadlines import is_open
from ...rules.review import can_withdraw_return
from ..receipt.page import receipt_of

WORKING = (*UNSUBMITTED, ReportStatus.RETURNED)


@access("can_read")
@require_GET
@prepared()
def report(request: SignedInRequest, code: str) -> HttpResponse:
    at = database_now()
    found = report_for(request.user, code, at)
    revisions = list(found.revisions.select_related("submitted_by").order_by("-number"))
    events = history("report", found.tracking_code).filter(verb__in=list(STEPS))
    links = links_of(request.user, found, at)
    working = found.status in WORKING
    names = learns_reviewers(request.user, found, at)
    reading, fee = clocks_of([found], at)[found.request_id], fee_of_report(found, request.user, at)
    context = {
        **report_parts(request, found, at),
        "timing": timeliness_of(found, at),
        "may": _rights(request.user, found, at),
        "reading": reading,
        "result_due": result_due(found, reading, at),
        "receipts": [receipt_of(revision) for revision in revisions],
        "returns": _returns(found, links, names),
        "miss_link": links.get((Subject.MISS, found.pk)),
        "fee_link": links.get((Subject.FEE, found.request_id)),
        "may_take_back": can_withdraw_return(request.user, found, found.reviews.all(), at),
        "steps": report_steps(events, names=names),
        "price": price_of_report(found),
        "force": force_of(found, at),
        "fee": fee,
        "fee_first": fee is not None and fee.is_open,
        "pinned": [pin.document for pin in found.call.pinned.select_related("document").order_by("document__slot")],
        "has_result": found.status in WITH_RESULT,
        "heir": successor_of(found.unit, found.call_id),
        "accepted": not working or has_accepted(found.unit, found.call.agreement),
        "sections": [],
        "parts": [],
        "claimed": None,
        "claim_kept": True,
        "left": 0,
        "open_round": None,
    }
    if working and context["may"]["own"]:
        context |= _draft(found, at)
    elif revisions:
        claim = claim_of_revision(found, revisions[0])
        assessment = assess_revision(found, revisions[0], at)
        scored = claim.score if assessment.definition.is_scored else None
        context["parts"] = parts_of(assessment, claimed=scored)
        context["claimed"], context["claim_kept"] = scored, claim.kept
    return render(request, "reports/report/page.html", context)


def _returns(report: Report, links: Links, names: bool) -> list[dict]:
    """Every return, the newest first, each remark under its indicator's name, with the way to its dispute. `by`: who
    returned it, where the reader learns who judges the unit."""
    if not report.correction_round:
        return []
    definition, language = asked_of(report), current_language()

    revisions = list(report.revisions.order_by("number")) if definition.tables else []

    def named(code: str, at: datetime) -> str:
        """A row as the submission had it that was returned."""
        indicator = definition.judged_as(code)
        before = [revision for revision in revisions if revision.submitted_at <= at]
        return label_of(definition, indicator, before[-1] if before else None, language) if indicator else code

    return [
        {
            "round": item,
            "by": item.returned_by if names else None,
            "remarks": [(code, named(code, item.returned_at), remark) for code, remark in item.remarks.items()],
            "link": links.get((Subject.RETURN, item.pk)),
        }
        for item in report.returns.select_related("returned_by").order_by("-number")
    ]


def _draft(report: Report, at: datetime) -> dict:
    """How far the draft is. Only the unit's own people see it: a draft is nobody else's business."""
    assessment = assess(report, collect(report, at=at), at)
    return {
        "sections": [
            {
                "label": item.label,
                "url": page_url(report, item.page),
                "done": item.done,
                "total": item.total,
                "percent": item.percent,
                "trouble": item.trouble,
                "current": False,
            }
            for item in progress(assessment)
        ],
        "left": len(assessment.problems),
        "open_round": report.sign_offs.filter(decided_at__isnull=True).select_related("requested_by").first(),
    }


def _rights(person: Person, report: Report, at: datetime) -> dict[str, bool]:
    """What this page offers to this person. The verbs ask again."""
    own = bool(unit_membership(person, report, at))
    if not own:
        return {"own": False, "review": can_review(person, report, at)}
    return {
        "own": True,
        "review": False,
        "head": bool(unit_membership(person, report, at, {Role.HEAD})),
        "request": can_request_sign_off(person, report, at),
        "sign": can_sign(person, report, at),
        "recall": can_recall(person, report, at),
        "contest": can_contest(person, report, at),
        "extend": can_ask_extension(person, report, at),
        "open": is_open(report, at),
    }
