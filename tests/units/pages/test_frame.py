"""The frame of every page: what it offers to whom, and that it costs nothing until it is shown."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from units.enums import Role
from units.pages.frame import Shell

from ...factories import LONG_AGO


def shell_of(person, path="/calls/", **cookies) -> Shell:
    request = RequestFactory().get(path)
    request.user = person
    request.COOKIES |= cookies
    return Shell(request)


def keys(places: list[dict]) -> list[str]:
    return [place["key"] for place in places]


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("sara", ["desk", "calls", "reports", "disputes", "requests", "services"]),
        ("reza", ["desk", "calls", "reports", "disputes", "requests", "analysis", "services", "payments", "units"]),
        ("omid", ["desk", "calls", "review", "disputes", "requests", "analysis", "services", "units"]),
        (
            "laleh",
            [
                "desk",
                "calls",
                "reports",
                "review",
                "disputes",
                "requests",
                "oversight",
                "analysis",
                "services",
                "payments",
                "units",
                "forms",
            ],
        ),
        (
            "nader",
            [
                "desk",
                "calls",
                "reports",
                "disputes",
                "requests",
                "oversight",
                "analysis",
                "services",
                "payments",
                "units",
            ],
        ),
        ("admin", ["services", "units", "setup", "forms", "people"]),
        ("stranger", []),
    ],
)
def test_each_role_is_offered_the_places_it_comes_for(cast, name, places):
    assert keys(shell_of(getattr(cast, name)).nav) == places


def test_a_visitor_is_offered_the_public_pages():
    assert keys(shell_of(AnonymousUser()).nav) == ["services", "track", "verify"]


def test_two_roles_are_offered_the_places_of_both(cast):
    from units.models import Membership

    Membership.objects.create(
        person=cast.omid, unit=cast.provider, role=Role.COORDINATOR, starts_at=LONG_AGO, accepted_at=LONG_AGO
    )
    assert {"review", "reports", "forms"} <= set(keys(shell_of(cast.omid).nav))


def test_the_place_of_this_page_is_marked_and_no_other(cast):
    assert keys([p for p in shell_of(cast.laleh, "/calls/7/progress/").nav if p["current"]]) == ["calls"]
    assert [p for p in shell_of(cast.laleh, "/account/").nav if p["current"]] == []


def test_what_does_not_fit_the_band_or_the_thumb_goes_behind_more(cast):
    shell = shell_of(cast.laleh)
    assert keys(shell.in_band) + keys(shell.beyond_band) == keys(shell.nav)
    assert keys(shell.in_tabs) + keys(shell.beyond_tabs) == keys(shell.nav)
    assert len(shell.in_band) == 6
    assert len(shell.in_tabs) == 4


def test_five_places_fit_under_the_thumb_without_a_menu(cast):
    assert len(shell_of(cast.admin).in_tabs) == 5
    assert shell_of(cast.admin).beyond_tabs == []


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ('"><script>', "light")])
def test_only_a_known_theme_reaches_the_page(cookie, theme):
    assert shell_of(AnonymousUser(), theme=cookie).theme == theme


def test_a_visitor_has_nothing_unread_and_no_memberships():
    shell = shell_of(AnonymousUser())
    assert (shell.unread, shell.memberships, shell.signed_in) == (0, [], False)


def test_the_frame_costs_four_queries_however_often_it_is_asked(cast, django_assert_num_queries):
    shell = shell_of(cast.laleh)
    with django_assert_num_queries(0):
        assert shell.signed_in
    # The clock (twice: memberships are those of now), the memberships, what is unread.
    with django_assert_num_queries(4):
        for _round in range(2):
            assert all(value is not None for value in (shell.now, shell.memberships, shell.unread, shell.nav))
