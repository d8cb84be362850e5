"""Reads the performance attributes (`bind::sajad:*`) of a survey sheet into indicators; refuses what cannot be scored."""

from decimal import Decimal

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import local_digits, parse_number, plain
from sajad_portal.lib.text import normalise

from ..scoring.functions import read_bands
from .definition import AGGREGATES, DIRECTIONS, ROLES, SCORES, Indicator
from .indicator import NOT_CODES
from .sources import check_source
from .survey import SurveyItem
from .workbook import Problems

NUMBERS = ("weight", "standard", "floor", "scale")
TEXTS = ("unit", "unit_en", "evidence", "evidence_en", "bands", "levels", "weightby")
WORDS = {
    "direction": (DIRECTIONS, {"↑": "up", "↓": "down", "increasing": "up", "decreasing": "down"}),
    "score": (SCORES, {}),
    "aggregate": (AGGREGATES, {}),
    "source": (("timeliness",), {}),
}
# Of a row, not of the indicator: two rows of one indicator may each have their own.
OF_ROW = {"indicator", "role", "check", "check_message", "check_message_en", "figure"}
ROWS_OF_LIST = ("sajad:rows", "repeat")  # where a table has a row for each choice of a list (`checks.py`)
ATTRIBUTES = {*OF_ROW, *NUMBERS, *TEXTS, *WORDS}
# An evidence cell that says yes or no without saying what.
_NO = {"no", "false", "0", "خیر", "ندارد", "-"}


def read_indicators(items: list[SurveyItem], problems: Problems) -> list[Indicator]:
    """Indicators in the order of their head rows' first mention. Problems are added, never raised."""
    rows: dict[str, list[SurveyItem]] = {}
    for item in items:
        given = [key for key in item.cells if key.startswith("sajad:") and (key, item.kind.type) != ROWS_OF_LIST]
        for key in given:
            if key.removeprefix("sajad:") not in ATTRIBUTES:
                _wrong(item, key, problems, _("“%(name)s” is no attribute of an indicator.") % {"name": key})
        code = item.cells.get("sajad:indicator", "")
        if code:
            if item.kind.what != "question":
                _wrong(
                    item, "sajad:indicator", problems, _("An indicator's row must be a question the portal can show.")
                )
            elif any(block.kind.type == "repeat" for block in item.parents):
                _wrong(item, "sajad:indicator", problems, _("An indicator cannot stand inside a repeat."))
            if begin := next((each for each in NOT_CODES if code.startswith(each)), ""):
                message = _("The code of an indicator cannot begin with “%(begin)s”.") % {"begin": begin}
                _wrong(item, "sajad:indicator", problems, message)
            _check_row(item, problems)
            rows.setdefault(code, []).append(item)
        elif given == ["sajad:source"]:
            check_source(item, problems)
        elif given:
            _wrong(
                item,
                given[0],
                problems,
                _("This row has attributes of an indicator but no code in “bind::sajad:indicator”."),
            )
    found = [_indicator(code, group, problems) for code, group in rows.items()]
    names = {item.key for item in items}
    for indicator, group in zip(found, rows.values(), strict=True):
        if indicator.weightby and indicator.weightby not in names:
            _wrong(
                group[0],
                "sajad:weightby",
                problems,
                _("There is no question “%(name)s”.") % {"name": indicator.weightby},
            )
    return found


def _check_row(item: SurveyItem, problems: Problems) -> None:
    """A rule says in words what it asks; a figure that is asked twice is a number that a person enters."""
    check, words = item.cells.get("sajad:check"), item.cells.get("sajad:check_message")
    if check and not words:
        message = _("Say in “bind::sajad:check_message” what the writer is to explain where the rule does not hold.")
        _wrong(item, "sajad:check", problems, message)
    if words and not check:
        _wrong(item, "sajad:check_message", problems, _("There is a message and no rule in “bind::sajad:check”."))
    if item.cells.get("sajad:figure") and item.cells.get("sajad:role", "").lower() not in ROLES:
        message = _(
            "Only a figure with a role (numerator, denominator, value) can have a name in “bind::sajad:figure”."
        )
        _wrong(item, "sajad:figure", problems, message)


