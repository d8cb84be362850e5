"""One's own seats on the pages: offered with two buttons, left from the account, consented to by whoever may."""

import pytest

from tests.factories import make_membership, make_person
from units.actions.memberships import accept_seat, grant_membership
from units.actions.people import NewPerson, create_person
from units.enums import Role
from units.models import Membership

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
    make_membership(cast.stranger, cast.a_child, Role.AUDITOR)
    make_membership(cast.stranger, cast.a, Role.REVIEWER, accepted_at=None)

    answer = client_for(cast.reza).get("/units/KHB/")

    assert [(m.person.username, m.is_valid) for m in answer.context["members"]] == [
        ("reza", True), ("sara", True), ("pouya", False),
    ]  # fmt: skip
    assert answer.content.decode().count("در انتظار پذیرش") == 2  # in the list, and where it can be sent again


def test_of_somebody_whom_the_reader_may_not_know_an_offer_says_nothing(cast, client_for):
    seat = grant_membership(unit=cast.a, person=cast.stranger, role=Role.REPORTER, by=cast.laleh)
    client = client_for(cast.reza)

    for page in ("/units/KHB/", "/units/KHB/history/", f"/units/KHB/people/{seat.pk}/", "/notices/"):
        text = client.get(page).content.decode()
        assert "پویا" not in text
        assert "pouya" not in text
    assert client_for(cast.sara).get(f"/units/KHB/people/{seat.pk}/").status_code == 404

    accept_seat(membership=seat, by=cast.stranger)
    assert "پویا بیگی" in client.get("/units/KHB/").content.decode()
    assert "پویا بیگی" in client.get(f"/units/KHB/people/{seat.pk}/").content.decode()


@pytest.mark.parametrize("account", ["existing", "waiting", "closed", "elsewhere", "judge"])
def test_an_invitation_of_a_foreign_account_has_one_answer_whatever_its_state(cast, client_for, account):
    person = make_person("zohreh", "زهره ستاری", is_active=account != "closed")
    if account == "waiting":
        person.set_unusable_password()
        person.save()
    if account in ("elsewhere", "judge"):
        where = {"elsewhere": (cast.b, Role.REPORTER), "judge": (cast.provider, Role.REVIEWER)}[account]
        make_membership(person, *where)
    client = client_for(cast.reza)

    answers = [client.post("/units/KHB/invite/", {"role": "reporter", "username": "zohreh"}) for _ in range(2)]

    for answer in answers:
        assert answer.status_code == 200
        assert "برای آنچه نوشتید حسابی هست" in answer.content.decode()
        assert "زهره" not in answer.content.decode()
    (seat,) = Membership.objects.filter(person=person, unit=cast.a)
    page = client.get(f"/units/KHB/people/{seat.pk}/")
    assert "زهره" not in page.content.decode()
    assert page.context["state"] == "offered"


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
