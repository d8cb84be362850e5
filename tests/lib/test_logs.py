"""What stands in the log, through the handler that the settings configure."""

import io
import logging
import os
import re
import subprocess
import sys

import pytest
from django.db import DataError
from django.test import RequestFactory

from sajad_portal.lib.logs import LineFormatter
from sajad_portal.lib.refusals import RefusalMiddleware

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"


def console_of_the_settings() -> logging.StreamHandler:
    [console] = [handler for handler in logging.getLogger().handlers if isinstance(handler.formatter, LineFormatter)]
    return console


@pytest.fixture
def written():
    """Gives what the console got so far, line by line."""
    console = console_of_the_settings()
    text = io.StringIO()
    before = console.setStream(text)
    yield lambda: text.getvalue().split("\n")[:-1]
    console.setStream(before)


@pytest.mark.django_db
def test_an_address_with_a_line_break_in_it_begins_no_line(written):
    request = RequestFactory().get("/payments/return/x%00%0aFAKELINE%e2%80%a8%1b[2J/")
    RefusalMiddleware(lambda _request: None).process_exception(request, DataError("NUL (0x00)"))
    [line] = written()
    assert re.fullmatch(
        rf"{STAMP} WARNING sajad_portal.lib.refusals Refused /payments/return/x\\x00\\nFAKELINE\\u2028\\x1b\[2J/: DataError",
        line,
    )


def test_the_text_of_an_error_begins_no_line_either(written):
    try:
        raise ValueError("typed\n2026-01-01T00:00:00.000+00:00 INFO units forged\r\x1b[1A")
    except ValueError:
        logging.getLogger("units").exception("Broken over %s", "a\u202eb")
    first, *below = written()
    assert first.endswith(" ERROR units Broken over a\\u202eb")
    assert {line[:4] for line in below} == {"    "}
    assert below[-1] == "    2026-01-01T00:00:00.000+00:00 INFO units forged\\r\\x1b[1A"


def test_persian_is_written_as_it_is(written):
    logging.getLogger("units").warning("نیم‌سال %s", "۱۴۰۵")
    assert [line.partition("units ")[2] for line in written()] == ["نیم‌سال ۱۴۰۵"]


def test_half_a_surrogate_pair_costs_no_line(written):
    # To the console alone: what the test runner catches of a log travels between its processes, and this cannot.
    console_of_the_settings().handle(logging.makeLogRecord({"name": "units", "levelname": "WARNING", "msg": "x\udc80"}))
    assert [line.partition("units ")[2] for line in written()] == ["x\\udc80"]


def test_workers_write_such_lines_too(tmp_path):
    code = (
        "import django; django.setup(); from sajad_portal.celery import app; app.log.setup('WARNING'); "
        "import logging; log = logging.getLogger('celery.worker'); log.info('unasked'); log.warning('a\\nb')"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "sajad_portal.settings", "READ_DOT_ENV": "0", "DEMO": "1"}
    environment |= {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert re.fullmatch(rf"{STAMP} WARNING celery.worker a\\nb\n", done.stderr)
