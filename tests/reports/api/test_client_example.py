"""The client of docs/api_client.py against a portal that runs: what the page promises can be done with it."""

import importlib.util
import os
import subprocess
import sys

import pytest

from reports.models import Revision
from tests.calls import ANSWERS, fill, published_call, report_of
from tests.clients import make_program
from tests.test_architecture import BASE

EXAMPLE = BASE / "docs" / "api_client.py"


def example():
    spec = importlib.util.spec_from_file_location("api_client", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.django_db(transaction=True)
def test_it_accepts_the_terms_writes_submits_and_is_told_why_not(live_server, cast):
    call = published_call(cast, needs_sign_off=False)
    program = make_program(cast, call.service, cast.sara, accepted=False)
    report, module = report_of(call, cast.a), example()
    portal = module.Portal(live_server.url, program.token, language="en")

    portal.accept_terms()
    for section, answers in ANSWERS.items():
        portal.write(report.tracking_code, section, answers)
    with pytest.raises(module.Problem) as refused:
        portal.send(report.tracking_code)

    assert [unit["code"] for unit in portal.all("units?limit=1")] == [cast.a_child.code, cast.a.code]
    assert (refused.value.status, refused.value.code) == (409, "incomplete")  # files of evidence come by the page
    fill(report, cast.sara)
    assert portal.send(report.tracking_code)["receipt"] == Revision.objects.get().receipt_code


@pytest.mark.django_db(transaction=True)
def test_it_runs_as_a_command(live_server, cast):
    call = published_call(cast)
    program = make_program(cast, call.service, cast.sara)
    given = {**os.environ, "PORTAL": live_server.url, "TOKEN": program.token, "PYTHONIOENCODING": "utf-8"}

    done = subprocess.run(
        [sys.executable, EXAMPLE, report_of(call, cast.a).tracking_code, "housing", "housed=80"],
        env=given, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (done.returncode, "'housed': '80'" in done.stdout) == (0, True), done.stderr
