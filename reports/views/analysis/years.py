"""A year of results: its page, the results behind its figures, and both as files."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.language import current_language
from sajad_portal.lib.lists import Column, Listed, Listing
from sajad_portal.lib.periods import Period
from sajad_portal.lib.sheets import csv_response, xlsx_response
from sla.enums import Verdict
from units.models import Unit
from units.pages.frame import SignedInRequest

from ...enums import CAME, Timeliness
from ...models import Call
from ...pages.analysis.services import are_of_several
from ...pages.analysis.year import period_beside, result_years, results_sheet, timing_word, year_context, year_sheets
from ...queries.analysis import analysed_calls
from ...queries.years import calls_of, narrowed, results_of_year, year_of, years_with_results

SIZE = 50
RESULTS = Listing(
    Column("unit", gettext_lazy("Unit"), by=("report__unit_sort_key", "-period_starts"), fixed=True),
    Column("call", gettext_lazy("Period"), by=("period_starts", "report__unit_sort_key"), falls=True),
    Column("timing", gettext_lazy("Against the deadline")),
    Column("total", gettext_lazy("Total"), by=("sort_total",), falls=True, css="num"),
    sort="-call",
)


def _asked(request: SignedInRequest, code: str) -> tuple[list[Call], Period, datetime]:
    """All calls with results that the person sees, and the year that the address names. Http404 for what is no year."""
    year = year_of(code)
    if year is None:
        raise Http404
    return list(analysed_calls(request.user).select_related("agreement__service")), year, database_now()


@access("visible_results")
@require_GET
def years(request: SignedInRequest) -> HttpResponse:
    """On to the newest Jalali year with results."""
    found = years_with_results(analysed_calls(request.user))
    if not found:
        return render(request, "reports/analysis/no_year.html")
    return redirect("reports:analysis_year", found[0].code)


@access("visible_results")
@require_GET
def year(request: SignedInRequest, code: str) -> HttpResponse:
    calls, of, at = _asked(request, code)
    return render(request, "reports/analysis/year.html", year_context(request.user, calls, of, at, current_language()))


@access("visible_results")
@require_GET
def year_results(request: SignedInRequest, code: str) -> HttpResponse:
    """The results behind a figure of the year: `?unit=`, `?timing=`, `?verdict=`, `?call=`."""
    calls, of, at = _asked(request, code)
    listed = RESULTS.of(request)
    page = listed.page(_found(listed, request, calls, of, at), size=SIZE)
    several = are_of_several(calls_of(calls, of))
    rows = [(fact, period_beside(fact.call, several), timing_word(fact.timeliness)) for fact in page.items]
    context = {"year": of, "title": of.label(), "listing": listed, "rows": rows, "years": result_years(calls, of)}
    return render(request, "reports/analysis/year_results.html", context)


def _found(listed: Listed, request: SignedInRequest, calls: list[Call], of: Period, at: datetime):
    mine = calls_of(calls, of)
    timings = [
        ("", _("All")),
        ("behind", _("Late or missed")),
        *((t.value, t.label) for t in (*CAME, Timeliness.MISSED)),
    ]
    timing = listed.choose("timing", _("Against the deadline"), timings)
    calls_offered = [
        ("", _("Every period")),
        *((str(call.pk), period_beside(call, are_of_several(mine))) for call in mine),
    ]
    call = listed.choose("call", _("Period"), calls_offered, menu=True)
    verdicts = [
        ("", _("Any answering time")),
        (Verdict.MET.value, Verdict.MET.label),
        (Verdict.MISSED.value, Verdict.MISSED.label),
    ]
    verdict = listed.choose("verdict", _("Against the target"), verdicts, menu=True)
    results = narrowed(results_of_year(request.user, mine, at), timing, verdict, at).select_related(
        "call__agreement__service"
    )
    if call:
        results = results.filter(call=int(call))
    if unit := request.GET.get("unit", "")[:60]:
        results = results.filter(unit__code=unit)
        name = (
            results_of_year(request.user, mine, at).filter(unit__code=unit).values_list("unit__name", flat=True).first()
        )
        listed.narrowed_by(_("Unit"), name or unit, "unit", typed=False)
    if words := listed.search(_("Name or code of the unit")):
        results = results.filter(unit__in=Unit.objects.matching(words).values("pk"))
    return results


@access("visible_results")
@require_GET
def year_csv(request: SignedInRequest, code: str) -> HttpResponse:
    """The list of results as its page is filtered, all of it."""
    calls, of, at = _asked(request, code)
    listed = RESULTS.of(request)
    found = listed.ordered(_found(listed, request, calls, of, at))
    return csv_response(results_sheet(found, calls), f"results-{of.code}")


@access("visible_results")
@require_GET
def year_xlsx(request: SignedInRequest, code: str) -> HttpResponse:
    """Every table of the year, a sheet each."""
    calls, of, at = _asked(request, code)
    return xlsx_response(year_sheets(request.user, calls, of, at, current_language()), f"year-{of.code}")
