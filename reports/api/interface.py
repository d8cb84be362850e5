"""The interface put together: its routers, their addresses behind the door, what describes them."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from sajad_portal.lib.access import access
from sajad_portal.lib.language import current_language

from . import calls, drafts, facts, program, reports, terms, units
from .description import described
from .door import asked_language, guarded
from .problems import not_found, problem_of

ROOT = "/api/v1/"
api = NinjaAPI(
    title=_("The portal’s interface for programs"), version="1.0", docs_url=None, openapi_url=None, urls_namespace="api"
)
for router in (program.router, units.router, calls.router, reports.router, drafts.router, terms.router, facts.router):
    api.add_router("", router)
for kind in (Exception, HttpError, Http404, ValidationError, AuthenticationError):
    api.add_exception_handler(kind, problem_of)  # type: ignore[arg-type]


@access("public")
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, in the language asked for."""
    language = request.GET.get("lang") or asked_language(request)
    with translation.override("en" if language == "en" else "fa"):
        answer = JsonResponse(described(api, ROOT), json_dumps_params={"ensure_ascii": False})
    answer["Vary"] = "Accept-Language"
    return answer


@access("public")
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The description to read and to try, from our own files."""
    described_at = f"{reverse('reports:api:openapi')}?lang={current_language()}"
    settings = {"url": described_at, "layout": "BaseLayout", "deepLinking": True, "validatorUrl": None}
    return render(request, "reports/api/docs.html", {"settings": settings})


@guarded
def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other address: a program that has entered is told so in its own kind of answer."""
    return not_found()


def addresses() -> list[URLPattern]:
    """Those of ninja, each behind the door, and our own."""
    found = [
        path(str(entry.pattern), guarded(entry.callback), name=entry.name)
        for entry in api.urls[0]
        if isinstance(entry, URLPattern) and entry.callback is not None and entry.name != "api-root"
    ]
    own = [path("openapi.json", openapi, name="openapi"), path("docs", docs, name="docs")]
    return [*own, *found, path("<path:rest>", nothing_here, name="nothing_here")]
