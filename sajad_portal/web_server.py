"""gunicorn's hooks (`--config python:sajad_portal.web_server`): the settings are read before anything is started, each worker
has a place to count in, and a server that is to end says so on /readyz before it stops taking requests."""

import os
import subprocess
import sys
import time
from typing import Any

from django.conf import settings

from sajad_portal.start import STOPPED, settings_or_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")


def on_starting(server: Any) -> None:
    settings_or_end()
    # Workers ask it of themselves; all of them at once would not end as one sentence. Not in this process: what it has imported,
    # no reload would bring up to date.
    if subprocess.run([sys.executable, "-c", "import sajad_portal.wsgi"], cwd=settings.BASE_DIR).returncode == STOPPED:
        sys.exit(STOPPED)
    for old in settings.VAR_DIR.glob("draining-*"):
        old.unlink(missing_ok=True)
    if settings.METRICS_DIR:
        folder = settings.METRICS_DIR / "web"
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.db"):
            path.unlink(missing_ok=True)


def when_ready(server: Any) -> None:
    usual = server.handle_term

    def handle_term() -> None:
        _drain(server)
        usual()

    server.handle_term = handle_term


def _drain(server: Any) -> None:
    (settings.VAR_DIR / f"draining-{os.getpid()}").touch()
    if settings.DRAIN_SECONDS:
        server.log.info("Draining for %g s: /readyz is red, requests are answered", settings.DRAIN_SECONDS)
        time.sleep(settings.DRAIN_SECONDS)


def pre_fork(server: Any, worker: Any) -> None:
    taken = {getattr(other, "slot", None) for other in server.WORKERS.values()}
    worker.slot = next(number for number in range(len(taken) + 1) if number not in taken)


def post_fork(server: Any, worker: Any) -> None:
    os.environ["PORTAL_SLOT"] = str(worker.slot)


def on_exit(server: Any) -> None:
    (settings.VAR_DIR / f"draining-{os.getpid()}").unlink(missing_ok=True)
