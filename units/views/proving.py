"""Proving who one is beyond the password: the step at signing in, and again before what weighs."""

import json
from datetime import datetime, timedelta
from typing import Any

from allauth.account.internal import flows  # noqa: F401 without it, the next import goes in a circle
from allauth.account.internal.decorators import login_stage_required
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sajad_portal.lib.access import access
from sajad_portal.lib.asking import asked_by_script
from sajad_portal.lib.clock import database_now, last_reading
from sajad_portal.lib.errors import Refused

from ..actions.factors import count_key_try, note_key_used, prove_code, wrong_code
from ..actions.proof import knows_factor, note_factor, note_proof, proved_within
from ..actions.throttle import count_attempt, forget_attempts, throttle_key
from ..models import Person
from ..queries.factors import APP, KEY, SECOND, factors_of, has_factor
from ..queries.organisation import organisation
from ..rules import must_have_factor

PASSWORD_WINDOW = timedelta(minutes=15)
# What the page that asks adds to a form; no form of the portal has such names.
PASSWORD, CODE, ANSWER = "proof:password", "proof:code", "proof:key"
PROOFS = (PASSWORD, CODE, ANSWER)
LONGEST_FORM = 500_000


# ------------------------------------------------------------------------------------------- the step at signing in
@access("public", before_factor=True)
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")
def factor_asked(request: HttpRequest) -> HttpResponseBase:
    """The code, or the key, of somebody whose password was right."""
    stage = request._login_stage  # type: ignore[attr-defined]
    person = stage.login.user
    refusal = None
    if request.method == "POST":
        try:
            factor = _proved_factor(person, request.POST)
        except Refused as refused:
            refusal = refused
        else:
            post_authentication(request, factor)
            return stage.exit()
    context = {**_ways(person), "refusal": refusal}
    return render(request, "account/factor_asked.html", context, status=refusal.status if refusal else 200)


def _proved_factor(person: Person, given: QueryDict) -> Authenticator:
    """Raises Refused (`wrong-code`, `too-many-tries`)."""
    if typed := str(given.get(CODE, "")):
        factor = prove_code(person=person, code=typed)
        factor.user = person
        return factor
    count_key_try(person)
    try:
        answer = json.loads(given.get(ANSWER) or "{}")
        webauthn.parse_authentication_response(answer)
        factor = webauthn.complete_authentication(person, answer)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise wrong_code() if not given.get(ANSWER) else _key_refused() from error
    note_key_used(factor=factor)
    factor.user = person
    return factor


def _key_refused() -> Refused:
    return Refused(
        _("The key’s answer does not fit. Press the button again and touch the key when it blinks."),
        code="wrong-key",
        status=400,
    )


def _ways(person: Person) -> dict[str, Any]:
    """By which factors the person may answer; `asking`: what a browser puts to a security key."""
    factors = factors_of(person)
    has_key = any(factor.type == KEY for factor in factors)
    return {
        "has_app": any(factor.type == APP for factor in factors),
        "has_key": has_key,
        "has_second": any(factor.type in SECOND for factor in factors),
        "asking": webauthn.begin_authentication(person) if has_key else None,
    }


# ------------------------------------------------------------------------------------------- again, before what weighs
class ProofMiddleware:
    """The one place that holds views to what `@access` says of them: a second factor where the person's role needs one, and a
    proof of who they are that is fresh enough.

    A form that comes too late is not lost: the page that asks carries what was typed, and sends it on with the answer.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponseBase | None:
        person = request.user
        if not isinstance(person, Person):
            return None
        if not getattr(view, "before_factor", False) and _lacks_factor(request, person):
            return _led_to_setting_up(request)
        within: timedelta | None = getattr(view, "fresh_within", None)
        if within is None or (request.method in ("GET", "HEAD") and not view.fresh_to_read):
            return None
        at = last_reading() or database_now()
        if proved_within(request.session, within, at):
            return None
        return _asked_again(request, person, at)


def _lacks_factor(request: HttpRequest, person: Person) -> bool:
    if organisation().factor_from is None or knows_factor(request.session):
        return False  # what nearly every page is asks nothing
    if not must_have_factor(person, last_reading() or database_now()):
        return False
    if has_factor(person):
        note_factor(request.session, True)
        return False
    return True


def _led_to_setting_up(request: HttpRequest) -> HttpResponse:
    if asked_by_script(request):
        said = _("Your role needs a second factor now. Open a new page and set it up; what you typed is still here.")
        return JsonResponse({"code": "factor-needed", "message": said}, status=403)
    return redirect("units:factors")


def _asked_again(request: HttpRequest, person: Person, at: datetime) -> HttpResponse | None:
    """None where the answer came with the form and was right: the view goes on with what was typed."""
    refusal = None
    if request.method == "POST" and any(request.POST.get(name) for name in PROOFS):
        try:
            _insist_on_proof(request, person)
        except Refused as refused:
            refusal = refused
        else:
            note_proof(request.session, database_now())
            if request.POST.get("proof:read"):
                return redirect(request.get_full_path())
            request.POST = _without_proof(request.POST)  # type: ignore[assignment]
            return None
    if asked_by_script(request):
        said = _("Confirm on a new page that it is you, then send this again; what you typed is still here.")
        return JsonResponse({"code": "confirm", "message": said}, status=403)
    carried = [
        (name, value) for name, values in request.POST.lists() if not name.startswith("proof:") for value in values
    ]
    if sum(len(name) + len(value) for name, value in carried) > LONGEST_FORM:
        raise Refused(_("Confirm on a new page that it is you, then go back and send this again."), code="confirm")
    context = {
        **_ways(person),
        "refusal": refusal,
        "carried": [pair for pair in carried if pair[0] != "csrfmiddlewaretoken"],
        "files": [(name, [file.name for file in files]) for name, files in request.FILES.lists()],
        "address": request.get_full_path(),
        "reading": request.method != "POST" or bool(request.POST.get("proof:read")),
        "has_password": person.has_usable_password(),
    }
    answer = render(request, "account/confirm.html", context, status=refusal.status if refusal else 403)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _insist_on_proof(request: HttpRequest, person: Person) -> None:
    password = request.POST.get(PASSWORD)
    if not password:
        _proved_factor(person, request.POST)
        return
    key = throttle_key("password", str(person.pk))
    count_attempt(key, 10, PASSWORD_WINDOW).insist()
    if not person.check_password(password):
        raise Refused(_("This is not your present password."), code="wrong-password", status=400)
    forget_attempts(key)


def _without_proof(given: QueryDict) -> QueryDict:
    kept = given.copy()
    for name in [name for name in kept if name.startswith("proof:")]:
        del kept[name]
    kept._mutable = False
    return kept
