"""`manage.py check --deploy` tries what the portal stands on, and says in a sentence what is wrong."""

import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.test import override_settings

from sajad_portal.lib.national_code import encrypt, keyed_hash
from tests.deployed import Deployed
from tests.factories import make_person

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db(transaction=True)]

CODE = "0012345679"


@contextmanager
def mail_server(greeting: bytes = b"220 ready\r\n") -> Iterator[str]:
    """Speaks as much SMTP as a greeting and a good-bye need."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(greeting)
            for line in self.rfile:
                self.wfile.write(b"221 bye\r\n" if line[:4].upper() == b"QUIT" else b"250 ok\r\n")
                if line[:4].upper() == b"QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def checked(deployed: Deployed, *arguments: str, **changes: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", *(arguments or ("check", "--deploy"))], cwd=settings.BASE_DIR, capture_output=True, text=True,
        env={**deployed.environment, **changes}, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def deployed(tmp_path, redis_server) -> Iterator[Deployed]:
    with mail_server() as address:
        yield Deployed(tmp_path / "portal", EMAIL_URL=address)


def test_a_portal_that_has_all_it_needs_passes(deployed):
    code, said = checked(deployed, "check", "--deploy", "--fail-level", "WARNING")

    assert "no issues" in said
    assert code == 0


def test_each_thing_that_is_missing_has_a_sentence_and_none_hides_another(deployed):
    code, said = checked(
        deployed,
        DATABASE_URL="postgres://portal:hunter2@127.0.0.1:1/portal", REDIS_URL="redis://127.0.0.1:1/0", MEDIA_ROOT="/proc/nowhere",
        EMAIL_URL="smtp://127.0.0.1:1", ALLOWED_HOSTS="other.example", SITE_URL="http://portal.example", MAIL_FROM="portal@localhost",
        TRUSTED_PROXY="1", TRUSTED_PROXIES="0",
    )  # fmt: skip

    assert code == 1
    for sentence in (
        "The database does not answer: ",
        "Redis does not answer: ",
        "Nothing can be stored in MEDIA_ROOT, /proc/nowhere: No such file or directory.",
        "The mail server does not take us: ",
        "ALLOWED_HOSTS lacks portal.example",
        "SITE_URL is not https",
        "MAIL_FROM is not set",
        "TRUSTED_PROXY is read by nobody: did you mean TRUSTED_PROXIES?",
        "TRUSTED_PROXIES is 0",
    ):
        assert sentence in said, said
    assert "Traceback" not in said
    assert "hunter2" not in said


def test_a_mail_server_that_refuses_is_named(deployed):
    with mail_server(b"554 go away\r\n") as address:
        code, said = checked(deployed, EMAIL_URL=address)

    assert code == 1
    assert "The mail server does not take us: (554" in said


def test_a_clock_that_differs_from_the_databases_is_named(deployed, tmp_path):
    """The host's own clock, an hour ahead for this process only."""
    (tmp_path / "sitecustomize.py").write_text("import time\n_time = time.time\ntime.time = lambda: _time() + 3600\n")
    code, said = checked(deployed, PYTHONPATH=str(tmp_path))

    assert code == 1
    assert "The clocks of this host and of the database differ by 3600" in said
    assert re.search(r"The clocks of this host and of Redis differ by 360\d s\.", said)


@pytest.fixture
def stored(deployed) -> None:
    person = make_person()
    with override_settings(FIELD_KEY=deployed.environment["FIELD_KEY"]):
        person.national_code_cipher, person.national_code_hash = encrypt(CODE), keyed_hash(CODE)
    person.save()


WRONG = "FIELD_KEY is not the key under which the national codes of this database are stored"
OTHER = "another-field-key-0123456789-abcdefghijklmnop"


@pytest.mark.long
def test_a_wrong_field_key_fails_the_check_and_ends_each_process_at_its_start(deployed, stored):
    assert WRONG in checked(deployed, FIELD_KEY=OTHER)[1]
    deployed.environment["FIELD_KEY"] = OTHER
    for unit in ("portal-web", "portal-worker"):
        process = deployed.start(unit)
        assert process.wait(60) == 3, unit
        assert f"portal: {WRONG}" in deployed.raw(unit)
        assert "Traceback" not in deployed.raw(unit)
    deployed.end()


@pytest.mark.long
def test_with_the_earlier_key_beside_it_they_start_and_the_codes_are_brought_over(deployed, stored):
    old = deployed.environment["FIELD_KEY"]
    deployed.environment |= {"FIELD_KEY": OTHER, "FIELD_KEY_FALLBACKS": old}
    try:
        deployed.start_web()
        assert "1 national codes brought under FIELD_KEY" in checked(deployed, "rotatefieldkey")[1]
    finally:
        deployed.end()
    del deployed.environment["FIELD_KEY_FALLBACKS"]

    assert checked(deployed)[0] == 0
    assert WRONG in checked(deployed, FIELD_KEY=old)[1]
