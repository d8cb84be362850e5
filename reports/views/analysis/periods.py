"""A call against an earlier one, and what the league would be under other weights."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.language import current_language
from units.pages.frame import SignedInRequest

from ...pages.analysis.what_if import SHOWN, try_out, what_if_lines
from ...pages.charts import Chart, Series
from ...queries.analysis import analysed_calls, earlier_analysed_calls
from ...queries.earlier_call import Against, against, movers
from ...queries.facts_cache import facts_of
from .frame import analysed_call, analysis_frame, may_try_weights, period_of

OFFERED = 12


@access("visible_results")
@require_GET
def period_against(request: SignedInRequest, pk: int) -> HttpResponse:
    """`?with=` an earlier call of the same form, kind of period and service; else the one just before."""
    call = analysed_call(request.user, pk)
    context = analysis_frame(request, call, "against")
    seen = set(analysed_calls(request.user).values_list("pk", flat=True))
    choices = [each for each in earlier_analysed_calls(call, OFFERED) if each.pk in seen]
    wanted = request.GET.get("with", "")
    before = next((each for each in choices if str(each.pk) == wanted), choices[0] if choices and not wanted else None)
    if wanted and before is None:
        raise Http404
    context |= {"choices": choices, "before": before, "found": None}
    if before is not None:
        found = against(context["facts"], facts_of(before), current_language())
        risen, fallen = movers(request.user, context["facts"], found)
        context |= {
            "found": found,
            "before_period": period_of(before),
            "risen": risen,
            "fallen": fallen,
            "chart": _areas_chart(found, period_of(before), context["period"]),
        }
    return render(request, "reports/analysis/against.html", context)


def _areas_chart(found: Against, before: str, now: str) -> Chart | None:
    pairs = [pair for pair in found.areas if pair.before is not None and pair.now is not None]
    if len(pairs) < 2:
        return None
    series = [
        Series(before, [pair.before for pair in pairs], paint="mute"),
        Series(now, [pair.now for pair in pairs]),
    ]
    return Chart(
        "areas", _("Median share of each area’s weight, in percent"), "across", _("Area"), [pair.label for pair in pairs],
        series, low=0, high=100, unit="٪" if current_language() == "fa" else "%", size="tall",
    )  # fmt: skip


@access("may_try_weights")
def what_if(request: SignedInRequest, pk: int) -> HttpResponse:
    """Other weights and standards, tried out: the answer to a POST is a page, and nothing anywhere changes."""
    call = analysed_call(request.user, pk)
    if not may_try_weights(request.user):
        raise Forbidden(_("Weights are tried out by coordinators."))
    context = analysis_frame(request, call, "what_if")
    lines = what_if_lines(context["facts"], request.POST, current_language())
    errors = any(line.errors for line in lines)
    weightless = not errors and not any(line.typed_weight != "0" for line in lines)
    tried = try_out(request.user, context["facts"], lines) if request.method == "POST" and not errors else None
    context |= {
        "lines": lines,
        "errors": errors,
        "weightless": weightless,
        "tried": tried[:SHOWN] if tried is not None else None,
        "all": len(tried) if tried is not None else 0,
        "moved": sum(row.rise != 0 for row in tried) if tried is not None else 0,
        "changed": sum(line.is_changed for line in lines),
        "movers": sorted(tried, key=lambda row: -abs(row.rise))[:5] if tried else [],
    }
    return render(request, "reports/analysis/what_if.html", context, status=422 if errors else 200)
