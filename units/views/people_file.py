"""A file of people: chosen, previewed row by row, and stored as it was looked at; its links are shown once, all together."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.carried import packed_file
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.tables import FileRefused

from ..actions.people_file import Came, bring_people, look_at_people
from ..actions.throttle import count_attempt, throttle_key
from ..files.people import MAX_BYTES, MAX_ROWS
from ..forms.people_file import PeoplePreviewForm
from ..pages.frame import SignedInRequest
from ..rules import can_bring_people

# A file says of each row whether there is an account: nobody but an administrator asks so about thousands.
FILES, HOUR = 20, timedelta(hours=1)


def _bringer(request: SignedInRequest) -> None:
    if not can_bring_people(request.user, database_now()):
        raise Forbidden(_("People join a unit through its head, or a coordinator of it or of a unit above it."))
    if request.method == "POST" and not request.user.is_superuser:
        count_attempt(throttle_key("people-file", str(request.user.pk)), FILES, HOUR).insist()


@access("can_bring_people")
@require_http_methods(["GET", "POST"])
def people_import(request: SignedInRequest) -> HttpResponse:
    """GET: choose a file. POST: the file, answered with its preview or its problems."""
    _bringer(request)
    if request.method != "POST":
        return _page(request, None)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, Refused(_("Choose the file first."), code="no-file", status=422))
    return _preview(request, file.read(MAX_BYTES + 1), file.name or "")


@access("can_bring_people", fresh=DECIDING)
@never_cache
@require_POST
def people_import_store(request: SignedInRequest) -> HttpResponse:
    """The preview that was looked at is stored; where the portal has changed since, the new preview is shown."""
    _bringer(request)
    form = PeoplePreviewForm(request.POST)
    if not form.is_valid():
        broken = Refused(_("The preview is broken. Choose the file again."), code="bad-preview", status=400)
        return _page(request, broken)
    clean = form.cleaned_data
    try:
        done = bring_people(data=clean["packed"], by=request.user, seen=clean["seen"])
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _preview(request, clean["packed"], clean["name"], refusal)
    counts = {came.value: done.count(came) for came in Came}
    context = {"done": done, "counts": counts, "lifetime": settings.INVITATION_LIFETIME}
    return render(request, "units/people_brought.html", context)


def _preview(request: SignedInRequest, data: bytes, name: str, refusal: Refused | None = None) -> HttpResponse:
    try:
        found = look_at_people(data=data, by=request.user)
    except Refused as problem:
        if problem.status == 403:
            raise
        return _page(request, problem)
    hidden = {"name": name[:300], "packed": packed_file(data), "seen": found.fingerprint}
    counts = {came.value: found.count(came) for came in Came}
    context = {"found": found, "counts": counts, "name": name, "form": hidden, "refusal": refusal}
    return render(request, "units/people_preview.html", context, status=refusal.status if refusal else 200)


def _page(request: SignedInRequest, refusal: Refused | None) -> HttpResponse:
    context = {
        "refusal": refusal,
        "problems": refusal.problems if isinstance(refusal, FileRefused) else [],
        "rows": MAX_ROWS,
    }
    return render(request, "units/people_import.html", context, status=refusal.status if refusal else 200)
