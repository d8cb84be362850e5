"""A production start refuses what only a demo or a test may have; `.env.example` explains every key."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

SOUND = {
    "PRODUCTION": "1",
    "READ_DOT_ENV": "0",
    "SECRET_KEY": "a-key-of-this-test-only-and-long-enough-0123456789",
    "FIELD_KEY": "another-key-of-this-test-only-and-long-enough-01234",
    "ALLOWED_HOSTS": "portal.example",
    "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
}


def start(tmp_path, **changes: str | None) -> str:
    """What the settings say when they are read with `SOUND` and these changes; empty when they are content."""
    environment = {**SOUND, **changes, "VAR_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
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
    ],
    ids=lambda changes: "+".join(changes),
)
def test_a_production_start_refuses_and_names_the_key(tmp_path, changes):
    refusal = start(tmp_path, **changes)

    assert refusal.startswith("django.core.exceptions.ImproperlyConfigured")
    assert next(iter(changes)) in refusal


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
    source = (settings.BASE_DIR / "sajad_portal" / "settings.py").read_text()
    read = set(re.findall(r"(?:env|_secret|_whole_numbers)(?:\.\w+)?\(\s*[\"']([A-Z_]+)[\"']", source))
    explained = set(re.findall(r"^#?([A-Z_]+)=", (settings.BASE_DIR / ".env.example").read_text(), re.MULTILINE))

    assert read - explained == set()
    assert explained - read == {"HOST"}  # read by `manage.py serve` alone
