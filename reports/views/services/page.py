"""The public pages of services: what is offered, under which terms, how long it takes, what is open now."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sla import rules
from sla.models import Service
from sla.queries import calendar_stamp, current_agreement, shelves_of
from sla.queries.measures import FEWEST, Measured, measured_times
from sla.queries.tariffs import fiscal_year, table_in_force, tariff_lines
from sla.queries.weeks import hours_now

from ...pages.services.card import card_of, contact_of, missing
from ...queries.services import open_calls

# Figures over a year do not change by the minute; the page is public and read the most when a call closes.
FIGURES_LAST = 300


@access("public")
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    found = list(Service.objects.select_related("provider").order_by("title"))
    if len(found) == 1:
        return redirect("reports:service", found[0].slug)
    at = database_now()
    rows = [(service, current_agreement(service), open_calls(service, at).count()) for service in found]
    return render(request, "reports/services/list.html", {"rows": rows})


@access("public")
@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    at = database_now()
    agreement = current_agreement(found)
    figures = _figures(found, at)
    year = fiscal_year(at)
    card, contact = card_of(found, figures), contact_of(found)
    context = {
        "service": found,
        "agreement": agreement,
        "sections": agreement.sections.all() if agreement else [],
        "figures": figures,
        "longest": max([m.target for m in figures] + [m.mean or 0 for m in figures], default=1) * 1.15,
        "counted": sum(m.count for m in figures),
        "fewest": FEWEST,
        "hours": hours_now(at),
        "tariffs": tariff_lines(found, table_in_force(found, year), year),
        "shelves": shelves_of(found.documents.published().newest_first()),
        "calls": open_calls(found, at),
        "card": card,
        "contact": [(row.name, value) for row in contact for value in row.values],
        "missing": missing([*card, *contact]),
        "keeps": rules.is_provider_coordinator(request.user, found, at),
    }
    return render(request, "reports/services/page.html", context)


def _figures(found: Service, at) -> list[Measured]:
    # By the calendar's last change, and a target's: what of them is told, is told at once.
    key = f"measured-times:{found.pk}:{calendar_stamp()}"
    figures = cache.get(key)
    if figures is None:
        figures = measured_times(found, at)
        cache.set(key, figures, FIGURES_LAST)
    return figures
