"""Two web hosts, two workers and two beats on one PostgreSQL behind a PgBouncer in transaction mode, as deploy/README.md lets them
run: a report begun on one host goes on at the other, and each closing, notice and file comes once."""

import html
import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.db import connection

from reports.invariants import broken
from reports.models import Export, Revision, Snapshot
from reports.queries.drafts import collect
from sajad_portal.lib.clock import database_now
from tests import services
from tests.calls import PDF, fill, published_call, report_of, with_closing
from tests.deployed import Deployed
from tests.factories import PASSWORD
from tests.faults.races import spin_until
from tests.people import make_cast
from units.models import Event, Notice

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.long, pytest.mark.django_db(transaction=True)]

# What deploy/README.md says of it: our bounds stand on the role then, and the pooler drops what comes with a connection.
BOUNCER = """
[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 12
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
"""


class Visitor:
    """A browser without scripts whose balancer sends each request to the other host."""

    def __init__(self, *hosts: Deployed) -> None:
        self.hosts, self.turn, self.cookies = hosts, 0, {}

    def asks(self, path: str, data: bytes | None = None, kind: str = "") -> tuple[int, bytes, str]:
        """(status, body, where it leads)"""
        self.turn += 1
        headers = {
            "Host": "portal.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.9.8.7", "Accept-Language": "fa",
            "Referer": "https://portal.example/", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            **({"Content-Type": kind} if kind else {}),
        }  # fmt: skip
        port = self.hosts[self.turn % len(self.hosts)].port
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, headers=headers)
        try:
            answer = _still.open(request, timeout=60)
        except urllib.error.HTTPError as other:
            answer = other
        with answer:
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _is, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.read(), answer.headers.get("Location", "")

    def reads(self, path: str) -> str:
        status, body, _to = self.asks(path)
        assert status == 200, (path, status)
        return body.decode()

    def sends(self, path: str, typed: dict[str, str], *, page: str = "", file: tuple[str, bytes] | None = None) -> str:
        """The form of the page with what was typed; where the answer leads."""
        text = self.reads(page or path)
        fields = {**hidden(text), **typed}
        if file is None:
            data, kind = urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
        else:
            edge = uuid.uuid4().hex
            parts = [
                f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()
            ]
            head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\nContent-Type: application/pdf\r\n\r\n'
            data = "".join([*parts, head]).encode() + file[1] + f"\r\n--{edge}--\r\n".encode()
            kind = f"multipart/form-data; boundary={edge}"
        status, body, to = self.asks(path, data, kind)
        assert status in {302, 303}, (path, status, re.sub(r"<[^>]+>|\s+", " ", body.decode())[:1500])
        return to

    def signs_in(self, name: str) -> None:
        assert self.sends("/sign-in/", {"name": name, "password": PASSWORD}).startswith("/")


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


_still = urllib.request.build_opener(_Still)


def hidden(page: str) -> dict[str, str]:
    tags = re.findall(r"<input\b[^>]*>", page)
    told = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in tags if 'type="hidden"' in tag]
    return {tag["name"]: html.unescape(tag.get("value", "")) for tag in told if "name" in tag}


@pytest.fixture
def bouncer() -> Iterator[str]:
    """The address of a PgBouncer before the test's database."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    assert Path(program).exists(), "This test needs PgBouncer: apt-get install --no-install-recommends pgbouncer"
    where, own = connection.settings_dict, services.free_port()
    folder = Path(tempfile.mkdtemp(prefix="portal-bouncer-"))
    folder.chmod(0o755)
    told = {"host": where["HOST"], "port": where["PORT"] or 5432, "user": where["USER"], "password": where["PASSWORD"]}
    server = " ".join(f"{key}={value}" for key, value in told.items() if value)
    (folder / "bouncer.ini").write_text(BOUNCER.format(own=own, server=server))
    as_somebody = ["-u", "nobody"] if os.geteuid() == 0 else []
    with ExitStack() as ends, (folder / "log").open("w") as log:
        ends.callback(shutil.rmtree, folder)
        process = subprocess.Popen([program, *as_somebody, folder / "bouncer.ini"], stdout=log, stderr=log)
        ends.callback(process.wait)
        ends.callback(process.kill)
        url = f"postgres://{where['USER']}@127.0.0.1:{own}/{where['NAME']}"
        spin_until(lambda: process.poll() is not None or _answers(url))
        assert process.poll() is None, (folder / "log").read_text()
        yield url


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url.replace("postgres://", "postgresql://"), connect_timeout=2) as database:
            return database.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


@pytest.fixture
def hosts(tmp_path, redis_server, bouncer) -> Iterator[tuple[Deployed, Deployed]]:
    shared = {"DATABASE_URL": bouncer, "TRANSACTION_POOLING": "1", "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    one = Deployed(tmp_path / "one", **shared)
    two = Deployed(tmp_path / "two", **shared)
    yield one, two
    for host in (one, two):
        host.end()


def test_what_one_host_began_the_other_goes_on_with_and_each_effect_comes_once(hosts):
    cast = make_cast()
    for person in (cast.sara, cast.reza, cast.laleh):
        person.password = make_password(PASSWORD, hasher=PBKDF2PasswordHasher())
        person.save(update_fields=["password"])
    call = published_call(cast, grace=timedelta(0))
    report = report_of(call, cast.a)
    fill(report, cast.sara)
    for host in hosts:
        host.start_web()

    sara = Visitor(*hosts)
    sara.signs_in("sara")
    edit = f"/reports/{report.tracking_code}/edit/housing/"
    for rooms in ("71", "72", "73", "74"):
        sara.sends(edit, {"q:housed": rooms})
    assert collect(report).answers["housed"] == "74"

    reza = Visitor(*hosts)
    reza.signs_in("reza")
    assert "receipt" in reza.sends(f"/reports/{report.tracking_code}/sign/", {})
    assert Revision.objects.get().answers["housed"] == "74"
    evidence = report.evidence.order_by("pk").first()
    for _host in hosts:
        status, body, _to = reza.asks(f"/reports/{report.tracking_code}/evidence/{evidence.pk}/")
        assert (status, body) == (200, PDF)

    for number, host in enumerate(hosts):
        host.start("portal-worker", "--hostname", f"host{number}@%h")
        host.start("portal-beat", "--schedule", str(host.folder / "beat"))
    laleh = Visitor(*hosts)
    laleh.signs_in("laleh")
    kept = laleh.sends(f"/calls/{call.pk}/export/", {"format": "xlsx"})
    spin_until(lambda: Export.objects.exclude(ready_at=None).exists())
    for _host in hosts:
        assert laleh.asks(f"{kept}file/")[1].startswith(b"PK\x03\x04")

    with_closing(call, database_now() + timedelta(seconds=2))
    spin_until(lambda: Snapshot.objects.exists() and Notice.objects.filter(event__verb="close").exists())
    spin_until(lambda: not Notice.objects.filter(channel="email", urgent=True, sent_at=None).exists())
    assert Event.objects.filter(verb="close", noun="call").count() == 1
    assert max(Counter(Notice.objects.values_list("event", "person", "channel")).values()) == 1
    assert [len(found) for found in (Snapshot.objects.get().submitted, Snapshot.objects.get().missed)] == [1, 1]
    assert list(broken()) == []
    for host in hosts:
        for unit in ("portal-web", "portal-worker", "portal-beat"):
            assert [line for line in host.lines(unit) if line.get("level") in {"ERROR", "CRITICAL"}] == []
