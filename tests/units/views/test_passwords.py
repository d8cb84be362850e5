"""A link that sets a password: its token leaves the address at once, opening it uses nothing up, it ends in its time."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from tests.factories import make_membership, make_person
from tests.links import open_link, set_by_link
from units.actions.people import NewPerson, ask_for_reset, invite_person, renew_invitation, set_password
from units.enums import Role
from units.models import Notice, Person
from units.notices.links import password_link, read_password_link
from units.notices.mail import notice_mail

pytestmark = pytest.mark.django_db
GOOD = "zard-alu-1405-sard"


def path_of(link: str) -> str:
    return link[link.index("/password/") :]


@pytest.fixture
def invited(cast):
    """Somebody whom Reza invited, without e-mail: the link is shown to him."""
    new = NewPerson(username="zahra", first_name="زهرا", last_name="نوری")
    return invite_person(unit=cast.a, role=Role.REPORTER, new=new, by=cast.reza)


# ------------------------------------------------------------------------------------------------ the first answer
def test_the_first_answer_leads_to_an_address_without_the_token(client, cast):
    link = path_of(password_link(cast.sara))
    _empty, _password, uid, token, _end = link.split("/")

    answer = client.get(link)

    assert (answer.status_code, answer.url) == (302, f"/password/{uid}/set/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert token not in client.get(answer.url).content.decode()


def test_the_form_cannot_be_sent_to_the_address_with_the_token(client, cast):
    assert client.post(path_of(password_link(cast.sara)), {"new": GOOD, "again": GOOD}).status_code == 405


def test_the_form_is_taken_from_a_browser_that_checks_where_it_comes_from(cast):
    """With `no-referrer` on the form's page browsers send `Origin: null` with it, and Django refuses that."""
    client = Client(enforce_csrf_checks=True)
    address = open_link(client, password_link(cast.sara))
    page = client.get(address)

    answer = client.post(
        address,
        {"new": GOOD, "again": GOOD, "csrfmiddlewaretoken": str(page.context["csrf_token"])},
        HTTP_ORIGIN="http://testserver",
    )

    assert (page["Referrer-Policy"], answer.status_code) == ("same-origin", 302)


def test_a_scanner_that_opens_every_link_of_a_mail_uses_none_up(client, cast):
    link = password_link(cast.sara)
    for _ in range(3):
        scanner = Client()
        scanner.head(path_of(link))
        scanner.get(open_link(scanner, link))

    assert set_by_link(client, link, GOOD).status_code == 302


def test_the_address_alone_opens_nothing_in_another_browser(client, cast):
    address = open_link(client, password_link(cast.sara))

    answer = Client().get(address)

    assert answer.status_code == 410
    assert "در این مرورگر پیوندی باز نشده" in answer.content.decode()


def test_two_links_opened_side_by_side_are_not_mixed_up(client, cast):
    first, second = open_link(client, password_link(cast.sara)), open_link(client, password_link(cast.mina))

    client.post(first, {"new": GOOD, "again": GOOD})

    cast.sara.refresh_from_db()
    cast.mina.refresh_from_db()
    assert (cast.sara.check_password(GOOD), cast.mina.check_password(GOOD)) == (True, False)
    assert client.session["_auth_user_id"] == str(cast.sara.pk)
    assert client.get(second).status_code == 410


def test_a_link_that_does_not_work_is_told_so_at_once_and_begins_no_session(client, cast):
    answer = client.get("/password/MQ/diushj-75ed/")

    assert (answer.status_code, answer["Referrer-Policy"]) == (410, "no-referrer")
    assert client.cookies.get("sessionid") is None


def test_a_newer_link_ends_one_that_is_open_already(client, cast):
    ask_for_reset(name="sara")
    address = open_link(client, password_link(Person.objects.get(pk=cast.sara.pk)))

    ask_for_reset(name="sara")

    assert client.post(address, {"new": GOOD, "again": GOOD}).status_code == 410
    cast.sara.refresh_from_db()
    assert not cast.sara.check_password(GOOD)