def _wrong(item: SurveyItem, key: str, problems: Problems, message: str) -> None:
    problems.add("survey", item.row.number, item.headers.get(key, f"bind::{key}"), message)


def _indicator(code: str, items: list[SurveyItem], problems: Problems) -> Indicator:
    values = _attributes(code, items, problems)
    inputs: dict[str, str] = {}
    for item in items:
        role = item.cells.get("sajad:role", "").lower()
        if not role:
            continue
        if role not in ROLES:
            _wrong(
                item,
                "sajad:role",
                problems,
                _("“%(role)s” is no role. Roles are: numerator, denominator, value.") % {"role": role},
            )
        elif role in inputs:
            _wrong(
                item,
                "sajad:role",
                problems,
                _("The indicator %(code)s has two questions with the role “%(role)s”.") % {"code": code, "role": role},
            )
        else:
            inputs[role] = item.key
            # Reviewers verify what a person entered; a calculation is recomputed from it.
            if not _may_be(item, role, values) or item.cells.get("calculation"):
                _wrong(
                    item,
                    "sajad:role",
                    problems,
                    _("Only a number that a person enters can be the %(role)s of an indicator.") % {"role": role},
                )
    heads = [item for item in items if not item.cells.get("sajad:role")]
    head = (
        heads[0]
        if heads
        else next((item for item in items if item.cells.get("sajad:role", "").lower() == "value"), items[0])
    )
    if len(heads) > 1:
        _wrong(
            heads[1],
            "sajad:role",
            problems,
            _("The indicator %(code)s has two rows without a role. Only the calculate of a ratio goes without.")
            % {"code": code},
        )
    timely = values.get("source") == "timeliness"
    _check_inputs(code, items, inputs, heads, head, timely, problems)
    ratio = head.key if heads and head.kind.answer.is_calculated and not timely else ""
    top = head.parents[0] if head.parents else None
    return Indicator(
        code=code,
        label=head.texts.get("label", {}),
        section=top.name if top and top.kind.type == "group" else "",
        inputs={role: inputs[role] for role in ROLES if role in inputs},
        ratio=ratio,
        row=head.row.number,
        **{"aggregate": "ratio" if "numerator" in inputs else "none", **values},
    )


def _may_be(item: SurveyItem, role: str, values: dict[str, str]) -> bool:
    """Whether a question can be that part of an indicator: a number; where an answer is judged by levels also a choice, where a
    reviewer gives the points any answer."""
    answer, score = item.kind.answer, values.get("score", "default")
    if answer.numeric or not answer.is_input or role != "value":
        return answer.is_input and answer.numeric
    if score in ("levels", "yes_no"):
        return bool(item.kind.list_name) and not answer.several
    return score in ("manual", "rubric")


def _check_inputs(
    code: str,
    items: list[SurveyItem],
    inputs: dict[str, str],
    heads: list[SurveyItem],
    head: SurveyItem,
    timely: bool,
    problems: Problems,
) -> None:
    if timely:
        if inputs:
            _wrong(
                head,
                "sajad:source",
                problems,
                _("The portal fills %(code)s from the receipt; it takes no input.") % {"code": code},
            )
        return
    if "numerator" in inputs and "denominator" not in inputs:
        _wrong(
            head,
            "sajad:role",
            problems,
            _("The indicator %(code)s has a numerator and no denominator.") % {"code": code},
        )
    elif "denominator" in inputs and "numerator" not in inputs:
        _wrong(
            head,
            "sajad:role",
            problems,
            _("The indicator %(code)s has a denominator and no numerator.") % {"code": code},
        )
    elif "value" in inputs and "numerator" in inputs:
        _wrong(
            head,
            "sajad:role",
            problems,
            _("The indicator %(code)s is a ratio and a value at once; keep one of them.") % {"code": code},
        )
    elif not inputs and not any(item.cells.get("sajad:role") for item in items):
        _wrong(
            head,
            "sajad:role",
            problems,
            _("The indicator %(code)s has no input. Give its questions a role: numerator and denominator, or value.")
            % {"code": code},
        )
    elif heads and "value" in inputs and not head.kind.answer.is_calculated:
        _wrong(head, "sajad:role", problems, _("Write the role of this question of %(code)s.") % {"code": code})


