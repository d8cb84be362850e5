"""Functions of SurveyCTO and of the Community Health Toolkit that have a plain meaning here, and the names of those that have none.

Authors know them from docs.surveycto.com and docs.communityhealthtoolkit.org. Each is `f(token, context)`; importing the module
registers them. A row that uses one of NOT_HONOURED is imported without that expression, and a coordinator confirms it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, Decimal

from elementpath.xpath_nodes import XPathNode

from sajad_portal.lib.clock import TEHRAN

from .arguments import MAX_TEXT, number_at, text_at
from .values import ARITHMETIC, LITERAL, NAN, boolean, canonical_text, iso, moment_of, to_number, to_text
from .xpath import FormContext, function, value_of

# What they mean needs a phone, a server's tables or another calendar.
NOT_HONOURED = {
    "hash", "duration", "phone-call-duration", "phone-call-log", "phone-call-is-on", "collect-is-phone-app", "device-info",
    "sensor-stats", "sensor-stream", "is-device-time-valid", "once-then", "plug-in-metadata", "geo-scatter", "short-geopoint",
    "pulldata-if", "search", "caseid", "is-last-element", "enum-index",
    "z-score", "to-bikram-sambat", "extension-lib", "property", "depend",
}  # fmt: skip
_CALL = re.compile(r"(?<![\w.$/-])(?:cht:|surveycto:)?([a-z][a-z0-9-]*)\s*\(")


def not_honoured_in(expression: str) -> list[str]:
    """The functions of an expression that other programs know and the portal does not compute."""
    bare = LITERAL.sub("''", expression)
    return list(dict.fromkeys(name for name in _CALL.findall(bare) if name in NOT_HONOURED))


# ------------------------------------------------------------------------------------------------------------ texts
@function("linebreak", 0)
def _linebreak(self, context=None):
    return "\n"


def _cased(change):
    return lambda self, context=None: change(text_at(self, context))[:MAX_TEXT]


for _name, _change in (
    ("lower", str.lower),
    ("upper", str.upper),
    ("lower-case", str.lower),
    ("upper-case", str.upper),
):
    function(_name, 1)(_cased(_change))
function("strip-whitespace", 1)(lambda self, context=None: "".join(text_at(self, context).split()))


@function("username", 0)
def _username(self, context=None):
    return context.person.get("username", "")


@function("version", 0)
def _version(self, context=None):
    return context.form.definition.version


@function("format-number", 1)
def _format_number(self, context=None):
    value = number_at(self, context)
    return f"{Decimal(canonical_text(value)):,f}" if value.is_finite() else ""


@function("validate-luhn", (1, 2))
def _validate_luhn(self, context=None):
    digits = text_at(self, context).strip()
    if not digits.isdecimal() or (len(self) > 1 and number_at(self, context, 1) != len(digits)):
        return False
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        twice = digit * 2 if place % 2 else digit
        total += twice - 9 if twice > 9 else twice
    return total % 10 == 0


# ------------------------------------------------------------------------------------------- texts that hold lists
def _parts(self, context) -> list[str]:
    mark, text = text_at(self, context), text_at(self, context, 1)
    return (text.split(mark) if mark else [text]) if text else []


@function("count-items", 2)
def _count_items(self, context=None):
    return Decimal(len(_parts(self, context)))


@function("item-at", 3)
def _item_at(self, context=None):
    place, parts = number_at(self, context, 2), _parts(self, context)
    return parts[int(place)] if place.is_finite() and 0 <= place < len(parts) else ""


@function("item-index", 3)
def _item_index(self, context=None):
    parts, wanted = _parts(self, context), text_at(self, context, 2)
    return Decimal(parts.index(wanted) if wanted in parts else -1)


@function("item-present", 3)
def _item_present(self, context=None):
    return text_at(self, context, 2) in _parts(self, context)


@function("de-duplicate", 2)
def _de_duplicate(self, context=None):
    return text_at(self, context).join(dict.fromkeys(_parts(self, context)))


# ---------------------------------------------------------------------------------------------------------- choices
@function("choice-label", 2)
def _choice_label(self, context=None):
    """The label of a choice of a question, in the reader's language; the question is given itself, not its name."""
    nodes = value_of(self[0], context)
    path = path_of(nodes[0]) if isinstance(nodes, list) and nodes else to_text(nodes)
    return context.choice_label(path, text_at(self, context, 1))


def path_of(node: XPathNode) -> str:
    names: list[str] = []
    here: XPathNode | None = node
    while here is not None and isinstance(here.name, str):
        names.append(here.name)
        here = here.parent
    return "/" + "/".join(reversed(names))


# --------------------------------------------------------------------------------------------------- rows of tables
def _kept(self, context: FormContext, nodes: int, condition: int | None) -> Iterator[XPathNode]:
    """The nodes of one argument for which another argument, seen from the node, holds."""
    found = value_of(self[nodes], context)
    for node in found if isinstance(found, list) else ():
        place = context.__copy__()
        place.item = node
        if condition is None or boolean(value_of(self[condition], place)):
            yield node


