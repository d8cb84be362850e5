"""Settings of what those who run the portal see of it: logs, health, figures, error reports. Imported by settings.py."""

import logging
from ipaddress import ip_network

from .environment import DEBUG, DEMO, PRODUCTION, TESTING, VAR_DIR, env, refused

# ---------------------------------------------------------------------- logs
LOG_FORMAT = env("LOG_FORMAT", default="json" if PRODUCTION else "lines")
if LOG_FORMAT not in ("json", "lines"):
    raise refused("LOG_FORMAT is neither json nor lines.")
LOG_LEVEL = env("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR"):
    raise refused("LOG_LEVEL is none of DEBUG, INFO, WARNING and ERROR.")
# Who gets a mail when something breaks: once an hour for one fault.
ERROR_MAIL_TO = env.list("ERROR_MAIL_TO", default=[])
# Or where it is reported to: any server that speaks Sentry's protocol.
SENTRY_DSN = env("SENTRY_DSN", default="")
if SENTRY_DSN and "://" not in SENTRY_DSN:
    raise refused("SENTRY_DSN is not of the form https://key@host/number.")

logging.captureWarnings(True)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "sajad_portal.lib.logs.formatter_of", "form": LOG_FORMAT}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Its own handlers, and those of django.server below it, know nothing of what no line may name.
        "django": {"handlers": [], "level": "INFO"},
        # Each step of each letter is theirs to know; each look at the database for work is nobody's (watch/tasks.py says
        # what was found).
        **{
            name: {"level": "WARNING"}
            for name in ("weasyprint", "fontTools", "celery.app.trace", "celery.worker.strategy", "celery.beat")
        },
    },
}
if ERROR_MAIL_TO:
    LOGGING["handlers"]["mail"] = {"class": "sajad_portal.watch.reports.ErrorMail", "level": "ERROR"}  # type: ignore[index]
    LOGGING["root"]["handlers"].append("mail")  # type: ignore[index]

# -------------------------------------------------------------------- watch
# Who may ask /healthz, /readyz and /metrics: addresses and networks. A request that a proxy passed on is its client's.
try:
    WATCH_ALLOWED = [ip_network(part) for part in env.list("WATCH_ALLOWED", default=["127.0.0.1", "::1"])]
except ValueError as _error:
    raise refused("WATCH_ALLOWED is no list of addresses and networks, such as 127.0.0.1,10.1.0.0/24.") from _error
# Or, from anywhere: who sends `Authorization: Bearer …` with this.
WATCH_TOKEN = env("WATCH_TOKEN", default="")
if WATCH_TOKEN and len(WATCH_TOKEN) < 20:
    raise refused("WATCH_TOKEN can be guessed: it has 20 signs or more.")
# Where the processes of this host count; None: each for itself.
METRICS_DIR = None if TESTING or DEBUG or DEMO else VAR_DIR / "metrics"
# Seconds for which a web server that is to end says on /readyz that it is, before it takes no more requests.
DRAIN_SECONDS = env.float("DRAIN_SECONDS", default=0)
# Free bytes below which /readyz says that there is no room.
DISK_RESERVE = env.int("DISK_RESERVE_MB", default=200) * 1024 * 1024
