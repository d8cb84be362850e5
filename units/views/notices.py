"""What the portal told somebody."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.paging import page_of

from ..actions.notices import mark_all_read, mark_read
from ..pages.frame import SignedInRequest
from ..queries.notices import notices_of


@access("signed-in")
@require_safe
def notices(request: SignedInRequest) -> HttpResponse:
    page = page_of(notices_of(request.user), request, by=("-id",), size=30)
    unread = notices_of(request.user).filter(read_at__isnull=True).count()
    newest = max((notice.pk for notice in page), default=0)
    return render(request, "units/notices.html", {"page": page, "unread": unread, "newest": newest})


@access("notices_of")
@require_safe
def notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shown is read."""
    found = get_object_or_404(notices_of(request.user), pk=pk)
    mark_read(notice=found, by=request.user)
    return render(request, "units/notice.html", {"notice": found})


@access("notices_of")
@require_POST
def follow_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Marks it read and goes to where it points."""
    found = get_object_or_404(notices_of(request.user), pk=pk)
    mark_read(notice=found, by=request.user)
    return redirect(found.url or "units:notices")


@access("signed-in")
@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    """All that the page showed or that is older; what came meanwhile stays unread."""
    newest = request.POST.get("newest", "")
    mark_all_read(
        by=request.user, up_to=int(newest) if newest.isascii() and newest.isdigit() and len(newest) < 19 else None
    )
    after = request.POST.get("next", "")
    inside = after.startswith("/") and url_has_allowed_host_and_scheme(after, None)
    return redirect(after if inside else "units:notices")
