"""The indicators of a call: all of them in a list, and one at a time."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.language import current_language
from units.pages.frame import SignedInRequest
from units.queries.kinds import kind_names

from ...analysis.spread import Spread, classes
from ...pages.charts import Chart, Series
from ...queries import form_of
from ...queries.analysis import LEAST_PEERS, earlier_analysed_calls, visible_results
from ...queries.facts_cache import Facts, facts_of_each
from ...queries.indicator_tree import node_of, rolled_up
from ...queries.indicators import (
    Values,
    best_and_worst,
    departures_of,
    indicator_lines,
    outliers_of,
    trend_of,
    values_of,
)
from .frame import analysed_call, analysis_frame, period_of
from .page import label_number

PERIODS = 8


@access("visible_results")
@require_GET
def indicators(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every indicator with its median and spread, area by area."""
    call = analysed_call(request.user, pk)
    context = analysis_frame(request, call, "indicators")
    lines, definition = indicator_lines(context["facts"]), form_of(call.form_version)
    context["sections"] = [
        (
            f"area-{place}",
            section.label_in(current_language()),
            [_listed(lines[i.code]) for i in found if i.code in lines],
        )
        for place, section in enumerate(definition.sections, 1)
        if (found := definition.indicators_of(section.name))
    ]
    return render(request, "reports/analysis/indicators.html", context)


def _listed(line) -> dict:
    indicator, found = line.indicator, line.spread
    return {
        "median": found.median if found else None,
        "q1": found.q1 if found else None,
        "q3": found.q3 if found else None,
        "line": line,
        "label": indicator.label_in(current_language()),
        "unit": indicator.unit_in(current_language()),
        "percent": indicator.unit == "٪",
    }


@access("visible_results")
@require_GET
def indicator(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    """One indicator: its spread, its way over the periods, best and worst, who lies apart."""
    call = analysed_call(request.user, pk)
    found = form_of(call.form_version).indicator(code)
    if found is None:
        raise Http404
    context = analysis_frame(request, call, "indicators")
    facts = context["facts"]
    visible = visible_results(request.user).filter(call=call)
    values = values_of(facts, code)
    best, worst = best_and_worst(visible, facts, found)
    node = node_of(request.user, facts, "")
    context |= {
        "indicator": found,
        "label": found.label_in(current_language()),
        "unit": found.unit_in(current_language()),
        "percent": found.unit == "٪",
        "values": values,
        "whole": values.whole if len(values.values) >= LEAST_PEERS else None,
        "kinds": _by_kind(values),
        "best": best,
        "worst": worst,
        "outliers": outliers_of(visible, facts, code),
        "departures": departures_of(visible, facts, code),
        "node": node,
        "rolled": rolled_up(node, [found])[code],
        "spread_chart": _spread_chart(found, values) if context["field_seen"] else None,
        "trend_chart": _trend_chart(facts, found),
    }
    return render(request, "reports/analysis/indicator.html", context)


def _by_kind(values: Values) -> list[tuple[str, Spread]]:
    """In the order of the kinds’ names."""
    found = values.by_kind()
    return [(name, found[code]) for code, name in kind_names().items() if code in found] if found else []


def _spread_chart(found, values) -> Chart | None:
    bins = classes(values.values.values())
    if len(values.values) < 5:
        return None
    words = [f"{label_number(c.low)}–{label_number(c.high)}" for c in bins]
    return Chart(
        "spread", _("How the values spread: units in each class"), "bar", found.unit_in(current_language()) or _("Value"), words,
        [Series(_("Units"), [c.count for c in bins])], places=0, low=0, unit=_("units"),
    )  # fmt: skip


def _trend_chart(facts: Facts, found) -> Chart | None:
    calls = list(reversed(earlier_analysed_calls(facts.call, PERIODS - 1)))
    every = [*facts_of_each(calls), facts]
    spreads = trend_of(every, found.code)
    if sum(s is not None for s in spreads) < 2:
        return None
    series = [
        Series(_("upper quartile"), [s.q3 if s else None for s in spreads], paint="mute", dash=True),
        Series(_("median"), [s.median if s else None for s in spreads]),
        Series(_("lower quartile"), [s.q1 if s else None for s in spreads], paint="mute", dash=True),
    ]
    return Chart(
        "trend", _("Median and quartiles of each period"), "line", _("Period"),
        [period_of(each.call) for each in every], series, unit=found.unit_in(current_language()), places=2,
    )  # fmt: skip
