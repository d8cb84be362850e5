"""What waits for a reviewer, by the service's deadline."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.paging import page_of
from units.enums import Role
from units.queries import has_role

from ..queries_review import FILTERS, counts_of, filters_of, in_review, rows_of, search_reports

SIZE = 25


def _labels() -> dict[str, str]:
    return {
        "todo": _("To do"),
        "started": _("Started"),
        "answered": _("Corrections answered"),
        "settle": _("To settle"),
        "unit": _("With the unit"),
        "done": _("Handed in"),
    }


@access("in_review")
@require_safe
def review_queue(request: HttpRequest) -> HttpResponse:
    """Reviewers see their own work; coordinators everything they oversee, and may ask for their own (`?who=me`)."""
    person, at = request.user, database_now()
    oversees = has_role(person, Role.COORDINATOR)
    if not oversees and not has_role(person, Role.REVIEWER):
        raise Forbidden(_("The reviewing queue is for reviewers and coordinators."))
    mine = not oversees or request.GET.get("who") == "me"
    chosen = request.GET.get("show", "todo")
    chosen = chosen if chosen in FILTERS else "todo"
    words = request.GET.get("q", "").strip()
    filters = filters_of(person, mine)
    reports = in_review(person, at)
    if mine:
        reports = reports.filter(is_mine=True)
    counts = counts_of(reports, filters)
    found = search_reports(reports, words) if words else reports
    page = page_of(found.filter(filters[chosen]), request, by=("service_due", "pk"), size=SIZE)
    context = {
        "page": page,
        "rows": rows_of(page.items, person, mine, at),
        "counts": counts,
        "choices": _choices(request, counts, chosen),
        "show": chosen,
        "label": _labels()[chosen],
        "words": words,
        "mine": mine,
        "oversees": oversees,
    }
    return render(request, "reports/review/queue.html", context)


def _choices(request: HttpRequest, counts: dict[str, int], chosen: str) -> list[dict]:
    kept = {key: request.GET[key] for key in ("who", "q") if request.GET.get(key)}
    labels = _labels()
    return [
        {
            "url": f"?{urlencode({**kept, 'show': name})}",
            "label": labels[name],
            "count": counts[name],
            "current": name == chosen,
        }
        for name in FILTERS
    ]