def _attributes(code: str, items: list[SurveyItem], problems: Problems) -> dict[str, str]:
    """Every attribute of the indicator, checked; an attribute given twice must say the same."""
    values: dict[str, str] = {}
    places: dict[str, int] = {}
    for item in items:
        for key, text in item.cells.items():
            name = key.removeprefix("sajad:")
            if not key.startswith("sajad:") or name in OF_ROW or name not in ATTRIBUTES:
                continue
            value = _value(item, key, name, text, problems)
            if value is None:
                continue
            if values.setdefault(name, value) != value:
                _wrong(
                    item,
                    key,
                    problems,
                    _("%(code)s has another “%(name)s” in row %(row)s. Give it once.")
                    % {"code": code, "name": name, "row": local_digits(places[name])},
                )
            places.setdefault(name, item.row.number)
    given = {key.removeprefix("sajad:") for item in items for key in item.cells}  # those refused above too
    if "weight" not in given:
        _wrong(items[0], "sajad:weight", problems, _("The indicator %(code)s has no weight.") % {"code": code})
    score = values.get("score", "default")
    if (
        score in ("default", "linear")
        and values.get("source") != "timeliness"
        and "standard" not in given
        and Decimal(values.get("weight", "0"))
    ):
        _wrong(
            items[0],
            "sajad:standard",
            problems,
            _("The indicator %(code)s has no standard, which its score needs.") % {"code": code},
        )
    if score == "linear":
        _check_floor(code, items[0], values, problems)
    if score == "bands":
        try:
            read_bands(values.get("bands", ""), values.get("direction", "up"))
        except Refused as error:
            _wrong(items[0], "sajad:bands", problems, str(error))
    return values


def _check_floor(code: str, item: SurveyItem, values: dict[str, str], problems: Problems) -> None:
    if "floor" not in values and "sajad:floor" not in item.headers:
        message = _("The indicator %(code)s is scored from floor to standard and has no floor.")
        _wrong(item, "sajad:floor", problems, message % {"code": code})
    elif "standard" in values and "floor" in values:
        rise = Decimal(values["standard"]) - Decimal(values["floor"])
        if rise * (-1 if values.get("direction") == "down" else 1) <= 0:
            message = _("The floor of %(code)s must be worse than its standard: below it for ↑, above it for ↓.")
            _wrong(item, "sajad:floor", problems, message % {"code": code})


def _value(item: SurveyItem, key: str, name: str, text: str, problems: Problems) -> str | None:
    if name in NUMBERS:
        try:
            number = parse_number(text)
        except Refused as error:
            _wrong(item, key, problems, str(error))
            return None
        if name == "weight" and number < 0:
            _wrong(item, key, problems, _("A weight cannot be negative."))
            return None
        if name in ("standard", "scale") and number <= 0:
            _wrong(item, key, problems, _("The %(name)s must be greater than zero.") % {"name": name})
            return None
        return plain(number)
    if name in WORDS:
        allowed, aliases = WORDS[name]
        word = aliases.get(text, text.lower())
        if word not in allowed:
            _wrong(
                item,
                key,
                problems,
                _("“%(text)s” is unknown here. Allowed: %(allowed)s.") % {"text": text, "allowed": ", ".join(allowed)},
            )
            return None
        return word
    if name in ("evidence", "evidence_en") and text.lower() in _NO:
        return ""
    if name == "weightby":
        return text.removeprefix("${").removesuffix("}").strip()
    return text if name == "bands" else normalise(text)
