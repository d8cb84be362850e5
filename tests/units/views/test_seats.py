"""One's own seats on the pages: offered with two buttons, left from the account, consented to by whoever may."""

import pytest

from tests.factories import make_membership
from units.actions.people import NewPerson, create_person
from units.enums import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/desk/", "/account/"])
def test_a_seat_that_waits_is_shown_with_who_offers_it_and_its_two_buttons(cast, client_for, address):
    seat = make_membership(cast.stranger, cast.a, Role.HEAD, accepted_at=None, granted_by=cast.laleh)

    page = client_for(cast.stranger).get(address).content.decode()

    assert "پیشنهاد لاله حسینی" in page
    assert "مدیر واحد · اداره کل خوابگاه‌ها" in page
    for verb in ("accept", "decline"):
        assert f'action="/account/seats/{seat.pk}/{verb}/"' in page


def test_accepting_and_leaving_by_the_buttons(cast, client_for):
    seat = make_membership(cast.stranger, cast.a, Role.HEAD, accepted_at=None, granted_by=cast.laleh)
    client = client_for(cast.stranger)
    assert client.get("/units/KHB/").status_code == 404

    assert client.post(f"/account/seats/{seat.pk}/accept/").url == "/desk/"
    assert client.get("/units/KHB/").status_code == 200
    assert f'action="/account/seats/{seat.pk}/leave/"' in client.get("/account/").content.decode()

    client.post(f"/account/seats/{seat.pk}/leave/", {"reason": "جابه‌جایی"})
    assert client.get("/units/KHB/").status_code == 404


def test_declining_by_the_button(cast, client_for):
    seat = make_membership(cast.stranger, cast.a, Role.HEAD, accepted_at=None)

    client_for(cast.stranger).post(f"/account/seats/{seat.pk}/decline/")

    seat.refresh_from_db()
    assert (seat.accepted_at, seat.ends_at is None) == (None, False)


@pytest.mark.parametrize("verb", ["accept", "decline", "leave"])
def test_the_seat_of_somebody_else_does_not_exist(cast, client_for, verb):
    seat = make_membership(cast.stranger, cast.a, Role.HEAD, accepted_at=None)

    for person in (cast.reza, cast.laleh, cast.admin):
        assert client_for(person).post(f"/account/seats/{seat.pk}/{verb}/").status_code == 404


def test_a_seat_that_waits_stands_among_the_units_people_and_is_marked(cast, client_for):
    make_membership(cast.stranger, cast.a, Role.REVIEWER, accepted_at=None)

    answer = client_for(cast.reza).get("/units/KHB/")

    assert [(m.person.username, m.is_valid) for m in answer.context["members"]] == [
        ("reza", True), ("sara", True), ("pouya", False),
    ]  # fmt: skip
    assert answer.content.decode().count("در انتظار پذیرش") == 1


@pytest.fixture
def awaited(cast):
    """A seat at the provider that Laleh offered to Pouya and that needs a second person."""
    return make_membership(
        cast.stranger, cast.provider, Role.AUDITOR, accepted_at=None, granted_by=cast.laleh, consent_needed=True
    )


def test_who_may_consent_finds_the_seat_on_the_desk_with_its_two_buttons(cast, client_for, awaited):
    page = client_for(cast.admin).get("/desk/").content.decode()

    assert "پویا بیگی: ناظر · سازمان امور دانشجویان" in page
    assert [f'action="/account/seats/{awaited.pk}/{verb}/"' in page for verb in ("consent", "refuse")] == [True, True]


def test_nobody_else_sees_it_nor_finds_its_buttons_addresses(cast, client_for, awaited):
    for person in (cast.laleh, cast.omid, cast.reza, cast.stranger):
        client = client_for(person)
        assert client.get("/desk/").context["consents"] == []
        assert [client.post(f"/account/seats/{awaited.pk}/{verb}/").status_code for verb in ("consent", "refuse")] == [
            404,
            404,
        ]


def test_the_person_is_told_that_it_waits_and_may_decline_meanwhile(cast, client_for, awaited):
    page = client_for(cast.stranger).get("/desk/").content.decode()

    assert "نخست باید راهبری دیگر یا راهبر سامانه موافقت کند" in page
    assert f"/account/seats/{awaited.pk}/accept/" not in page
    assert client_for(cast.stranger).post(f"/account/seats/{awaited.pk}/accept/").status_code == 409
    assert client_for(cast.stranger).post(f"/account/seats/{awaited.pk}/decline/").status_code == 302


def test_consenting_and_refusing_by_the_buttons(cast, client_for, awaited):
    client_for(cast.admin).post(f"/account/seats/{awaited.pk}/consent/")
    awaited.refresh_from_db()
    assert awaited.consented_by == cast.admin

    other = make_membership(cast.mina, cast.provider, Role.AUDITOR, accepted_at=None, consent_needed=True)
    client_for(cast.admin).post(f"/account/seats/{other.pk}/refuse/")
    other.refresh_from_db()
    assert (other.consented_at, other.ends_at is None) == (None, False)


def test_an_administrator_confirms_a_person_on_the_page_of_their_seat(cast, client_for):
    person = create_person(new=NewPerson(username="zahra", first_name="زهرا", last_name="نوری"), by=cast.laleh)
    seat = make_membership(person, cast.a, Role.REPORTER)
    address = f"/units/KHB/people/{seat.pk}/"
    assert f'action="{address}confirm/"' not in client_for(cast.laleh).get(address).content.decode()
    assert client_for(cast.laleh).post(f"{address}confirm/").status_code == 403

    assert f'action="{address}confirm/"' in client_for(cast.admin).get(address).content.decode()
    assert client_for(cast.admin).post(f"{address}confirm/").status_code == 302
    assert f'action="{address}confirm/"' not in client_for(cast.admin).get(address).content.decode()
