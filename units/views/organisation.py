"""Whose portal this is: its page, and its logo."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sajad_portal.lib.access import DECIDING, access
from sajad_portal.lib.errors import Forbidden, Refused

from ..actions.organisation import EDITABLE, describe_organisation, marked_organisation
from ..forms.organisation import OrganisationForm
from ..pages.frame import SignedInRequest
from ..queries.organisation import organisation, stored_organisation
from ..rules import can_set_up_portal

FIELDS = dict.fromkeys(("too-large", "empty-file", "file-type", "file-content", "logo-too-large", "logo-unreadable"), "logo")  # fmt: skip


@access("can_set_up_portal", fresh=DECIDING)
@require_http_methods(["GET", "POST"])
def organisation_edit(request: SignedInRequest) -> HttpResponse:
    if not can_set_up_portal(request.user):
        raise Forbidden(_("Whose portal this is, is written by an administrator."))
    row = stored_organisation()
    initial = {name: getattr(row, name) for name in (*EDITABLE, "factor_from")} if row else {}
    form = OrganisationForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            describe_organisation(by=request.user, seen=request.POST.get("seen", ""), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(FIELDS.get(refusal.code), str(refusal))
        else:
            messages.success(request, _("It is saved. Every page shows it within half a minute."))
            return redirect("units:organisation")
    context = {"form": form, "row": row, "seen": request.POST.get("seen", marked_organisation(row))}
    return render(request, "units/organisation.html", context, status=422 if form.errors else 200)


@access("public", before_factor=True)
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The portal's own PNG, made of what was brought (`small_logo`). Its address carries its hash, so it may be kept."""
    row = organisation()
    if not row.logo:
        raise Http404
    try:
        with row.logo.open("rb") as file:
            response = HttpResponse(file.read(), content_type="image/png")
    except FileNotFoundError as error:
        raise Http404 from error
    response["Cache-Control"] = "public, max-age=86400"
    return response
