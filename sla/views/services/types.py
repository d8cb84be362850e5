"""The request types of a service with their targets, as its coordinators keep them."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from units.pages.frame import SignedInRequest

from ... import rules
from ...actions.request_types import (
    add_request_type,
    close_request_type,
    edit_request_type,
    reopen_request_type,
    set_target,
)
from ...enums import SINGLE_KINDS
from ...forms.services import TargetForm, TypeForm, TypeTitleForm
from ...models import RequestType, Service

FIELDS = {"bad-type-code": "code", "type-exists": "code", "target-in-the-past": "starts", "no-title": "title"}


@access("can_keep_types")
@require_http_methods(["GET", "POST"])
def request_types(request: SignedInRequest, slug: str) -> HttpResponse:
    """Every type with its target; POST adds one."""
    service = _service(request, slug)
    form = TypeForm(request.POST or None, prefix="new", auto_id="new_%s")
    if _done(form, lambda typed: add_request_type(service=service, by=request.user, **typed)):
        messages.success(request, _("The request type is added. Calls can ask for it from now on."))
        return redirect("sla:request_types", slug)
    today = tehran_date(database_now())
    rows = [_row(kind, today) for kind in service.request_types.prefetch_related("targets").order_by("pk")]
    context = {"service": service, "rows": rows, "form": form}
    return render(request, "sla/services/types.html", context, status=422 if form.errors else 200)


@access("can_keep_types")
@require_http_methods(["GET", "POST"])
def request_type(request: SignedInRequest, slug: str, code: str) -> HttpResponse:
    """One type: its title, its targets, its end. Each is a form of its own (`do`)."""
    service = _service(request, slug)
    kind = get_object_or_404(service.request_types.prefetch_related("targets"), code=code)
    kind.service = service
    do = request.POST.get("do", "")
    today = tehran_date(database_now())
    title = TypeTitleForm(
        request.POST if do == "title" else None, initial={"title": kind.title, "title_en": kind.title_en}
    )
    target = TargetForm(request.POST if do == "target" else None, initial={"starts": today})
    asked: dict[str, tuple[forms.Form, Callable]] = {
        "title": (title, lambda typed: edit_request_type(request_type=kind, by=request.user, **typed)),
        "target": (target, lambda typed: set_target(request_type=kind, by=request.user, **typed)),
    }
    if do in asked and _done(*asked[do]):
        messages.success(request, _("It is saved. What was opened before keeps what it was opened under."))
        return redirect("sla:request_type", slug, code)
    if do in ("close", "reopen"):
        (close_request_type if do == "close" else reopen_request_type)(request_type=kind, by=request.user)
        return redirect("sla:request_type", slug, code)
    context = {"service": service, "row": _row(kind, today), "title_form": title, "target_form": target}
    return render(request, "sla/services/type.html", context, status=422 if title.errors or target.errors else 200)


def _done(form: forms.Form, verb: Callable) -> bool:
    """Whether the form was sent, can be read, and the verb did it; else the form says why not."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        verb(form.cleaned_data)
    except Refused as refusal:
        field = FIELDS.get(refusal.code)
        form.add_error(field if field in form.fields else None, str(refusal))
        return False
    return True


def _row(kind: RequestType, today) -> dict:
    """`targets`: every one that was set, the latest day first; `single`: the portal itself files by it."""
    return {
        "type": kind,
        "target": kind.target_on(today),
        "ahead": [target for target in kind.targets.all() if target.starts > today],
        "targets": sorted(kind.targets.all(), key=lambda target: (target.starts, target.pk), reverse=True),
        "single": kind.kind in SINGLE_KINDS,
    }


def _service(request: SignedInRequest, slug: str) -> Service:
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    if not rules.can_keep_types(request.user, service, database_now()):
        raise Forbidden(_("Only a coordinator of the providing unit keeps the request types."))
    return service
