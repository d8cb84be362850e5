"""The Celery application. Tasks are sweeps over the database: a lost message loses nothing."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")

TRANSPORT_ALIASES["filesystem"] = "sajad_portal.embedded_broker:ForgivingTransport"

app = Celery("sajad_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
