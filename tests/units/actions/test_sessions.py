"""Sessions as rows: what each tells, how they end, and when they end by themselves."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from sajad_portal.lib.errors import Forbidden, Refused
from tests.factories import PASSWORD
from units.actions.people import set_password
from units.actions.session_store import key_hash
from units.actions.sessions import end_session, end_sessions, forget_old_sessions
from units.models import AccountSession, Event, Person

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
POLL = {"HTTP_X_BY_ITSELF": "1"}


def goes_on(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def row_of(client: Client) -> AccountSession:
    return AccountSession.objects.get(key_hash=key_hash(client.session.session_key))


def test_signing_in_begins_a_row_that_names_the_device_and_not_the_key(cast):
    client = Client(headers={"user-agent": FIREFOX})
    client.post("/sign-in/", {"name": "sara", "password": PASSWORD})

    row = AccountSession.objects.get()
    assert (row.person, row.agent, row.ended_at) == (cast.sara, FIREFOX, None)
    assert row.key_hash == key_hash(client.session.session_key)


def test_a_session_from_before_there_were_rows_goes_on_and_gets_one(cast, client_for):
    client = client_for(cast.sara)
    AccountSession.objects.all().delete()

    assert goes_on(client)
    assert row_of(client).person == cast.sara


def test_nobody_who_is_not_signed_in_has_a_row(client, db):
    client.get("/services/")
    client.get("/sign-in/")

    assert not AccountSession.objects.exists()


def test_ending_one_session_leaves_the_others(cast, client_for):
    here, there = client_for(cast.sara), client_for(cast.sara)
    end_session(session=row_of(there), by=cast.sara)

    assert (goes_on(here), goes_on(there)) == (True, False)
    assert Event.objects.get(verb="end_sessions").data["sessions"] == 1


def test_an_ended_session_stays_ended_although_its_cookie_lives(cast, client_for):
    client = client_for(cast.sara)
    key = client.session.session_key
    end_session(session=row_of(client), by=cast.sara)

    for _ in range(2):
        client.cookies["sessionid"] = key
        assert not goes_on(client)
    with pytest.raises(Refused):
        end_session(session=AccountSession.objects.get(key_hash=key_hash(key)), by=cast.sara)


def test_nobody_ends_a_session_of_somebody_else(cast, client_for):
    client = client_for(cast.sara)
    for by in (cast.reza, cast.admin):
        with pytest.raises(Forbidden):
            end_session(session=row_of(client), by=by)

    assert goes_on(client)


def test_all_sessions_end_at_once_those_without_a_row_among_them(cast, client_for):
    clients = [client_for(cast.sara) for _ in range(3)]
    row_of(clients[2]).delete()
    end_sessions(person=cast.sara, by=cast.admin)

    assert [goes_on(client) for client in clients] == [False] * 3
    assert AccountSession.objects.filter(ended_at=None).count() == 0
    assert goes_on(client_for(Person.objects.get(pk=cast.sara.pk)))


def test_a_new_password_ends_the_rows_of_the_other_sessions(cast, client_for):
    client_for(cast.sara)
    set_password(person=cast.sara, password="zard-alu-1405-sard", by=cast.sara)

    assert AccountSession.objects.filter(ended_at=None).count() == 0


def test_signing_out_takes_the_row_along(cast, client_for):
    client = client_for(cast.sara)
    client.post("/sign-out/")

    assert not AccountSession.objects.exists()


# ------------------------------------------------------------------------------------------------- inactivity
@pytest.fixture
def idle(settings):
    settings.SESSION_IDLE = timedelta(minutes=60)


def test_a_session_ends_when_nothing_was_done_for_the_time_that_is_set(cast, client_for, clock, idle):
    client = client_for(cast.sara)
    clock.move(minutes=59)
    assert goes_on(client)
    clock.move(minutes=59)
    assert goes_on(client)
    clock.move(minutes=60)

    assert not goes_on(client)


def test_a_page_that_asks_by_itself_keeps_no_session_alive(cast, client_for, clock, idle):
    client = client_for(cast.sara)
    for _ in range(3):
        clock.move(minutes=20)
        last = client.get("/account/", **POLL).status_code

    assert last == 302


def test_a_script_is_told_that_the_session_is_over(cast, client_for, clock, idle):
    client = client_for(cast.sara)
    clock.move(minutes=61)
    answer = client.get("/account/", HTTP_HX_REQUEST="true")

    assert (answer.status_code, answer["X-Signed-Out"]) == (401, "1")


def test_without_a_time_set_a_session_outlasts_the_day(cast, client_for, clock):
    client = client_for(cast.sara)
    clock.move(hours=11)

    assert goes_on(client)


def test_last_use_is_kept_to_the_minute_and_costs_no_more_writes(cast, client_for, clock, django_assert_num_queries):
    client = client_for(cast.sara)
    first = row_of(client).last_seen_at
    client.get("/account/")
    assert row_of(client).last_seen_at == first

    clock.move(minutes=2)
    client.get("/account/")
    assert row_of(client).last_seen_at - first >= timedelta(minutes=2)


def test_rows_and_sessions_of_long_ago_are_forgotten(cast, client_for, clock):
    old, new = client_for(cast.sara), client_for(cast.reza)
    AccountSession.objects.filter(person=cast.sara).update(
        started_at=clock.now() - timedelta(days=40), last_seen_at=clock.now() - timedelta(days=31)
    )
    Session.objects.filter(pk=old.session.session_key).update(expire_date=clock.now() - timedelta(days=1))

    assert forget_old_sessions() == 1
    assert [row.person for row in AccountSession.objects.all()] == [cast.reza]
    assert Session.objects.count() == 1
    assert goes_on(new)
