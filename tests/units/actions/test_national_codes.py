"""Whoever asks whether somebody has a national code is recorded, and the code stands nowhere in the record."""

import pytest
from django.urls import reverse

from sajad_portal.lib.national_code import keyed_hash
from tests.factories import make_person
from units.actions.people import NewPerson, invite_person
from units.actions.people_file import look_at_people
from units.enums import Role, UnitVerb
from units.models import Event

CODE, OTHER = "0499370899", "0084575948"


@pytest.fixture
def known(cast):
    return make_person("parvin", "پروین نیک", code=CODE)


def recorded() -> list[tuple]:
    found = Event.objects.filter(verb=UnitVerb.SEEK_NATIONAL_CODE).order_by("pk")
    return list(found.values_list("key", "person__username", "data"))


@pytest.mark.parametrize("typed", [CODE, "۰۴۹۹۳۷۰۸۹۹", "049-937089-9"])
def test_a_search_for_a_whole_code_is_recorded_without_it(cast, known, client_for, typed):
    client = client_for(cast.admin)
    for _page in range(2):
        client.get(reverse("units:people"), {"q": typed})

    assert recorded() == [(str(known.pk), "admin", {"code": keyed_hash(CODE), "where": "people"})]
    assert CODE not in str(list(Event.objects.values_list("key", "data")))


def test_a_search_that_finds_nobody_is_recorded_and_one_by_name_is_not(cast, known, client_for):
    client = client_for(cast.admin)
    for words in (OTHER, "پروین", CODE[:-1], "09121234567"):
        client.get(reverse("units:people"), {"q": words})

    assert recorded() == [("0", "admin", {"code": keyed_hash(OTHER), "where": "people"})]


def test_the_page_of_the_account_tells_who_looked_for_it(cast, known, client_for):
    client = client_for(cast.admin, **{"accept-language": "en"})
    client.get(reverse("units:people"), {"q": CODE})

    page = client.get(reverse("units:person", args=[known.pk]))

    assert UnitVerb.SEEK_NATIONAL_CODE in {event.verb for event in Event.objects.filter(key=known.pk)}
    assert str(UnitVerb.SEEK_NATIONAL_CODE.label) in page.content.decode()


def test_an_invitation_and_a_file_that_name_codes_are_recorded(cast, known):
    new = NewPerson(national_code=CODE, first_name="پروین", last_name="نیک")
    invite_person(unit=cast.a, role=Role.REPORTER, new=new, by=cast.reza)
    rows = f"unit,role,national_code,first_name,last_name\n{cast.a.code},reporter,{OTHER},نو,نوین\n"
    look_at_people(data=rows.encode(), by=cast.reza)

    assert recorded() == [
        (str(known.pk), "reza", {"code": keyed_hash(CODE), "where": "invitation"}),
        ("0", "reza", {"codes": 1, "rows": 1, "where": "file"}),
    ]
