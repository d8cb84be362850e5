"""schemathesis asks every address of the interface what nobody thought of: no fault of ours, and nothing against its description.

Of what it draws half goes to real things, so that more than "not found" is asked.
"""

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sla.enums import ClientScope
from tests.attacks.world import World, make_world
from tests.clients import Program, make_program

pytestmark = pytest.mark.django_db
EXAMPLES = 4  # of each operation and kind, for one seat
ALWAYS = [status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
OF_KIND = {GenerationMode.POSITIVE: [positive_data_acceptance], GenerationMode.NEGATIVE: [negative_data_rejection]}


@pytest.fixture(autouse=True)
def _the_connection_is_the_tests():
    """As Django's own client does it: a request that ends closes nothing."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(cast, settings) -> World:
    settings.API_RATE = 100_000
    return make_world(cast)


def real_things(world: World) -> dict[str, list]:
    reports = [world.reports[name].tracking_code for name in ("open", "waiting", "returned", "announced")]
    return {
        "code": [world.cast.a.code, *reports],
        "section": ["housing", "welfare"],
        "pk": [world.calls["announced"].pk, world.dispute.pk, world.general["filed"].pk],
    }


def faults_found(program: Program, world: World) -> list[str]:
    """A line for each operation and kind in which something is wrong."""
    schema, found = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler()), []
    for result in schema.get_all_operations():
        operation = result.ok()
        for kind, more in OF_KIND.items():
            try:
                _ask(operation, kind, [*ALWAYS, *more], program, real_things(world))
            except (Exception, BaseExceptionGroup) as fault:
                told = getattr(fault, "exceptions", [fault])
                found.append(f"{operation.label} {kind.value}: " + " | ".join(str(each)[:700] for each in told))
    return found


def _ask(operation, kind, checks, program: Program, real: dict[str, list]) -> None:
    @hypothesis_settings(
        max_examples=EXAMPLES, phases=[Phase.generate], deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=kind), data=st.data())
    def asked(case, data):
        if kind is GenerationMode.POSITIVE and data.draw(st.booleans()):
            for name in case.path_parameters:
                case.path_parameters[name] = data.draw(st.sampled_from(real[name]))
        case.headers.pop("X-Seat", None)
        given = {"Authorization": f"Bearer {program.token}", "Accept-Encoding": "identity"}
        answer = case.call(headers=given)
        if _says_the_form_or_the_version(answer):
            return
        case.validate_response(answer, checks=[schemathesis.checks.not_a_server_error, *checks], headers=given)

    asked()


def _says_the_form_or_the_version(answer) -> bool:
    """What no description can say beforehand: which fields this form has, and which version of the draft stands."""
    if answer.status_code not in (412, 422):
        return False
    told = answer.json()
    assert set(told) >= {"type", "title", "status", "code", "detail"}
    return told["code"] in ("changed", "unknown-field", "bad-values")


@pytest.mark.parametrize(
    ("who", "scopes"),
    [
        ("sara", list(ClientScope)),
        ("nader", list(ClientScope)),
        pytest.param("reza", list(ClientScope), marks=pytest.mark.full),
        pytest.param("laleh", list(ClientScope), marks=pytest.mark.full),
        pytest.param("omid", [ClientScope.REPORTS, ClientScope.RESULTS], marks=pytest.mark.full),
        pytest.param("mina", [ClientScope.UNITS], marks=pytest.mark.full),
    ],
)
def test_no_request_makes_a_fault_or_is_answered_against_the_description(world, who, scopes):
    program = make_program(world.cast, world.service, getattr(world.cast, who), scopes=scopes)

    assert "\n".join(faults_found(program, world)) == ""


def test_a_program_without_the_terms_and_without_a_seat_as_well(world):
    program = make_program(world.cast, world.service, accepted=False)

    assert "\n".join(faults_found(program, world)) == ""
