"""`manage.py check --deploy`: tries what the portal stands on. Each fault is one sentence that says what to do."""

import difflib
import os
import time
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.mail import get_connection
from django.db import DatabaseError, InterfaceError

from units.queries.field_keys import wrong_field_key

from .environment import known_keys
from .lib.clock import database_now
from .watch import readiness
from .watch.brief import brief_database, brief_redis

SERVERS = "servers"  # asks them; `--tag security --tag settings` does not
SETTINGS = "settings"
MOST_SKEW = 2.0  # seconds between the clocks of two hosts
MAIL_PATIENCE = 10


@register(SETTINGS, deploy=True)
def keys_that_nobody_reads(**_said: Any) -> list:
    """A line of the environment that looks like a key of ours and is none."""
    known, found = known_keys(), []
    for key in os.environ:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.84) if key not in known else []
        if near:
            found.append(Warning(f"{key} is read by nobody: did you mean {near[0]}?", id="portal.W001"))
    return found


@register(SETTINGS, deploy=True)
def settings_that_fit_together(**_said: Any) -> list:
    found: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS is *: name the hosts that people type.", id="portal.E001"))
    host = settings.SITE_URL.partition("://")[2].partition(":")[0]
    if not {"*", host} & set(settings.ALLOWED_HOSTS):
        found.append(Error(f"ALLOWED_HOSTS lacks {host}, the host of SITE_URL.", id="portal.E002"))
    if not settings.SITE_URL.startswith("https://"):
        found.append(Error("SITE_URL is not https: links in mails and letters would lead to http.", id="portal.E003"))
    if settings.SQLITE:
        found.append(Error("DATABASE_URL names SQLite: a production portal stands on PostgreSQL.", id="portal.E004"))
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        found.append(Error("MAIL_FROM is not set: mail servers refuse mails from localhost.", id="portal.E005"))
    if settings.TRUSTED_PROXIES < 1:
        found.append(
            Warning("TRUSTED_PROXIES is 0: behind nginx all people would share its address.", id="portal.W002")
        )
    return found


@register(SERVERS, deploy=True)
def database_answers(**_said: Any) -> list:
    """The database, its clock, and the key of what is stored in it."""
    found = []
    try:
        with brief_database():
            if said := readiness.database():
                return [Error(said, hint="See DATABASE_URL.", id="portal.E010")]
            skew = time.time() - database_now().timestamp()  # how far our own clock is from the one that counts
            if abs(skew) > MOST_SKEW:
                said = f"The clocks of this host and of the database differ by {abs(skew):.1f} s: let both follow one time server."
                found.append(Error(said, id="portal.E011"))
            if not readiness.migrations() and (said := wrong_field_key()):
                found.append(Error(said, id="portal.E012"))
    except (DatabaseError, InterfaceError) as error:
        said = str(error).strip().partition("\n")[0].rstrip(".")
        return [Error(f"The database does not answer: {said}.", hint="See DATABASE_URL.", id="portal.E010")]
    return found


@register(SERVERS, deploy=True)
def redis_answers(**_said: Any) -> list:
    if said := readiness.broker():
        return [Error(said, hint="See REDIS_URL.", id="portal.E020")]
    client = brief_redis()
    if client is None:
        return [Error("The broker is a folder: only processes of this host would hear each other.", id="portal.E021")]
    told, _micro = client.time()
    client.close()
    skew = time.time() - told
    if abs(skew) > MOST_SKEW + 1:  # whole seconds
        return [Error(f"The clocks of this host and of Redis differ by {abs(skew):.0f} s.", id="portal.E022")]
    return []


@register(SERVERS, deploy=True)
def files_can_be_stored(**_said: Any) -> list:
    said = readiness.media()
    return [Error(said, hint="Every web host sees the same folder.", id="portal.E030")] if said else []


@register(SERVERS, deploy=True)
def mail_server_answers(**_said: Any) -> list:
    """Signs in, sends nothing."""
    server = get_connection()
    if hasattr(server, "timeout"):
        server.timeout = min(MAIL_PATIENCE, settings.EMAIL_TIMEOUT)
    try:
        server.open()
        server.close()
    except Exception as error:  # sockets, certificates, SMTP: whatever it is, no mail will leave
        said = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        return [Error(f"The mail server does not take us: {said}.", hint="See EMAIL_URL.", id="portal.E040")]
    return []
