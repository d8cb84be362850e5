"""A production start refuses what only a demo or a test may have; `.env.example` explains every key."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from sajad_portal import waits

SOUND = {
    "PRODUCTION": "1",
    "READ_DOT_ENV": "0",
    "SECRET_KEY": "a-key-of-this-test-only-and-long-enough-0123456789",
    "FIELD_KEY": "another-key-of-this-test-only-and-long-enough-01234",
    "ALLOWED_HOSTS": "portal.example",
    "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "SITE_URL": "https://portal.example",
}


def start(tmp_path, **changes: str | None) -> str:
    """What the settings say when they are read with `SOUND` and these changes; empty when they are content."""
    environment = {**SOUND, "VAR_DIR": str(tmp_path), **changes, "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", "import sajad_portal.settings"],
        cwd=settings.BASE_DIR,
        env={key: value for key, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
    )
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


def test_a_production_start_with_all_it_needs_is_content(tmp_path):
    assert start(tmp_path) == ""


@pytest.mark.long
@pytest.mark.parametrize(
    "changes",
    [
        {"SECRET_KEY": None},
        {"FIELD_KEY": None},
        {"ALLOWED_HOSTS": None},
        {"DEBUG": "1"},
        {"DEMO": "1"},
        {"TEST_CLOCK_OFFSET": "60"},
        {"TEST_CLOCK_OFFSET": "60", "PRODUCTION": None},
        {"PAYMENT_GATEWAY": "simulator"},
        {"PAYMENT_GATEWAY": "simulator", "PRODUCTION": None},
        {"PAYMENT_GATEWAY": "barter"},
        {"BANK_TERMINAL": None, "PAYMENT_GATEWAY": "sadad", "BANK_MERCHANT": "1", "BANK_SECRET": "1"},
        {"BANK_MERCHANT": None, "PAYMENT_GATEWAY": "sadad", "BANK_TERMINAL": "1", "BANK_SECRET": "1"},
        {"BANK_SECRET": None, "PAYMENT_GATEWAY": "sadad", "BANK_TERMINAL": "1", "BANK_MERCHANT": "1"},
        {"SECRET_KEY": None, "PRODUCTION": None},
        {"DATABASE_URL": None},
        {"DATABASE_URL": "nonsense"},
        {"DATABASE_URL": "mysql://portal@127.0.0.1/portal"},
        {"DATABASE_URL": "postgres://portal@127.0.0.1:port/portal"},
        {"DATABASE_URL": "postgres://portal@127.0.0.1"},
        {"MIGRATION_DATABASE_URL": "portal_owner"},
        {"REDIS_URL": None},
        {"REDIS_URL": "127.0.0.1:6379"},
        {"REDIS_URL": "redis://127.0.0.1:port/0"},
        {"EMAIL_URL": None},
        {"EMAIL_URL": "mail.example.ir"},
        {"EMAIL_URL": "smtp://mail.example.ir:port"},
        {"SITE_URL": None},
        {"SITE_URL": "portal.example.ir"},
        {"SECRET_KEY": "short"},
        {"FIELD_KEY": "y"},
        {"FIELD_KEY": "y" * 50},
        {"FIELD_KEY": SOUND["SECRET_KEY"]},
        {"DEBUG": "yse"},
        {"PREPARE_STATEMENTS": "perhaps"},
        {"CONN_MAX_AGE": "a minute"},
        {"REDIS_TIMEOUT": "half"},
        {"LOG_FORMAT": "xml"},
        {"LOG_LEVEL": "LOUD"},
        {"WATCH_ALLOWED": "everybody"},
        {"WATCH_TOKEN": "short"},
        {"SENTRY_DSN": "nonsense"},
        {"KEEP_NOTICES_DAYS": "30"},
        {"KEEP_EXPORTS_DAYS": "4000"},
        {"KEEP_CLAIMS_DAYS": "-1"},
        {"VAR_DIR": "/proc/nowhere"},
        {"SECRET_KEY_FILE": "/nonexistent", "SECRET_KEY": None},
        {"SECRET_KEY_FILE": "/etc/hostname"},
        {"ENV_FILE": "/nonexistent"},
    ],
    ids=lambda changes: "+".join(f"{key}={value}"[:40] for key, value in changes.items()),
)
def test_a_production_start_refuses_and_names_the_key(tmp_path, changes):
    refusal = start(tmp_path, **changes)

    assert refusal.startswith("django.core.exceptions.ImproperlyConfigured")
    assert next(iter(changes)) in refusal


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["-m", "celery", "--app", "sajad_portal", "worker"],
        ["-m", "celery", "--app", "sajad_portal", "beat"],
        [
            *("-m", "gunicorn", "--config", "python:sajad_portal.web_server"),
            *("--logger-class", "sajad_portal.web_log.WebLog", "sajad_portal.wsgi"),
        ],
        ["-c", "import sajad_portal.wsgi"],
    ],
    ids=["manage.py", "worker", "beat", "gunicorn", "wsgi"],
)
def test_each_process_says_it_in_one_line_without_the_secret_and_ends(tmp_path, command):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env={**SOUND, "DATABASE_URL": "hunter2", "VAR_DIR": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 3
    assert done.stderr == (
        "portal: DATABASE_URL is not of the form postgres://user:password@host:5432/database. See .env.example.\n"
    )


def read(tmp_path, name: str, **changes: str | None) -> str:
    """What a setting is, as text."""
    environment = {**SOUND, "VAR_DIR": str(tmp_path), "PATH": os.environ["PATH"], **changes}
    return subprocess.run(
        [sys.executable, "-c", f"from sajad_portal import settings; print(settings.{name})"],
        cwd=settings.BASE_DIR,
        env={key: value for key, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_the_look_up_pages_of_django_are_only_where_people_work_on_the_code(tmp_path):
    bare = {**dict.fromkeys(SOUND), "READ_DOT_ENV": "0"}
    modes = ({}, {**bare, "DEMO": "1"}, {**bare, "DEBUG": "1"})
    assert [read(tmp_path, "ADMIN_PAGES", **more) for more in modes] == ["False", "False", "True"]


def test_a_secret_may_stand_in_a_file(tmp_path):
    (tmp_path / "key").write_text("$a-key-in-a-file-that-begins-with-a-dollar-0123456789\n")

    key = read(tmp_path, "SECRET_KEY", SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "key"))

    assert key == "$a-key-in-a-file-that-begins-with-a-dollar-0123456789"


def test_so_may_the_address_of_the_database(tmp_path):
    (tmp_path / "url").write_text("postgres://portal:pass@10.1.1.1:5432/portal")

    host = read(tmp_path, "DATABASES['default']['HOST']", DATABASE_URL=None, DATABASE_URL_FILE=str(tmp_path / "url"))

    assert host == "10.1.1.1"


def test_earlier_keys_are_read_one_a_line_or_with_commas(tmp_path):
    (tmp_path / "keys").write_text("first\nsecond\n")

    assert read(tmp_path, "SECRET_KEY_FALLBACKS", SECRET_KEY_FALLBACKS="a,b") == "['a', 'b']"
    assert (
        read(tmp_path, "FIELD_KEY_FALLBACKS", FIELD_KEY_FALLBACKS_FILE=str(tmp_path / "keys")) == "['first', 'second']"
    )


def test_a_file_for_systemd_is_read_as_systemd_reads_it(tmp_path):
    """A shell stumbles over the brackets of an address."""
    (tmp_path / "portal.env").write_text(
        'MAIL_FROM=سامانه <portal@example.ir>\nSITE_URL="https://from.file"\n# a word\n'
    )
    changes = {"ENV_FILE": str(tmp_path / "portal.env"), "SITE_URL": None}

    assert read(tmp_path, "DEFAULT_FROM_EMAIL", **changes) == "سامانه <portal@example.ir>"
    assert read(tmp_path, "SITE_URL", **changes) == "https://from.file"


def test_an_empty_line_of_the_file_is_the_default(tmp_path):
    assert read(tmp_path, "TRUSTED_PROXIES", TRUSTED_PROXIES="") == "0"


@pytest.mark.parametrize(
    "changes",
    [
        {"WEEKEND_DAYS": "3,7"},
        {"WEEKEND_DAYS": "0,1,2,3,4,5,6"},
        {"WEEKEND_DAYS": "thursday"},
        {"WORKING_HOURS": "8"},
        {"WORKING_HOURS": "16,8"},
        {"WORKING_HOURS": "8,25"},
        {"WORKING_HOURS": "8:30,16"},
    ],
    ids=lambda changes: "+".join(f"{key}={value}" for key, value in changes.items()),
)
def test_a_working_calendar_that_cannot_be_is_refused_at_the_start(tmp_path, changes):
    refusal = start(tmp_path, **changes)

    assert refusal.startswith("django.core.exceptions.ImproperlyConfigured")
    assert next(iter(changes)) in refusal


def test_a_round_the_clock_service_without_a_weekend_is_a_calendar_too(tmp_path):
    assert start(tmp_path, WEEKEND_DAYS="", WORKING_HOURS="0,24") == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"PAYMENT_GATEWAY": "simulator", "PAYMENT_ALLOW_SIMULATOR": "1"},
        {"PAYMENT_GATEWAY": "sadad", "BANK_TERMINAL": "1", "BANK_MERCHANT": "1", "BANK_SECRET": "1"},
    ],
    ids=lambda changes: changes["PAYMENT_GATEWAY"],
)
def test_a_production_start_takes_a_bank_that_is_fully_named(tmp_path, changes):
    assert start(tmp_path, **changes) == ""


def test_the_example_explains_every_key_that_the_settings_read():
    modules = ("settings.py", "waits.py", "accounts.py", "environment.py", "servers.py", "watching.py", "keeping.py")
    source = "".join((settings.BASE_DIR / "sajad_portal" / name).read_text() for name in modules)
    read = set(re.findall(r"(?:env|_secret|_whole_numbers|_days)(?:\.\w+)?\(\s*[\"']([A-Z_]+)[\"']", source))
    explained = set(re.findall(r"^#?([A-Z_]+)=", (settings.BASE_DIR / ".env.example").read_text(), re.MULTILINE))

    read |= {f"{key}{suffix}" for key in waits.BOUNDS for suffix in ("", "_WORKER", "_COMMAND")}

    assert read - explained == set()
    assert explained - read == {"HOST"}  # read by `manage.py serve` alone


# ------------------------------------------------------------------------------------ how long it may wait
def options_of(tmp_path, argv: str, name: str = "DATABASES['default']['OPTIONS']", **changes: str) -> dict:
    """The options of the database connection, or another setting, of a process that was started as `argv`."""
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import json, sys; sys.argv = [{argv!r}]; from sajad_portal import settings;"
            f" print(json.dumps(settings.{name}))",
        ],
        cwd=settings.BASE_DIR,
        env={**SOUND, **changes, "VAR_DIR": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(told.stdout)


def timeouts_of(tmp_path, argv: str, **changes: str) -> dict[str, str]:
    said = options_of(tmp_path, argv, **changes)["options"]
    return {key: value for key, value in re.findall(r"-c (\w+)=(\S+)", said) if key.endswith("_timeout")}


@pytest.mark.parametrize(
    ("argv", "lock", "statement", "idle"),
    [
        ("/opt/portal/.venv/bin/gunicorn", "5s", "30s", "30s"),
        ("/opt/portal/.venv/lib/python3.11/site-packages/gunicorn/__main__.py", "5s", "30s", "30s"),
        ("/opt/portal/.venv/lib/python3.11/site-packages/celery/__main__.py", "15s", "600s", "60s"),
        ("/opt/portal/.venv/bin/celery", "15s", "600s", "60s"),
        ("manage.py", "60s", "0s", "0s"),
    ],
)
def test_every_wait_for_the_database_is_bounded_and_what_is_started_by_hand_takes_its_time(
    tmp_path, argv, lock, statement, idle
):
    bounds = {"lock_timeout": lock, "statement_timeout": statement, "idle_in_transaction_session_timeout": idle}

    assert timeouts_of(tmp_path, argv) == bounds


def test_each_kind_of_process_has_bounds_of_its_own(tmp_path):
    changes = {"DB_STATEMENT_TIMEOUT": "9", "DB_STATEMENT_TIMEOUT_WORKER": "99", "DB_CONNECT_TIMEOUT": "3"}

    assert timeouts_of(tmp_path, "gunicorn", **changes)["statement_timeout"] == "9s"
    assert timeouts_of(tmp_path, "bin/celery", **changes)["statement_timeout"] == "99s"
    assert options_of(tmp_path, "gunicorn", **changes)["connect_timeout"] == 3


def test_what_the_address_of_the_database_says_is_heard_last(tmp_path):
    address = SOUND["DATABASE_URL"] + "?options=-c%20lock_timeout=1s&keepalives_idle=5"

    assert timeouts_of(tmp_path, "gunicorn", DATABASE_URL=address)["lock_timeout"] == "1s"
    assert int(options_of(tmp_path, "gunicorn", DATABASE_URL=address)["keepalives_idle"]) == 5


def test_a_page_rings_the_doorbell_once_and_a_worker_listens_for_as_long_as_it_takes(tmp_path):
    redis = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    page = options_of(tmp_path, "gunicorn", "CELERY_BROKER_TRANSPORT_OPTIONS", **redis)
    worker = options_of(tmp_path, "bin/celery", "CELERY_BROKER_TRANSPORT_OPTIONS", **redis)

    assert (page["max_retries"], page["socket_timeout"]) == (0, 1.0)
    assert "max_retries" not in worker
    assert worker["socket_timeout"] > 1, "it asks Redis to answer after a second at the latest"
