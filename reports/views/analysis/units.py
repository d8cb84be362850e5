"""A unit's profile, and chosen units side by side."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.language import current_language
from units.pages.frame import SignedInRequest
from units.queries.tree import visible_units

from ...models import ResultFact
from ...pages.analysis.comparison import MOST, chosen_units, comparison_of, found_units
from ...pages.analysis.services import are_of_several, title_beside
from ...pages.charts import Chart, Series
from ...queries.peers import GroupNames
from ...queries.unit_profile import Profile, family, profile_of, results_of
from .frame import analysed_call, analysis_frame, period_of


@access("visible_units")
@require_GET
def unit_profile(request: SignedInRequest, code: str) -> HttpResponse:
    """One unit over the periods; `?call=` says as of which result, else its newest."""
    unit = get_object_or_404(visible_units(request.user).select_related("kind"), code=code)
    results = results_of(request.user, unit)
    context: dict = {"unit": unit, "kind": unit.kind.name_here}
    if not results:
        return render(request, "reports/analysis/no_profile.html", context)
    several = are_of_several(result.call for result in results)
    fact = _chosen(results, request.GET.get("call", ""))
    context["group"] = GroupNames(fact.call).phrase(fact.peers)
    profile = profile_of(unit, fact, family(results, fact), current_language())
    context |= {
        "profile": profile,
        "fact": fact,
        "call": fact.call,
        "period": period_of(fact.call),
        "choices": [(result.call_id, title_beside(result.call, several)) for result in results],
        "title": title_beside(fact.call, several),
        "totals": _totals_chart(profile),
        "areas": _areas_chart(profile),
        "periods": [period_of(result.call) for result in profile.results],
    }
    return render(request, "reports/analysis/unit.html", context)


def _chosen(results: list[ResultFact], wanted: str) -> ResultFact:
    if not wanted:
        return results[0]
    found = next((result for result in results if str(result.call_id) == wanted), None)
    if found is None:
        raise Http404
    return found


def _totals_chart(profile: Profile) -> Chart | None:
    totals = [None if r.missed or r.total is None else float(r.total) for r in profile.results]
    if sum(total is not None for total in totals) < 2:
        return None
    series = [Series(profile.unit.name, totals)]
    if any(median is not None for median in profile.medians):
        series.append(Series(_("peers’ median"), profile.medians, paint="ink", dash=True))
    return Chart(
        "totals", _("Total of each period"), "line", _("Period"), [period_of(r.call) for r in profile.results], series,
        high=100,
    )  # fmt: skip


def _areas_chart(profile: Profile) -> Chart | None:
    """Own areas beside the peers' medians: bars, because a radar's area depends on the order of its axes."""
    lines = [line for line in profile.areas if line.percent is not None]
    if len(lines) < 2:
        return None
    series = [Series(profile.unit.name, [line.percent for line in lines])]
    if profile.peers:
        series.append(Series(_("peers’ median"), [line.peers for line in lines], paint="mute"))
    return Chart(
        "areas", _("Share of each area’s weight that was earned, in percent"), "across", _("Area"),
        [line.label for line in lines], series, low=0, high=100, unit="٪" if current_language() == "fa" else "%", size="tall",
    )  # fmt: skip


@access("visible_results")
@require_GET
def compare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Up to six units of a call, side by side: `?unit=` once each; `?add=` looks for one more by name or code."""
    call = analysed_call(request.user, pk)
    context = analysis_frame(request, call, "compare")
    codes = list(dict.fromkeys(request.GET.getlist("unit")))[:MOST]
    words = request.GET.get("add", "").strip()
    candidates = found_units(request.user, call, words, codes) if words else []
    if len(candidates) == 1 and len(codes) < MOST:
        codes, candidates, words = [*codes, candidates[0].code], [], ""
    chosen = chosen_units(request.user, call, codes)
    found = comparison_of(context["facts"], chosen, current_language())
    context |= {
        "comparison": found,
        "codes": [fact.unit.code for fact in chosen],
        "candidates": candidates,
        "words": words,
        "full": len(chosen) >= MOST,
        "most": MOST,
        "chart": _comparison_chart(found) if len(chosen) > 1 else None,
    }
    return render(request, "reports/analysis/compare.html", context)


def _comparison_chart(found) -> Chart:
    series = [
        Series(column.fact.report.unit_name, [line.percents[i] for line in found.areas], paint=column.paint)
        for i, column in enumerate(found.columns)
    ]
    return Chart(
        "areas", _("Share of each area’s weight that was earned, in percent"), "across", _("Area"),
        [line.label for line in found.areas], series, low=0, high=100, unit="٪" if current_language() == "fa" else "%", size="tall",
    )  # fmt: skip