@function("count-if", 2)
def _count_if(self, context=None):
    return Decimal(sum(1 for _node in _kept(self, context, 0, 1)))


def _numbers(self, context, nodes: int = 0, condition: int | None = 1) -> list[Decimal]:
    return [to_number([node]) for node in _kept(self, context, nodes, condition) if to_text([node]) != ""]


@function("sum-if", 2)
def _sum_if(self, context=None):
    total = Decimal(0)
    for number in _numbers(self, context):
        total = ARITHMETIC.add(total, number)
    return total


def _extreme(choose):
    def evaluate(self, context=None):
        given = _numbers(self, context)
        return NAN if not given or any(number.is_nan() for number in given) else choose(given)

    return evaluate


function("min-if", 2)(_extreme(min))
function("max-if", 2)(_extreme(max))


@function("join-if", 3)
def _join_if(self, context=None):
    return text_at(self, context).join(to_text([node]) for node in _kept(self, context, 1, 2))[:MAX_TEXT]


_NO_RANK = Decimal(999)


def _rank_index(self, context=None):
    """The place of a row's number among all of them, the highest first; 999 where the row is none of them."""
    index, found = number_at(self, context), value_of(self[1], context)
    nodes = found if isinstance(found, list) else []
    if not index.is_finite() or not 1 <= index <= len(nodes):
        return _NO_RANK
    own = nodes[int(index) - 1]
    kept = list(_kept(self, context, 1, 2 if len(self) > 2 else None))
    value = to_number([own])
    if value.is_nan() or not any(node is own for node in kept):
        return _NO_RANK
    others = (to_number([node]) for node in kept if node is not own)
    return Decimal(1 + sum(other > value for other in others if not other.is_nan()))


function("rank-index", 2)(_rank_index)
function("rank-index-if", 3)(_rank_index)


@function("index", 0)
def _index(self, context=None):
    """The number of the row of a table that the question stands in; outside of tables 1."""
    node = context.current.parent if context.current is not None else None
    if node is None or node.parent is None:
        return Decimal(1)
    if id(node) in context.numbers:
        return Decimal(context.numbers[id(node)])
    return Decimal([child for child in node.parent.children if child.name == node.name].index(node) + 1)


@function("empty", 1)
def _empty(self, context=None):
    return text_at(self, context) == ""


# ------------------------------------------------------------------------------------------------------------ dates
@function("parse-timestamp-to-date", 1)
def _parse_timestamp(self, context=None):
    """Milliseconds since 1970 in UTC, as an instant."""
    value = number_at(self, context)
    if not value.is_finite():
        return ""
    try:
        return iso(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(value)))
    except OverflowError:
        return ""


def _whole_months(start: date, end: date) -> int:
    """As people count: the month is full on the same day, so from the 15th to the 14th one is missing."""
    if end < start:
        return -_whole_months(end, start)
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _difference(count):
    def evaluate(self, context=None):
        start, end = (moment_of(value_of(self[index], context)) for index in (0, 1))
        if start is None or end is None:
            return ""
        return Decimal(count(_day(start), _day(end)))

    return evaluate


def _day(moment: date | datetime) -> date:
    return moment.astimezone(TEHRAN).date() if isinstance(moment, datetime) else moment


def _full(part: Decimal) -> int:
    return int(part.to_integral_value(ROUND_DOWN))


for _name, _count in (
    ("difference-in-days", lambda start, end: (end - start).days),
    ("difference-in-weeks", lambda start, end: _full(Decimal((end - start).days) / 7)),
    ("difference-in-months", _whole_months),
    ("difference-in-years", lambda start, end: _full(Decimal(_whole_months(start, end)) / 12)),
):
    function(_name, 2)(_difference(_count))


@function("add-date", (2, 6))
def _add_date(self, context=None):
    """A date and the years, months, days, hours and minutes that are added; a day that a month lacks is its last."""
    moment = moment_of(value_of(self[0], context))
    parts = [number_at(self, context, index) for index in range(1, len(self))]
    if moment is None or not all(part.is_finite() and abs(part) < 100_000_000 for part in parts):
        return ""
    years, months, days, hours, minutes = (int(part) for part in [*parts, *[Decimal(0)] * (5 - len(parts))])
    try:
        place = moment.year * 12 + moment.month - 1 + years * 12 + months
        first = moment.replace(year=place // 12, month=place % 12 + 1, day=1)
        after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        moved = first.replace(day=min(moment.day, (after - timedelta(days=1)).day)) + timedelta(days=days)
        if hours or minutes:
            moved = moved if isinstance(moved, datetime) else datetime.combine(moved, time.min, TEHRAN)
            moved += timedelta(hours=hours, minutes=minutes)
    except (ValueError, OverflowError):
        return ""
    return iso(moved)
