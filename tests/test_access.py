"""Closed by default: every view of ours says which rule guards it, and without a sign-in only public ones answer."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import URLPattern, URLResolver, get_resolver

from sajad_portal.lib.access import CLIENT, PUBLIC

OURS = ("units", "sla", "reports", "sajad_portal")
# Something that fits each kind of placeholder in a route; the door is shut before anybody looks it up.
EXAMPLES = {"int": "1", "described": "kinds", "uuid": "00000000-0000-4000-8000-000000000000"}
PLACEHOLDER = re.compile(r"<(?:(\w+):)?\w+>")


def views_of_ours() -> Iterator[tuple[str, URLPattern]]:
    """(route, pattern) for each view whose code lives in one of our packages."""

    def walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
        for entry in resolver.url_patterns:
            route = before + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, route)
            elif _module(entry).partition(".")[0] in OURS:
                yield route, entry

    yield from walk(get_resolver(), "/")


def _module(pattern: URLPattern) -> str:
    view = pattern.callback
    return getattr(view, "view_class", view).__module__


def example_path(route: str) -> str:
    return PLACEHOLDER.sub(lambda match: EXAMPLES.get(match[1] or "str", "x"), route)


def test_every_view_says_which_rule_guards_it():
    silent = [f"{route} → {_module(p)}.{p.callback.__name__}" for route, p in views_of_ours() if not rule_of(p)]

    assert silent == []


def rule_of(pattern: URLPattern) -> str:
    return getattr(pattern.callback, "access_rule", "")


def test_only_public_views_may_be_seen_without_signing_in():
    open_doors = {route for route, p in views_of_ours() if not getattr(p.callback, "login_required", True)}

    assert open_doors == {route for route, p in views_of_ours() if rule_of(p) in (PUBLIC, CLIENT)}


@pytest.mark.django_db
def test_without_a_token_no_door_of_the_interface_opens(client):
    doors = [example_path(route) for route, pattern in views_of_ours() if rule_of(pattern) == CLIENT]
    entered = {
        (method, path): answer.status_code
        for path in doors
        for method in ("GET", "POST", "PATCH", "DELETE")
        if (answer := client.generic(method, path)).status_code != 401 or answer.json()["code"] != "no-token"
    }

    assert (len(doors) > 10, entered) == (True, {})


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_sign_in_page_from_everything_else(client):
    sign_in = resolve_url(settings.LOGIN_URL)
    entered = {}
    for route, pattern in views_of_ours():
        if rule_of(pattern) not in (PUBLIC, CLIENT):
            answer = client.get(example_path(route))
            if answer.status_code != 302 or not answer["Location"].startswith(sign_in):
                entered[route] = answer.status_code

    assert entered == {}


def test_the_portal_has_views_to_guard():
    assert len(list(views_of_ours())) > 20
