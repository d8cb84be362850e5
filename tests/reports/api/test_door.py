"""The door of the interface: which program it is, for whom it acts, under which terms, how often."""

import sqlite3
from datetime import timedelta

import pytest
from django.db import OperationalError

from sajad_portal.lib.refusals import failed
from sla.actions.clients import bind_client, renew_token, revoke_client, unbind_client
from sla.enums import ClientScope
from tests.calls import report_of
from tests.clients import make_program, make_terms
from tests.factories import make_membership
from units.actions.memberships import end_membership
from units.enums import Role

pytestmark = pytest.mark.django_db


def code(answer) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["code"]


def test_a_bound_program_sees_what_the_person_sees_and_nothing_else(cast, call):
    program = make_program(cast, call.service, cast.sara)

    units = program.get("units").json()["items"]

    assert [unit["code"] for unit in units] == [cast.a_child.code, cast.a.code]
    assert program.get(f"units/{cast.a.code}").json()["name"] == cast.a.name
    assert code(program.get(f"units/{cast.b.code}")) == (404, "not-found")


def test_without_a_token_or_with_a_wrong_one_nothing_opens(cast, call):
    program = make_program(cast, call.service, cast.sara)
    program.token = program.token[:-1] + ("A" if program.token[-1] != "A" else "B")

    assert code(program.get("units")) == (401, "bad-token")
    assert code(program.get("units", Authorization="")) == (401, "no-token")
    assert program.get("units")["WWW-Authenticate"].startswith("Bearer")


def test_a_new_token_ends_the_one_before(cast, call, clock):
    program = make_program(cast, call.service, cast.sara)
    renewed = renew_token(client=program.client, expires_at=program.client.expires_at, by=cast.laleh)

    assert code(program.get("me")) == (401, "bad-token")
    program.token = renewed.token
    assert program.get("me").status_code == 200


def test_an_expired_or_shut_out_program_is_told_so(cast, call, clock):
    program = make_program(cast, call.service, cast.sara)
    clock.move(days=91)
    assert code(program.get("me")) == (403, "expired")
    clock.move(days=-91)

    revoke_client(client=program.client, by=cast.laleh)

    assert code(program.get("me")) == (403, "revoked")


def test_the_terms_are_accepted_first_and_again_with_a_new_version(cast, call):
    program = make_program(cast, call.service, cast.sara, accepted=False)
    assert code(program.get("units")) == (403, "terms-not-accepted")

    terms = program.get("terms").json()
    wrong = program.ask("POST", "terms/accept", {"number": terms["number"], "sha256": "0" * 64})
    accepted = program.ask("POST", "terms/accept", {"number": terms["number"], "sha256": terms["sha256"]})

    assert code(wrong) == (409, "other-terms")
    assert accepted.json()["accepted"] is True
    assert program.get("units").status_code == 200
    make_terms(call.service, 2, b"%PDF-1.4 another\n%%EOF\n")
    assert code(program.get("units")) == (403, "terms-not-accepted")


def test_a_program_asks_for_its_scopes_only(cast, call):
    program = make_program(cast, call.service, cast.sara, scopes=[ClientScope.UNITS])

    assert program.get("units").status_code == 200
    assert code(program.get("reports")) == (403, "no-scope")


def test_a_program_that_nobody_bound_sees_nothing(cast, call):
    program = make_program(cast, call.service)

    assert program.get("me").json()["seats"] == []
    assert code(program.get("units")) == (403, "no-seat")


def test_unbinding_and_the_end_of_the_seat_end_it(cast, call):
    program = make_program(cast, call.service, cast.sara, cast.mina)
    sara, mina = program.seats
    unbind_client(seat=sara, by=cast.sara)
    assert program.get("units").json()["items"][0]["code"] == cast.b.code

    end_membership(membership=mina.membership, by=cast.laleh)

    assert code(program.get("units")) == (403, "no-seat")


def test_of_several_seats_the_request_names_one(cast, call):
    program = make_program(cast, call.service, cast.sara, cast.mina)

    assert code(program.get("units")) == (400, "which-seat")
    named = program.get("units", X_Seat=str(program.seats[1].pk))
    assert [unit["code"] for unit in named.json()["items"]] == [cast.b.code]
    assert code(program.get("units", X_Seat="999")) == (403, "no-seat")


def test_it_does_nothing_in_another_seat_of_the_same_person(cast, call):
    make_membership(cast.sara, cast.b, Role.HEAD)
    program = make_program(cast, call.service, cast.sara)

    assert {unit["code"] for unit in program.get("units").json()["items"]} == {cast.a.code, cast.a_child.code}
    assert program.get(f"reports/{report_of(call, cast.b).tracking_code}").status_code == 404


def test_an_administrators_sight_of_everything_is_not_lent(cast, call):
    make_membership(cast.admin, cast.a, Role.REPORTER)
    program = make_program(cast, call.service)
    bind_client(client=program.client, membership=cast.membership(cast.admin), by=cast.admin)

    assert {unit["code"] for unit in program.get("units").json()["items"]} == {cast.a.code, cast.a_child.code}


def test_a_minute_takes_so_many_requests_and_says_how_many_are_left(cast, call, clock, settings):
    settings.API_RATE = 3
    program = make_program(cast, call.service, cast.sara)

    answers = [program.get("me") for _n in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    clock.move(minutes=2)
    assert program.get("me").status_code == 200


def test_sentences_come_in_the_language_that_is_asked_for(cast, call):
    program = make_program(cast, call.service, cast.sara)

    persian, english = program.get("units/nowhere"), program.get("units/nowhere", Accept_Language="en-GB,en;q=0.8")

    assert english.json()["detail"] == "There is nothing here, or nothing that you may see."
    assert (persian["Content-Language"], english["Content-Language"]) == ("fa", "en")
    assert persian.json()["detail"] != english.json()["detail"]


def test_any_other_address_and_method_is_answered_as_a_problem(cast, call):
    program = make_program(cast, call.service, cast.sara)

    assert code(program.get("sheep")) == (404, "not-found")
    wrong = program.ask("DELETE", "units")
    assert code(wrong) == (405, "wrong-method")
    assert wrong["Allow"] == "GET"
    assert code(program.get("terms/accept")) == (405, "wrong-method")
    assert code(program.ask("POST", "terms/accept", {"number": "many"})) == (422, "invalid")


def test_what_a_program_was_last_used_for_is_seen(cast, call, clock):
    program = make_program(cast, call.service, cast.sara)
    program.get("me")
    clock.move(minutes=5)
    program.get("me")
    program.client.refresh_from_db()

    assert program.client.last_used_at - program.client.token_made_at >= timedelta(minutes=4)


def test_lists_are_paged_by_key(cast, call):
    program = make_program(cast, call.service, cast.nader)

    first = program.get("units?limit=3").json()
    second = program.get(first["next"]).json()

    codes = [unit["code"] for page in (first, second) for unit in page["items"]]
    assert (len(first["items"]), len(set(codes)), second["next"]) == (3, 4, None)


def test_a_database_that_is_busy_is_told_with_the_time_to_come_back(cast, call, monkeypatch):
    program = make_program(cast, call.service, cast.sara)

    def locked(_person):
        raise OperationalError("database is locked") from sqlite3.OperationalError("database is locked")

    monkeypatch.setattr("reports.api.units.visible_units", locked)
    answer = program.get("units", Idempotency_Key="once")

    assert code(answer) == (503, "busy")
    assert 3 <= int(answer["Retry-After"]) <= 10


def test_a_fault_before_the_door_is_told_as_a_problem(rf):
    answer = failed(rf.get("/api/v1/units"))

    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
