"""What the processes that deploy/ starts write: lines of JSON with request, person and address, and nothing that opens a door."""

import gzip
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import brotli
import pytest
from django.conf import settings
from django.test import Client, override_settings

from tests.deployed import Deployed
from tests.factories import make_person
from tests.faults.races import spin_until

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]

CODE = "0012345679"
TOKEN_IN_LINK = "diushj-75ed"


@pytest.fixture
def deployed(tmp_path, redis_server) -> Iterator[Deployed]:
    found = Deployed(tmp_path / "portal")
    yield found
    found.end()


def access(deployed: Deployed) -> list[dict]:
    return [line for line in deployed.lines("portal-web") if line["logger"] == "gunicorn.access"]


def test_every_line_of_every_process_is_json_with_one_clock(deployed):
    deployed.start_web()
    deployed.start("portal-worker", "--concurrency", "1")
    deployed.as_client("/no/such/page/")
    deployed.as_client("/desk/")
    spin_until(lambda: "ready" in deployed.raw("portal-worker"))
    deployed.processes["portal-web"].terminate()
    deployed.processes["portal-web"].wait(60)
    lines = [
        *deployed.lines("portal-web"),
        *(json.loads(t) for t in deployed.raw("portal-worker").splitlines() if t[:1] == "{"),
    ]

    assert len(lines) > 5
    assert {line["at"][-1] for line in lines} == {"Z"}
    assert all(datetime.fromisoformat(line["at"]).utcoffset() == timedelta() for line in lines)
    assert {"gunicorn.error", "gunicorn.access"} < {line["logger"] for line in lines}


@pytest.mark.long
def test_a_request_is_told_with_its_id_the_clients_address_and_how_long_it_took(deployed):
    deployed.start_web()
    _status, _text, headers = deployed.as_client("/desk/", X_Request_ID="from-nginx-0001")
    _status, _text, forged = deployed.as_client("/desk/", X_Request_ID="a b\tc")
    direct = deployed.get("/desk/", Host="portal.example", X_Forwarded_Proto="https", X_Request_ID="nobody-we-trust")[2]
    deployed.get("/healthz")
    deployed.get("/readyz")
    spin_until(lambda: len(access(deployed)) == 3)
    first, second, third = access(deployed)

    assert headers["X-Request-ID"] == first["request"] == "from-nginx-0001"
    assert re.fullmatch("[0-9a-f]{32}", second["request"])
    assert forged["X-Request-ID"] == second["request"]
    assert direct["X-Request-ID"] == third["request"] != "nobody-we-trust"
    assert (first["address"], first["method"], first["path"], first["status"]) == ("10.9.8.7", "GET", "/desk/", 302)
    assert 0 <= first["seconds"] < 60
    assert third["address"] == "127.0.0.1"


@pytest.mark.long
def test_who_is_signed_in_is_told_by_number_only(deployed):
    person = make_person(username="sara-the-expert")
    keys = {"SECRET_KEY": deployed.environment["SECRET_KEY"]}
    with override_settings(**keys):
        client = Client()
        client.force_login(person)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    deployed.start_web()
    deployed.as_client("/account/", Cookie=f"{settings.SESSION_COOKIE_NAME}={cookie}")
    spin_until(lambda: len(access(deployed)) == 1)

    assert access(deployed)[0]["person"] == person.pk
    assert "sara-the-expert" not in deployed.raw("portal-web")
    assert cookie not in deployed.raw("portal-web")


