"""Turns what a view let travel into a page: what happened, why, what to do next. A rule's Refused; a database that could not
do it now (`busy`); a fault of ours."""

import logging
import random
import re
import sys
from collections.abc import Callable
from http import HTTPStatus

from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from .asking import asked_by_script
from .errors import Refused
from .stores import disk_full, has_lost_upload, is_full

logger = logging.getLogger(__name__)

LONGEST_FORM = 200_000  # letters that the page "busy" carries, so that a form can be sent again from it


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """A form whose file found no room is not handed on without it."""
        return _page(request, disk_full()) if request.method == "POST" and has_lost_upload(request) else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_busy(exception):
            return busy(request, exception)
        if holds_no_text(exception):
            logger.warning("Refused %s: %s", request.path[:200], type(exception).__name__)
            exception = Refused(
                _("The address or the form holds characters that are no text. Go back and type it again."),
                code="no-text",
                status=400,
            )
        if is_full(exception):
            logger.error("No room left on the disk at %s: %s", request.path[:200], exception)
            exception = disk_full()
        return _page(request, exception) if isinstance(exception, Refused) else None


def _page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"code": refusal.code, "message": str(refusal)}, status=refusal.status)
    opened = refusal.status == 403 and request.method in ("GET", "HEAD")
    return render(request, "refused.html", {"refusal": refusal, "opened": opened}, status=refusal.status)


# ------------------------------------------------------------------- the database could not do it now
def is_busy(exception: BaseException | None) -> bool:
    """Whether the database did not answer, was not to be had, or gave up waiting: nothing was stored, and the same may
    succeed in a moment. A broken statement is not among it.

    PostgreSQL's classes: 08 connection, 40 deadlock, 53 resources (connections, room), 55 a lock waited for in vain, 57
    cancelled by a timeout or shut down. No state at all: the connection could not be made, or broke.
    """
    if not isinstance(exception, OperationalError | InterfaceError):
        return False
    cause = exception.__cause__
    if type(cause).__module__.startswith("sqlite3"):
        return "locked" in str(exception) or "busy" in str(exception)
    state = getattr(cause, "sqlstate", None)
    return state is None or state[:2] in ("08", "40", "53", "55", "57") or state == "25P03"


def is_unsure(exception: BaseException | None) -> bool:
    """Whether, somewhere behind it, the database was asked to commit and said nothing (sajad_portal/postgres): the change may be stored."""
    seen: list[BaseException] = []
    waiting = [exception]
    while waiting:
        found = waiting.pop()
        if found is None or found in seen:
            continue
        if getattr(found, "unsure", False):
            return True
        seen.append(found)
        waiting += [found.__cause__, found.__context__]
    return False


def busy(request: HttpRequest, exception: BaseException | None) -> HttpResponse:
    """503, for a person or a script. The page gives a form back, with what was typed, to be sent again.

    It asks the database nothing, and differs in `Retry-After`, so that not everybody comes back in one second.
    """
    logger.error("Busy %s %s: %s", request.method, request.path[:200], str(exception).partition("\n")[0])
    if asked_by_script(request):
        answer: HttpResponse = JsonResponse({"code": "busy", "message": busy_words(exception)}, status=503)
    else:
        told = {"again": form_sent(request), "address": request.get_full_path(), "unsure": is_unsure(exception)}
        answer = render(None, "503.html", told, status=503)
    answer["Retry-After"] = str(random.randint(3, 10))  # noqa: S311 spreads, guards nothing
    answer["Cache-Control"] = "no-store"
    return answer


def busy_words(exception: BaseException | None) -> str:
    """What a script, or a program, is told."""
    if is_unsure(exception):
        return _("The portal gave no answer in time; this may be stored or not. Nothing that you typed is lost.")
    return _("The portal is very busy and could not do this now. Nothing is lost; try again in a few seconds.")


def form_sent(request: HttpRequest) -> list[tuple[str, str]] | None:
    """The names and values that were sent, to be sent again; None where a page cannot carry them: files, secrets, too much.

    The token among them is the one that came: a form that a stranger made is as worthless after this as before.
    """
    if request.method != "POST":
        return None
    try:
        if request.FILES or any("password" in name for name in request.POST):
            return None
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
    except Exception:  # a body that cannot be read; this page must stand whatever came
        return None
    return sent if sum(len(name) + len(value) for name, value in sent) <= LONGEST_FORM else None


# What a form carries besides what is typed into it.
_CARRIED = re.compile(r"(csrfmiddlewaretoken|next|base|person|step|go|remember)$|(was|base|resolve):")


def typed_in(request: HttpRequest) -> str:
    """What somebody typed into the form that was sent, a line a field, to be copied; empty where there is nothing to give back."""
    sent = [(name.removeprefix("q:"), value) for name, value in form_sent(request) or [] if not _CARRIED.match(name)]
    return "\n".join(f"{name}: {value}" for name, value in sent if value.strip())


def failed(request: HttpRequest, *args, **kwargs) -> HttpResponse:
    """`handler500`: also where a middleware, or the frame around a page, met the busy database."""
    exception = sys.exc_info()[1]
    if request.path.startswith("/api/"):
        return _failed_for_programs(exception)
    if is_busy(exception):
        return busy(request, exception)
    return server_error(request)


def _failed_for_programs(exception: BaseException | None) -> HttpResponse:
    """Problem+json, as reports/api/problems.py gives it, for what befell before the door."""
    is_down = is_busy(exception)
    status, code = (503, "busy") if is_down else (500, "fault")
    detail = busy_words(exception) if is_down else _("The portal has a fault. It is recorded; try again later.")
    told = {
        "type": f"urn:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    answer = JsonResponse(told, status=status, content_type="application/problem+json")
    if is_down:
        answer["Retry-After"] = str(random.randint(3, 10))  # noqa: S311 spreads, guards nothing
    answer["Cache-Control"] = "no-store"
    return answer


# --------------------------------------------------------------------------------- what is no text
def holds_no_text(exception: Exception) -> bool:
    """Whether somebody sent a null character, which PostgreSQL takes in no text, or half a surrogate pair, which is no UTF-8."""
    if isinstance(exception, UnicodeEncodeError):
        return True
    return isinstance(exception, ValueError | DataError) and "NUL (0x00)" in str(exception)
