"""What stands before every view: the language of the page; closed by default, with a clean answer to a script whose session
has ended."""

from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from .lib.asking import asked_by_script, asks_by_itself
from .lib.clock import one_request
from .lib.refusals import typed_in


class LanguageMiddleware:
    """What the person chose, else Persian. What a browser asks for by itself does not count."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language), one_request():
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class PostedAddressMiddleware:
    """An address that only takes a form is the browser's address after the form was refused. Asked for again (a reload, the
    address bar), it leads to the page the form stands on: the nearest address above it that is one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        asked = request.method in ("GET", "HEAD") and not asked_by_script(request)
        if response.status_code != 405 or not asked or "POST" not in response.get("Allow", ""):
            return response
        address = page_above(request.path_info)
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{address}?{query}" if query else address)


def page_above(path: str) -> str:
    """The nearest path above `path` that has a view."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        with suppress(Resolver404):
            resolve(path)
            break
    return path


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends a person to the sign-in page, but a script gets 401 with `X-Signed-Out: 1`.

    A redirect would bring the sign-in page into the middle of a page that somebody is typing in; with the 401 the page
    asks for the password in place (`units:sign_in` with `X-In-Place: 1`), sends again and loses nothing.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Notes that the session is used. What somebody saw while signed in stays in no cache: the next person at the same
        computer presses “back”.
        """
        if request.user.is_authenticated:
            if not asks_by_itself(request):
                request.session.note_use(request.headers.get("User-Agent", ""))  # type: ignore[attr-defined]
            if not response.has_header("Cache-Control"):
                response["Cache-Control"] = "private, no-store"
        return response

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs) -> HttpResponseBase | None:
        refused = super().process_view(request, view_func, view_args, view_kwargs)
        if refused is None:
            return None
        if not asked_by_script(request):
            return self._give_back(request, refused)
        said = _("You have been signed out. Sign in again; what you typed is still here.")
        answer = JsonResponse({"code": "signed-out", "message": said}, status=401)
        answer["X-Signed-Out"] = "1"
        answer["Cache-Control"] = "no-store"
        return answer

    def _give_back(self, request: HttpRequest, to_sign_in: HttpResponseBase) -> HttpResponseBase:
        """What was typed into a form that came after its session had ended stands on the page that says so, to be copied."""
        came_with_one = settings.SESSION_COOKIE_NAME in request.COOKIES
        typed = typed_in(request) if came_with_one else ""
        if not typed:
            return to_sign_in
        context = {"typed": typed, "sign_in": to_sign_in["Location"]}
        answer = render(request, "account/signed_out.html", context, status=401)
        answer["Cache-Control"] = "no-store"
        return answer
