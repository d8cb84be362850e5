"""What waits for a reviewer, by the service's deadline."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.lists import Column, Listing
from units.enums import Role
from units.pages.frame import SignedInRequest
from units.queries import has_role

from ...queries.review import FILTERS, in_review, queue_counts, queue_rows, search_reports, with_rows

SIZE = 25
QUEUE = Listing(
    Column("unit", gettext_lazy("Unit"), by=("unit_sort_key", "-call_id"), fixed=True),
    Column("state", gettext_lazy("State")),
    Column("progress", gettext_lazy("Progress")),
    Column("signs", gettext_lazy("Signs")),
    Column("submitted", gettext_lazy("Submitted"), by=("submitted_at",), falls=True, blank=True, optional=True),
    Column("target", gettext_lazy("Service target"), by=("service_due",)),
    sort="target",
)


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
def review_queue(request: SignedInRequest) -> HttpResponse:
    """Reviewers see their own work; coordinators everything they oversee, and may ask for their own (`?who=me`)."""
    person, at = request.user, database_now()
    oversees = has_role(person, Role.COORDINATOR)
    if not oversees and not has_role(person, Role.REVIEWER):
        raise Forbidden(_("The reviewing queue is for reviewers and coordinators."))
    mine = not oversees or request.GET.get("who") == "me"
    labels = _labels()
    counts = queue_counts(person, at, mine=mine)
    listed = QUEUE.of(request)
    options = [(name, labels[name], counts[name]) for name in FILTERS]
    chosen = listed.choose("show", _("Filter"), options, default="todo", narrows=False)
    words = listed.search(_("Search by unit, code or call"))
    reports = search_reports(in_review(person, at, chosen, mine=mine), words)
    page = listed.page(with_rows(reports), size=SIZE)
    context = {
        "listing": listed,
        "page": page,
        "rows": queue_rows(page.items, person, mine, at),
        "counts": counts,
        "show": chosen,
        "label": labels[chosen],
        "mine": mine,
        "oversees": oversees,
    }
    return render(request, "reports/review/queue.html", context)
