"""Handing over what one reviewer has not handed in, report by report or all that lies still: first what happens, then the act."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.lists import Column, Listing
from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.text import search_key
from units.models import Person
from units.pages.frame import SignedInRequest

from ...actions.assignment import hand_over_reviews
from ...forms.reviewers import HandOverForm
from ...models import Review
from ...queries import form_of
from ...queries.hand_over import plan
from ...queries.lines import hidden_reviewers
from ...queries.reviewers import SILENT, WAITING, open_reviews, possible_reviewers
from ..calls.frame import call_frame
from .reviewers import not_told, reviewers_call

ONLY = {"waiting": WAITING, "silent": SILENT}
SIZE = 50
REVIEWS = Listing(
    Column("unit", gettext_lazy("Unit"), by=("report__unit_sort_key",), fixed=True),
    Column("section", gettext_lazy("Section"), by=("section", "report__unit_sort_key")),
    Column("state", gettext_lazy("State")),
    Column("submitted", gettext_lazy("Submitted"), by=("report__submitted_at", "report__unit_sort_key"), blank=True),
    Column("begun", gettext_lazy("Reviewer"), by=("started_at",), falls=True, blank=True),
    sort="submitted",
)


@access("can_manage_call")
def hand_over(request: SignedInRequest, pk: int, reviewer_pk: int) -> HttpResponse:
    """First post: who takes which; then what happens; then, with `step=confirmed`, the verb."""
    at = database_now()
    call = reviewers_call(request, pk, at, managing=True)
    held = Review.objects.filter(report__call=call).values("reviewer")
    reviewer = get_object_or_404(Person, pk=reviewer_pk, pk__in=held)
    if reviewer.pk in hidden_reviewers(call, request.user, at):
        raise not_told()
    open_ones = open_reviews(call, reviewer, at)
    form = HandOverForm(request.POST or None, reviewers=possible_reviewers(call, at).exclude(pk=reviewer.pk))
    context = {**call_frame(request.user, call, at, ""), "reviewer": reviewer, "form": form}
    if request.method == "POST" and form.is_valid():
        everyone = "everyone" in request.POST
        keys = [key for key in request.POST.getlist("review") if key.isdecimal()]
        chosen = list(open_ones.filter(SILENT) if everyone else open_ones.filter(pk__in=keys))
        to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
        if not chosen:
            form.add_error(None, _("Choose at least one review first; what was handed in meanwhile stays."))
        elif request.POST.get("step") == "confirmed":
            try:
                done = hand_over_reviews(call=call, reviews=chosen, reviewer=to, by=request.user, reason=reason)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                _say(request, to, len(done.free), len(done.staying))
                return redirect("reports:call_reviewers", call.pk)
        elif "back" not in request.POST:
            kept = [("everyone", "1")] if everyone else [("review", review.pk) for review in chosen]
            context |= {"plan": plan(chosen, to, at), "to": to, "kept": kept}
            return render(request, "reports/review/hand_over_confirm.html", context)
    return _list(request, call, open_ones, context)


def _list(request: SignedInRequest, call, open_ones, context: dict) -> HttpResponse:
    counts = open_ones.aggregate(**{name: Count("pk", filter=only) for name, only in ONLY.items()})
    listed = REVIEWS.of(request)
    every = [
        ("", _("All"), None),
        ("waiting", _("Waiting for the reviewer"), counts["waiting"]),
        ("silent", _("Not begun"), counts["silent"]),
    ]
    only = listed.choose("only", _("State"), every)
    found = open_ones.filter(ONLY[only]) if only else open_ones
    for word in search_key(listed.search(_("Name or code of the unit"))).split():
        found = found.filter(report__unit__search_key__contains=word)
    page = listed.page(found, size=SIZE)
    ticked = {int(key) for key in request.POST.getlist("review") if key.isdecimal()}
    labels = {s.name: s.label_in(current_language()) for s in form_of(call.form_version).sections}
    context |= {
        "listing": listed,
        "rows": [(review, labels.get(review.section, ""), review.pk in ticked) for review in page],
        "silent": counts["silent"],
    }
    return render(request, "reports/review/hand_over.html", context, status=422 if context["form"].errors else 200)


def _say(request: SignedInRequest, to: Person, gone: int, stayed: int) -> None:
    words = ngettext("%(n)s review is now with %(person)s.", "%(n)s reviews are now with %(person)s.", gone)
    messages.success(request, words % {"n": local_digits(gone), "person": to})
    if stayed:
        words = ngettext("%(n)s review stays where it was.", "%(n)s reviews stay where they were.", stayed)
        messages.warning(request, words % {"n": local_digits(stayed)})
