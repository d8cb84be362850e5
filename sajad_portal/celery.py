"""The Celery application. Tasks are sweeps over the database: a lost message loses nothing."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")

app = Celery("sajad_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
