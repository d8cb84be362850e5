"""A cell of a report's workbook, out (a stored answer as a spreadsheet shows it) and in (what a cell holds, as an answer).

A cell comes back as whoever filled it in, and the program they used, made it: Persian digits as text, a share as a percent, a
Jalali day that a program took for a Gregorian one. What cannot be understood is told with what to type instead.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import FIRST_YEAR, LAST_YEAR, format_date, from_jalali
from sajad_portal.lib.numbers import MAX_DIGITS, TwoReadings, listed, local_digits, parse_number, plain
from sajad_portal.lib.sheets import EXACT_DIGITS
from sajad_portal.lib.text import latin_digits, normalise

from ..xlsform import Question, as_typed, clean_answer
from ..xlsform.answers import clean_reason
from ..xlsform.labels import Choice
from ..xlsform.parts_of_dates import MONTH, part_of_date
from ..xlsform.searching import labels_to_type

TOLD = 8  # so many of the answers offered are named
PERCENT_UNITS = {"٪", "%", "درصد", "percent"}
_BETWEEN = (re.compile(r"[؛;\n|]+"), re.compile(r"[؛;\n|،,]+"))
_A_NUMBER = re.compile(r"[-−]?\d[\d,٬]*(?:[.٫]\d+)?")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_NUMERIC = {"number", "whole", "range"}


@dataclass(frozen=True)
class CellRead:
    """What a cell says of an answer: `value` as it is stored, or why it cannot be (`trouble`) and what to type (`say`)."""

    value: str = ""
    trouble: str = ""
    say: str = ""


@dataclass(frozen=True)
class CellHeld:
    """A cell as the file has it. `lost`: a formula of which the file holds no value."""

    value: Any
    format: str = "General"
    is_error: bool = False
    lost: bool = False


# ---------------------------------------------------------------------------------------------------------------- out
def is_choice(question: Question) -> bool:
    return question.kind.name in ("one", "tick")


def offered_labels(question: Question, language: str) -> list[str]:
    """What a cell may say of a question with choices, in their order."""
    if question.kind.name == "tick":
        return [_("Yes")]
    return labels_to_type(question.choices, language) if question.choices else []


def cell_of(question: Question | None, stored: str, language: str) -> str | int | float:
    """A stored answer as a cell of the workbook holds it: `understood_cell` gives the same back."""
    if not stored or question is None:
        return stored
    kind = question.kind
    if kind.name in _NUMERIC:
        return number_in_cell(stored)
    if kind.name == "tick":
        return _("Yes")
    if question.choices:
        labels = dict(zip((c.name for c in question.choices), labels_to_type(question.choices, language), strict=True))
        names = stored.split() if kind.several else [stored]
        return ("؛ " if language == "fa" else "; ").join(labels.get(name, name) for name in names)
    return as_typed(question, stored, language)


def number_in_cell(text: str) -> str | int | float:
    """A number that a spreadsheet keeps to the last digit, else its digits as text."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        return text
    if not number.is_finite() or len(number.normalize().as_tuple().digits) > EXACT_DIGITS:
        return text
    return int(number) if number == number.to_integral_value() else float(number)


# ----------------------------------------------------------------------------------------------------------------- in
def understood_cell(question: Question | None, held: CellHeld, *, percent: bool = False) -> CellRead:
    """What the cell says of the question; of a reason (`question` None) its words. `percent`: its number counts percents."""
    if held.lost:
        return CellRead(
            trouble=_(
                "The cell holds a formula without its value. Open the file in Excel and save it, or type the value."
            ),
            say=example_of(question),
        )
    if held.is_error:
        said = _("The cell shows the error %(error)s. Mend its formula, or type the value.")
        return CellRead(trouble=said % {"error": held.value}, say=example_of(question))
    try:
        raw = _typed_of(question, held, percent=percent)
        return CellRead(value=clean_answer(question, raw) if question else clean_reason(raw))
    except Unfit as unfit:
        return CellRead(trouble=unfit.message, say=unfit.say)
    except TwoReadings as refusal:
        return CellRead(trouble=refusal.message, say=refusal.offered[0][0])
    except Refused as refusal:
        return CellRead(trouble=refusal.message, say=_instead(question, held.value))


class Unfit(Refused):
    """A cell that says nothing that the question asks. `say`: what to type."""

    def __init__(self, message: str, say: str):
        self.say = say
        super().__init__(message, code="unfit")


