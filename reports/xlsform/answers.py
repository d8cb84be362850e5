"""Answers on their way in (as typed → canonical) and out (canonical → for a reader)."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from sajad_portal.lib.clock import TEHRAN
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import format_date, format_datetime, parse_date, parse_datetime
from sajad_portal.lib.numbers import format_number, local_digits, parse_number, parse_whole, persian_digits, plain
from sajad_portal.lib.text import latin_digits, normalise

from .definition import FormDefinition, Question
from .values import number

MAX_TEXT = 4000
_ISO_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_ISO_DATETIME = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", re.ASCII)
_REFERENCE = re.compile(r"\$\{\s*([^}\s]+)\s*\}")
_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$", re.ASCII)
_YES = {"ok", "on", "true", "yes", "1"}


def clean_answer(question: Question, raw: str | Iterable[str] | None) -> str:
    """The canonical answer; "" for none. `raw` is text as typed, or the chosen names of a select_multiple.

    Dates are typed Jalali; Gregorian ISO is read too (years from 1900 to 2150), which is how the API gives them.
    Raises Refused with the sentence for the field. Does not check the form's constraints: the engine does.
    """
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raw = " ".join(str(part) for part in raw)
    cleaned = _CLEANERS.get(question.type, _clean_text)(question, raw) if normalise(raw) else ""
    return cleaned


def _clean_text(question: Question, raw: str) -> str:
    text = normalise(raw)
    if len(text) > MAX_TEXT:
        raise Refused(
            _("The text has %(count)s characters; at most %(most)s are kept. Shorten it.")
            % {"count": local_digits(len(text)), "most": local_digits(MAX_TEXT)},
            code="too-long",
        )
    if "numbers" in question.appearance.split():
        text = latin_digits(text)
    return text


def _clean_integer(question: Question, raw: str) -> str:
    return str(parse_whole(raw))


def _clean_decimal(question: Question, raw: str) -> str:
    return plain(parse_number(raw))


def _clean_date(question: Question, raw: str) -> str:
    text = latin_digits(normalise(raw))
    if _ISO_DATE.match(text) and 1900 <= int(text[:4]) <= 2150:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise Refused(
                _("There is no such day. Write the date as year/month/day, such as 1405/09/04."), code="not-a-date"
            ) from None
    return parse_date(text).isoformat()


def _clean_datetime(question: Question, raw: str) -> str:
    text = latin_digits(normalise(raw))
    if _ISO_DATETIME.match(text) and 1900 <= int(text[:4]) <= 2150:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Refused(_("Write the date and time as 1405/09/04 14:30."), code="not-a-date") from None
        moment = moment.replace(tzinfo=TEHRAN) if moment.tzinfo is None else moment.astimezone(TEHRAN)
    else:
        moment = parse_datetime(text)
    return moment.isoformat(timespec="seconds")


def _clean_time(question: Question, raw: str) -> str:
    found = _TIME.match(latin_digits(normalise(raw)))
    if not found or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise Refused(_("Write the time as hour:minute, such as 14:30."), code="not-a-time")
    return time(int(found[1]), int(found[2]), int(found[3] or 0)).isoformat()


def _clean_one(question: Question, raw: str) -> str:
    name = raw.strip()
    if name not in {choice.name for choice in question.choices}:
        raise Refused(_("Choose one of the answers offered."), code="not-a-choice")
    return name


def _clean_many(question: Question, raw: str) -> str:
    chosen = set(raw.split())
    names = [choice.name for choice in question.choices]
    if chosen - set(names):
        raise Refused(_("Choose from the answers offered."), code="not-a-choice")
    return " ".join(dict.fromkeys(name for name in names if name in chosen))


def _clean_range(question: Question, raw: str) -> str:
    return plain(parse_number(raw))


def _clean_acknowledge(question: Question, raw: str) -> str:
    return "OK" if raw.strip().lower() in _YES else ""


def _clean_file(question: Question, raw: str) -> str:
    return raw.strip()


_CLEANERS = {
    "integer": _clean_integer,
    "decimal": _clean_decimal,
    "range": _clean_range,
    "date": _clean_date,
    "datetime": _clean_datetime,
    "time": _clean_time,
    "select_one": _clean_one,
    "select_multiple": _clean_many,
    "acknowledge": _clean_acknowledge,
    "file": _clean_file,
}


def with_answers(text: str, definition: FormDefinition, values: Mapping[str, str], language: str = "fa") -> str:
    """A label or message whose `${name}` give way to the answers, for a reader; unknown names stay as they are."""

    def answer(found: re.Match) -> str:
        question = definition.question(found[1])
        return display_answer(question, values.get(question.name, ""), language) if question else found[0]

    return _REFERENCE.sub(answer, text) if "${" in text else text


def display_answer(question: Question, value: str, language: str = "fa") -> str:
    """The answer for a reader: Persian digits, Jalali dates, the labels of choices. An em dash for none."""
    if value is None or value == "":
        return "—"
    if question.type == "calculate" and value in ("true", "false"):
        return _("Yes") if value == "true" else _("No")
    if question.type in ("integer", "decimal", "range", "calculate"):
        found = number(value)
        if found.is_finite() and not _ISO_DATE.match(value):
            return format_number(found, language=language)
        return value
    if question.type == "date" and _ISO_DATE.match(value):
        return format_date(date.fromisoformat(value), "long", language)
    if question.type == "datetime" and _ISO_DATETIME.match(value):
        return format_datetime(datetime.fromisoformat(value), "long", language)
    if question.type == "time":
        return persian_digits(value[:5]) if language == "fa" else value[:5]
    if question.type in ("select_one", "select_multiple"):
        labels = {choice.name: choice.label_in(language) for choice in question.choices}
        comma = "، " if language == "fa" else ", "
        return comma.join(
            labels.get(name, name) for name in ([value] if question.type == "select_one" else value.split())
        )
    if question.type == "acknowledge":
        return _("Confirmed")
    return value