def test_no_line_has_a_link_a_code_of_a_letter_a_national_code_or_a_token(deployed):
    deployed.start_web()
    for path in (
        f"/password/MzM5/{TOKEN_IN_LINK}/",
        f"/%70assword/MzM5/{TOKEN_IN_LINK}/",
        "/track/?code=1405Q2-C03Y",
        "/verify/?code=ABCD-EFGH",
        "/verify/ABCD-EFGH/",
        f"/accounts/?q={CODE}",
        "/accounts/?q=%DB%B0%DB%B0%DB%B1%DB%B2%DB%B3%DB%B4%DB%B5%DB%B6%DB%B7%DB%B9",
        "/accounts/?q=001-234567-9",
    ):
        deployed.as_client(path, Referer=f"https://portal.example/password/MzM5/{TOKEN_IN_LINK}/")
    deployed.as_client("/metrics", Authorization="Bearer a-token-that-is-wrong-0123456789")
    spin_until(lambda: len(access(deployed)) == 9)
    written = deployed.raw("portal-web")

    for secret in (
        TOKEN_IN_LINK,
        "1405Q2",
        "ABCD",
        CODE,
        "%DB%B7%DB%B9",
        "001-234567-9",
        "a-token-that-is-wrong",
        "Bearer",
    ):
        assert secret not in written, secret
    for key in ("SECRET_KEY", "FIELD_KEY", "WATCH_TOKEN"):
        assert deployed.environment[key] not in written
    assert "/accounts/?q=…" in written


# -------------------------------------------------------------------------------------------------- reports of errors
BREAKS = """
import sys
import django
sys.argv = ["gunicorn"]
django.setup()
from django.test import Client
from sajad_portal.watch import reports
from units.views import account
from unittest import mock
reports.report_to_sentry()
def broken(*a, **k):
    national = "0012345679"
    raise RuntimeError("no room for /password/MzM5/diushj-75ed/ of 0012345679")
client = Client(raise_request_exception=False, headers={"host": "portal.example", "x-forwarded-proto": "https",
                "x-forwarded-for": "10.9.8.7", "cookie": "sessionid=secret-session"})
with mock.patch("sajad_portal.lib.asking.asked_by_script", broken), mock.patch("reports.views.public.home.render", broken, create=True), \\
     mock.patch("sajad_portal.middleware.asks_by_itself", broken), mock.patch("sajad_portal.middleware.asked_by_script", broken):
    for _ in range(3):
        assert client.post("/desk/?q=typed-words", {"typed": "typed-words", "password": "typed-password"}).status_code == 500
import threading, sentry_sdk
sentry_sdk.flush(20)
for thread in threading.enumerate():
    if thread is not threading.current_thread() and thread.daemon and "sentry" not in thread.name:
        thread.join(20)
"""
TYPED = ("typed-words", "typed-password", "secret-session", TOKEN_IN_LINK, CODE)


@contextmanager
def receiver() -> Iterator[tuple[int, list[bytes]]]:
    """Takes what is sent to Sentry: (port, bodies)."""
    bodies: list[bytes] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpack = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}[
                self.headers.get("Content-Encoding")
            ]
            bodies.append(unpack(body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_said):
            return

    server = HTTPServer(("127.0.0.1", 0), Takes)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port, bodies
    finally:
        server.shutdown()
        server.server_close()


def break_something(deployed: Deployed) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BREAKS], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120,
        env={**deployed.environment, "DJANGO_SETTINGS_MODULE": "sajad_portal.settings", "PYTHONPATH": str(settings.BASE_DIR)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.long
def test_an_error_is_reported_to_a_server_without_what_was_typed(tmp_path, redis_server):
    with receiver() as (port, bodies):
        log = break_something(Deployed(tmp_path / "portal", SENTRY_DSN=f"http://key@127.0.0.1:{port}/7"))
    sent = b"\n".join(bodies).decode()

    assert "RuntimeError" in sent
    assert "/desk/" in sent
    assert "in broken" in log, "and stands in the log"
    for secret in TYPED:
        assert secret not in sent, secret
        assert secret not in log, secret


@pytest.mark.long
def test_or_by_mail_once_for_one_fault(tmp_path, redis_server):
    deployed = Deployed(tmp_path / "portal", ERROR_MAIL_TO="ops@portal.example")
    break_something(deployed)
    texts = [path.read_text("utf-8") for path in (tmp_path / "portal" / "mail").iterdir()]
    mails = [message_from_string(text.split("-" * 79)[0], policy=policy.default) for text in texts]

    assert [mail["To"] for mail in mails] == ["ops@portal.example"]
    body = mails[0].get_content()
    assert "RuntimeError" in body
    assert '"request": "' in body
    for secret in TYPED:
        assert secret not in body, secret
