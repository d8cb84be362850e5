"""A provider of single sign-on, by OpenID Connect: the code flow with PKCE. Its word counts when issuer, audience, signature, time
and nonce fit; whatever does not, or does not come in time, is refused."""

import base64
import hashlib
import json
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from django.conf import settings

KEPT_WORD = "window_token"  # in the session, encrypted: the word by which somebody came in
LONGEST_ANSWER = 500_000  # bytes
ALGORITHMS = ["RS256", "PS256", "ES256"]  # signed by a key of the provider's; never a shared secret, never "none"
LEEWAY = 60  # seconds that two clocks may differ


class WindowDown(Exception):
    """No readable answer within the time: nobody can sign in by it now."""


class WindowRefused(Exception):
    """The provider said no, or what it said is not to be trusted."""


@dataclass(frozen=True)
class AuthorizationRequest:
    """What one browser was sent away with. Kept in its session; the answer must fit it."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def anew(cls) -> "AuthorizationRequest":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class ProvedIdentity:
    """What the provider says of somebody, proved. `token` is its signed form, which ends the provider's session later."""

    claims: dict[str, Any]
    token: str

    @property
    def code(self) -> str:
        return str(self.claims.get(settings.OIDC_CODE_CLAIM) or "")

    @property
    def of_two_factors(self) -> bool:
        """Whether `acr` or `amr` names what the settings take for a second factor."""
        amr = self.claims.get("amr") or []
        said = {str(self.claims.get("acr") or ""), *(map(str, amr) if isinstance(amr, list) else [str(amr)])}
        return bool(said & set(settings.OIDC_FACTORS))


def address_to_ask(asked: AuthorizationRequest, back: str) -> str:
    """Where a browser is sent. Raises WindowDown."""
    return _with(
        _endpoint("authorization_endpoint"),
        response_type="code", client_id=settings.OIDC_CLIENT_ID, redirect_uri=back, scope=settings.OIDC_SCOPES,
        state=asked.state, nonce=asked.nonce, code_challenge=asked.challenge, code_challenge_method="S256",
    )  # fmt: skip


def word_for(code: str, asked: AuthorizationRequest, back: str) -> ProvedIdentity:
    """The code that came back, changed for the provider's word about the person. Raises WindowDown, WindowRefused."""
    given = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": asked.verifier,
        "client_id": settings.OIDC_CLIENT_ID, "client_secret": settings.OIDC_CLIENT_SECRET,
    }  # fmt: skip
    answer = _ask(_endpoint("token_endpoint"), urlencode(given).encode())
    token = str(answer.get("id_token") or "")
    claims = read_token(token, asked.nonce, _ask(_endpoint("jwks_uri")))
    if settings.OIDC_CODE_CLAIM not in claims and (where := _described().get("userinfo_endpoint")):
        more = _ask(where, bearer=str(answer.get("access_token") or ""))
        if more.get("sub") != claims["sub"]:
            raise WindowRefused("the two words are of different people")
        claims = {**more, **claims}
    return ProvedIdentity(claims, token)


def read_token(token: str, nonce: str, keys: dict[str, Any]) -> dict[str, Any]:
    """The claims of a signed token, where every one of them that matters fits. Raises WindowRefused."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        known = jwt.PyJWKSet.from_dict(keys).keys
        key = next(each for each in known if kid in (None, each.key_id))
        claims = jwt.decode(
            token, key.key, algorithms=ALGORITHMS, audience=settings.OIDC_CLIENT_ID, issuer=settings.OIDC_ISSUER,
            leeway=LEEWAY, options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )  # fmt: skip
    except (jwt.PyJWTError, StopIteration, ValueError, KeyError, TypeError) as error:
        raise WindowRefused(f"{type(error).__name__}: {error}") from error
    if not secrets.compare_digest(str(claims.get("nonce", "")), nonce):
        raise WindowRefused("the nonce is of another sign-in")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != settings.OIDC_CLIENT_ID:
        raise WindowRefused("the word is for another portal")
    return claims


def address_to_leave(token: str, back: str) -> str:
    """Where the provider ends its own session; empty where it offers that nowhere, or does not answer."""
    try:
        where = _described().get("end_session_endpoint")
    except (WindowDown, WindowRefused):
        return ""
    asked = {"id_token_hint": token, "post_logout_redirect_uri": back, "client_id": settings.OIDC_CLIENT_ID}
    return _with(str(where), **asked) if where else ""


def _with(address: str, **asked: str) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"


def _endpoint(name: str) -> str:
    found = _described().get(name)
    if not isinstance(found, str) or not found:
        raise WindowDown(f"the provider names no {name}")
    return found


def _described() -> dict[str, Any]:
    """What the provider says of itself. Raises WindowRefused where it is another than the settings name."""
    found = _ask(f"{settings.OIDC_ISSUER}/.well-known/openid-configuration")
    if str(found.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
        raise WindowRefused("the provider calls itself by another name")
    return found


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A provider answers where it is asked; a redirect would take our secret elsewhere."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def _ask(url: str, body: bytes | None = None, bearer: str = "") -> dict[str, Any]:
    secure = ("https",) if settings.PRODUCTION else ("https", "http")
    if urlsplit(url).scheme not in secure:
        raise WindowDown("the provider names an address that is not secure")
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 the scheme was looked at
    try:
        with _opener.open(request, timeout=settings.OIDC_TIMEOUT) as response:
            found = json.loads(_read(response))
    except urllib.error.HTTPError as error:
        if 400 <= error.code < 500:
            raise WindowRefused(f"the provider answered {error.code}") from error
        raise WindowDown(f"the provider answered {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise WindowDown(f"{type(error).__name__}: {error}") from error
    if not isinstance(found, dict):
        raise WindowDown("the answer is no object")
    return found


def _read(response) -> bytes:
    """The whole body; a socket's time limit is for each packet, so a provider that drips is watched by the clock."""
    last = time.monotonic() + settings.OIDC_TIMEOUT
    parts, size = [], 0
    while part := response.read1(65536):
        parts.append(part)
        size += len(part)
        if size > LONGEST_ANSWER or time.monotonic() > last:
            raise ValueError("the answer is too long, or took too long")
    return b"".join(parts)
