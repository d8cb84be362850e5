"""The front door, and the language of the house."""

from tests.factories import make_service


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
    assert '<html lang="fa" dir="rtl"' in page.content.decode()
    client.post("/language/", {"language": "en", "next": "/services/performance/"})
    assert '<html lang="en" dir="ltr"' in client.get("/services/performance/").content.decode()
