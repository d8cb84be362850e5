"""XPath values as the engine keeps them: exact decimals, text, booleans, lists of nodes. Dates are ISO text."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Context, Decimal, InvalidOperation, Overflow, localcontext

from elementpath.xpath_nodes import XPathNode

from sajad_portal.lib.clock import TEHRAN
from sajad_portal.lib.numbers import plain

NAN = Decimal("NaN")
# Wide enough that money is exact; nothing traps, so no answer can raise.
ARITHMETIC = Context(prec=40, Emin=-400, Emax=400, traps=[])
EXACT_DIGITS = 18
SIGNIFICANT = 12
NUMBER = re.compile(r"^\s*-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*$", re.ASCII)
LITERAL = re.compile(r"""('[^']*'|"[^"]*")""")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_DATETIME = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", re.ASCII)
_TIME = re.compile(r"^\d{2}:\d{2}", re.ASCII)
_EPOCH = date(1970, 1, 1)
_DAY = Decimal(86400)


def first(value):
    """The first node of a list, else the value itself; None where there is none."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def node_text(node) -> str:
    return node.value.text or "" if not len(node.value) else node.string_value


def to_text(value) -> str:
    """XPath's string()."""
    value = first(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, XPathNode):
        return node_text(value) if hasattr(value.value, "tag") else str(value.string_value)
    return canonical_text(value)


def to_number(value) -> Decimal:
    """XPath's number(); an ISO date counts as days since 1970, as in ODK. What is no number is NaN."""
    value = first(value)
    if value is None:
        return NAN
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int | float):
        return Decimal(str(value))
    raw = to_text(value)
    if NUMBER.match(raw):
        try:
            return ARITHMETIC.create_decimal(raw.strip())
        except (InvalidOperation, Overflow):  # pragma: no cover - nothing traps
            return NAN
    moment = parse_moment(raw)
    return NAN if moment is None else days(moment)


def boolean(value) -> bool:
    """ODK's boolean(): a node counts by what it holds, so `${x}` is false while x is empty, 0 or false."""
    if isinstance(value, list):
        return any(_holds_truth(item) if isinstance(item, XPathNode) else boolean(item) for item in value)
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal | int | float):
        value = Decimal(str(value))
        return not value.is_nan() and value != 0
    return bool(value)


def _holds_truth(node) -> bool:
    raw = to_text([node])
    return raw not in ("", "false") and (not NUMBER.match(raw) or to_number(raw) != 0)


def node_list(value):
    """`.` and `..` give a bare node; here nodes always come in a list."""
    return [value] if isinstance(value, XPathNode) else value


def canonical_text(value) -> str:
    """The stored form of a value: plain decimals, true/false, text. NaN and infinities are no value: "".

    Up to 18 significant digits are kept as they are (rials are exact); a longer number comes from a division and is
    rounded to 12, so that a third reads 0.333333333333.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        value = Decimal(str(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            return ""
        if abs(value.adjusted()) > 40:
            return "" if value.adjusted() > 0 else "0"
        if len(value.normalize(ARITHMETIC).as_tuple().digits) > EXACT_DIGITS:
            keep = max(SIGNIFICANT, value.adjusted() + 1)
            with localcontext(Context(prec=keep, traps=[])):
                value = +value
        return plain(value)
    return to_text(value)


def parse_moment(raw: str) -> date | datetime | None:
    """An ISO date or date and time (Tehran's where it names no offset); None for anything else."""
    raw = raw.strip()
    try:
        if _DATE.match(raw):
            return date.fromisoformat(raw)
        if _DATETIME.match(raw):
            moment = datetime.fromisoformat(raw)
            return moment.replace(tzinfo=TEHRAN) if moment.tzinfo is None else moment.astimezone(TEHRAN)
    except (ValueError, OverflowError):  # no such day, or one at the very end of the calendar
        return None
    return None


def parse_time(raw: str) -> time | None:
    """An ISO time of day, hour and minute at least; None for anything else."""
    raw = raw.strip()
    try:
        return time.fromisoformat(raw) if _TIME.match(raw) else None
    except ValueError:
        return None


def part_of_day(of_day: time) -> Decimal:
    """Noon is 0.5. A time with an offset is read on Tehran's wall clock."""
    if of_day.tzinfo is not None:
        of_day = datetime.combine(_EPOCH, of_day).astimezone(TEHRAN).time()
    return ARITHMETIC.divide(Decimal(of_day.hour * 3600 + of_day.minute * 60 + of_day.second), _DAY)


def days(moment: date | datetime) -> Decimal:
    """Days since 1970-01-01 on Tehran's wall clock; whole for a date."""
    if isinstance(moment, datetime):
        local = moment.astimezone(TEHRAN)
        seconds = local.hour * 3600 + local.minute * 60 + local.second
        return ARITHMETIC.add((local.date() - _EPOCH).days, ARITHMETIC.divide(Decimal(seconds), _DAY))
    return Decimal((moment - _EPOCH).days)


def moment_of(value) -> date | datetime | None:
    """The date behind an ISO text or a number of days."""
    raw = to_text(value)
    found = parse_moment(raw)
    if found is not None:
        return found
    count = to_number(value)
    if not count.is_finite() or abs(count) > 3_000_000:
        return None
    whole = count.to_integral_value(ROUND_FLOOR)
    try:
        day = _EPOCH + timedelta(days=int(whole))
    except OverflowError:
        return None
    if count == whole:
        return day
    return datetime.combine(day, time.min, TEHRAN) + timedelta(seconds=int((count - whole) * _DAY))


def iso(moment: date | datetime | None) -> str:
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return moment.astimezone(TEHRAN).isoformat(timespec="seconds")
    return moment.isoformat()
