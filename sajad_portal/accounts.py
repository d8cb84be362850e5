"""Settings of signing in and of passwords. Imported by settings.py."""

from datetime import timedelta

from .environment import PRODUCTION, env, refused

# How long a link that sets a password works, in one place: an invitation, and a reset for a password that is in use. Mails and
# pages say it.
INVITATION_LIFETIME = timedelta(days=env.int("INVITATION_DAYS", default=3))
RESET_LIFETIME = timedelta(minutes=env.int("RESET_MINUTES", default=30))
# The bound that Django's tokens have by themselves; units/notices/links.py looks closer.
PASSWORD_RESET_TIMEOUT = int(max(INVITATION_LIFETIME, RESET_LIFETIME).total_seconds())
# How long after its last sign-in a browser is still known, so that the tries of strangers do not keep it out.
KNOWN_DEVICE_AGE = timedelta(days=env.int("KNOWN_DEVICE_DAYS", default=180))

# allauth carries a sign-in from the right password on (docs/adr/0016). The rest of it stays shut: no sign-up, no addresses and
# no mails of its own, and tries are counted by units/actions/throttle.py.
ACCOUNT_ADAPTER = "units.backends.PortalAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False

# Second factors (docs/adr/0025): codes of an app, security keys, recovery codes. What is stored of them is encrypted under FIELD_KEY.
MFA_ADAPTER = "units.backends.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A browser takes a security key over HTTPS, and from localhost, where the embedded start is.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

AUTH_PASSWORD_VALIDATORS: list[dict] = [
    {"NAME": "sajad_portal.lib.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "sajad_portal.lib.passwords.NoNames"},
    {"NAME": "sajad_portal.lib.passwords.NotCommon"},
    {"NAME": "sajad_portal.lib.passwords.NotOnlyDigits"},
]
# What people call the portal and the organisation: no password is made of these words.
PORTAL_NAMES = env.list(
    "PORTAL_NAMES",
    default=["sajad", "سجاد", "saorg", "سازمان امور دانشجویان", "Organization of Student Affairs"],
)

LOGIN_URL = "units:sign_in"
LOGIN_REDIRECT_URL = "reports:desk"
LOGOUT_REDIRECT_URL = "units:sign_in"
SESSION_ENGINE = "units.actions.session_store"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
# How long a session outlasts that nobody does anything; 0: as long as SESSION_HOURS. Pages that ask by themselves do nothing.
SESSION_IDLE = timedelta(minutes=env.int("SESSION_IDLE_MINUTES", default=60))
if SESSION_COOKIE_AGE <= 0 or timedelta() > SESSION_IDLE:
    raise refused("SESSION_HOURS is at least 1, and SESSION_IDLE_MINUTES 0 or more.")
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "units.views.account.csrf_failure"
