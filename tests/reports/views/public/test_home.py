"""The front door, and the language of the house."""

import re

from tests.factories import make_service


def direction(page) -> tuple[str, str]:
    """(language, direction) of the page's root."""
    return re.search(r'<html lang="(\w+)"\s+dir="(\w+)"', page.content.decode()).groups()


def test_a_visitor_comes_to_the_service(client, cast):
    make_service(cast)
    assert client.get("/").url == "/services/performance/"


def test_where_there_is_no_service_yet_a_visitor_sees_the_list(client, db):
    assert client.get("/").url == "/services/"


def test_who_has_signed_in_comes_to_the_desk(client_for, cast):
    assert client_for(cast.sara).get("/").url == "/desk/"


def test_an_english_browser_gets_persian_until_somebody_chooses_english(client, cast):
    make_service(cast)
    page = client.get("/services/performance/", headers={"Accept-Language": "en-GB"})
    assert direction(page) == ("fa", "rtl")
    client.post("/language/", {"language": "en", "next": "/services/performance/"})
    assert direction(client.get("/services/performance/")) == ("en", "ltr")
