"""Signing in: by user name or national code, not too often, and in place of a session that ended."""

import pytest
from django.urls import reverse

from tests.factories import PASSWORD, make_person, national_code
from units.models import Event, Person, Throttle

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/"
IN_PLACE = {"HTTP_X_IN_PLACE": "1"}


def sign_in(client, name="sara", password=PASSWORD, **extra):
    return client.post(SIGN_IN, {"name": name, "password": password}, **extra)


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_leads_to_the_desk(client, cast):
    answer = sign_in(client)

    assert (answer.status_code, answer.url) == (302, reverse("reports:desk"))
    assert client.session["_auth_user_id"] == str(cast.sara.pk)


def test_the_national_code_signs_in_in_any_digits(client):
    code = national_code(7)
    person = make_person("zahra", "زهرا نوری", code=code)
    persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

    sign_in(client, persian)

    assert client.session["_auth_user_id"] == str(person.pk)


def test_the_user_name_may_be_written_in_capitals(client, cast):
    sign_in(client, " SARA ")

    assert signed_in(client)


def test_a_wrong_password_says_how_many_tries_are_left(client, cast):
    answer = sign_in(client, password="wrong")

    assert answer.status_code == 400
    assert not signed_in(client)
    assert "نام یا گذرواژه درست نیست." in answer.content.decode()
    assert "۴ بار دیگر می‌توانید تلاش کنید" in answer.content.decode()


def test_an_unknown_name_is_answered_as_a_wrong_password_is(client, cast):
    known, unknown = sign_in(client, password="wrong"), sign_in(client, "nobody", "wrong")

    assert known.context["refusal"].message == unknown.context["refusal"].message
    assert known.context["refusal"].advice == unknown.context["refusal"].advice


def test_after_five_wrong_tries_even_the_right_password_has_to_wait(client, cast):
    for _ in range(5):
        sign_in(client, password="wrong")

    answer = sign_in(client)

    assert answer.status_code == 429
    assert not signed_in(client)
    assert "ورود تا ساعت" in answer.content.decode()


def test_the_door_opens_again_after_a_quarter_of_an_hour(client, cast, clock):
    for _ in range(6):
        sign_in(client, password="wrong")
    clock.move(minutes=15, seconds=1)

    sign_in(client)

    assert signed_in(client)


def test_the_national_code_is_no_second_set_of_tries(client):
    make_person("zahra", code=national_code(7))
    for _ in range(5):
        sign_in(client, "zahra", "wrong")

    assert sign_in(client, national_code(7)).status_code == 429


def test_one_address_does_not_close_a_name_for_the_others(client, cast):
    for _ in range(60):
        sign_in(client, password="wrong", REMOTE_ADDR="10.6.6.6")

    sign_in(client, REMOTE_ADDR="10.0.0.1")

    assert signed_in(client)


def test_a_name_that_is_tried_from_everywhere_closes_for_everybody(client, cast):
    for last in range(50):
        sign_in(client, password="wrong", REMOTE_ADDR=f"10.9.0.{last}")

    assert sign_in(client, REMOTE_ADDR="10.0.0.1").status_code == 429


def test_one_address_that_tries_many_names_is_closed(client, cast):
    for number in range(100):
        sign_in(client, f"name{number}", "wrong")

    assert sign_in(client).status_code == 429


def test_those_who_sign_in_rightly_do_not_use_up_their_office(client, cast):
    for _ in range(110):
        sign_in(client)

    assert Throttle.objects.filter(count__gt=0).count() == 0


def test_a_transposed_national_code_is_told_under_the_field_and_costs_no_try(client, cast):
    answer = sign_in(client, "1234567890")

    assert answer.status_code == 400
    assert "رقم کنترل این کد ملی نمی‌خواند" in answer.content.decode()
    assert Throttle.objects.count() == 0


def test_a_closed_account_does_not_sign_in(client, cast):
    Person.objects.filter(pk=cast.sara.pk).update(is_active=False)

    assert sign_in(client).status_code == 403


def test_signing_in_is_recorded_with_its_address(client, cast):
    sign_in(client, REMOTE_ADDR="10.0.0.1")

    event = Event.objects.get(verb="sign_in")
    assert (event.person, event.data) == (cast.sara, {"from": "10.0.0.1"})
    cast.sara.refresh_from_db()
    assert cast.sara.last_seen_at is not None


def test_the_page_asked_for_comes_after_signing_in(client, cast):
    answer = client.post(SIGN_IN, {"name": "sara", "password": PASSWORD, "next": "/units/"})

    assert answer.url == "/units/"


def test_a_page_of_another_site_never_comes_after_signing_in(client, cast):
    answer = client.post(SIGN_IN, {"name": "sara", "password": PASSWORD, "next": "https://evil.example/"})

    assert answer.url == reverse("reports:desk")


def test_without_remember_the_session_ends_with_the_browser(client, cast):
    sign_in(client)

    assert client.session.get_expire_at_browser_close()


def test_with_remember_it_lasts_twelve_hours(client, cast):
    client.post(SIGN_IN, {"name": "sara", "password": PASSWORD, "remember": "on"})

    assert not client.session.get_expire_at_browser_close()
    assert client.session.get_expiry_age() == 12 * 3600


def test_signing_out_takes_a_post(client_for, cast):
    client = client_for(cast.sara)

    assert client.get("/sign-out/").status_code == 302
    assert signed_in(client)
    assert client.post("/sign-out/").status_code == 302
    assert not signed_in(client)


# ------------------------------------------------------------------------------------- in place
def test_a_script_whose_session_ended_gets_a_clean_401(client, cast):
    for headers in ({"HTTP_HX_REQUEST": "true"}, {"HTTP_SEC_FETCH_DEST": "empty"}, IN_PLACE):
        answer = client.post("/account/", **headers)

        assert (answer.status_code, answer["X-Signed-Out"]) == (401, "1")


def test_a_person_who_follows_a_link_is_sent_to_the_sign_in_page(client, cast):
    answer = client.get("/account/", HTTP_SEC_FETCH_DEST="document")

    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=/account/")


def test_signing_in_in_place_answers_204_with_a_fresh_token(client, cast):
    answer = sign_in(client, **IN_PLACE)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["X-CSRFToken"]
    assert signed_in(client)


def test_a_wrong_password_in_place_is_json(client, cast):
    answer = sign_in(client, password="wrong", **IN_PLACE)

    assert answer.status_code == 400
    assert answer.json()["code"] == "wrong-password"
    assert "۴ بار دیگر" in answer.json()["message"]


def test_somebody_else_does_not_slip_into_an_open_page(client, cast):
    answer = client.post(SIGN_IN, {"name": "mina", "password": PASSWORD, "person": str(cast.sara.pk)}, **IN_PLACE)

    assert (answer.status_code, answer.json()["code"]) == (409, "other-person")
    assert not signed_in(client)


def test_a_script_with_a_stale_token_is_told_so(cast, client_for):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.sara)

    answer = client.post("/account/", HTTP_SEC_FETCH_DEST="empty")

    assert (answer.status_code, answer.json()["code"]) == (403, "stale-page")


def test_a_form_with_a_stale_token_gets_a_page_in_words(cast):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.sara)

    answer = client.post("/account/")

    assert answer.status_code == 403
    assert "این صفحه کهنه شده است" in answer.content.decode()
