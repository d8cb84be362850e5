"""The kinds of answers, and all that depends on the kind: how an answer is read, checked, shown, typed and explained.

A question type (`question_types.py`) has one of these; whoever reads, shows or exports an answer asks its kind and names no
type. A type whose answers are of a kind that is here needs nothing but its line in the table.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.clock import TEHRAN
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import (
    format_date,
    format_datetime,
    format_time,
    parse_date,
    parse_datetime,
)
from sajad_portal.lib.numbers import format_number, local_digits, parse_number, parse_whole, persian_digits, plain
from sajad_portal.lib.text import latin_digits, normalise

from .labels import Choice, chosen_labels
from .parts_of_dates import first_of, part_of_date, part_told
from .searching import searched_choice
from .shown import shown_text
from .values import NUMBER as NUMERAL
from .values import iso, parse_moment, parse_time, to_number

MAX_TEXT = 4000
FEW_CHOICES = 6  # more of them stand in a list that opens
MANY_CHOICES = 60  # and more than these are found by typing
_SEARCHED = re.compile(r"\b(autocomplete|search)\b(?!\s*\()")
_GREGORIAN = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}|$)", re.ASCII)
_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$", re.ASCII)
_YES = {"ok", "on", "true", "yes", "1"}


class Asked(Protocol):
    """What an answer depends on beside its text: a `Question`."""

    @property
    def appearance(self) -> str: ...
    @property
    def calculation(self) -> str: ...
    @property
    def choices(self) -> tuple[Choice, ...]: ...
    @property
    def choice_filter(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, str]: ...


# ------------------------------------------------------------------------------------------------- what is any text
def _clean_text(question: Asked, raw: str) -> str:
    text = normalise(raw)
    if len(text) > MAX_TEXT:
        raise Refused(
            _("The text has %(count)s characters; at most %(most)s are kept. Shorten it.")
            % {"count": local_digits(len(text)), "most": local_digits(MAX_TEXT)},
            code="too-long",
        )
    return latin_digits(text) if "numbers" in question.appearance.split() else text


def _never_wrong(question: Asked, value: str, offered: Sequence[Choice], language: str) -> str:
    return ""


def _as_it_stands(question: Asked, value: str, language: str) -> str:
    return value


def _always(control: str) -> Callable[[Asked, int], str]:
    return lambda question, offered: control


def _text_control(question: Asked, offered: int) -> str:
    return "lines" if "multiline" in question.appearance else "text"


def _show_text(question: Asked, value: str, language: str) -> str:
    """What a person wrote stays as it is; what the form made of dates and numbers is written as the portal writes them."""
    return shown_text(value, language) if question.calculation else value


# ---------------------------------------------------------------------------------------------------------- the kind
@dataclass(frozen=True)
class AnswerKind:
    """A kind of answer. Answers are canonical strings; "" is no answer and reaches none of these functions.

    `clean(question, raw)`: what was typed as it is stored, or Refused with the sentence for the field.
    `wrong(question, stored, choices offered now, language)`: why what is stored is no such answer, or "".
    `show(question, stored, language)` for a reader. `typed(question, stored, language)`: as a person would type it, so
    that `clean` reads the same back. None of the three raises, whatever is stored.
    `control(question, how many choices are offered)` of the entry page: number | text | lines | date | time | select | search |
    radios | checks | order | place | places | tick | file | note | output.
    """

    name: str
    given_by: str = "person"  # | "form" (calculated) | "nobody" (a note) | "" (of a type that is not known here)
    clean: Callable[[Asked, str], str] = _clean_text
    wrong: Callable[[Asked, str, Sequence[Choice], str], str] = _never_wrong
    show: Callable[[Asked, str, str], str] = _as_it_stands
    typed: Callable[[Asked, str, str], str] = _as_it_stands
    control: Callable[[Asked, int], str] = _text_control
    inputmode: str = "text"
    numeric: bool = False  # what indicators are made of, and a number in exports
    several: bool = False  # names with spaces between them
    note: Promise | str = ""  # what the codebook of an export says about its cells

    @property
    def is_input(self) -> bool:
        return self.given_by == "person"

    @property
    def is_calculated(self) -> bool:
        return self.given_by == "form"

    @property
    def has_answer(self) -> bool:
        return self.given_by != "nobody"

    @property
    def is_file(self) -> bool:
        return self.name == "file"


TEXT = AnswerKind("text", show=_show_text)


# ------------------------------------------------------------------------------------------------------------ numbers
def _clean_whole(question: Asked, raw: str) -> str:
    return str(parse_whole(raw))


def _clean_number(question: Asked, raw: str) -> str:
    return plain(parse_number(raw))


def _number_of(value: str) -> Decimal | None:
    found = to_number(value) if NUMERAL.match(value) else None
    return found if found is not None and found.is_finite() else None


def _wrong_number(question: Asked, value: str, offered: Sequence[Choice], language: str) -> str:
    """What the form calculates may be of another kind than its row says: an empty text, a mark."""
    return "" if question.calculation or _number_of(value) is not None else _("A number is needed here.")


def _wrong_whole(question: Asked, value: str, offered: Sequence[Choice], language: str) -> str:
    found = _number_of(value)
    if found is None or question.calculation or found == found.to_integral_value():
        return _wrong_number(question, value, offered, language)
    return _("A whole number is needed here; leave out the fraction.")


def _wrong_range(question: Asked, value: str, offered: Sequence[Choice], language: str) -> str:
    found = _number_of(value)
    if found is None or question.calculation:
        return _wrong_number(question, value, offered, language)
    start, end, step = limits(question)
    low, high = min(start, end), max(start, end)
    facts = {
        name: format_number(each, language=language) for name, each in (("low", low), ("high", high), ("step", step))
    }
    if not low <= found <= high:
        return _("The number must be from %(low)s to %(high)s.") % facts
    if step > 0 and (found - start) % step:
        return _("The number must be from %(low)s to %(high)s in steps of %(step)s.") % facts
    return ""


def limits(question: Asked) -> tuple[Decimal, Decimal, Decimal]:
    """(start, end, step): XLSForm's range runs from 1 to 10 by 1 where its parameters do not say otherwise."""

    def given(name: str, usual: str) -> Decimal:
        found = _number_of(question.parameters.get(name, ""))
        return Decimal(usual) if found is None else found

    return given("start", "1"), given("end", "10"), given("step", "1")


