"""Analysis of announced results: its front page, and the league table of a call."""

from collections import Counter
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.lists import Column, Listed, Listing
from sajad_portal.lib.numbers import local_number
from sajad_portal.lib.text import search_key
from units.models import Unit
from units.pages.frame import SignedInRequest
from units.queries import memberships_of
from units.queries.tree import visible_units

from ...analysis.spread import classes
from ...models import Call, ResultFact
from ...pages.analysis.league import league_rows
from ...pages.analysis.services import are_of_several
from ...pages.analysis.year import result_years
from ...pages.charts import Chart, Series
from ...queries.analysis import Standings, analysed_calls, result_counts, sees_the_field, standings, visible_results
from ...queries.facts_cache import Facts, cached, facts_of
from ...queries.findings import under
from ...queries.peers import GroupNames, peers_told
from .frame import MOST_CALLS, analysed_call, analysis_frame, period_of

# The place is the order of the totals; what else a row tells is worked out for the page alone.
LEAGUE = Listing(
    Column("place", gettext_lazy("Place"), css="num"),
    Column("unit", gettext_lazy("Unit"), by=("report__unit_sort_key",), fixed=True),
    Column("total", gettext_lazy("Total"), by=("sort_total", "pk"), falls=True, fixed=True),
    Column("change", gettext_lazy("Change"), css="num"),
    Column("peers", gettext_lazy("Among peers")),
    Column("ahead", gettext_lazy("Ahead of"), css="num"),
    Column("firm", gettext_lazy("Firm between"), css="num"),
    sort="-total",
)
SIZE = 50
RECENT = 12


@access("visible_results")
@require_GET
def analysis(request: SignedInRequest) -> HttpResponse:
    """The calls with results; with `?call=` on to its league table. A unit's people find their own profile beside them."""
    chosen = request.GET.get("call", "")
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 10:
        return redirect("reports:analysis_league", analysed_call(request.user, int(chosen)).pk)
    every = list(analysed_calls(request.user))
    calls = every[:RECENT]
    counts = result_counts(calls)
    context = {
        "calls": [(call.pk, call.title) for call in every[:MOST_CALLS]],
        "years": result_years(every),
        "newest": _newest(calls[0]) if calls else None,
        "rows": [(call, period_of(call), *counts.get(call.pk, (0, 0))) for call in calls],
        "units": units_worked_for(request.user),
        "field_seen": sees_the_field(request.user),
        "names_service": are_of_several(calls),
    }
    return render(request, "reports/analysis/page.html", context)


def _newest(call: Call) -> dict:
    return {"call": call, "period": period_of(call), "standings": standings(facts_of(call))}


def units_worked_for(person) -> list[Unit]:
    """The units that the person works for, with results or without."""
    return list({m.unit_id: m.unit for m in memberships_of(person) if m.role in ("head", "reporter")}.values())


@access("visible_results")
@require_GET
def league(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who stands where: by place, narrowed by kind, by a part of the tree, by words."""
    call = analysed_call(request.user, pk)
    context = analysis_frame(request, call, "league")
    all_of = standings(context["facts"])
    mine = visible_results(request.user).filter(call=call)
    listed = LEAGUE.of(request)
    names = GroupNames(call)
    page = listed.page(_narrowed(listed, mine, all_of, names), size=SIZE)
    context |= {
        "listing": listed,
        "rows": league_rows(context["facts"], page.items, names),
        "standings": all_of,
        "apart": peers_told(call.peers),
        "bulk": [{"label": _("Compare them"), "icon": "bar-chart"}],
        "chart": totals_chart(context["facts"], all_of) if context["field_seen"] else None,
    }
    return render(request, "reports/analysis/league.html", context)


def _narrowed(
    listed: Listed, found: QuerySet[ResultFact], all_of: Standings, names: GroupNames
) -> QuerySet[ResultFact]:
    """Where groups are ranked apart, one of them at a time: places of two groups side by side would say nothing."""
    request = listed.request
    words = listed.search(_("Name or code of the unit"))
    if all_of.apart:
        counts = Counter(found.values_list("peers", flat=True))
        groups = [(group, name, counts[group]) for group, name in names.among(counts)]
        first = groups[0][0] if groups else ""
        found = found.filter(peers=listed.choose("group", _("Peers"), groups, default=first, narrows=False))
    else:
        kind = listed.choose("kind", _("Kind"), _kinds(all_of, names.kinds, request.GET.get("kind", "")), menu=True)
        found = found.filter(kind=kind) if kind else found
    if below := request.GET.get("under", ""):
        unit = visible_units(request.user).filter(code=below[:60]).first()
        listed.narrowed_by(_("Unit and all below it"), unit.name if unit else "", "under", typed=False)
        found = found.filter(under(unit)) if unit else found
    for word in search_key(words).split():
        found = found.filter(unit__search_key__contains=word)
    return found


def _kinds(found: Standings, names: dict[str, str], chosen: str) -> list[tuple[str, Any]]:
    """Those that occur in the call."""
    present = {*found.kinds.values(), chosen}
    return [("", _("Every kind")), *((code, name) for code, name in names.items() if code in present)]


def totals_chart(facts: Facts, found: Standings) -> Chart | None:
    """How the totals of a call spread; nothing where there are too few to spread, or totals of groups that do not compare."""
    if found.apart or found.whole is None or found.whole.count < 5:
        return None
    bins = cached(facts, "classes of totals", lambda: classes([float(total) for total in found.totals.values()]))
    words = [f"{label_number(c.low)}–{label_number(c.high)}" for c in bins]
    return Chart(
        "totals", _("How the totals spread: units in each class of the total"), "bar", _("Total"), words,
        [Series(_("Units"), [c.count for c in bins])], places=0, low=0, unit=_("units"),
    )  # fmt: skip


def label_number(value: float | None) -> str:
    """A number in words of a label: as few places as tell it."""
    return local_number(None if value is None else round(value, 2))
