"""Tariffs of a service: what holds this year, what held before, and the coordinator's import with its preview."""

import base64

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.numbers import local_digits
from sajad_portal.lib.sheets import Sheet, xlsx_response
from sajad_portal.lib.tables import FileRefused
from units.pages.frame import SignedInRequest

from ... import rules
from ...actions.tariffs import declare_free, publish_tariffs
from ...enums import RequestKind
from ...files.tariffs import COLUMNS, MAX_BYTES, OPTIONAL
from ...forms import TariffFileForm, TariffPublishForm
from ...models import Service
from ...queries.tariffs import fiscal_year, reading_of, table_in_force, tariff_changes, tariff_lines, years_of


@access("public")
def tariffs(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: every version, for anybody. POST, for who keeps them: a file, answered with its preview or its problems."""
    service, at = _service(slug), database_now()
    if request.method != "POST":
        return _page(request, service, TariffFileForm(year=fiscal_year(at)))
    _keeper(request, service)
    form = TariffFileForm(request.POST, request.FILES, year=fiscal_year(at))
    if not form.is_valid():
        return _page(request, service, form, status=422)
    file, year = form.cleaned_data["file"], form.cleaned_data["year"]
    data = file.read(MAX_BYTES + 1)
    try:
        reading = reading_of(service, year, data, at)
    except Refused as refusal:
        return _page(request, service, form, refusal, status=refusal.status)
    hidden = {
        "year": str(year),
        "name": file.name,
        "preview": base64.b64encode(data).decode(),
        "after": str(reading.after),
    }
    context = {
        "service": service,
        "year": local_digits(year),
        "name": file.name,
        "last": reading.last,
        "changes": tariff_changes(service, reading),
        "form": hidden,
    }
    return render(request, "sla/tariffs/preview.html", context)


@access("is_provider_coordinator")
@require_POST
def tariffs_publish(request: SignedInRequest, slug: str) -> HttpResponse:
    """The preview that was looked at becomes the next version."""
    service, at = _service(slug), database_now()
    _keeper(request, service)
    typed = TariffPublishForm(request.POST)
    form = TariffFileForm(year=fiscal_year(at))
    if not typed.is_valid():
        broken = Refused(_("The preview is broken. Choose the file again."), code="bad-preview", status=400)
        return _page(request, service, form, broken, status=400)
    clean = typed.cleaned_data
    try:
        table = publish_tariffs(
            service=service, year=clean["year"], data=clean["preview"], name=clean["name"], after=clean["after"],
            by=request.user,
        )  # fmt: skip
    except Refused as refusal:
        if refusal.status == 403:
            raise
        return _page(request, service, form, refusal, status=refusal.status)
    facts = {"number": local_digits(table.number), "year": local_digits(table.year)}
    messages.success(
        request, _("Version %(number)s of the tariffs of %(year)s is in force. Prices that were frozen stay.") % facts
    )
    return redirect("sla:tariffs", slug)


@access("is_provider_coordinator")
@require_POST
def tariffs_free(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say that the present fiscal year is free."""
    service = _service(slug)
    _keeper(request, service)
    table = declare_free(service=service, year=fiscal_year(database_now()), by=request.user)
    said = _("It is said: in %(year)s the service is free of charge. Prices that were frozen stay.")
    messages.success(request, said % {"year": local_digits(table.year)})
    return redirect("sla:tariffs", slug)


@access("is_provider_coordinator")
@require_GET
def tariffs_start(request: SignedInRequest, slug: str) -> HttpResponse:
    """A workbook to begin with: a row for each type of request that may be charged, with what it costs now."""
    service, year = _service(slug), fiscal_year(database_now())
    _keeper(request, service)
    rows = [
        (
            line.request_type.code,
            line.price.rials,
            line.row.deposit_id if line.row else "",
            line.row.note if line.row else "",
        )
        for line in tariff_lines(service, table_in_force(service, year), year)
        if line.request_type.kind != RequestKind.OBJECTION
    ]
    sheet = Sheet("tariffs", _("Tariffs"), [*COLUMNS, *OPTIONAL], rows)
    return xlsx_response([sheet], f"tariffs-{year}")


def _page(
    request: HttpRequest, service: Service, form: TariffFileForm, refusal: Refused | None = None, *, status: int = 200
) -> HttpResponse:
    at = database_now()
    context = {
        "service": service,
        "years": years_of(service, at),
        "this_year": fiscal_year(at),
        "form": form,
        "may": rules.is_provider_coordinator(request.user, service, at),
        "refusal": refusal,
        "problems": refusal.problems if isinstance(refusal, FileRefused) else [],
        "kilobytes": MAX_BYTES // 1024,
    }
    return render(request, "sla/tariffs/page.html", context, status=status)


def _service(slug: str) -> Service:
    return get_object_or_404(Service.objects.select_related("provider"), slug=slug)


def _keeper(request: HttpRequest, service: Service) -> None:
    if not rules.is_provider_coordinator(request.user, service, database_now()):
        raise Forbidden(_("Only a coordinator of the providing unit publishes its tariffs."))