def _show_number(question: Asked, value: str, language: str) -> str:
    found = _number_of(value)
    return value if found is None else format_number(found, language=language)


NUMBER = AnswerKind(
    "number", clean=_clean_number, wrong=_wrong_number, show=_show_number, typed=_show_number, control=_always("number"),
    inputmode="decimal", numeric=True,
)  # fmt: skip
WHOLE = replace(NUMBER, name="whole", clean=_clean_whole, wrong=_wrong_whole, inputmode="numeric")
RANGE = replace(NUMBER, name="range", wrong=_wrong_range)


# ------------------------------------------------------------------------------------------------------ days and hours
def _typed_iso(raw: str) -> date | datetime | None:
    """What was typed as Gregorian ISO, which is how the API gives it; None where it is Jalali. Refused for no such day."""
    if not _GREGORIAN.match(raw) or not 1900 <= int(raw[:4]) <= 2150:
        return None
    found = parse_moment(raw)
    if found is None and "T" in raw:
        raise Refused(_("Write the date and time as 1405/09/04 14:30."), code="not-a-date")
    if found is None:
        raise Refused(
            _("There is no such day. Write the date as year/month/day, such as 1405/09/04."), code="not-a-date"
        )
    return found


def _clean_date(question: Asked, raw: str) -> str:
    text = latin_digits(normalise(raw))
    if part := part_of_date(question.appearance):
        return first_of(part, text, lambda whole: _typed_iso(whole) or parse_date(whole)).isoformat()
    return ((None if "T" in text else _typed_iso(text)) or parse_date(text)).isoformat()


def _as_asked(write: Callable[[Asked, str, str], str], *, words: bool) -> Callable[[Asked, str, str], str]:
    """A day, or the month or year that is all the form asks for."""

    def shown(question: Asked, value: str, language: str) -> str:
        part, moment = part_of_date(question.appearance), parse_moment(value)
        told = part_told(moment, part, language, words=words) if part and moment else ""
        return told or write(question, value, language)

    return shown


def _clean_moment(question: Asked, raw: str) -> str:
    text = latin_digits(normalise(raw))
    return iso((_typed_iso(text) if "T" in text else None) or parse_datetime(text))


def _clean_time(question: Asked, raw: str) -> str:
    found = _TIME.match(latin_digits(normalise(raw)))
    if not found or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise Refused(_("Write the time as hour:minute, such as 14:30."), code="not-a-time")
    return time(int(found[1]), int(found[2]), int(found[3] or 0)).isoformat()


def _wrong_moment(question: Asked, value: str, offered: Sequence[Choice], language: str) -> str:
    return "" if parse_moment(value) is not None else _("A date is needed here, such as 1405/09/04.")


def _wrong_time(question: Asked, value: str, offered: Sequence[Choice], language: str) -> str:
    """What the form calculates of hours may as well be a part of a day."""
    return "" if question.calculation or _time_of(value) else _("A time is needed here, such as 14:30.")


def _time_of(value: str) -> str:
    """09:05, of a time or of an instant such as `now()` gives; "" where there is none."""
    found = parse_time(value) or parse_moment(value)
    return f"{found:%H:%M}" if isinstance(found, time | datetime) else ""


def _of_a_moment(write: Callable[[date | datetime, str], str]) -> Callable[[Asked, str, str], str]:
    """A default may be an instant where a day is asked for, or the other way round; the calendar begins in the year 622."""

    def shown(question: Asked, value: str, language: str) -> str:
        found = parse_moment(value)
        try:
            return value if found is None else write(found, language)
        except ValueError:
            return value

    return shown


def _instant(moment: date | datetime) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time.min, TEHRAN)


