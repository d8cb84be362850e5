"""Indicators up the tree: every one of them for a node, or one of them for each branch under it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.language import current_language
from units.pages.frame import SignedInRequest

from ...queries import form_of
from ...queries.indicator_tree import children_of, node_of, rolled_up
from .frame import analysed_call, analysis_frame


@access("visible_results")
@require_GET
def tree(request: SignedInRequest, pk: int) -> HttpResponse:
    """`?under=` a unit of the tree, `?indicator=` one that is compared across the branches."""
    call = analysed_call(request.user, pk)
    context = analysis_frame(request, call, "tree")
    facts, definition = context["facts"], form_of(call.form_version)
    node = node_of(request.user, facts, request.GET.get("under", ""))
    code = request.GET.get("indicator", "")
    chosen = definition.indicator(code) if code else None
    if code and chosen is None:
        raise Http404
    children, left_out = children_of(node, chosen)
    rolled = rolled_up(node, definition.indicators)
    context |= {
        "node": node,
        "key": str(node.unit.pk) if node.unit else "",
        "indicator": _named(chosen) if chosen else None,
        "chosen": rolled[chosen.code] if chosen else None,
        "children": children,
        "left_out": left_out,
        "sections": [
            (section.label_in(current_language()), [{**_named(i), "rolled": rolled[i.code]} for i in found])
            for section in definition.sections
            if (found := definition.indicators_of(section.name))
        ],
    }
    return render(request, "reports/analysis/tree.html", context)


def _named(indicator) -> dict:
    return {
        "code": indicator.code,
        "label": indicator.label_in(current_language()),
        "unit": indicator.unit_in(current_language()),
        "percent": indicator.unit == "٪",
        "aggregate": indicator.aggregate,
    }
