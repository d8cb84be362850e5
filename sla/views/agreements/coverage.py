"""Which units have accepted a version, when and by whom; who has not; and a word to their heads."""

from django.contrib import messages
from django.db.models import Case, Max, OuterRef, Subquery, Value, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.lists import Column, Listing
from sajad_portal.lib.numbers import local_digits
from units.models import Unit
from units.pages.frame import SignedInRequest
from units.queries.tree import heads_of

from ... import notices, queries, rules
from ...actions.agreement_reminders import NOBODY_LEFT, remind_heads
from ...enums import Coverage
from ...forms import ReminderForm
from ...models import Acceptance, AgreementVersion
from ...queries.agreements import coverage_counts, coverage_rows, covered_units, remindable

SIZE = 50
# What asks for a word first; as the pills stand and as the column sorts.
ORDER = (Coverage.WAITING, Coverage.REFUSED, Coverage.HEADLESS, Coverage.ACCEPTED)
_PLACES = Case(*(When(coverage=kind, then=Value(place)) for place, kind in enumerate(ORDER)))
_GIVEN = Acceptance.objects.filter(agreement=OuterRef("version"), unit=OuterRef("pk")).order_by().values("unit")
UNITS = Listing(
    Column("unit", gettext_lazy("Unit"), by=("sort_key",), fixed=True),
    Column("answer", gettext_lazy("Answer"), by=("answer_place", "sort_key"), adds={"answer_place": _PLACES}),
    Column(
        "when",
        gettext_lazy("When and by whom"),
        by=("answered_at",),
        adds={"answered_at": Subquery(_GIVEN.annotate(last=Max("at")).values("last"))},
        falls=True,
        blank=True,
    ),
    Column("head", gettext_lazy("Head now")),
    Column("reminded", gettext_lazy("Reminded")),
    sort="unit",
)
SHOWN = 100


@access("can_see_coverage")
@require_safe
def coverage(request: SignedInRequest, pk: int) -> HttpResponse:
    at = database_now()
    version = queries.agreement_for(request.user, pk)
    if not rules.can_see_coverage(request.user, version, at):
        raise Forbidden(_("Who has accepted is for the coordinators and auditors of the providing unit."))
    units = covered_units(version, at)
    counts = coverage_counts(units)
    total = sum(counts.values())
    listed = UNITS.of(request)
    every = [("", _("All"), total), *((kind.value, kind.label, counts[kind]) for kind in ORDER)]
    chosen = listed.choose("only", _("Answer"), every)
    found = units.matching(listed.search(_("Name or code of the unit")))
    page = listed.page(found.filter(coverage=chosen) if chosen else found, size=SIZE)
    left = counts[Coverage.WAITING] + counts[Coverage.REFUSED]
    may_remind = left > 0 and rules.can_remind_heads(request.user, version, at)
    context = {
        "agreement": version,
        "listing": listed,
        "rows": coverage_rows(version, page, at),
        "counts": counts,
        "total": total,
        "may_remind": may_remind,
        **(_bulk(version, left) if may_remind else {}),
    }
    return render(request, "sla/agreements/coverage.html", context)


def _bulk(version: AgreementVersion, left: int) -> dict:
    """For components/list_bulk.html; both buttons lead to `remind`."""
    url = reverse("sla:agreement_remind", args=[version.pk])
    everyone = _("Remind all %(n)s that have not accepted") % {"n": local_digits(left)}
    return {
        "bulk": [{"label": _("Remind the heads"), "icon": "bell", "url": url}],
        "everyone": {"name": "everyone", "value": "1", "label": everyone, "url": url},
    }


@require_POST
@access("can_remind_heads")
def remind(request: SignedInRequest, pk: int) -> HttpResponse:
    """First post: the ticked units, or `everyone`: whose heads would be told what. With `step=confirmed` they are told."""
    at = database_now()
    version = queries.agreement_for(request.user, pk)
    if not rules.can_remind_heads(request.user, version, at):
        raise Forbidden(_("Only a coordinator of the providing unit reminds the heads."))
    ticked = [int(key) for key in request.POST.getlist("unit") if key.isascii() and key.isdecimal() and len(key) < 19]
    units = None if "everyone" in request.POST else Unit.objects.filter(pk__in=ticked)
    if units is not None and not ticked:
        messages.warning(request, _("Tick at least one unit in the list first."))
        return redirect("sla:agreement_coverage", pk)
    form = ReminderForm(request.POST if "step" in request.POST else None)
    if form.is_valid():
        _remind(request, version, units, form.cleaned_data["note"])
        return redirect("sla:agreement_coverage", pk)
    found = remindable(version, at, units)
    if not found.now:
        messages.warning(request, str(NOBODY_LEFT))
        return redirect("sla:agreement_coverage", pk)
    shown = found.now[:SHOWN]
    heads = heads_of(shown, at)
    subject, text = notices.acceptance_reminded(version, [], "", at)[0].words()
    context = {
        "agreement": version,
        "form": form,
        "units": [(unit, heads.get(unit.pk, [])) for unit in shown],
        "count": len(found.now),
        "lately": len(found.lately),
        "subject": subject,
        "text": text,
        "kept": [("everyone", "1")] if units is None else [("unit", key) for key in ticked],
    }
    return render(request, "sla/agreements/remind.html", context, status=422 if form.errors else 200)


def _remind(request: SignedInRequest, version: AgreementVersion, units, note: str) -> None:
    """A message says who was reminded, or why nobody was."""
    try:
        reminded = remind_heads(agreement=version, by=request.user, note=note, units=units)
    except Refused as refusal:
        if refusal.code != "nobody-waiting":
            raise
        messages.warning(request, str(refusal))
        return
    said = ngettext("The head of %(n)s unit is reminded.", "The heads of %(n)s units are reminded.", len(reminded))
    messages.success(request, said % {"n": local_digits(len(reminded))})
