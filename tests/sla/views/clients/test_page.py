"""The pages of programs: a coordinator admits one, its owner sees it used, a person binds it and takes the seat back."""

import re

import pytest

from sla.actions.clients import TOKEN
from sla.models import Client, ClientSeat
from tests.clients import make_program, make_terms

pytestmark = pytest.mark.django_db
TYPED = {"name": "سامانهٔ آمار", "organisation": "وزارت علوم", "scopes": ["units:read"], "expires_at": "۱۴۰۶/۰۱/۰۱"}


def test_the_token_stands_on_one_page_once(cast, call, client_for):
    make_terms(call.service)
    browser = client_for(cast.laleh)

    page = browser.post("/setup/clients/new/", {**TYPED, "service": call.service.pk}).content.decode()

    client = Client.objects.get()
    token = re.search(rf"sjd_{client.prefix}_[\w-]+", page)[0]
    assert TOKEN.fullmatch(token)
    assert token not in browser.get(f"/setup/clients/{client.pk}/").content.decode()
    assert token not in str(Client.objects.values())


def test_without_general_terms_nobody_is_admitted(cast, call, client_for):
    answer = client_for(cast.laleh).post("/setup/clients/new/", {**TYPED, "service": call.service.pk})

    assert (answer.status_code, Client.objects.count()) == (422, 0)
    assert "مقررات کلی" in answer.content.decode()


@pytest.mark.parametrize("who", ["sara", "reza", "omid", "nader", "stranger"])
def test_whoever_coordinates_no_provider_sees_no_programs(cast, call, client_for, who):
    program = make_program(cast, call.service)
    browser = client_for(getattr(cast, who))

    assert browser.get("/setup/clients/").status_code == 403
    assert browser.get("/setup/clients/new/").status_code == 403
    assert browser.get(f"/setup/clients/{program.client.pk}/").status_code == 404
    assert browser.post(f"/setup/clients/{program.client.pk}/revoke/").status_code == 404


def test_an_administrator_reads_along_and_admits_nobody(cast, call, client_for):
    program = make_program(cast, call.service)
    browser = client_for(cast.admin)

    assert program.client.name in browser.get("/setup/clients/").content.decode()
    assert browser.get(f"/setup/clients/{program.client.pk}/").status_code == 200
    assert browser.post(f"/setup/clients/{program.client.pk}/revoke/").status_code == 403


def test_a_person_binds_a_program_by_its_code_and_takes_the_seat_back(cast, call, client_for):
    program = make_program(cast, call.service)
    browser, seat = client_for(cast.sara), cast.membership(cast.sara)

    bound = browser.post("/account/programs/", {"code": program.client.prefix.lower(), "seat": seat.pk})

    assert bound.status_code == 302
    row = ClientSeat.objects.get()
    assert (row.membership, program.get("me").json()["seats"][0]["unit"]) == (seat, cast.a.code)
    assert client_for(cast.mina).post(f"/account/programs/{row.pk}/unbind/").status_code == 404
    browser.post(f"/account/programs/{row.pk}/unbind/")
    assert program.get("me").json()["seats"] == []


def test_nobody_binds_a_program_to_the_seat_of_somebody_else(cast, call, client_for):
    program = make_program(cast, call.service)

    answer = client_for(cast.laleh).post(
        "/account/programs/", {"code": program.client.prefix, "seat": cast.membership(cast.sara).pk}
    )

    assert (answer.status_code, ClientSeat.objects.count()) == (422, 0)


def test_a_new_token_and_the_end_are_a_coordinators(cast, call, client_for):
    program = make_program(cast, call.service)
    browser = client_for(cast.laleh)

    page = browser.post(f"/setup/clients/{program.client.pk}/token/", {"expires_at": "۱۴۰۶/۰۲/۰۱"}).content.decode()
    program.token = re.search(r"sjd_\w{8}_[\w-]+", page)[0]
    assert program.get("me").status_code == 200
    browser.post(f"/setup/clients/{program.client.pk}/revoke/")

    assert program.get("me").json()["code"] == "revoked"
