"""deploy/README.md and `make deploy-test` cannot part: each command that an operator is told to type is one that the test types."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.deploying import readme

STORY = (Path(__file__).resolve().parent / "deploying" / "story.py").read_text("utf-8")
# Not of the machine that is tried: Prometheus, which test_alerts.py runs, and a server that is lost, test_wal.py.
ELSEWHERE = {"What is seen", "Every five minutes", "Back to five minutes ago"}


def test_every_part_with_commands_is_typed_and_no_other():
    typed = set(re.findall(r'does\("([^"]+)"', STORY))
    (first,) = re.findall(r"for part in \(([^)]*)\)", STORY)
    typed |= set(re.findall(r'"([^"]+)"', first))

    assert typed == {command.part for command in readme.commands()} - ELSEWHERE


def test_who_types_is_known_of_each_and_what():
    (switch,) = [command for command in readme.of("Release") if "switch" in command.line]

    assert (switch.root, switch.line) == (False, "/opt/portal/releases/VERSION/deploy/portal-release switch VERSION")
    assert all(command.root for command in readme.of("Machine"))


def test_a_part_without_commands_is_named():
    with pytest.raises(ValueError, match="no command under “The weather”"):
        readme.of("The weather")


def test_nothing_that_is_to_be_typed_stands_within_a_sentence():
    """A prompt in the middle of a line would be read by people and by no test."""
    assert re.findall(r"`[#$] [^`]+`", readme.README.read_text("utf-8")) == []


# ------------------------------------------------------------------------------------------------------- containers
COMPOSE = readme.README.parent / "compose"
UNITS = {"web": "portal-web", "worker": "portal-worker", "beat": "portal-beat"}
KNOWN = {
    "image", "env_file", "volumes", "depends_on", "restart", "environment", "secrets", "healthcheck", "command", "ports",
    "stop_grace_period",
}  # fmt: skip


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((COMPOSE / "compose.yaml").read_text("utf-8"))


def test_a_container_runs_what_its_unit_runs(compose):
    for service, unit in UNITS.items():
        (line,) = re.findall(
            r"^ExecStart=(.*)$",
            (readme.README.parent / "systemd" / f"{unit}.service").read_text("utf-8").replace("\\\n", " "),
            re.MULTILINE,
        )
        said = shlex.split(compose["services"][service]["command"].replace("--bind 0.0.0.0:8001", ""))

        assert said == [".venv/bin/python", *shlex.split(line)[1:]]


def test_the_compose_file_names_only_what_is_there(compose):
    assert set(compose) == {"name", "x-portal", "services", "secrets", "volumes"}
    services = compose["services"]
    for name, service in services.items():
        assert set(service) <= KNOWN, name
        assert set(service.get("depends_on", {})) <= set(services), name
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(compose["volumes"]), name
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
    for service in UNITS:
        assert services[service]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_only_this_host_reaches_the_web_server(compose):
    assert [port for service in compose["services"].values() for port in service.get("ports", [])] == [
        "127.0.0.1:8001:8001"
    ]
