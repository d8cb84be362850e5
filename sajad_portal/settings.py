"""Settings, read from the environment (or a .env file). `.env.example` explains every key.

Two modes. *Embedded* (DEMO=1, what `make serve` uses): SQLite, a file-system doorbell for Celery,
mail to a file, demo people. *Production* (neither DEBUG nor DEMO, and PRODUCTION=1 on every host, as in deploy/):
refuses to start without what it needs, or with what only a demo or a test may have.
"""

from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib import bundles

from .environment import BASE_DIR, DEBUG, DEMO, PRODUCTION, TESTING, VAR_DIR, env, refused
from .environment import PROCESS as PROCESS
from .environment import TEST_CLOCK_OFFSET as TEST_CLOCK_OFFSET

SECRET_KEY = env.secret("SECRET_KEY", "it signs sessions and links")
# Earlier ones: what they signed is good until they are taken away.
SECRET_KEY_FALLBACKS = env.listed("SECRET_KEY_FALLBACKS")
# Encrypts national codes and keys their look-up hash. Changed by `manage.py rotatefieldkey` only.
FIELD_KEY = env.secret("FIELD_KEY", "it encrypts national codes")
# What is stored under these is read and found too.
FIELD_KEY_FALLBACKS = env.listed("FIELD_KEY_FALLBACKS")
if PRODUCTION and SECRET_KEY == FIELD_KEY:
    raise refused("FIELD_KEY is the same as SECRET_KEY: whoever learns one has both.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if not PRODUCTION else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The address printed in letters, QR codes and mails.
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip("/")

# Django's own look-up pages, for whoever works on the code: they name tables, not what an office says.
ADMIN_PAGES = DEBUG or TESTING

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
    "allauth.mfa",
    "ninja",  # the files of the interface’s description
]

MIDDLEWARE = [
    "sajad_portal.watch.middleware.WatchMiddleware",
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
    "units.views.proving.ProofMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "sajad_portal.lib.refusals.RefusalMiddleware",
    "sajad_portal.middleware.PostedAddressMiddleware",
]

if not PRODUCTION:  # there nginx compresses
    MIDDLEWARE.insert(2, "sajad_portal.compression.CompressedPages")

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

from .servers import *  # noqa: E402,F403 database, Redis, Celery

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -------------------------------------------------------------------- people
AUTH_USER_MODEL = "units.Person"
from .accounts import *  # noqa: E402,F403 signing in and passwords

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
# A release brings its collected files and their list (tools/release.py); the files of several lie together in STATIC_ROOT.
_BROUGHT = BASE_DIR / "static-collected"
STATIC_LIST = _BROUGHT if _BROUGHT.is_dir() else STATIC_ROOT
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
if not PRODUCTION:  # there every name has a hash, and WhiteNoise knows it from the manifest
    WHITENOISE_IMMUTABLE_FILE_TEST = bundles.never_changes
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
vars().update(env.mail("EMAIL_URL"))
# A claim on a mail lasts minutes (units/actions/notices.py); a mail server gets seconds.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
SEAL_MAIL_TO = env.list("SEAL_MAIL_TO", default=[])
if DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

# Seconds for which a process keeps whose portal this is; another one hears of a change so much later.
ORGANISATION_KEPT = env.float("ORGANISATION_KEPT", default=20)


# ------------------------------------------------------------------ programs
# How many requests a minute one program may make of /api/v1/.
API_RATE = env.int("API_RATE", default=300)
if API_RATE < 1:
    raise refused("API_RATE is at least 1.")
# Seconds that a program's address has to answer what it is told, and networks that may be told though they are not public.
WEBHOOK_TIMEOUT = env.float("WEBHOOK_TIMEOUT", default=10)
try:
    WEBHOOK_NETWORKS = [ip_network(each) for each in env.list("WEBHOOK_NETWORKS", default=[])]
except ValueError as error:
    raise refused("WEBHOOK_NETWORKS is a list of networks such as 10.20.0.0/16.") from error
# A file of certificates of an authority of the organisation's own; empty: those that the system trusts.
WEBHOOK_CA = env("WEBHOOK_CA", default="")


# ------------------------------------------------------------------ calendar
def _whole_numbers(key: str, default: list[int]) -> list[int]:
    try:
        return env.list(key, cast=int, default=default)
    except ValueError as error:
        raise refused(f"{key} is not a list of whole numbers.") from error


# Python's weekday numbers: Monday 0 … Thursday 3, Friday 4.
WEEKEND_DAYS = _whole_numbers("WEEKEND_DAYS", [3, 4])
if not set(WEEKEND_DAYS) < set(range(7)):
    raise refused("WEEKEND_DAYS names days from 0 (Monday) to 6 (Sunday), and leaves one to work on.")
# From and to, whole hours in Tehran: what working time of a service clock is counted in.
WORKING_HOURS = _whole_numbers("WORKING_HOURS", [8, 16])
if len(WORKING_HOURS) != 2 or not 0 <= WORKING_HOURS[0] < WORKING_HOURS[1] <= 24:
    raise refused("WORKING_HOURS is a first and a last hour from 0 to 24, such as 8,16.")

# --------------------------------------------------------------------- money
# Which bank takes the fees: "" (none: what costs a fee cannot be published), "simulator" or "sadad".
PAYMENT_GATEWAY = env("PAYMENT_GATEWAY", default="simulator" if DEMO or DEBUG or TESTING else "")
if PAYMENT_GATEWAY not in ("", "simulator", "sadad"):
    raise refused("PAYMENT_GATEWAY names no gateway of ours.")
if PRODUCTION and PAYMENT_GATEWAY == "simulator" and not env.bool("PAYMENT_ALLOW_SIMULATOR", default=False):
    raise refused(
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
            raise refused(f"BANK_{key} is not set, and PAYMENT_GATEWAY is sadad.")
if BANK_URL:
    # Chrome holds a redirect after a form to this directive too: paying begins with a form of ours.
    _bank = urlsplit(BANK_URL)
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(f"{_bank.scheme}://{_bank.netloc}")

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

from .keeping import *  # noqa: E402,F403 how long what passes is kept
from .watching import *  # noqa: E402,F403 logs, health, figures, error reports
