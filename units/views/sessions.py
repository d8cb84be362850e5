"""One's own sessions, and what an open page asks about the one that it belongs to."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now

from ..actions.session_store import key_hash
from ..actions.sessions import end_session, end_sessions
from ..models import AccountSession
from ..pages.frame import SignedInRequest
from ..queries.accounts import sessions_of


@access("signed-in")
@never_cache
@require_safe
def sessions(request: SignedInRequest) -> HttpResponse:
    found = sessions_of(request.user, database_now())
    here = key_hash(request.session.session_key or "")
    found.sort(key=lambda session: session.key_hash != here)
    context = {
        "sessions": found,
        "here": here,
        "others": any(session.key_hash != here for session in found),
        "idle": settings.SESSION_IDLE,
        "hours": settings.SESSION_COOKIE_AGE // 3600,
    }
    return render(request, "account/sessions.html", context)


@access("signed-in")
@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(AccountSession, pk=pk, person=request.user)
    end_session(session=session, by=request.user)
    messages.success(request, _("The session has ended. Whoever uses that device has to sign in again."))
    return redirect("units:sessions")


@access("signed-in")
@require_POST
def end_others(request: SignedInRequest) -> HttpResponse:
    person = end_sessions(person=request.user, by=request.user)
    update_session_auth_hash(request, person)  # this one goes on
    messages.success(request, _("All your other sessions have ended."))
    return redirect("units:sessions")


@access("public", before_factor=True)
@never_cache
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """Who is signed in on this browser now, for a page that was opened before: {person: key or null, token}.

    Asked while somebody types, it counts as use, so that a session does not end in the middle of a sentence.
    """
    person = request.user.pk if request.user.is_authenticated else None
    return JsonResponse({"person": person, "token": get_token(request)})
