"""The request types of a service with their targets, as its coordinators keep them."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from units.models import Person
from units.pages.frame import SignedInRequest

from ... import rules
from ...actions.request_types import (
    add_request_type,
    close_request_type,
    edit_request_type,
    reopen_request_type,
    set_target,
)
from ...enums import SINGLE_KINDS, RequestKind
from ...forms.services import TargetForm, TermsForm, TypeForm
from ...models import RequestType, Service

FIELDS = {
    "bad-type-code": "code",
    "type-exists": "code",
    "target-in-the-past": "starts",
    "no-title": "title",
    "bad-kind": "kind",
    "bad-filers": "filers",
    "bad-contest-days": "contest_days",
}


@access("can_keep_types")
@require_http_methods(["GET", "POST"])
def request_types(request: SignedInRequest, slug: str) -> HttpResponse:
    """Every type with its target; POST adds one."""
    service = _service(request, slug)
    form = TypeForm(request.POST or None, prefix="new", auto_id="new_%s")
    if _done(form, lambda typed: _add(service, form, request.user)):
        messages.success(request, _("The request type is added."))
        return redirect("sla:request_types", slug)
    today = tehran_date(database_now())
    rows = [_row(kind, today) for kind in service.request_types.prefetch_related("targets").order_by("pk")]
    context = {"service": service, "rows": rows, "form": form}
    return render(request, "sla/services/types.html", context, status=422 if form.errors else 200)


@access("can_keep_types")
@require_http_methods(["GET", "POST"])
def request_type(request: SignedInRequest, slug: str, code: str) -> HttpResponse:
    """One type: what it says of itself, its targets, its end. Each is a form of its own (`do`)."""
    service = _service(request, slug)
    kind = get_object_or_404(service.request_types.prefetch_related("targets"), code=code)
    kind.service = service
    do = request.POST.get("do", "")
    today = tehran_date(database_now())
    title = TermsForm(
        request.POST if do == "title" else None, initial=model_to_dict(kind), general=kind.kind == RequestKind.GENERAL
    )
    target = TargetForm(request.POST if do == "target" else None, initial={"starts": today})
    asked: dict[str, tuple[forms.Form, Callable]] = {
        "title": (title, lambda typed: _edit(kind, title, request.user)),
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


def _add(service: Service, form: TypeForm, by: Person) -> RequestType:
    named = {name: form.cleaned_data[name] for name in ("kind", "code", "title", "title_en", "target_working_days")}
    return add_request_type(service=service, by=by, terms=form.terms(), **named)


def _edit(kind: RequestType, form: TermsForm, by: Person) -> RequestType:
    given = form.cleaned_data
    return edit_request_type(
        request_type=kind, by=by, title=given["title"], title_en=given["title_en"], terms=form.terms()
    )


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
        "general": kind.kind == RequestKind.GENERAL,
    }


def _service(request: SignedInRequest, slug: str) -> Service:
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    if not rules.can_keep_types(request.user, service, database_now()):
        raise Forbidden(_("Only a coordinator of the providing unit keeps the request types."))
    return service
