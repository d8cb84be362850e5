"""Which units have accepted a version, when and by whom; who has not; and a word to their heads."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.paging import choices, page_of
from units.models import Unit

from .. import queries, queries_agreements, rules
from ..actions.agreement_reminders import remind_heads
from ..enums import Coverage
from ..forms import ReminderForm
from ..models import AgreementVersion

BY = ("sort_key", "pk")
ORDER = (Coverage.WAITING, Coverage.REFUSED, Coverage.HEADLESS, Coverage.ACCEPTED)


@access("can_see_coverage")
def coverage(request: HttpRequest, pk: int) -> HttpResponse:
    """GET the list; POST a reminder to the ticked units, or to `everyone` who has not accepted."""
    at = database_now()
    version = queries.agreement_for(request.user, pk)
    if not rules.can_see_coverage(request.user, version, at):
        raise Forbidden(_("Who has accepted is for the coordinators and auditors of the providing unit."))
    may_remind = rules.can_remind_heads(request.user, version, at)
    form = ReminderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not may_remind:
        raise Forbidden(_("Only a coordinator of the providing unit reminds the heads."))
    if request.method == "POST" and form.is_valid():
        _remind(request, version, form.cleaned_data["note"])
        return redirect(request.get_full_path())
    units = queries_agreements.covered_units(version, at)
    counts = queries_agreements.coverage_counts(units)
    chosen, words = request.GET.get("only", ""), request.GET.get("q", "").strip()
    if chosen in Coverage.values:
        units = units.filter(coverage=chosen)
    page = page_of(units.matching(words), request, by=BY)
    total = sum(counts.values())
    every = [("", _("All"), total), *((kind, kind.label, counts[kind]) for kind in ORDER)]
    context = {
        "agreement": version,
        "page": page,
        "rows": queries_agreements.coverage_rows(version, page, at),
        "counts": counts,
        "total": total,
        "left": counts[Coverage.WAITING] + counts[Coverage.REFUSED],
        "choices": choices(request, "only", every),
        "kept": [("only", chosen)] if chosen else [],
        "words": words,
        "form": form,
        "may_remind": may_remind,
    }
    return render(request, "sla/agreements/coverage.html", context, status=422 if form.errors else 200)


def _remind(request: HttpRequest, version: AgreementVersion, note: str) -> None:
    """A message says who was reminded, or why nobody was."""
    ticked = [int(pk) for pk in request.POST.getlist("unit") if pk.isascii() and pk.isdecimal() and len(pk) < 19]
    units = None if "everyone" in request.POST else Unit.objects.filter(pk__in=ticked)
    if units is not None and not ticked:
        messages.warning(request, _("Tick at least one unit in the list first."))
        return
    try:
        reminded = remind_heads(agreement=version, by=request.user, note=note, units=units)
    except Refused as refusal:
        if refusal.code != "nobody-waiting":
            raise
        messages.warning(request, str(refusal))
        return
    said = ngettext("The head of %(n)s unit is reminded.", "The heads of %(n)s units are reminded.", len(reminded))
    messages.success(request, said % {"n": local_digits(len(reminded))})
