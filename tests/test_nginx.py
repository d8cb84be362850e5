"""nginx's file, loaded by nginx itself: the page of maintenance, the id of a request, and what it hands to the portal."""

import re
import shutil
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from tests import services
from tests.faults.races import spin_until

pytestmark = [pytest.mark.postgres]  # nginx is there where the other servers are

CONF = settings.BASE_DIR / "deploy" / "nginx"


@dataclass
class Nginx:
    port: int
    folder: Path
    asked: list[dict[str, str]]

    def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        context = ssl._create_unverified_context()
        request = urllib.request.Request(f"https://portal.example.ir:{self.port}{path}", headers=headers)
        handler = urllib.request.HTTPSHandler(context=context)
        try:
            with urllib.request.build_opener(handler).open(request, timeout=20) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode(), dict(answer.headers)


@pytest.fixture
def nginx(tmp_path, monkeypatch) -> Iterator[Nginx]:
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        pytest.fail("This test needs nginx: apt-get install --no-install-recommends nginx-light")
    asked: list[dict[str, str]] = []

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append({"path": self.path, **self.headers})
            self.send_response(200)
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"portal")

        def log_message(self, *_said):
            return

    portal = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=portal.serve_forever, daemon=True).start()
    http, https = services.free_port(), services.free_port()
    text = (CONF / "portal.conf").read_text("utf-8")
    for old, new in (
        ("127.0.0.1:8001", f"127.0.0.1:{portal.server_port}"),
        ("/var/lib/portal", str(tmp_path / "var")),
        ("/var/log/nginx", str(tmp_path)),
        ("/etc/ssl/portal", str(tmp_path)),
        ("/opt/portal/current/deploy/nginx/errors/", f"{CONF / 'errors'}/"),
    ):
        assert old in text
        text = text.replace(old, new)
    text = re.sub(r"listen \[::\][^;]*;", "", text)
    text = re.sub(
        r"listen 80\b", f"listen 127.0.0.1:{http}", re.sub(r"listen 443\b", f"listen 127.0.0.1:{https}", text)
    )
    (tmp_path / "var").mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=portal.example.ir",
         "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"], check=True, capture_output=True,
    )  # fmt: skip
    folders = "".join(
        f"{kind}_temp_path {tmp_path / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"user root; worker_processes 1; daemon off; pid {tmp_path / 'pid'}; error_log {tmp_path / 'error.log'};\n"
        f"events {{}}\nhttp {{ {folders}\n{text}\n}}\n"
    )
    own = socket_to("portal.example.ir", monkeypatch)
    server = subprocess.Popen([program, "-c", tmp_path / "nginx.conf"], stderr=subprocess.PIPE, text=True)
    found = Nginx(https, tmp_path, asked)
    try:
        spin_until(lambda: server.poll() is not None or own(https))
        assert server.poll() is None, server.stderr and server.stderr.read()
        yield found
    finally:
        server.terminate()
        server.wait(20)
        portal.shutdown()
        portal.server_close()


def socket_to(name: str, monkeypatch):
    """That name is this machine; gives a question whether a port of it listens."""

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1" if host == name else host, *rest, **more)
    )

    def listens(port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return listens


def test_an_id_is_made_by_nginx_whatever_the_client_sends_and_stands_in_its_log(nginx):
    assert nginx.get("/desk/", **{"X-Request-ID": "made-by-a-stranger"})[:2] == (200, "portal")
    (asked,) = nginx.asked

    assert re.fullmatch("[0-9a-f]{32}", asked["X-Request-ID"])
    assert asked["X-Forwarded-For"] == "127.0.0.1"
    spin_until(lambda: asked["X-Request-ID"] in (nginx.folder / "access.log").read_text())


def test_while_the_file_stands_everybody_gets_the_page_of_maintenance(nginx):
    (nginx.folder / "var" / "maintenance").touch()
    status, page, headers = nginx.get("/desk/")

    assert status == 503
    assert "سامانه در دست نگهداری است" in page
    assert headers["Retry-After"] == "10"
    assert "max-age" in headers["Strict-Transport-Security"]
    assert nginx.asked == []
    assert nginx.get("/readyz")[:2] == (200, "portal"), "who watches sees the portal"

    (nginx.folder / "var" / "maintenance").unlink()
    assert nginx.get("/desk/")[:2] == (200, "portal")
