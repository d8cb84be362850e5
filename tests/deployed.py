"""The portal as `deploy/` starts it: the commands of its systemd units, on the test's own database and a real Redis."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection

from tests import services
from tests.faults.races import spin_until
from tests.plugins.worker import PREFIX, URL

UNITS = settings.BASE_DIR / "deploy" / "systemd"
TOKEN = "token-of-this-test-0123456789"


def command_of(unit: str) -> list[str]:
    """ExecStart of a unit, with this interpreter."""
    text = (UNITS / f"{unit}.service").read_text("utf-8").replace("\\\n", " ")
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    return [sys.executable, *shlex.split(line)[1:]]


class Deployed:
    def __init__(self, folder: Path, **changes: str):
        self.folder, self.port = folder, services.free_port()
        self.processes: dict[str, subprocess.Popen] = {}
        for name in ("media", "mail", "var/staticfiles"):
            (folder / name).mkdir(parents=True)
        # What collectstatic would write, without its minute: each file by its own name.
        names = [name for finder in finders.get_finders() for name, _storage in finder.list([])]
        listed = {"paths": {name: name for name in names}, "version": "1.1", "hash": ""}
        (folder / "var" / "staticfiles" / "staticfiles.json").write_text(json.dumps(listed))
        where = connection.settings_dict
        login = f"{where['USER']}:{where['PASSWORD']}" if where["PASSWORD"] else where["USER"]
        self.environment = {
            "PATH": os.environ["PATH"], "PRODUCTION": "1", "READ_DOT_ENV": "0", "VAR_DIR": str(folder / "var"),
            "DATABASE_URL": f"postgres://{login}@{where['HOST']}:{where['PORT'] or 5432}/{where['NAME']}",
            "REDIS_URL": URL, "REDIS_PREFIX": PREFIX, "MEDIA_ROOT": str(folder / "media"),
            "EMAIL_URL": f"filemail:///{folder / 'mail'}", "MAIL_FROM": "portal@portal.example", "TRUSTED_PROXIES": "1",
            "SECRET_KEY": "deployed-" + settings.SECRET_KEY, "FIELD_KEY": "deployed-" + settings.FIELD_KEY,
            "ALLOWED_HOSTS": "portal.example", "SITE_URL": "https://portal.example", "WATCH_TOKEN": TOKEN,
            **changes,
        }  # fmt: skip

    def start(self, unit: str, *more: str) -> subprocess.Popen:
        command = command_of(unit)
        if unit == "portal-web":  # in place of the socket that systemd hands over
            command += ["--bind", f"127.0.0.1:{self.port}"]
        with (self.folder / f"{unit}.log").open("a") as log:
            process = subprocess.Popen(
                [*command, *more], cwd=settings.BASE_DIR, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )  # fmt: skip
        self.processes[unit] = process
        return process

    def start_web(self) -> None:
        web = self.start("portal-web", "--workers", "2")
        spin_until(lambda: web.poll() is not None or self.get("/healthz")[0] == 200)
        assert web.poll() is None, self.raw("portal-web")

    def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        """(status, text, headers); (0, "", {}) where nobody answers."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        try:
            with _opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode(), dict(answer.headers)
        except OSError:
            return 0, "", {}

    def as_client(self, path: str, address: str = "10.9.8.7", **headers: str) -> tuple[int, str, dict[str, str]]:
        """As nginx passes it on."""
        passed = {"Host": "portal.example", "X_Forwarded_Proto": "https", "X_Forwarded_For": address}
        return self.get(path, **passed, **headers)

    def figures(self) -> dict[str, float]:
        """{name and labels: value} of /metrics."""
        lines = [line for line in self.get("/metrics")[1].splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, _blank, value in (line.rpartition(" ") for line in lines)}

    def lines(self, unit: str) -> list[dict]:
        return [json.loads(line) for line in self.raw(unit).splitlines()]

    def raw(self, unit: str) -> str:
        return (self.folder / f"{unit}.log").read_text("utf-8")

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, how)
        for process in self.processes.values():
            process.wait()
        self.processes.clear()


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


_opener = urllib.request.build_opener(_Still)
