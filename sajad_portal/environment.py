"""The environment, and which kind of start this is. Read before all other settings; `.env.example` explains every key.

What is missing, mistyped or weak is refused with one sentence that names the key; no secret stands in it.
"""

import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from . import waits

BASE_DIR = Path(__file__).resolve().parent.parent
# What may be given as the name of a file, KEY_FILE=/run/credentials/…: systemd's credentials and Docker's secrets are files.
SECRETS = (
    "SECRET_KEY", "SECRET_KEY_FALLBACKS", "FIELD_KEY", "FIELD_KEY_FALLBACKS", "DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL",
    "CELERY_BROKER_URL", "EMAIL_URL", "BANK_SECRET", "WATCH_TOKEN", "SENTRY_DSN",
)  # fmt: skip
_YES, _NO = ("1", "true", "yes", "on", "y", "ok"), ("0", "false", "no", "off", "n", "")
_KINDS = {int: "a whole number", float: "a number"}
LEAST_LENGTH, LEAST_SIGNS = 32, 10


def refused(said: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{said} See .env.example.")


class _Texts(Mapping):
    """The environment, with the content of a file where KEY_FILE names one."""

    def __getitem__(self, key: str) -> str:
        path = os.environ.get(f"{key}_FILE", "") if key in SECRETS else ""
        if not path:
            return os.environ[key]
        if os.environ.get(key):
            raise refused(f"{key} and {key}_FILE are both set: keep one of them.")
        try:
            text = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise refused(f"{key}_FILE names {path}, which cannot be read ({reason}).") from error
        if not text:
            raise refused(f"{key}_FILE names {path}, which is empty.")
        return text

    def __iter__(self) -> Iterator[str]:
        return iter({*os.environ, *(key for key in SECRETS if os.environ.get(f"{key}_FILE"))})

    def __len__(self) -> int:
        return len(list(iter(self)))


class Environment(environ.Env):
    """django-environ's, which takes a mistyped `yes` for no and a secret that begins with $ for the name of another key."""

    def __init__(self) -> None:
        super().__init__()
        self.ENVIRON = _Texts()

    def get_value(self, var, cast=None, default=environ.Env.NOTSET, parse_default=False):
        if cast in (bool, int, float):
            given = self.ENVIRON.get(var, "").strip()
            if not given and default is not self.NOTSET:
                return default
            if cast is bool:
                return _yes_or_no(var, given)
        elif var in SECRETS and var in self.ENVIRON:
            return self.ENVIRON[var]
        try:
            return super().get_value(var, cast, default, parse_default)
        except ValueError as error:
            is_one = _KINDS[cast] if cast in (int, float) else "what it should be"
            raise refused(f"{var} is not {is_one}.") from error

    def listed(self, key: str) -> list[str]:
        """Secrets, with commas between them or one a line."""
        return [part for part in re.split(r"[,\s]+", self(key, default="")) if part]

    def secret(self, key: str, purpose: str) -> str:
        """A long random text. In production: Refused where it is missing or weak."""
        value = self(key, default="")
        if not PRODUCTION:
            return value or f"not-a-secret-{key}-for-demo-and-tests-only-0123456789"
        make = "make one with `python3 -c 'import secrets; print(secrets.token_urlsafe(50))'`."
        if not value:
            raise refused(f"{key} is not set: {purpose}; {make}")
        if len(value) < LEAST_LENGTH or len(set(value)) < LEAST_SIGNS or value.startswith("not-a-secret-"):
            raise refused(
                f"{key} can be guessed (a key has {LEAST_LENGTH} signs or more, {LEAST_SIGNS} of them different): {make}"
            )
        return value

    def database(self, key: str) -> dict:
        """A database's address; {} where none is given."""
        text = self(key, default="")
        if not text:
            return {}
        try:
            with warnings.catch_warnings(action="ignore"):  # they would show the password
                found = self.db_url_config(text)
        except Exception as error:  # whatever an address that is none makes of the parser
            raise refused(f"{key} is no address of a database.") from error
        postgres = found.get("ENGINE", "").endswith(".postgresql")
        if not (postgres or found.get("ENGINE", "").endswith(".sqlite3")) or not found.get("NAME"):
            raise refused(f"{key} is not of the form postgres://user:password@host:5432/database.")
        return found

    def redis(self, key: str) -> str:
        """Redis' address; "" where none is given."""
        text = self(key, default="")
        form = re.fullmatch(r"(rediss?|unix)://\S+", text)
        if text and not form:
            raise refused(f"{key} is not of the form redis://host:6379/0.")
        try:
            urlsplit(text).port  # noqa: B018 reading it is what refuses
        except ValueError as error:
            raise refused(f"{key} names a port that is no number.") from error
        return text

    def mail(self, key: str) -> dict:
        """Django's settings of mail."""
        try:
            return self.email_url(key, default="consolemail://")
        except ImproperlyConfigured as error:
            raise refused(f"{key} is not of the form smtp+tls://user:password@host:587.") from error
        except (ValueError, KeyError) as error:
            raise refused(f"{key} is no address of a mail server.") from error


def _yes_or_no(key: str, given: str) -> bool:
    if given.lower() in _YES:
        return True
    if given.lower() in _NO:
        return False
    raise refused(f"{key} is neither 1 nor 0.")


def known_keys() -> set[str]:
    """Every key that `.env.example` explains."""
    text = (BASE_DIR / ".env.example").read_text("utf-8")
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.MULTILINE)) | {f"{key}_FILE" for key in SECRETS}


