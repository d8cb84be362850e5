"""Before everything else: each request gets its id, each answer is counted, and whoever watches the portal is answered without a
session, a lock or a page."""

import hmac
import json
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from sajad_portal.lib.address import client_address, comes_from
from sajad_portal.lib.logs import doing

from . import measures
from .figures import PortalFigures
from .readiness import faults

# What the web server's own log says of a request (web_log.py).
SAID, QUIET = "portal.said", "portal.quiet"
_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)


class WatchMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        watch = WATCHED.get(request.path_info)
        if watch and request.method in ("GET", "HEAD") and may_watch(request):
            response = watch()
            response["Cache-Control"] = "no-store"
            request.META[QUIET] = response.status_code == 200
            return response
        return self._answered(request)

    def _answered(self, request: HttpRequest) -> HttpResponse:
        begun, name = time.perf_counter(), request_id(request)
        said = {"request": name, "address": client_address(request), "person": lambda: _person(request)}
        with doing(**said):
            response = self.get_response(request)
        request.META[SAID] = {**said, "person": _person(request)}
        response["X-Request-ID"] = name
        match = request.resolver_match
        view = (match.view_name or "none") if match else "none"
        measures.REQUESTS.labels(view, str(response.status_code)).inc()
        measures.SECONDS.labels(view).observe(time.perf_counter() - begun)
        return response


def request_id(request: HttpRequest) -> str:
    """The proxy's, where one that we trust passed the request on; else a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    trusted = settings.TRUSTED_PROXIES and "HTTP_X_FORWARDED_FOR" in request.META
    return given if trusted and _ID.fullmatch(given) else uuid.uuid4().hex


def _person(request: HttpRequest) -> int | None:
    """Who asks, where the portal looked it up anyway."""
    return getattr(getattr(request, "_cached_user", None), "pk", None)


# ------------------------------------------------------------------------------------------------------ who watches
def may_watch(request: HttpRequest) -> bool:
    """To all others these addresses are as any that is none."""
    kind, _blank, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if settings.WATCH_TOKEN and kind.lower() == "bearer":
        return hmac.compare_digest(given.strip().encode(), settings.WATCH_TOKEN.encode())
    return comes_from(request, settings.WATCH_ALLOWED)


def healthz() -> HttpResponse:
    """The process lives and answers; it asks nobody."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def readyz() -> HttpResponse:
    found = faults()
    answer = json.dumps({"ready": not found, "faults": found}, ensure_ascii=False)
    return HttpResponse(answer + "\n", content_type="application/json", status=503 if found else 200)


def metrics() -> HttpResponse:
    asked = CollectorRegistry()
    asked.register(PortalFigures())
    text = b"".join(generate_latest(registry) for registry in (asked, *measures.counted()))
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


WATCHED: dict[str, Callable[[], HttpResponse]] = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