def _typed_instant(moment: date | datetime, language: str) -> str:
    at = _instant(moment)
    return f"{format_date(at, 'numeric', language)} {format_time(at, language)}"


def _show_time(question: Asked, value: str, language: str) -> str:
    found = _time_of(value) or value
    return persian_digits(found) if language == "fa" else found


DATE = AnswerKind(
    "date", clean=_clean_date, wrong=_wrong_moment, control=_always("date"), inputmode="numeric",
    show=_as_asked(_of_a_moment(lambda moment, language: format_date(moment, "long", language)), words=True),
    typed=_as_asked(_of_a_moment(lambda moment, language: format_date(moment, "numeric", language)), words=False),
    note=gettext_lazy("ISO 8601, Gregorian"),
)  # fmt: skip
MOMENT = AnswerKind(
    "moment", clean=_clean_moment, wrong=_wrong_moment, control=_always("date"), inputmode="numeric",
    show=_of_a_moment(lambda moment, language: format_datetime(_instant(moment), "long", language)),
    typed=_of_a_moment(_typed_instant),
    note=gettext_lazy("ISO 8601, in Tehran’s time with its distance from UTC"),
)  # fmt: skip
TIME = AnswerKind(
    "time", clean=_clean_time, wrong=_wrong_time, show=_show_time, typed=_show_time, control=_always("time"),
    inputmode="numeric", note=gettext_lazy("ISO 8601: hour, minute and second"),
)  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- choices
def _clean_one(question: Asked, raw: str) -> str:
    name = raw.strip()
    if name in {choice.name for choice in question.choices}:
        return name
    if _is_searched(question, len(question.choices)):
        return searched_choice(question.choices, raw)
    raise Refused(_("Choose one of the answers offered."), code="not-a-choice")


def _is_searched(question: Asked, offered: int) -> bool:
    return offered > MANY_CHOICES or bool(_SEARCHED.search(question.appearance))


def _clean_many(question: Asked, raw: str) -> str:
    chosen = set(raw.split())
    names = [choice.name for choice in question.choices]
    if chosen - set(names):
        raise Refused(_("Choose from the answers offered."), code="not-a-choice")
    return " ".join(dict.fromkeys(name for name in names if name in chosen))


def _not_offered(names: Sequence[str], offered: Sequence[Choice]) -> str:
    known = {choice.name for choice in offered}
    return "" if known.issuperset(names) else _("The chosen answer is no longer offered here. Choose again.")


def _labels(names: Sequence[str], question: Asked, language: str) -> str:
    return chosen_labels(names, question.choices, language)


def _one_control(question: Asked, offered: int) -> str:
    cascade = bool(question.choice_filter) or "minimal" in question.appearance
    if _is_searched(question, offered):
        return "search"
    return "select" if cascade or offered > FEW_CHOICES else "radios"


def _clean_tick(question: Asked, raw: str) -> str:
    return "OK" if _is_yes(raw) else ""


def _is_yes(text: str) -> bool:
    return text.strip().lower() in _YES


ONE = AnswerKind(
    "one", clean=_clean_one, control=_one_control,
    wrong=lambda question, value, offered, language: _not_offered([value], offered),
    show=lambda question, value, language: _labels([value], question, language),
    note=gettext_lazy("The code of the answer"),
)  # fmt: skip
MANY = AnswerKind(
    "many", clean=_clean_many, control=_always("checks"), several=True,
    wrong=lambda question, value, offered, language: _not_offered(value.split(), offered),
    show=lambda question, value, language: _labels(value.split(), question, language),
    note=gettext_lazy("The codes of the answers, with a space between them"),
)  # fmt: skip
TICK = AnswerKind(
    "tick", clean=_clean_tick, control=_always("tick"),
    wrong=lambda question, value, offered, language: (
        "" if _is_yes(value) else _("This confirmation cannot be read. Tick the box again.")
    ),
    show=lambda question, value, language: _("Confirmed"),
    note=gettext_lazy("OK: confirmed"),
)  # fmt: skip


# ------------------------------------------------------------------------------------------------ what nobody types
def _show_calculated(question: Asked, value: str, language: str) -> str:
    if value in ("true", "false"):
        return _("Yes") if value == "true" else _("No")
    if found := parse_moment(value):  # as today() and now() give it
        return (MOMENT if isinstance(found, datetime) else DATE).show(question, value, language)
    return _show_number(question, value, language) if _number_of(value) is not None else shown_text(value, language)


# The key of a stored file, which is the caller's: any text may be one.
FILE = AnswerKind(
    "file", clean=lambda question, raw: raw.strip(), control=_always("file"),
    note=gettext_lazy("A file a line: its name, a tab, its SHA-256"),
)  # fmt: skip
CALCULATED = AnswerKind(
    "calculated", given_by="form", clean=_clean_number, show=_show_calculated, control=_always("output"),
    inputmode="decimal", numeric=True, note=gettext_lazy("Worked out by the portal"),
)  # fmt: skip
NOTE = AnswerKind("note", given_by="nobody", control=_always("note"))
UNKNOWN = AnswerKind("unknown", given_by="")
