"""Settings, read from the environment (or a .env file). `.env.example` explains every key.

Two modes. *Embedded* (DEMO=1, what `make serve` uses): SQLite, a file-system doorbell for Celery,
mail to a file, demo people. *Production* (neither DEBUG nor DEMO, and PRODUCTION=1 on every host, as in deploy/):
refuses to start without what it needs, or with what only a demo or a test may have.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from sajad_portal import waits
from sajad_portal.sweeps import SWEEPS

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if env.bool("READ_DOT_ENV", default=True):
    environ.Env.read_env(BASE_DIR / ".env")

TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
PRODUCTION = not (DEBUG or DEMO or TESTING)
# web, worker, command or test: how long it may wait is in waits.py.
PROCESS = waits.kind_of_process(sys.argv, testing=TESTING)

VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# Seconds added to the database's clock. Tests only.
TEST_CLOCK_OFFSET = env.float("TEST_CLOCK_OFFSET", default=0.0)


def _secret(key: str, purpose: str) -> str:
    value = env(key, default="")
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"{key} is not set: {purpose}. See .env.example.")
    return f"not-a-secret-{key}-for-demo-and-tests-only-0123456789"


SECRET_KEY = _secret("SECRET_KEY", "it signs sessions and links")
# Encrypts national codes and keys their look-up hash. Changing it makes stored codes unreadable.
FIELD_KEY = _secret("FIELD_KEY", "it encrypts national codes")

if env.bool("PRODUCTION", default=False):
    for key, on in {"DEBUG": DEBUG, "DEMO": DEMO, "TEST_CLOCK_OFFSET": bool(TEST_CLOCK_OFFSET)}.items():
        if on:
            raise ImproperlyConfigured(f"{key} is set: a production portal runs without it. See .env.example.")
elif PRODUCTION and TEST_CLOCK_OFFSET:
    raise ImproperlyConfigured("TEST_CLOCK_OFFSET is set: a production portal keeps the database's time.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if not PRODUCTION else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The address printed in letters, QR codes and mails.
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip("/")
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set: name the portal's host. See .env.example.")

INSTALLED_APPS = [
    "sajad_portal",
    "units",
    "sla",
    "reports",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "allauth",
    "allauth.account",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sajad_portal.lib.encoding.Utf8Middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sajad_portal.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sajad_portal.middleware.SignInRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "sajad_portal.lib.refusals.RefusalMiddleware",
    "sajad_portal.middleware.PostedAddressMiddleware",
]

ROOT_URLCONF = "sajad_portal.urls"
WSGI_APPLICATION = "sajad_portal.wsgi.application"

_CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "django.template.context_processors.i18n",
    "units.pages.frame.shell",
]
# The portal's own pages are Jinja2 (sajad_portal/jinja.py); mails and what crispy, allauth and the admin bring are Django's.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "sajad_portal.jinja.environment",
            "context_processors": _CONTEXT_PROCESSORS,
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": _CONTEXT_PROCESSORS,
            "builtins": ["django.templatetags.i18n", "sajad_portal.templatetags.portal"],
        },
    },
]

# ------------------------------------------------------------------ database
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["ATOMIC_REQUESTS"] = False
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        # A write transaction takes the write lock at its start; otherwise read-then-write loses to "locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;",
    }
else:
    DATABASES["default"]["ENGINE"] = "sajad_portal.postgres"
    DATABASES["default"]["SILENCE_TIMEOUT"] = waits.silence(env, PROCESS)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Many short statements, each on its own: compiling a status took 170 of the 310 ms that counting 10,000 units by it
    # took; a worker process for half a statement takes longer to start than the half; what is asked about is in memory, so
    # that ten thousand rows are sooner looked up than a table of a hundred thousand is read.
    _given = DATABASES["default"].get("OPTIONS", {})
    _ours = waits.postgres(env, PROCESS)
    _plans = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
    # What DATABASE_URL says stands last, and so is heard.
    _told = f"{_ours['options']} {_plans} {_given.get('options', '')}".strip()
    # Values travel beside the statement, so that it can be prepared; what is prepared, lib/sql.py says.
    DATABASES["default"]["OPTIONS"] = {
        **_ours,
        **_given,
        "options": _told,
        "server_side_binding": True,
        "prepare_threshold": None,
    }
# Who owns the tables and migrates them, where the role that runs the portal is to own nothing (lib/roles.py); {}: one role.
MIGRATION_DATABASE = env.db("MIGRATION_DATABASE_URL") if env("MIGRATION_DATABASE_URL", default="") else {}
# How many threads of one web process may wait for locks on calls at a time; the others keep the pages going (lib/locks.py).
LOCK_WAITERS = env.int("DB_LOCK_WAITERS", default=2)
# Off behind a pooler that gives each transaction another connection and cannot carry prepared statements along.
PREPARE_STATEMENTS = env.bool("PREPARE_STATEMENTS", default=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")
# Before every key, so that a Redis may be shared.
REDIS_PREFIX = env("REDIS_PREFIX", default="portal-")
# Seconds that Redis has for one answer to a page; then the page does without.
REDIS_TIMEOUT = env.float("REDIS_TIMEOUT", default=0.5)
CACHES = {
    "default": (
        {
            "BACKEND": "sajad_portal.lib.caching.SoftRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
            "OPTIONS": {
                "socket_connect_timeout": REDIS_TIMEOUT,
                "socket_timeout": REDIS_TIMEOUT,
                "retry": Retry(NoBackoff(), 0),
            },
        }
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# -------------------------------------------------------------------- people
AUTH_USER_MODEL = "units.Person"
from sajad_portal.accounts import *  # noqa: E402,F403 signing in and passwords: it reads the environment, so .env comes first

AUTHENTICATION_BACKENDS = ["units.backends.NameOrNationalCodeBackend"]
# (unit) -> bool: whether a unit offers a service. `units` asks, and stands below `sla`.
WHO_PROVIDES = "sla.queries.provides"

# ------------------------------------------------------------------ language
LANGUAGE_CODE = "fa"
LANGUAGES = [("fa", _("Persian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tehran"

# -------------------------------------------------------------- static, files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "staticfiles"
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR_DIR / "media")))
MEDIA_URL = "/media/"  # never served directly: every file goes through a view that asks who may see it
STORAGES = {
    "default": {"BACKEND": "sajad_portal.lib.stores.FileStore"},
    "staticfiles": {
        "BACKEND": "sajad_portal.lib.static.StaticFiles"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
EVIDENCE_MAX_BYTES = env.int("EVIDENCE_MAX_MB", default=20) * 1024 * 1024
EVIDENCE_MAX_FILES = env.int("EVIDENCE_MAX_FILES", default=10)
# Room for evidence in one call: of a unit, and of all units together. A coordinator gives more on the call's page.
EVIDENCE_UNIT_MB = env.int("EVIDENCE_UNIT_MB", default=500)
EVIDENCE_UNIT_FILES = env.int("EVIDENCE_UNIT_FILES", default=500)
EVIDENCE_CALL_MB = env.int("EVIDENCE_CALL_MB", default=100_000)
EVIDENCE_CALL_FILES = env.int("EVIDENCE_CALL_FILES", default=100_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o640  # static files have their own (lib/static.py): the web server reads those
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "sajad_portal.lib.stores.UploadHandler",
]

# ------------------------------------------------------------------ security
# Files that a page of ours shows in a frame say otherwise for themselves (lib/files.py).
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
# How many proxies stand before the portal and append to X-Forwarded-For (0: trust no header).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# ---------------------------------------------------------------------- mail
DEFAULT_FROM_EMAIL = env("MAIL_FROM", default="sajad@localhost")
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# A claim on a mail lasts minutes (units/actions/notices.py); a mail server gets seconds.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
SEAL_MAIL_TO = env.list("SEAL_MAIL_TO", default=[])
if DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

# Seconds for which a process keeps whose portal this is; another one hears of a change so much later.
ORGANISATION_KEPT = env.float("ORGANISATION_KEPT", default=20)


# ------------------------------------------------------------------ calendar
def _whole_numbers(key: str, default: list[int]) -> list[int]:
    try:
        return env.list(key, cast=int, default=default)
    except ValueError as error:
        raise ImproperlyConfigured(f"{key} is not a list of whole numbers. See .env.example.") from error


# Python's weekday numbers: Monday 0 … Thursday 3, Friday 4.
WEEKEND_DAYS = _whole_numbers("WEEKEND_DAYS", [3, 4])
if not set(WEEKEND_DAYS) < set(range(7)):
    raise ImproperlyConfigured("WEEKEND_DAYS names days from 0 (Monday) to 6 (Sunday), and leaves one to work on.")
# From and to, whole hours in Tehran: what working time of a service clock is counted in.
WORKING_HOURS = _whole_numbers("WORKING_HOURS", [8, 16])
if len(WORKING_HOURS) != 2 or not 0 <= WORKING_HOURS[0] < WORKING_HOURS[1] <= 24:
    raise ImproperlyConfigured("WORKING_HOURS is a first and a last hour from 0 to 24, such as 8,16.")

# --------------------------------------------------------------------- money
# Which bank takes the fees: "" (none: what costs a fee cannot be published), "simulator" or "sadad".
PAYMENT_GATEWAY = env("PAYMENT_GATEWAY", default="simulator" if DEMO or DEBUG or TESTING else "")
if PAYMENT_GATEWAY not in ("", "simulator", "sadad"):
    raise ImproperlyConfigured("PAYMENT_GATEWAY names no gateway of ours. See .env.example.")
if PRODUCTION and PAYMENT_GATEWAY == "simulator" and not env.bool("PAYMENT_ALLOW_SIMULATOR", default=False):
    raise ImproperlyConfigured(
        "PAYMENT_GATEWAY is the simulator, which takes no money: a trial portal sets PAYMENT_ALLOW_SIMULATOR as well."
    )
# Where `make serve` starts the simulator; by default beside the portal.
BANK_PORT = env.int("BANK_PORT", default=env.int("PORT", default=8000) + 1)
_BANKS = {"sadad": "https://sadad.shaparak.ir", "simulator": f"http://{urlsplit(SITE_URL).hostname}:{BANK_PORT}"}
# The bank's interface and its payment page: asked by our servers, and where payers are sent.
BANK_URL = env("BANK_URL", default=_BANKS.get(PAYMENT_GATEWAY, "")).rstrip("/")
_PRETENDED = PAYMENT_GATEWAY == "simulator"
BANK_TERMINAL = env("BANK_TERMINAL", default="14050001" if _PRETENDED else "")
BANK_MERCHANT = env("BANK_MERCHANT", default="")
BANK_SECRET = env("BANK_SECRET", default="bank-simulator-secret" if _PRETENDED else "")
# Seconds that the bank has to answer one question.
BANK_TIMEOUT = env.float("BANK_TIMEOUT", default=10)
if PAYMENT_GATEWAY == "sadad":
    for key, given in {"TERMINAL": BANK_TERMINAL, "MERCHANT": BANK_MERCHANT, "SECRET": BANK_SECRET}.items():
        if not given:
            raise ImproperlyConfigured(f"BANK_{key} is not set, and PAYMENT_GATEWAY is sadad. See .env.example.")
if BANK_URL:
    # Chrome holds a redirect after a form to this directive too: paying begins with a form of ours.
    _bank = urlsplit(BANK_URL)
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(f"{_bank.scheme}://{_bank.netloc}")

# -------------------------------------------------------------------- celery
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=REDIS_URL or "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem"):
    _queue = VAR_DIR / "queue"
    for _sub in ("in", "done"):
        (_queue / _sub).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "in"),
        "data_folder_out": str(_queue / "in"),
        "processed_folder": str(_queue / "done"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.2,
    }
else:
    # A message that a killed worker held comes back after ten minutes instead of an hour; the sweeps are sooner anyway.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "global_keyprefix": REDIS_PREFIX,
        "visibility_timeout": 600,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,  # a worker listens a second at a time
        "socket_keepalive": True,
    }
    if PROCESS == "web":  # rings once, and goes on
        CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_timeout": REDIS_TIMEOUT * 2, "max_retries": 0}
# A doorbell that cannot be rung is not worth waiting for: the sweeps find the work in the database.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ALWAYS_EAGER = TESTING
CELERY_BEAT_SCHEDULER = "sajad_portal.timetable:Timetable"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}} for task, seconds in SWEEPS.items()
}

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "sajad_portal.lib.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Its own handlers, and those of django.server below it, know nothing of what no line may name.
        "django": {"handlers": [], "level": "INFO"},
        # Each step of each letter is theirs to know.
        **{name: {"level": "WARNING"} for name in ("weasyprint", "fontTools")},
    },
}
