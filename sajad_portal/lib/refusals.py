"""Turns a Refused that a view let travel into a page: what happened, why, what to do next."""

import logging
from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from .errors import Refused

logger = logging.getLogger(__name__)


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if holds_no_text(exception):
            logger.warning(
                "Refused %s: %s", request.path[:200].encode("ascii", "replace").decode(), type(exception).__name__
            )
            exception = Refused(
                _("The address or the form holds characters that are no text. Go back and type it again."),
                code="no-text",
                status=400,
            )
        if not isinstance(exception, Refused):
            return None
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"code": exception.code, "message": str(exception)}, status=exception.status)
        return render(request, "refused.html", {"refusal": exception}, status=exception.status)


def holds_no_text(exception: Exception) -> bool:
    """Whether somebody sent a null character, which PostgreSQL takes in no text, or half a surrogate pair, which is no UTF-8."""
    if isinstance(exception, UnicodeEncodeError):
        return True
    return isinstance(exception, ValueError | DataError) and "NUL (0x00)" in str(exception)
