"""What else a program reads: results and letters, terms, requests, disputes, facts; of its service and of its seat only."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.queries.facts_columns import FACT_COLUMNS, RESULT_COLUMNS
from tests.attacks.world import World, make_world
from tests.clients import Program, make_program
from tests.factories import make_service
from tests.papers import unsaid
from tests.reports.api.test_door import code

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast) -> World:
    return make_world(cast)


def seats(world: World) -> dict[str, Program]:
    cast = world.cast
    people = {"reza": cast.reza, "mina": cast.mina, "nader": cast.nader}
    return {name: make_program(cast, world.service, person) for name, person in people.items()}


def rows(answer) -> list[dict]:
    text = b"".join(answer).decode() if answer.streaming else answer.content.decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_each_seat_reads_results_requests_disputes_and_facts_within_its_reach(world):
    found = {}
    announced, call = world.reports["announced"].tracking_code, world.calls["announced"].pk
    for name, program in seats(world).items():
        found[name] = (
            program.get(f"reports/{announced}/results").status_code,
            len(program.get("requests").json()["items"]),
            len(program.get("disputes").json()["items"]),
            program.get(f"calls/{call}/facts").status_code,
            program.get(f"requests/{world.general['filed'].pk}").status_code,
            program.get(f"disputes/{world.dispute.pk}").status_code,
        )

    assert found == {
        "reza": (200, 4, 1, 200, 200, 200),
        "mina": (404, 0, 0, 404, 404, 404),
        "nader": (200, 3, 1, 200, 200, 200),
    }


def test_the_letter_is_the_pages_paper(world):
    program = make_program(world.cast, world.service, world.cast.reza)

    letter = program.get(f"reports/{world.reports['announced'].tracking_code}/letter.pdf")
    none_yet = program.get(f"reports/{world.reports['open'].tracking_code}/letter.pdf")

    assert letter["Content-Type"] == "application/pdf"
    assert unsaid(letter.content, world.cast.a.name, world.reports["announced"].tracking_code) == []
    assert code(none_yet) == (409, "no-result")


def test_facts_and_results_come_as_files_with_a_codebook(world):
    program = make_program(world.cast, world.service, world.cast.nader)
    call = world.calls["announced"].pk

    facts, results = rows(program.get(f"calls/{call}/facts.csv")), rows(program.get(f"calls/{call}/results.csv"))
    listed = program.get(f"calls/{call}/facts").json()["items"]

    assert list(facts[0]) == [column.name for column in FACT_COLUMNS]
    assert list(results[0]) == [column.name for column in RESULT_COLUMNS]
    assert {(fact["unit_code"], fact["indicator"], fact["value"]) for fact in facts} == {
        (fact["unit_code"], fact["indicator"], fact["value"] or "") for fact in listed
    }
    explained = {(row["file"], row["column"]) for row in rows(program.get("codebook.csv"))}
    assert explained == {("facts", name) for name in facts[0]} | {("results", name) for name in results[0]}


def test_levels_and_tariffs_need_no_seat(world):
    program = make_program(world.cast, world.service)

    levels, tariffs = program.get("service-levels"), program.get("tariffs")

    assert {each["request_type"] for each in levels.json()} >= {"periodic-report", "extension"}
    assert tariffs.json()[0]["rials"] == 0


def test_a_program_stays_within_its_service(world, cast):
    other = make_service(cast, slug="other")
    program = make_program(cast, other, cast.nader)

    assert program.get("reports").json()["items"] == []
    assert program.get("calls").json()["items"] == []
    assert code(program.get(f"reports/{world.reports['open'].tracking_code}")) == (404, "not-found")
    assert code(program.get(f"calls/{world.calls['open'].pk}")) == (404, "not-found")
    assert code(program.get(f"disputes/{world.dispute.pk}")) == (404, "not-found")
    assert code(program.get(f"requests/{world.general['filed'].pk}")) == (404, "not-found")


@pytest.mark.parametrize("path", ["units", "reports", "calls", "requests"])
def test_more_rows_ask_no_more_questions(world, path):
    program = make_program(world.cast, world.service, world.cast.nader)
    program.get(path)

    counted = {}
    for limit in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            counted[len(program.get(f"{path}?limit={limit}").json()["items"])] = len(queries)

    assert (set(counted), counted[1]) == ({1, 3}, counted[3])
