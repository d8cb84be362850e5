"""The one door of the interface: which client it is, in whose seat it acts, how often it asks, whether it asked this before.

Order: token, rate, (scope, terms, seat: `Needs`), Idempotency-Key, the view. A session of a browser counts for nothing here.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from ninja.security import HttpBearer

from sajad_portal.lib.access import CLIENT, access
from sajad_portal.lib.address import client_address
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sla.actions.client_answers import KeptAnswer, claim_answer, drop_answer, keep_answer
from sla.actions.clients import enter_client
from sla.enums import ClientScope
from sla.models import Client, ClientSeat
from sla.queries.clients import client_seats, general_terms, has_accepted_terms
from units.actions.events import through_client
from units.actions.throttle import Tally, count_attempt, throttle_key
from units.models import Person

from .problems import problem, problem_of

MINUTE = timedelta(minutes=1)
BAD_TOKENS, BAD_TOKENS_IN = 60, timedelta(minutes=15)
LONGEST_KEY = 200
SEAT = "X-Seat"
DOING = ("POST", "PATCH", "PUT", "DELETE")


class ClientRequest(HttpRequest):
    """What reaches a view of the interface. `seat` and `person` are there where the operation needs a seat."""

    client: Client
    seat: ClientSeat
    person: Person


@dataclass
class Needs(HttpBearer):
    """What an operation asks of the client before anything else: its scope, the terms accepted, a seat to act in."""

    scope: ClientScope | None = None
    terms: bool = True
    seat: bool = True

    def __post_init__(self):
        super().__init__()

    def __hash__(self):
        return hash((self.scope, self.terms, self.seat))

    def __call__(self, request: ClientRequest) -> Client:  # type: ignore[override]
        """The door has let the client in already."""
        client = request.client
        if self.terms:
            _insist_on_terms(client)
        if self.scope is not None and self.scope not in client.scopes:
            raise Forbidden(
                _("This program may not ask for this (%(scope)s). A coordinator of the provider may admit it to more.")
                % {"scope": self.scope.value},
                code="no-scope",
            )
        if self.seat:
            _take_seat(request)
        return client

    def authenticate(self, request, token):  # asked by nobody: `__call__` stands before it
        raise NotImplementedError


def _insist_on_terms(client: Client) -> None:
    document = general_terms(client.service)
    if not has_accepted_terms(client, document):
        raise Forbidden(
            _(
                "There is a version of the general terms that this program has not accepted. Read it (/api/v1/terms) and accept "
                "it (/api/v1/terms/accept); then everything is open again."
            ),
            code="terms-not-accepted",
        )


def _take_seat(request: ClientRequest) -> None:
    """The binding that X-Seat names; without the header the only one."""
    bound = client_seats(request.client, database_now())
    asked = request.headers.get(SEAT, "")
    if asked:
        bound = [seat for seat in bound if str(seat.pk) == asked]
    if not bound:
        raise Forbidden(
            _(
                "Nobody has bound this program to a seat of theirs (or not to this one): on their account page they can."
            ),
            code="no-seat",
        )
    if len(bound) > 1:
        raise Refused(
            _("The program acts in several seats. Say in X-Seat in which one; /api/v1/me lists them."),
            code="which-seat",
            status=400,
        )
    request.seat, person = bound[0], bound[0].membership.person
    # Never more than this one seat: not the person's other seats, and not an administrator's sight of everything.
    person.is_superuser = False
    person.only_seat = request.seat.membership_id
    request.person = person


# ------------------------------------------------------------------------------------------------------------- the door
def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of ninja behind the door. Whatever happens inside comes back as an answer for programs."""

    @access(CLIENT)
    @csrf_exempt
    def behind_the_door(request: ClientRequest, *args: object, **kwargs: object) -> HttpResponse:
        language = asked_language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            try:
                answer = _answered(request, view, args, kwargs)
            except Exception as error:
                answer = problem_of(request, error)
        answer["Content-Language"] = language
        answer["Cache-Control"] = "private, no-store"
        answer["Vary"] = "Accept-Language, Authorization, X-Seat"
        _tell_rate(request, answer)
        return answer

    return behind_the_door


def asked_language(request: HttpRequest) -> str:
    """Of Accept-Language the first that the portal speaks; Persian where it names none."""
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if wanted.partition("-")[0] in dict(settings.LANGUAGES):
            return wanted.partition("-")[0]
    return settings.LANGUAGE_CODE


def _answered(request: ClientRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict) -> HttpResponse:
    client = request.client = _entered(request)
    rate = settings.API_RATE
    tally = count_attempt(f"api:{client.pk}", rate, MINUTE)
    request.tally = tally  # type: ignore[attr-defined]
    tally.insist()
    key = request.headers.get("Idempotency-Key", "") if request.method in DOING else ""
    said = {"id": client.pk, "name": client.name}
    with through_client(said):
        if not key:
            return _once(request, view, args, kwargs)
        return _once_for(key, request, view, args, kwargs)


def _entered(request: HttpRequest) -> Client:
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(_("Send the token of the program: Authorization: Bearer …"), code="no-token", status=401)
    try:
        return enter_client(token.strip())
    except Refused as refusal:
        if refusal.status == 401:
            count_attempt(throttle_key("api-token", client_address(request)), BAD_TOKENS, BAD_TOKENS_IN).insist()
        raise


def _once(request: ClientRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict) -> HttpResponse:
    try:
        answer = view(request, *args, **kwargs)
    except Exception as error:
        answer = problem_of(request, error)
    if answer.status_code == 405:
        allowed = answer.get("Allow", "")
        answer = problem(405, "wrong-method", _("Here one asks with: %(methods)s.") % {"methods": allowed})
        answer["Allow"] = allowed
    return answer


def _once_for(
    key: str, request: ClientRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict
) -> HttpResponse:
    """The answer under the key: the kept one to the same request, or this one, kept."""
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Refused(_("An Idempotency-Key is at most 200 printable characters."), code="bad-key", status=400)
    kept = claim_answer(request.client, key, _digest(request))
    if kept is not None:
        answer = HttpResponse(kept.body, status=kept.status, headers=kept.headers)
        answer["Idempotent-Replayed"] = "true"
        return answer
    try:
        answer = _once(request, view, args, kwargs)
    except Exception:
        drop_answer(request.client, key)
        raise
    if answer.status_code >= 500 or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        drop_answer(request.client, key)
    else:
        headers = {name: answer[name] for name in ("Content-Type", "ETag", "Location") if answer.has_header(name)}
        keep_answer(request.client, key, KeptAnswer(answer.status_code, headers, answer.content.decode()))
    return answer


def _digest(request: HttpRequest) -> str:
    parts: list[Any] = [
        request.method,
        request.get_full_path(),
        request.headers.get(SEAT, ""),
        request.headers.get("If-Match", ""),
    ]
    head = "\n".join(map(str, parts)).encode()
    return hashlib.sha256(head + b"\n\n" + request.body).hexdigest()


def _tell_rate(request: HttpRequest, answer: HttpResponse) -> None:
    tally: Tally | None = getattr(request, "tally", None)
    if tally is None:
        return
    seconds = max(1, int(tally.wait.total_seconds()))
    answer["RateLimit-Limit"] = str(tally.limit)
    answer["RateLimit-Remaining"] = str(tally.left)
    answer["RateLimit-Reset"] = str(seconds)
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        answer["Retry-After"] = str(seconds)
