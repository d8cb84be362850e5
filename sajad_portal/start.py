"""The first thing each process does: read the settings, and say in one sentence what is wrong with them. A traceback helps nobody
who mistyped a line of portal.env."""

import logging
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

STOPPED = 3  # gunicorn's master takes it for “cannot start” and does not try again


def settings_or_end() -> None:
    """Ends the process where the settings refuse."""
    try:
        settings.INSTALLED_APPS  # noqa: B018 reading one reads all
    except ImproperlyConfigured as error:
        end_process(str(error))


def end_process(said: str) -> None:
    print(f"portal: {said}", file=sys.stderr, flush=True)  # noqa: T201 nothing is configured yet, logs neither
    logging.shutdown()
    sys.exit(STOPPED)