def _typed_of(question: Question | None, held: CellHeld, *, percent: bool) -> str:
    """The cell as a person would have typed it on the page."""
    value = held.value
    if value is None:
        return ""
    if isinstance(value, str):
        return _of_text(question, value, percent=percent)
    if isinstance(value, bool):
        return _of_truth(question, value)
    if isinstance(value, datetime | date):
        return _of_day(question, value)
    if isinstance(value, time | timedelta):
        return _of_time(question, value)
    return _of_number(question, value, held.format, percent=percent)


def _of_text(question: Question | None, text: str, *, percent: bool) -> str:
    text = text.replace("\xa0", " ")
    if question is None:
        return text
    name = question.kind.name
    if name in _NUMERIC:
        bare = normalise(text).strip()
        if bare.endswith(("٪", "%", "٪")):
            return _share(bare[:-1], percent)
        return bare
    if name == "tick":
        return _tick(text)
    if question.choices:
        return _chosen(question, text)
    return text


def _share(bare: str, percent: bool) -> str:
    if percent:
        return bare
    number = parse_number(bare)
    raise _not_percent(number)


def _not_percent(number: Decimal) -> Unfit:
    facts = {"n": local_digits(plain(number)), "part": local_digits(plain(number / 100))}
    said = _(
        "The cell holds %(n)s percent, and a number is asked for. Type %(n)s, or %(part)s if the share itself is meant."
    )
    return Unfit(said % facts, plain(number))


def _tick(text: str) -> str:
    plain_text = normalise(text).casefold()
    if plain_text in {"", "خیر", "نه", "no", "false", "0", "۰"}:
        return ""
    if plain_text in {_("Yes").casefold(), "بله", "بلی", "yes", "ok", "true", "1", "۱", "✓", "x"}:
        return "OK"
    raise Unfit(_("Write “%(yes)s” to confirm, or leave the cell empty.") % {"yes": _("Yes")}, _("Yes"))


def _of_truth(question: Question | None, value: bool) -> str:
    if question is not None and question.kind.name == "tick":
        return "OK" if value else ""
    if question is not None and question.choices:
        return _chosen(question, "yes" if value else "no")
    if question is None or question.kind.name == "text":
        return _("Yes") if value else _("No")
    raise Unfit(_("The cell holds “true” or “false”, which is no answer here."), example_of(question))


def _of_number(question: Question | None, value: Any, shown: str, *, percent: bool) -> str:
    number = Decimal(format(value, f".{EXACT_DIGITS}g")) if isinstance(value, float) else Decimal(value)
    in_percent = "%" in _QUOTED.sub("", shown)
    if question is None or question.kind.name not in _NUMERIC:
        text = plain(number * 100) + "٪" if in_percent else plain(number)
        if question is not None and question.kind.name in ("date", "moment", "time"):
            return _number_for_day(question, number)
        return _of_text(question, text, percent=False)
    if abs(number) >= 10**EXACT_DIGITS:
        said = _(
            "A spreadsheet keeps fifteen digits of a number; the rest of this one is lost. Type it as text, with an apostrophe in front."
        )
        raise Unfit(said, plain(number) if len(plain(number)) <= MAX_DIGITS else example_of(question))
    if not in_percent:
        return plain(number)
    if percent:
        return plain((number * 100).normalize())
    raise _not_percent(number * 100)


def _number_for_day(question: Question, number: Decimal) -> str:
    """A year alone is a number to a spreadsheet; any other number is no day."""
    if part_of_date(question.appearance) == "year" and number == number.to_integral_value():
        return plain(number)
    digits = plain(number)
    if question.kind.name == "date" and re.fullmatch(r"1[345]\d{6}", digits):
        return f"{digits[:4]}/{digits[4:6]}/{digits[6:]}"
    raise Unfit(_("The cell holds a number, and a day is asked for. Type it as year/month/day."), example_of(question))


def _of_day(question: Question | None, value: date | datetime) -> str:
    """A day of a spreadsheet is Gregorian whatever it looks like, unless its year can only be a Jalali one."""
    moment = value if isinstance(value, datetime) else datetime.combine(value, time.min)
    day = moment.date()
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        try:
            day = from_jalali(day.year, day.month, day.day)
        except ValueError:
            raise Unfit(_("There is no such day in the Jalali calendar."), example_of(question)) from None
    if question is not None and question.kind.name == "date":
        return day.isoformat()
    if question is not None and question.kind.name == "moment":
        return f"{day.isoformat()}T{moment:%H:%M}"
    if question is not None and question.kind.name == "time":
        return f"{moment:%H:%M:%S}"
    told = latin_digits(format_date(day, "numeric", "fa"))
    if question is None or question.kind.name == "text":
        return local_digits(told)
    raise Unfit(
        _(
            "The spreadsheet made a day of what was typed (%(day)s). Give the cell the format of a number and type it again."
        )
        % {"day": local_digits(told)},
        example_of(question),
    )


