"""The portal as production serves it: gunicorn with threads, settings of a production host, PostgreSQL, Redis."""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from bench.client import Connection, request

BASE = Path(__file__).resolve().parent.parent
VAR = BASE / "var" / "bench"
WORKERS, THREADS = 2, 4
KEYS = {
    "SECRET_KEY": "bench-only-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "FIELD_KEY": "bench-only-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789abcdefghijklmnopqrstuvwxyz",
}
# What a shell may hold and a measurement must not inherit.
OURS = {
    "DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "DEMO", "DEBUG", "PRODUCTION", "TEST_CLOCK_OFFSET", "PORT", "SITE_URL", "VAR_DIR",
    "DJANGO_SETTINGS_MODULE",
}  # fmt: skip


def _inherited() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in OURS}


def tool_environment(database_url: str, **more: str) -> dict[str, str]:
    """For seeding and looking: the embedded mode, whose clock may be moved, on PostgreSQL."""
    return {
        **_inherited(), **KEYS, "READ_DOT_ENV": "0", "DEMO": "1", "VAR_DIR": str(VAR), "DATABASE_URL": database_url, **more,
    }  # fmt: skip


def production_environment(database_url: str, redis_url: str) -> dict[str, str]:
    return {
        **_inherited(), **KEYS, "READ_DOT_ENV": "0", "PRODUCTION": "1", "VAR_DIR": str(VAR), "DATABASE_URL": database_url,
        "REDIS_URL": redis_url, "REDIS_PREFIX": "portal-bench-", "ALLOWED_HOSTS": "127.0.0.1", "SITE_URL": "https://127.0.0.1",
        "EMAIL_URL": "smtp://127.0.0.1:25", "LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "bench.settings",
    }  # fmt: skip


def run_python(*arguments: str, environment: dict[str, str], quiet: bool = True) -> str:
    """Standard output of a Python program of ours; its errors go to our terminal."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=BASE, env=environment, stdout=subprocess.PIPE, stderr=None if not quiet else subprocess.PIPE,
        text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(arguments)} ended with {done.returncode}: {done.stdout[-500:]} {(done.stderr or '')[-2000:]}"
        )
    return done.stdout


def collect_static(environment: dict[str, str]) -> None:
    """The manifest that pages name their files by. Compressed copies are nginx's business and cost a minute."""
    code = (
        "import django; from django.conf import settings; django.setup();"
        "settings.STORAGES['staticfiles'] = {'BACKEND': 'django.contrib.staticfiles.storage.ManifestStaticFilesStorage'};"
        "from django.core.management import call_command; call_command('collectstatic', interactive=False, verbosity=0)"
    )
    run_python("-c", code, environment=environment)


def facts_of(database_url: str, *, writers: int) -> dict:
    return json.loads(
        run_python("-m", "bench.facts", "--writers", str(writers), environment=tool_environment(database_url))
    )


class Server:
    """One gunicorn on one database. `port` answers once `start` has returned."""

    def __init__(self, database_url: str, redis_url: str, port: int):
        self.database_url, self.port = database_url, port
        self.environment = production_environment(database_url, redis_url)
        self.process: subprocess.Popen | None = None

    def start(self, ends: ExitStack) -> "Server":
        log = (VAR / f"server-{self.port}.log").open("w")
        ends.callback(log.close)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "bench.wsgi", "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread",
             "--workers", str(WORKERS), "--threads", str(THREADS), "--no-control-socket", "--timeout", "120"],
            cwd=BASE, env=self.environment, stdout=log, stderr=log,
        )  # fmt: skip
        ends.callback(self.stop)
        last = time.monotonic() + 60
        while time.monotonic() < last:
            try:
                if Connection(self.port).send(request("/healthz")).status in (200, 301, 302, 404):
                    return self
            except OSError:
                time.sleep(0.1)
            if self.process.poll() is not None:
                break
        raise RuntimeError(f"the server did not start; see {log.name}")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
