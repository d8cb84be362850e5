"""Analysis of announced results: its front page, and the league table of a call."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.numbers import format_number
from sajad_portal.lib.paging import choices, page_of
from sajad_portal.lib.text import search_key
from sajad_portal.templatetags.portal import language
from units.enums import UnitKind
from units.models import Unit
from units.queries import memberships_of, visible_units

from ..analysis.spread import classes
from ..charts import Chart, Series
from ..kept import facts_of
from ..league import league_rows
from ..models import Call, ResultFact
from ..queries_analysis import Standings, analysed_calls, counts_of, sees_the_field, standings, visible_results
from ..reviewing import under
from .analysis_frame import analysed_call, call_choices, frame, period_of

BY = ("-sort_total", "pk")
SIZE = 50
RECENT = 12


@access("visible_results")
@require_GET
def analysis(request: HttpRequest) -> HttpResponse:
    """The calls with results; with `?call=` on to its league table. A unit's people find their own profile beside them."""
    chosen = request.GET.get("call", "")
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 10:
        return redirect("reports:analysis_league", analysed_call(request.user, int(chosen)).pk)
    calls = list(analysed_calls(request.user)[:RECENT])
    counts = counts_of(calls)
    context = {
        "calls": call_choices(request.user),
        "newest": _newest(calls[0]) if calls else None,
        "rows": [(call, period_of(call), *counts.get(call.pk, (0, 0))) for call in calls],
        "units": own_units(request.user),
        "field_seen": sees_the_field(request.user),
    }
    return render(request, "reports/analysis/page.html", context)


def _newest(call: Call) -> dict:
    return {"call": call, "period": period_of(call), "standings": standings(facts_of(call))}


def own_units(person) -> list[Unit]:
    """The units that the person works for, with results or without."""
    return list({m.unit_id: m.unit for m in memberships_of(person) if m.role in ("head", "reporter")}.values())


@access("visible_results")
@require_GET
def league(request: HttpRequest, pk: int) -> HttpResponse:
    """Who stands where: by place, narrowed by kind, by a part of the tree, by words."""
    call = analysed_call(request.user, pk)
    context = frame(request, call, "league")
    all_of = standings(context["facts"])
    mine = visible_results(request.user).filter(call=call)
    found, narrowed = _narrowed(request, mine)
    page = page_of(found, request, by=BY, size=SIZE)
    context |= {
        "page": page,
        "rows": league_rows(context["facts"], page.items),
        "standings": all_of,
        "choices": choices(request, "kind", _kinds(all_of)),
        "words": request.GET.get("q", "").strip(),
        "kind": request.GET.get("kind", ""),
        "under": request.GET.get("under", ""),
        "narrowed": narrowed,
        "chart": totals_chart(all_of) if context["field_seen"] else None,
    }
    return render(request, "reports/analysis/league.html", context)


def _narrowed(request: HttpRequest, found: QuerySet[ResultFact]) -> tuple[QuerySet[ResultFact], bool]:
    kind, words = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    below = request.GET.get("under", "")
    if kind in UnitKind.values:
        found = found.filter(kind=kind)
    if below:
        unit = visible_units(request.user).filter(code=below[:60]).first()
        found = found.filter(under(unit)) if unit else found.none()
    for word in search_key(words).split():
        found = found.filter(unit__search_key__contains=word)
    return found, bool(kind or words or below)


def _kinds(found: Standings) -> list[tuple[str, str, int | None]]:
    present = set(found.kinds.values())
    return [("", _("All"), None), *((k.value, str(k.label), None) for k in UnitKind if k.value in present)]


def totals_chart(found: Standings) -> Chart | None:
    """How the totals of a call spread; nothing where there are too few to spread."""
    if found.whole is None or found.whole.count < 5:
        return None
    bins = classes([float(total) for total in found.totals.values()])
    words = [f"{write(c.low)}–{write(c.high)}" for c in bins]
    return Chart(
        "totals", _("How the totals spread: units in each class of the total"), "bar", _("Total"), words,
        [Series(_("Units"), [c.count for c in bins])], places=0, low=0, unit=_("units"),
    )  # fmt: skip


def write(value: float | None) -> str:
    """A number in words of a label: as few places as tell it."""
    return format_number(None if value is None else round(value, 2), language=language())
