"""The pages of accounts and sessions: who gets in, what they show, what they do; and the closing of an account seen from outside."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_membership, make_person
from units.actions.accounts import close_account
from units.enums import Role
from units.models import AccountSession, Person

pytestmark = pytest.mark.django_db
WHY = "از سازمان رفته است."
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
PAGES = ("person_correct", "person_close", "person_reopen", "person_sessions_end")


def page_of(person, name: str = "person") -> str:
    return reverse(f"units:{name}", args=[person.pk])


# ------------------------------------------------------------------------------------------- who gets in
@pytest.mark.parametrize("who", ["laleh", "reza", "sara", "omid", "nader", "stranger"])
def test_who_is_no_administrator_is_refused_everywhere(cast, client_for, who):
    client = client_for(getattr(cast, who))
    answers = [client.get("/people/"), client.get(page_of(cast.mina))]
    answers += [client.post(page_of(cast.mina, name), {"reason": WHY}) for name in PAGES]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert Person.objects.get(pk=cast.mina.pk).is_active


def test_an_account_that_is_not_there_is_not_found(cast, client_for):
    assert client_for(cast.admin).get("/people/999999/").status_code == 404


def test_administrators_have_the_people_in_their_navigation_and_others_not(cast, client_for):
    assert 'href="/people/"' in client_for(cast.admin).get("/people/").content.decode()
    assert 'href="/people/"' not in client_for(cast.laleh).get("/units/").content.decode()


# -------------------------------------------------------------------------------------------------- the list
def test_the_list_shows_seats_and_what_the_account_is(cast, client_for):
    close_account(person=cast.mina, reason=WHY, by=cast.admin)
    page = client_for(cast.admin).get("/people/?state=closed").content.decode()

    assert "مینا صادقی" in page
    assert "اداره کل تغذیه" in page
    assert "سارا محمدی" not in page


def test_the_list_is_searched_and_an_empty_search_offers_all(cast, client_for):
    client = client_for(cast.admin)

    assert "سارا محمدی" in client.get("/people/?q=محمدي").content.decode()
    assert "چیزی پیدا نشد" in client.get("/people/?q=ناپیدا").content.decode()


def test_the_list_asks_the_database_no_more_for_more_people(cast, client_for, django_assert_num_queries):
    client = client_for(cast.admin)
    for n in (1, 3):
        for _ in range(n):
            make_membership(make_person(), cast.a, Role.REPORTER)
        with django_assert_num_queries(7):
            client.get("/people/")


# --------------------------------------------------------------------------------------------- one account
def test_corrections_are_made_on_the_page_and_bad_ones_shown_with_what_was_typed(cast, client_for):
    client = client_for(cast.admin)
    typed = {"first_name": "سارا", "last_name": "احمدی", "mobile": "۱۲۳", "email": "sara@example.ir"}
    refused = client.post(page_of(cast.sara, "person_correct"), typed)
    assert refused.status_code == 400
    assert "09123456789" in refused.content.decode().replace("۰۹۱۲۳۴۵۶۷۸۹", "09123456789")
    assert 'value="احمدی"' in refused.content.decode()

    answer = client.post(page_of(cast.sara, "person_correct"), {**typed, "mobile": "۰۹۱۲۱۱۱۲۲۳۳"}, follow=True)
    cast.sara.refresh_from_db()
    assert "سارا احمدی" in answer.content.decode()
    assert cast.sara.mobile == "09121112233"


def test_addresses_of_another_administrator_are_not_asked_and_not_taken(cast, client_for):
    other = make_person("admin2", "راهبر دوم", is_superuser=True, email="two@example.ir")
    client = client_for(cast.admin)
    assert 'name="email"' not in client.get(page_of(other)).content.decode()

    client.post(
        page_of(other, "person_correct"), {"first_name": "راهبر", "last_name": "دوم", "email": "mine@example.ir"}
    )
    other.refresh_from_db()
    assert other.email == "two@example.ir"


def test_closing_asks_for_a_reason_and_opening_again_undoes_it(cast, client_for):
    client = client_for(cast.admin)
    assert client.post(page_of(cast.reza, "person_close"), {"reason": ""}).status_code == 400

    client.post(page_of(cast.reza, "person_close"), {"reason": WHY})
    page = client.get(page_of(cast.reza)).content.decode()
    assert WHY in page
    assert "باز کردن دوبارهٔ حساب" in page
    assert not Person.objects.get(pk=cast.reza.pk).is_active

    client.post(page_of(cast.reza, "person_reopen"))
    assert Person.objects.get(pk=cast.reza.pk).is_active


def test_a_second_click_on_closing_says_that_it_is_closed(cast, client_for):
    client = client_for(cast.admin)
    client.post(page_of(cast.reza, "person_close"), {"reason": WHY})

    assert client.post(page_of(cast.reza, "person_close"), {"reason": WHY}).status_code == 409


def test_nobody_closes_themselves_from_the_page(cast, client_for):
    client = client_for(cast.admin)
    assert page_of(cast.admin, "person_close") not in client.get(page_of(cast.admin)).content.decode()

    assert client.post(page_of(cast.admin, "person_close"), {"reason": WHY}).status_code == 403


def test_the_page_warns_where_the_only_head_would_be_closed(cast, client_for):
    client = client_for(cast.admin)
    assert "مدیر دیگری ندارد" in client.get(page_of(cast.reza)).content.decode()
    assert "مدیر دیگری ندارد" not in client.get(page_of(cast.sara)).content.decode()


def test_the_page_shows_devices_and_no_address(cast, client_for):
    client_for(cast.sara, **{"user-agent": FIREFOX}).get("/account/")
    page = client_for(cast.admin).get(page_of(cast.sara)).content.decode()

    assert "فایرفاکس در ویندوز" in page
    assert "127.0.0.1" not in page


def test_all_sessions_of_somebody_end_from_the_page(cast, client_for):
    sara = client_for(cast.sara)
    client_for(cast.admin).post(page_of(cast.sara, "person_sessions_end"))

    assert sara.get("/account/").status_code == 302


def test_an_administrator_who_ends_their_own_sessions_here_goes_on_in_this_one(cast, client_for):
    here, there = client_for(cast.admin), client_for(cast.admin)
    here.post(page_of(cast.admin, "person_sessions_end"))

    assert (here.get("/people/").status_code, there.get("/people/").status_code) == (200, 302)


# ------------------------------------------------------------------------------------------- what a closing does
def test_a_closed_account_is_refused_at_the_door_with_the_reason_only_to_who_knows_the_password(cast, client):
    close_account(person=cast.sara, reason=WHY, by=cast.admin)
    right = client.post("/sign-in/", {"name": "sara", "password": PASSWORD})
    wrong = client.post("/sign-in/", {"name": "sara", "password": "x"})

    assert (right.status_code, wrong.status_code) == (403, 400)
    assert "این حساب بسته است" in right.content.decode()
    assert "این حساب بسته است" not in wrong.content.decode()


def test_in_the_middle_of_a_session_the_next_request_is_answered_as_signed_out(cast, client_for):
    client = client_for(cast.sara)
    close_account(person=cast.sara, reason=WHY, by=cast.admin)

    script = client.get("/desk/", HTTP_HX_REQUEST="true")
    assert (script.status_code, script["X-Signed-Out"]) == (401, "1")
    assert client.get("/desk/")["Location"].startswith("/sign-in/")


# -------------------------------------------------------------------------------------------- one's own sessions
def test_everybody_sees_their_own_sessions_with_this_one_marked(cast, client_for):
    client_for(cast.sara, **{"user-agent": FIREFOX}).get("/account/")
    client_for(cast.mina)
    page = client_for(cast.sara).get("/account/sessions/").content.decode()

    assert page.count("همین نشست") == 1
    assert "فایرفاکس در ویندوز" in page
    assert page.count("/end/") == 1


def test_one_other_session_is_ended_and_a_foreign_one_is_not_there(cast, client_for):
    here, there, mina = client_for(cast.sara), client_for(cast.sara), client_for(cast.mina)
    keys = {row.person_id: row.pk for row in AccountSession.objects.order_by("pk")}
    other = AccountSession.objects.filter(person=cast.sara).order_by("pk")[1]

    assert here.post(reverse("units:session_end", args=[keys[cast.mina.pk]])).status_code == 404
    here.post(reverse("units:session_end", args=[other.pk]))
    reached = [client.get("/account/").status_code for client in (here, there, mina)]
    assert reached == [200, 302, 200]


def test_all_others_end_and_this_one_goes_on(cast, client_for):
    here, *others = [client_for(cast.sara) for _ in range(3)]
    here.post(reverse("units:sessions_end_others"))

    assert here.get("/account/").status_code == 200
    assert [client.get("/account/").status_code for client in others] == [302, 302]
    assert AccountSession.objects.filter(person=cast.sara, ended_at=None).count() == 1


def test_an_open_page_is_told_who_is_signed_in_now(cast, client_for, client):
    assert client_for(cast.sara).get("/account/session/").json()["person"] == cast.sara.pk
    assert client.get("/account/session/").json()["person"] is None


# ------------------------------------------------------------------------------- a form after its session, without a script
def test_what_was_typed_into_a_form_after_the_session_ended_is_given_back_and_not_stored(cast, client_for):
    client = client_for(cast.sara)
    close_account(person=cast.sara, reason=WHY, by=cast.admin)
    answer = client.post("/account/", {"mobile": "09121112233", "language": "fa", "csrfmiddlewaretoken": "x"})

    page = answer.content.decode()
    assert (answer.status_code, answer["Cache-Control"]) == (401, "no-store")
    assert "mobile: 09121112233" in page
    assert "csrfmiddlewaretoken: x" not in page
    assert "/sign-in/?next=/account/" in page


def test_a_password_is_never_given_back_and_a_stranger_is_sent_to_sign_in(cast, client_for, client):
    out = client_for(cast.sara)
    close_account(person=cast.sara, reason=WHY, by=cast.admin)

    assert out.post("/account/password/", {"current_password": PASSWORD, "again": "x"}).status_code == 302
    assert client.post("/account/", {"mobile": "09121112233"}).status_code == 302


def test_a_page_older_than_its_token_gives_back_what_was_typed(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.sara)
    answer = client.post("/account/", {"mobile": "09121112233", "language": "fa"})

    assert answer.status_code == 403
    assert "mobile: 09121112233" in answer.content.decode()
