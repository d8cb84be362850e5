"""Reviewing one report: the page, one finding, handing in, leading and settling."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib import periods
from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.sql import prepared
from units.pages.frame import SignedInRequest

from ...actions import review as verbs
from ...actions.judging import RemarksRefused, judge_answers
from ...actions.review import ItemRefused, TypedFinding
from ...enums import ReportStatus, ReviewState
from ...models import Report, Review
from ...pages.review.rail import rail_of
from ...pages.review.sheet import ReviewSheet
from ...pages.review.tables import ReviewedTable
from ...queries import form_of, report_for
from ...queries.findings import hands_of, revisions_of
from ...rules import is_recallable
from ...rules.review import can_return, can_see_reviews, can_take_lead, rounds_left


def reviewable(request: SignedInRequest, code: str) -> tuple[Report, datetime]:
    """The report for somebody who may see its reviewing, and the instant. 404 for a stranger, 403 for its own unit."""
    at = database_now()
    report = report_for(request.user, code, at)
    if not can_see_reviews(request.user, report, at):
        raise Forbidden(_("Reviewing is for headquarters; your unit sees the result when it is announced."))
    return report, at


def address(report: Report, indicator: str = "") -> str:
    url = reverse("reports:report_review", args=[report.tracking_code])
    return f"{url}?{urlencode({'i': indicator})}" if indicator else url


@access("can_see_reviews")
@require_safe
@prepared()
def report_review(request: SignedInRequest, code: str) -> HttpResponse:
    report, at = reviewable(request, code)
    revisions = revisions_of(report)
    if not revisions:
        scored = form_of(report.call.form_version).is_scored
        context = {"report": report, "call": report.call, "scored": scored}
        return render(request, "reports/review/nothing.html", context)
    shown = request.GET.get("e", "")
    sheet = ReviewSheet(
        report,
        request.user,
        at,
        code=request.GET.get("i", ""),
        evidence=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 18 else None,
        revisions=revisions,
        rows_page=_number(request.GET.get("p", "")),
    )
    return page(request, sheet)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def page(request: SignedInRequest, sheet: ReviewSheet, status: int = 200) -> HttpResponse:
    report, person, at = sheet.report, request.user, sheet.at
    open_reviews = sheet.open_reviews
    context = {
        "report": report,
        "call": report.call,
        "period": periods.label(report.call.period_kind, report.call.period_starts, report.call.period_ends),
        "sheet": sheet,
        "rail": rail_of(sheet),
        "card": sheet.sheet(),
        "answers": sheet.answers(lambda code, pk: reverse("reports:evidence", args=[code, pk])),
        "table": sheet.table(),
        "revision": sheet.revision,
        "open_reviews": [
            {
                "review": review,
                "missing": sheet.missing(review),
                "silent": [other.reviewer for other in sheet.silent(review)],
            }
            for review in open_reviews
        ],
        "may_start": bool(open_reviews) and report.status == ReportStatus.SUBMITTED,
        "recallable": is_recallable(report, at),
        "may_return": can_return(person, report, sheet.reviews, at),
        "rounds_left": rounds_left(report),
        "may_lead": can_take_lead(person, report, at) and not sheet.mine,
        "reviewers": [(r, r.state == ReviewState.HANDED_IN) for r in sheet.reviews],
        "points": sheet.points,
        "previous": sheet.neighbour(-1),
        "next": sheet.neighbour(1),
    }
    return render(request, "reports/review/page.html", context, status=status)


def typed_from(request: SignedInRequest) -> TypedFinding:
    """What was typed; “not applicable” is yes, no or unanswered."""
    post = request.POST
    verified = {role: post.get(f"v-{role}", "") for role in ("numerator", "denominator", "value")}
    return TypedFinding(
        verified=verified,
        not_applicable={"yes": True, "no": False}.get(post.get("not_applicable", "")),
        points=post.get("points", ""),
        reason=post.get("reason", ""),
        note=post.get("note", ""),
    )


def own_review(request: SignedInRequest, report: Report) -> Review:
    """The person's review that the form names. 404 where it is not theirs: what you may not see you cannot fetch."""
    pk = request.POST.get("review", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 18):
        raise Http404
    mine = Review.objects.filter(report=report, reviewer__in=hands_of(request.user, database_now()))
    mine = mine.exclude(state=ReviewState.RELEASED)
    return get_object_or_404(mine, pk=pk)


@access("can_see_reviews")
@require_POST
@prepared()
def review_item(request: SignedInRequest, code: str) -> HttpResponse:
    """Store a finding and go on to the next indicator; what cannot be stored comes back as typed, with the reason."""
    report, at = reviewable(request, code)
    indicator = request.POST.get("indicator", "")
    review = own_review(request, report)
    typed = typed_from(request)
    if "accept" in request.POST:
        card = ReviewSheet(report, request.user, at, code=indicator).sheet()
        typed = TypedFinding(verified=card.claim.inputs, note=typed.note) if card else typed
    try:
        verbs.save_review_item(review=review, indicator=indicator, typed=typed, by=request.user)
    except ItemRefused as refusal:
        sheet = ReviewSheet(report, request.user, at, code=indicator, typed=typed, errors=refusal.errors)
        return page(request, sheet, status=422)
    return _go_on(request, ReviewSheet(report_for(request.user, code, at), request.user, at, code=indicator))