env = Environment()
# ENV_FILE is systemd's EnvironmentFile: manage.py reads what the units read, whatever a shell would make of it.
if _given := env("ENV_FILE", default=""):
    if not os.access(_given, os.R_OK):
        raise refused(f"ENV_FILE names {_given}, which cannot be read.")
    environ.Env.read_env(_given)
elif env.bool("READ_DOT_ENV", default=True):
    environ.Env.read_env(BASE_DIR / ".env")

TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
PRODUCTION = not (DEBUG or DEMO or TESTING)
# web, worker, command or test: how long it may wait is in waits.py.
PROCESS = waits.kind_of_process(sys.argv, testing=TESTING)
# Seconds added to the database's clock. Tests only.
TEST_CLOCK_OFFSET = env.float("TEST_CLOCK_OFFSET", default=0.0)

if env.bool("PRODUCTION", default=False):
    for _key, _on in {"DEBUG": DEBUG, "DEMO": DEMO, "TEST_CLOCK_OFFSET": bool(TEST_CLOCK_OFFSET)}.items():
        if _on:
            raise refused(f"{_key} is set: a production portal runs without it.")
elif PRODUCTION and TEST_CLOCK_OFFSET:
    raise refused("TEST_CLOCK_OFFSET is set: a production portal keeps the database's time.")

VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
except OSError as _error:
    raise refused(f"VAR_DIR names {VAR_DIR}, which cannot be made ({_error.strerror}).") from _error

# --------------------------------------------------------------------- what a production start must be told
if PRODUCTION:
    for _key, _why in {
        "DATABASE_URL": "without it this would be a new and empty portal",
        "SITE_URL": "letters, codes and mails name the portal by it",
        "EMAIL_URL": "without it mails, and the links in them, would stand in the log",
        "ALLOWED_HOSTS": "name the portal's host",
    }.items():
        if not env(_key, default="").strip():
            raise refused(f"{_key} is not set: {_why}.")
    if not (env("REDIS_URL", default="") or env("CELERY_BROKER_URL", default="")):
        raise refused("REDIS_URL is not set: what web servers and workers on other hosts ring would not be heard.")
    if not re.match(r"https?://[^/\s]+$", env("SITE_URL").rstrip("/")):
        raise refused("SITE_URL is not of the form https://portal.example.ir.")
