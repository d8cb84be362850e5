"""Lines of the log: each record begins one, nothing that somebody typed begins another, and none opens a door."""

import copy
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from .national_code import clean_national_code, valid_national_code

# What is being done while something is logged: a request (its id, who asks, from where), or a task.
_doing: ContextVar[dict[str, Any] | None] = ContextVar("doing", default=None)

# Control characters, what other programs take for the end of a line, what turns the direction of text around, and halves
# of surrogate pairs, which no file takes.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


_END = r"[^\s\"'<>]"


def _coded(text: str) -> str:
    """A pattern for the text in an address, each sign as itself or as `%70`."""
    return "".join(f"(?:{re.escape(sign)}|%{ord(sign):02x})" for sign in text)


# What lies below these addresses, or in their queries, opens an account, or shows a report or a letter.
_OPENING = re.compile(
    rf"({_coded('/password/')}|{_coded('/verify/')}|(?:{_coded('/track')}|{_coded('/verify')})(?:{_coded('/')})?(?:\?|%3f)){_END}+",
    re.IGNORECASE,
)

# Ten digits that stand alone, of any keyboard or as an address carries them; or three, six and one, as some write a code.
_DIGIT, _BETWEEN = r"(?:\d|%DB%B\d|%D9%A\d)", r"(?:[-\s+]|%20|%2D)"
_TEN_DIGITS = re.compile(
    rf"(?<![\w%])(?<!\d\.)(?:{_DIGIT}{{10}}|{_DIGIT}{{3}}{_BETWEEN}{_DIGIT}{{6}}{_BETWEEN}{_DIGIT})(?![\w%])(?!\.\d)",
    re.IGNORECASE,
)


def discreet(text: str) -> str:
    """The text without what opens something for whoever reads it: paths below /password/ and /verify/, queries of /track/ and
    /verify/; also where such an address is the referrer or stands in another address. And without national codes.
    """
    return _TEN_DIGITS.sub(_hidden, _OPENING.sub(r"\1…", text))


def _hidden(found: re.Match[str]) -> str:
    return "…" if valid_national_code(clean_national_code(unquote_plus(found[0]))) else found[0]


def visible(text: str) -> str:
    """The text in one line, with what cannot be seen written as Python writes it: `\\n`, `\\x1b`, `\\u202e`."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class LineFormatter(logging.Formatter):
    """A record as one line, its instant with the offset from UTC. Below it, indented, where an error came from."""

    def format(self, record: logging.LogRecord) -> str:
        # Another handler may have left its own text of the error in the record.
        bare = copy.copy(record)
        bare.exc_info = bare.exc_text = bare.stack_info = None
        more = [self.formatException(record.exc_info)] if record.exc_info else []
        more += [record.stack_info] if record.stack_info else []
        below = [f"    {visible(discreet(line))}" for text in more for line in text.split("\n")]
        return "\n".join([visible(discreet(super().format(bare))), *below])

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


@contextmanager
def doing(**what: Any) -> Iterator[dict[str, Any]]:
    """Every line of this thread says so inside. What is put into the dictionary later is said from then on."""
    token = _doing.set(what)
    try:
        yield what
    finally:
        _doing.reset(token)


def being_said() -> dict[str, Any]:
    """What is being done, as it stands now; what is worked out when somebody asks (a function) is."""
    return {key: value() if callable(value) else value for key, value in (_doing.get() or {}).items()}


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON, whatever wrote it, its instant in UTC. `said` of a record (`extra=`) stands beside."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **being_said(),
            **_of_request(record),
            **getattr(record, "said", {}),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        if record.stack_info:
            told["stack"] = record.stack_info
        return json.dumps({key: _clean(value) for key, value in told.items()}, ensure_ascii=False)


def _of_request(record: logging.LogRecord) -> dict[str, Any]:
    """Django's own last word on a request comes when it is no longer being done; the request knows what was said of it."""
    return getattr(getattr(record, "request", None), "META", {}).get("portal.said", {})


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = discreet(str(value))
    # A line break of an error is JSON's own \n; the rest is written as `visible` writes it.
    return "\n".join(visible(line) for line in text.split("\n"))


def formatter_of(form: str) -> logging.Formatter:
    """`json`, or `lines` for people."""
    return JsonFormatter() if form == "json" else LineFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
