"""The public pages of services: what is offered, under which terms, how long it takes, what is open now."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.templatetags.figures import code, jdate
from sla import rules
from sla.measures import FEWEST, Measured, measured_times
from sla.models import Service
from sla.queries import current_agreement, published_documents

from ..queries_services import open_calls

# Figures over a year do not change by the minute; the page is public and read the most when a call closes.
FIGURES_LAST = 300


@access("public")
def services(request: HttpRequest) -> HttpResponse:
    found = list(Service.objects.select_related("provider").order_by("title"))
    if len(found) == 1:
        return redirect("reports:service", found[0].slug)
    at = database_now()
    rows = [(service, current_agreement(service), open_calls(service, at).count()) for service in found]
    return render(request, "reports/services/list.html", {"rows": rows})


@access("public")
def service(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    at = database_now()
    agreement = current_agreement(found)
    figures = _figures(found, at)
    context = {
        "service": found,
        "agreement": agreement,
        "sections": agreement.sections.all() if agreement else [],
        "figures": figures,
        "longest": max([m.target for m in figures] + [m.mean or 0 for m in figures], default=1) * 1.15,
        "counted": sum(m.count for m in figures),
        "fewest": FEWEST,
        "documents": published_documents(found),
        "calls": open_calls(found, at),
        "facts": _facts(found),
        "keeps": rules.is_provider_coordinator(request.user, found, at),
    }
    return render(request, "reports/services/page.html", context)


def _facts(found: Service) -> list[tuple]:
    """The service card as names and values; what is empty is left out."""
    rows = [
        (_("Service id"), code(found.code)),
        (_("Provider"), found.provider.name),
        (_("Recipient"), found.recipients_here),
        (_("Kind"), code(found.kind)),
        (_("How it is provided"), _("electronically only")),
        (_("Hours"), found.hours),
        (_("Contact"), code(found.contact) if found.contact else ""),
        (_("Updated"), jdate(found.updated_at)),
    ]
    return [row for row in rows if row[1]]


def _figures(found: Service, at) -> list[Measured]:
    key = f"measured-times:{found.pk}"
    figures = cache.get(key)
    if figures is None:
        figures = measured_times(found, at)
        cache.set(key, figures, FIGURES_LAST)
    return figures
