"""The Celery application. Tasks are sweeps over the database: a lost message loses nothing."""

import os
import sys

from celery import Celery, signals
from kombu.transport import TRANSPORT_ALIASES

from sajad_portal.lib.notify import tell_systemd
from sajad_portal.start import settings_or_end
from sajad_portal.waits import kind_of_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")
if kind_of_process(sys.argv) == "worker":  # others import this beside their own start
    settings_or_end()

TRANSPORT_ALIASES["filesystem"] = "sajad_portal.embedded_broker:ForgivingTransport"

app = Celery("sajad_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


# What follows imports the models, which this file, imported before Django is set up, may not.
@signals.celeryd_init.connect
def _watch_worker(**_said: object) -> None:
    from sajad_portal.watch.keys import insist_on_field_key
    from sajad_portal.watch.measures import forget_worker_counts
    from sajad_portal.watch.tasks import watch_tasks

    insist_on_field_key()
    forget_worker_counts()
    watch_tasks()


@signals.worker_ready.connect
@signals.beat_init.connect
def _ready(**_said: object) -> None:
    tell_systemd("READY=1")


@signals.heartbeat_sent.connect
def _goes_on(**_said: object) -> None:
    """From the loop that takes messages: one that stands still is started anew (WatchdogSec of portal-worker)."""
    tell_systemd("WATCHDOG=1")


@signals.worker_process_init.connect
@signals.beat_init.connect
def _report(**_said: object) -> None:
    from sajad_portal.watch.reports import report_to_sentry

    report_to_sentry()