def _of_time(question: Question | None, value: time | timedelta) -> str:
    if isinstance(value, timedelta):
        if not timedelta(0) <= value < timedelta(days=1):
            raise Unfit(_("This is more than a day. Write the time as hour:minute, such as 14:30."), "14:30")
        hours, rest = divmod(value.seconds, 3600)
        value = time(hours, rest // 60, rest % 60)
    if question is None or question.kind.name in ("time", "text"):
        return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
    raise Unfit(
        _("The spreadsheet made a time of what was typed. Give the cell the format of a number and type it again."),
        example_of(question),
    )


# ------------------------------------------------------------------------------------------------------------- choices
def _known(choices: Sequence[Choice]) -> dict[str, str]:
    """{what may be written, folded: the choice’s name}: names, and the labels of every language that are one choice’s alone."""
    found: dict[str, set[str]] = {}
    for language in dict.fromkeys(["fa", "en", *(code for choice in choices for code in choice.label)]):
        for choice, label in zip(choices, labels_to_type(choices, language), strict=True):
            found.setdefault(_folded(label), set()).add(choice.name)
    known = {label: names.copy().pop() for label, names in found.items() if len(names) == 1}
    return known | {_folded(choice.name): choice.name for choice in choices}


def _folded(text: str) -> str:
    return latin_digits(normalise(text)).casefold().replace("\u200c", "").replace("ي", "ی").replace("ك", "ک").strip()


def _chosen(question: Question, text: str) -> str:
    known = _known(question.choices)
    if not question.kind.several:
        if not normalise(text):
            return ""
        name = known.get(_folded(text))
        if name is None:
            raise _no_such(question, text)
        return name
    if (whole := known.get(_folded(text))) is not None:
        return whole
    parts: list[str] = []
    for between in _BETWEEN:
        parts = [part for part in between.split(text) if normalise(part)]
        if all(_folded(part) in known for part in parts):
            return " ".join(known[_folded(part)] for part in parts)
    if all(_folded(part) in known for part in text.split()):
        return " ".join(known[_folded(part)] for part in text.split())
    raise _no_such(question, next(part for part in parts if _folded(part) not in known), many=True)


def _no_such(question: Question, text: str, *, many: bool = False) -> Unfit:
    labels = offered_labels(question, "fa")
    folded = {_folded(label): label for label in labels}
    near = get_close_matches(_folded(text), list(folded), n=1, cutoff=0.5)
    say = folded[near[0]] if near else labels[0] if labels else ""
    told = listed(f"«{label}»" for label in labels[:TOLD]) + (" …" if len(labels) > TOLD else "")
    facts = {"text": text.strip()[:60], "offered": told}
    if many:
        said = _(
            "“%(text)s” is none of the answers offered. Write of these, with a semicolon between them: %(offered)s."
        )
    else:
        said = _("“%(text)s” is none of the answers offered. Write one of these: %(offered)s.")
    return Unfit(said % facts, say)


# ----------------------------------------------------------------------------------------------------------- what to type
def example_of(question: Question | None) -> str:
    """Something that the cell would take: what a sentence says that one may type."""
    if question is None:
        return ""
    kind = question.kind.name
    if question.choices or kind == "tick":
        return next(iter(offered_labels(question, "fa")), "")
    if kind == "date":
        part = part_of_date(question.appearance)
        return {"": "1405/09/04", MONTH: "1405/09"}.get(part, "1405")
    return {
        "moment": "1405/09/04 14:30", "time": "14:30", "place": "35.6892, 51.3890", "line": "35.6892, 51.3890",
        "number": "12.5", "whole": "12", "range": "1",
    }.get(kind, "")  # fmt: skip


def _instead(question: Question | None, value: Any) -> str:
    """The number that stands in what was written, where one does; else an example."""
    if question is None or question.kind.name not in _NUMERIC:
        return example_of(question)
    found = _A_NUMBER.search(latin_digits(str(value)))
    number = None
    if found:
        try:
            number = parse_number(found[0])
        except Refused:
            number = None
    if number is None or len(number.as_tuple().digits) > EXACT_DIGITS:
        return example_of(question)
    if question.kind.name == "whole":
        number = number.to_integral_value()
    return plain(number)
