"""What stands in the log, through the handler that the settings configure."""

import io
import json
import logging
import os
import re
import subprocess
import sys

import pytest
from django.db import DataError
from django.test import RequestFactory

from sajad_portal.lib.logs import LineFormatter, doing, formatter_of
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


# -------------------------------------------------------------------------------- what would open something
@pytest.mark.parametrize(
    ("line", "logged"),
    [
        ('"GET /password/MzM5/diushj-75ed/ HTTP/1.1" 302', '"GET /password/… HTTP/1.1" 302'),
        ('"GET /password/MzM5/set/?a=b HTTP/1.1"', '"GET /password/… HTTP/1.1"'),
        ('"GET /%70assword%2fMzM5/diushj HTTP/1.1"', '"GET /%70assword%2f… HTTP/1.1"'),
        ('"GET /track/?code=1405Q2-C03Y HTTP/1.1" 200', '"GET /track/?… HTTP/1.1" 200'),
        ('"GET /verify/?code=ABC HTTP/1.1"', '"GET /verify/… HTTP/1.1"'),
        ('"GET /verify/ABC/ HTTP/1.1"', '"GET /verify/… HTTP/1.1"'),
        (
            '"GET / HTTP/1.1" 200 "https://portal/password/MzM5/x-y/"',
            '"GET / HTTP/1.1" 200 "https://portal/password/…"',
        ),
        ('"GET /sign-in/?next=/track/%3Fcode%3D14 HTTP/1.1"', '"GET /sign-in/?next=/track/%3F… HTTP/1.1"'),
        ("Gone: /password/MzM5/diushj-75ed/", "Gone: /password/…"),
        ('"POST /password/ HTTP/1.1" 302', '"POST /password/ HTTP/1.1" 302'),
        ('"GET /calls/7/?track=1 HTTP/1.1"', '"GET /calls/7/?track=1 HTTP/1.1"'),
        # A national code, by its control digit.
        ("of 0012345679.", "of …."),
        ("of ۰۰۱۲۳۴۵۶۷۹", "of …"),
        ('"GET /people/?q=001-234567-9&page=2"', '"GET /people/?q=…&page=2"'),
        ("q=%DB%B0%DB%B0%DB%B1%DB%B2%DB%B3%DB%B4%DB%B5%DB%B6%DB%B7%DB%B9", "q=…"),
        ("of 0012345678, at 1764567890.123", "of 0012345678, at 1764567890.123"),
    ],
)
def test_a_line_names_no_link_and_no_code(line, logged, written):
    logging.getLogger("django.server").info("%s", line)

    assert written()[-1].endswith(f" {logged}")


def test_nor_does_the_story_of_an_error(written):
    try:
        raise ValueError("no such page: /password/MzM5/diushj-75ed/")
    except ValueError:
        logging.getLogger("x").exception("at %s", "/password/MzM5/diushj-75ed/")

    assert "diushj" not in "\n".join(written())


@pytest.mark.django_db
def test_a_link_that_does_not_work_any_more_is_told_without_its_token(written, client):
    client.get("/password/MzM5/diushj-75ed/")

    assert [line for line in written() if "/password/…" in line]
    assert [line for line in written() if "diushj" in line] == []


def test_as_json_a_record_is_one_line_on_utc_with_what_is_being_done():
    formatter = formatter_of("json")
    try:
        raise ValueError("at /password/MzM5/diushj-75ed/\nof 0012345679")
    except ValueError:
        record = logging.makeLogRecord(
            {"name": "units", "levelname": "ERROR", "msg": "a\u202e%s", "args": ("b\n",), "exc_info": sys.exc_info(), "created": 0.25}
        )  # fmt: skip
    with doing(request="r-1", person=lambda: 7):
        line = formatter.format(record)
    told = json.loads(line)

    assert "\n" not in line
    assert told.pop("error").endswith("ValueError: at /password/…\nof …")
    assert told == {
        "at": "1970-01-01T00:00:00.250Z", "level": "ERROR", "logger": "units", "message": "a\\u202eb\n", "request": "r-1",
        "person": 7,
    }  # fmt: skip
    assert "request" not in json.loads(formatter.format(logging.makeLogRecord({"msg": "x"})))


def test_gunicorn_writes_its_lines_the_same_way(tmp_path):
    from gunicorn.config import Config

    from sajad_portal.web_log import WebLog

    config = Config()
    config.set("accesslog", str(tmp_path / "access"))
    config.set("errorlog", str(tmp_path / "error"))
    log = WebLog(config)
    log.access_log.info('"GET /password/MzM5/diushj-75ed/ HTTP/1.1" 302 "\x1b"')
    log.error("Error handling request %s", "/track/?code=1405Q2-C03Y")

    assert (tmp_path / "access").read_text() == '"GET /password/… HTTP/1.1" 302 "\\x1b"\n'
    assert (tmp_path / "error").read_text().endswith("Error handling request /track/?…\n")