def test_a_link_works_once(client, cast):
    link = password_link(cast.sara)
    address = open_link(client, link)
    client.post(address, {"new": GOOD, "again": GOOD})

    assert [Client().get(path_of(link)).status_code, client.get(address).status_code] == [410, 410]


def test_a_refused_password_keeps_the_link(client, cast):
    address = open_link(client, password_link(cast.sara))

    assert client.post(address, {"new": "sajadsajad", "again": "sajadsajad"}).status_code == 400
    assert client.post(address, {"new": GOOD, "again": GOOD}).status_code == 302


# ---------------------------------------------------------------------------------------------- how long it works
@pytest.mark.parametrize(
    ("just_before", "just_after"), [({"minutes": 29, "seconds": 55}, {"minutes": 30, "seconds": 1})]
)
def test_a_reset_works_for_half_an_hour(client, cast, clock, just_before, just_after):
    link = password_link(cast.sara)
    address = open_link(client, link)
    clock.move(**just_before)
    assert client.get(address).status_code == 200

    clock.move(seconds=timedelta(**just_after).total_seconds() - timedelta(**just_before).total_seconds())

    assert [client.get(address).status_code, Client().get(path_of(link)).status_code] == [410, 410]


def test_an_invitation_works_for_three_days(client, invited, clock):
    address = open_link(client, invited.link)
    clock.move(days=2, hours=23, minutes=59)
    assert client.get(address).status_code == 200

    clock.move(minutes=1, seconds=1)

    assert client.get(address).status_code == 410


def test_a_link_for_somebody_whose_password_is_in_use_is_a_reset_whoever_makes_it(cast, clock):
    Person.objects.filter(pk=cast.sara.pk).update(email="")
    link = renew_invitation(membership=cast.membership(cast.sara), by=cast.admin)
    parts = path_of(link).split("/")[2:4]
    assert read_password_link(*parts).seat is None

    clock.move(minutes=31)

    assert read_password_link(*parts) is None


def test_lifetimes_are_settings(cast, clock, settings):
    settings.RESET_LIFETIME = timedelta(minutes=5)
    parts = path_of(password_link(cast.sara)).split("/")[2:4]
    clock.move(minutes=6)

    assert read_password_link(*parts) is None


def test_the_mail_the_page_and_who_hands_it_over_are_told_how_long(client, cast, invited, client_for):
    ask_for_reset(name="sara")
    notice = Notice.objects.filter(person=cast.sara, channel="email").select_related("event", "person").latest("id")
    mail = notice_mail(notice)
    html = mail.alternatives[0].content
    member = client_for(cast.reza).post(f"/units/KHB/people/{invited.membership.pk}/link/")
    form = client.get(open_link(client, password_link(Person.objects.get(pk=cast.sara.pk)))).content.decode()

    assert ["۳۰ دقیقه" in told for told in (mail.body, html, client.get("/password/sent/").content.decode())] == [
        True
    ] * 3
    assert "۳ روز" in member.content.decode()
    assert re.search("تا .+ فرصت دارید", form)


def test_the_expired_page_names_both_lifetimes(client):
    said = client.get("/password/MQ/x-y/").content.decode()

    assert ("۳ روز" in said, "۳۰ دقیقه" in said) == (True, True)


def test_an_invitation_that_is_sent_again_by_mail_says_three_days(cast):
    person = make_person("waiting", email="waiting@example.ir")
    person.set_unusable_password()
    person.save(update_fields=["password"])
    seat = make_membership(person, cast.a, Role.REPORTER, accepted_at=None)
    renew_invitation(membership=seat, by=cast.reza)
    notice = Notice.objects.filter(person=person, channel="email").select_related("event", "person").latest("id")

    assert "۳ روز" in notice_mail(notice).body


def test_a_password_that_was_changed_meanwhile_ends_the_link(client, cast):
    address = open_link(client, password_link(cast.sara))
    set_password(person=cast.sara, password=GOOD, by=cast.sara)

    assert client.post(address, {"new": GOOD + "2", "again": GOOD + "2"}).status_code == 410