def _go_on(request: SignedInRequest, sheet: ReviewSheet) -> HttpResponse:
    """To what wants a finding next, else to handing in."""
    report, here = sheet.report, sheet.current.code if sheet.current else ""
    following = sheet.next_missing()
    if not following:
        messages.success(request, _("Saved. Everything has a finding; you can hand in now."))
        return redirect(address(report, here) + "#hand-in")
    on_page = any(each.code == following for each in sheet.step)
    messages.success(
        request,
        _("Saved. Some answers on this page have no finding yet.")
        if on_page
        else _("Saved. This is the next that has no finding."),
    )
    return redirect(address(report, following))


@access("can_see_reviews")
@require_POST
@prepared()
def review_answers(request: SignedInRequest, code: str) -> HttpResponse:
    """Store what was found of a page of questions: what is ticked is accepted, what has a remark is remarked on. `accept_rest`:
    what has no remark is accepted. A remark that says nothing comes back with the reason."""
    report, at = reviewable(request, code)
    here = request.POST.get("indicator", "")
    review = own_review(request, report)
    rows_page = _number(request.POST.get("p", ""))
    remarks = _remarks_from(request, ReviewSheet(report, request.user, at, code=here, rows_page=rows_page))
    try:
        judge_answers(review=review, remarks=remarks, by=request.user)
    except RemarksRefused as refusal:
        sheet = ReviewSheet(
            report, request.user, at, code=here, remarks=remarks, errors=refusal.errors, rows_page=rows_page
        )
        return page(request, sheet, status=422)
    sheet = ReviewSheet(report_for(request.user, code, at), request.user, at, code=here)
    if sheet.current and sheet.current.is_rows and not sheet.is_done(sheet.current):
        messages.success(request, _("Saved. The table itself has no finding yet."))
        return redirect(f"{address(report, here)}&p={rows_page}")
    return _go_on(request, sheet)


def _remarks_from(request: SignedInRequest, sheet: ReviewSheet) -> dict[str, str | None]:
    """{code: remark, or None for what is accepted} of the questions on the page."""
    post, found = request.POST, dict[str, str | None]()
    everything = "accept_rest" in post
    if table := sheet.table():
        return _remarks_on_rows(post, table, everything)
    for each in sheet.step:
        name = each.inputs.get("value", "") if each.is_alone else ""
        if name and (remark := post.get(f"remark-{name}", "")).strip():
            found[each.code] = remark
        elif name and (everything or post.get(f"accept-{name}")):
            found[each.code] = None
    return found


def _remarks_on_rows(post: QueryDict, table: ReviewedTable, everything: bool) -> dict[str, str | None]:
    """The same of a table and its rows. `everything` accepts the table, and with it each row that nobody names; a row that has a
    remark no more is accepted by name."""
    found = dict[str, str | None]()
    for each in (table.whole, *table.rows):
        if (remark := post.get(f"remark-{each.field}", "")).strip():
            found[each.code] = remark
        elif post.get(f"accept-{each.field}") or (
            everything and (each.code == table.code or each.verdict or each.stale)
        ):
            found[each.code] = None
    return found


@access("can_see_reviews")
@require_POST
def review_score(request: SignedInRequest, code: str) -> HttpResponse:
    """The score as it would be, while typing. Stores nothing."""
    report, at = reviewable(request, code)
    if not report.revisions.exists():
        raise Http404
    sheet = ReviewSheet(report, request.user, at, code=request.POST.get("indicator", ""), typed=typed_from(request))
    card = sheet.sheet()
    if card is None:
        raise Http404
    return render(request, "reports/review/_live.html", {"card": card, "report": report, "sheet": sheet})


def _done(request: SignedInRequest, report: Report, act, said: str, then: str = "") -> HttpResponse:
    """Run the verb; a refusal is said on the page it came from."""
    try:
        act()
    except Forbidden:
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
        if then:
            return redirect(then)
    return redirect(address(report, request.POST.get("indicator", "")))


@access("can_see_reviews")
@require_POST
def review_start(request: SignedInRequest, code: str) -> HttpResponse:
    report, at = reviewable(request, code)
    said = (
        _("The report is under review; the unit can no longer take it back.")
        if is_recallable(report, at)
        else _("The report is under review.")
    )
    return _done(request, report, lambda: verbs.start_review(report=report, by=request.user), said)


@access("can_see_reviews")
@require_POST
def review_hand_in(request: SignedInRequest, code: str) -> HttpResponse:
    report, _at = reviewable(request, code)
    review = own_review(request, report)
    return _done(
        request,
        report,
        lambda: verbs.hand_in_review(review=review, by=request.user),
        _("Handed in: “%(unit)s”. Your findings count and no longer change.") % {"unit": report.unit_name},
        reverse("reports:review_queue"),
    )


@access("can_take_lead")
@require_POST
def review_lead(request: SignedInRequest, code: str) -> HttpResponse:
    report, _at = reviewable(request, code)
    return _done(
        request,
        report,
        lambda: verbs.take_lead(report=report, by=request.user),
        _("You lead the review of this report. Where reviewers differ, your findings count."),
    )


@access("can_see_reviews")
@require_POST
def review_settle(request: SignedInRequest, code: str) -> HttpResponse:
    report, _at = reviewable(request, code)
    review = own_review(request, report)
    return _done(
        request,
        report,
        lambda: verbs.settle_review(review=review, by=request.user, reason=request.POST.get("settle_reason", "")),
        _("Settled: “%(unit)s”. Its result can be announced.") % {"unit": report.unit_name},
        reverse("reports:review_queue"),
    )
