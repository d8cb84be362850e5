"""What the interface says when it will not do something: problem+json (RFC 9457), in the sentences of the pages."""

import json
import logging
import random
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError, ValidationError

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.refusals import busy_words, holds_no_text, is_busy
from sajad_portal.lib.stores import disk_full, is_full

logger = logging.getLogger(__name__)
PROBLEM_JSON = "application/problem+json"


class Rejected(Refused):
    """A refusal with what it names one by one: `errors` [{"name", "detail"}]."""

    def __init__(self, message, *, code: str, status: int, errors: list[dict]):
        super().__init__(message, code=code, status=status)
        self.errors = errors


def problem(status: int, code: str, detail: str, *, errors: list[dict] | None = None) -> HttpResponse:
    body: dict = {
        "type": f"urn:problem:{code}", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail,
    }  # fmt: skip
    if errors:
        body["errors"] = errors
    answer = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=PROBLEM_JSON)
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="portal"'
    return answer


def problem_of(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to what was raised. What is a fault of ours is raised again."""
    if isinstance(error, Refused):
        return problem(error.status, error.code, str(error), errors=getattr(error, "errors", None))
    if isinstance(error, Http404):
        return not_found()
    if isinstance(error, ValidationError):
        return problem(
            422, "invalid", _("The request does not say what is asked for here; see errors."), errors=_told(error)
        )
    if isinstance(error, HttpError):
        return problem(error.status_code, "unreadable", _("The body of the request cannot be read as JSON."))
    if isinstance(error, AuthenticationError):
        return problem(401, "bad-token", _("Send a token: Authorization: Bearer …"))
    if isinstance(error, RequestDataTooBig):
        return problem(413, "too-large", _("The body of the request is larger than the portal takes."))
    if isinstance(error, SuspiciousOperation):
        return problem(400, "unreadable", _("The request cannot be read."))
    if is_busy(error):
        return busy_problem(request, error)
    if holds_no_text(error):
        return problem(400, "no-text", _("The request holds characters that are no text."))
    if is_full(error):
        full = disk_full()
        return problem(full.status, full.code, str(full))
    raise error


def not_found() -> HttpResponse:
    return problem(404, "not-found", _("There is nothing here, or nothing that you may see."))


def busy_problem(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """503, as the pages say it. Asks the database nothing."""
    logger.error("Busy %s %s: %s", request.method, request.path[:200], str(error).partition("\n")[0])
    answer = problem(503, "busy", busy_words(error))
    answer["Retry-After"] = str(random.randint(3, 10))  # noqa: S311 spreads, guards nothing
    return answer


def _told(error: ValidationError) -> list[dict]:
    """Where it stands, without the outermost word (which says body, query or path) where there is more."""
    return [
        {
            "name": ".".join(str(part) for part in each["loc"][1:] if part != "body") or str(each["loc"][0]),
            "detail": each["msg"],
        }
        for each in error.errors
    ]
