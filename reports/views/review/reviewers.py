"""A call's reviewers: who looks at what, how far they are, and handing over what lies still."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import listed, local_digits
from units.models import Unit
from units.pages.frame import SignedInRequest

from ...actions.assignment import AssignmentOutcome, assign_reviewer, end_assignment, reassign
from ...enums import CallState
from ...forms.reviewers import AssignForm, EndForm
from ...models import Call, ReviewAssignment
from ...queries import call_for, form_of
from ...queries.lines import hidden_reviewers
from ...queries.reviewers import AGES, overview, possible_reviewers
from ...rules import can_decide_in, can_manage_call
from ...rules.calls import can_oversee_call
from ..calls.frame import call_frame


def reviewers_call(request: SignedInRequest, pk: int, at, *, managing: bool = False) -> Call:
    found = call_for(request.user, pk, at)
    if not can_oversee_call(request.user, found, at) or (managing and not can_manage_call(request.user, found, at)):
        raise Forbidden(_("Only a coordinator of the provider assigns reviewers."))
    return found


def not_told() -> Forbidden:
    """To who may not learn who judges a unit of the call, about one of those who do."""
    return Forbidden(
        _(
            "This reviewer judges a unit for which you report, or that stands above or below yours. Another coordinator of "
            "the provider hands their work over."
        ),
        code="in-line",
    )


@access("can_oversee_call")
def call_reviewers(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    call = reviewers_call(request, pk, at)
    may_assign = call.state == CallState.PUBLISHED and can_decide_in(request.user, call, at)
    if request.method == "POST" and not may_assign:
        raise Forbidden(_("Only a coordinator of the provider assigns reviewers."))
    form = AssignForm(
        request.POST or None,
        reviewers=possible_reviewers(call, at),
        definition=form_of(call.form_version),
        units=Unit.objects.under(call.service.provider),
        provider=call.service.provider,
    )
    if request.method == "POST" and form.is_valid():
        try:
            outcome = assign_reviewer(call=call, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _say(request, outcome)
            return redirect("reports:call_reviewers", call.pk)
    context = {
        **call_frame(request.user, call, at, "call_reviewers"),
        "form": form,
        "overview": overview(call, current_language(), at, request.user),
        "ages": AGES,
        "may_assign": may_assign,
        "may_end": can_manage_call(request.user, call, at),
    }
    status = 422 if form.errors else 200
    return render(request, "reports/review/reviewers.html", context, status=status)


def _say(request: SignedInRequest, outcome: AssignmentOutcome) -> None:
    made = len(outcome.reviews)
    messages.success(
        request,
        ngettext(
            "%(person)s reviews %(n)s report.", "%(person)s reviews %(n)s reports.", made
        )
        % {"person": outcome.assignment.reviewer, "n": local_digits(made)},
    )  # fmt: skip
    if outcome.barred:
        names = listed(report.unit_name for report in outcome.barred[:6])
        words = _(
            "Left out, because you report for it, above or below it; another coordinator assigns there: %(names)s."
        )
        messages.warning(request, words % {"names": names})
    if outcome.conflicts:
        names = listed(report.unit_name for report in outcome.conflicts[:6])
        messages.warning(
            request,
            ngettext(
                "Left out, because they report for it, above or below it: %(names)s.",
                "%(n)s left out, because they report for them, above or below them: %(names)s.",
                len(outcome.conflicts),
            )
            % {"n": local_digits(len(outcome.conflicts)), "names": names},
        )
    if outcome.stood_in:
        names = listed(report.unit_name for report in outcome.stood_in[:6])
        words = _("Left out, because they have worked on another review of it as a deputy: %(names)s.")
        messages.warning(request, words % {"names": names})


@access("can_manage_call")
def reviewer_end(request: SignedInRequest, pk: int, assignment_pk: int) -> HttpResponse:
    """Take an assignment back, or hand it over; a page of its own that says what stays."""
    at = database_now()
    call = reviewers_call(request, pk, at, managing=True)
    assignment = get_object_or_404(
        ReviewAssignment.objects.select_related("call", "reviewer", "unit"), pk=assignment_pk, call=call, ended_at=None
    )
    if assignment.reviewer_id in hidden_reviewers(call, request.user, at):
        raise not_told()
    others = possible_reviewers(call, at).exclude(pk=assignment.reviewer_id)
    form = EndForm(request.POST or None, reviewers=others)
    if request.method == "POST" and form.is_valid():
        reason, to = form.cleaned_data["reason"], form.cleaned_data["to"]
        try:
            if to:
                _say(request, reassign(assignment=assignment, reviewer=to, by=request.user, reason=reason))
            else:
                end_assignment(assignment=assignment, by=request.user, reason=reason)
                messages.success(request, _("The assignment is taken back."))
            return redirect("reports:call_reviewers", call.pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    sections = {s.name: s.label_in(current_language()) for s in form_of(call.form_version).sections}
    context = {
        **call_frame(request.user, call, at, ""),
        "assignment": assignment,
        "section": sections.get(assignment.section, ""),
        "form": form,
    }
    return render(request, "reports/review/reviewer_end.html", context, status=422 if form.errors else 200)
