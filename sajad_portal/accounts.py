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

# Single sign-on by OpenID Connect (docs/adr/0026); off without an issuer.
OIDC_ISSUER = env("OIDC_ISSUER", default="").rstrip("/")
OIDC_CLIENT_ID = env("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env("OIDC_CLIENT_SECRET", default="")
OIDC_SCOPES = env("OIDC_SCOPES", default="openid profile")
# What the button says, in both languages.
OIDC_DOOR = env("OIDC_DOOR", default="ورود با پنجرهٔ واحد")
OIDC_DOOR_EN = env("OIDC_DOOR_EN", default="Sign in with the single window")
# The claim that holds the national code, by which a person is found.
OIDC_CODE_CLAIM = env("OIDC_CODE_CLAIM", default="national_code")
# Values of `acr` or `amr` that stand for a second factor of the provider's; empty: the portal asks for its own.
OIDC_FACTORS = env.list("OIDC_FACTORS", default=[])
OIDC_TIMEOUT = env.float("OIDC_TIMEOUT", default=5)
# Whether names and passwords are taken beside it.
PASSWORD_DOOR = env.bool("PASSWORD_DOOR", default=True)
if OIDC_ISSUER:
    if not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
        raise refused("OIDC_ISSUER is set, and OIDC_CLIENT_ID or OIDC_CLIENT_SECRET is not.")
    if PRODUCTION and not OIDC_ISSUER.startswith("https://"):
        raise refused("OIDC_ISSUER begins with https://.")
elif not PASSWORD_DOOR:
    raise refused("PASSWORD_DOOR is 0 and OIDC_ISSUER is not set: nobody could sign in.")

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
