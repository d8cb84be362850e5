"""Numbers as people in Iran type and read them."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.translation import gettext as _

from .errors import Refused
from .language import current_language
from .text import latin_digits

MAX_DIGITS = 18
_FA = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_MINUS = str.maketrans({"−": "-", "–": "-", "‐": "-", "﹣": "-", "－": "-"})
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_PLAIN = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)$")


def parse_number(text: str) -> Decimal:
    """The number a person typed, exact.

    Persian, Arabic and Latin digits; `٫` `.` `/` as decimal point; `٬` `,` and spaces as thousands; `−` and `-`.
    Raises Refused with the way out when it is not a number.
    """
    raw = latin_digits(str(text or "")).translate(_MINUS).strip()
    raw = re.sub("[\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069\u00a0\u202f ]", "", raw)
    if raw.endswith("-") and not raw.startswith("-"):  # typed right-to-left: 3−
        raw = "-" + raw[:-1]
    raw = raw.replace("٫", ".").replace("٬", ",").replace("،", ",")
    if raw.count("/") == 1 and "." not in raw:
        raw = raw.replace("/", ".")
    if "," in raw:
        if not _GROUPED.match(raw):
            raise Refused(
                _("“%(text)s” is not a number the portal can read. Separate thousands in threes, such as 1,234.")
                % {"text": text},
                code="not-a-number",
            )
        raw = raw.replace(",", "")
    if not _PLAIN.match(raw):
        letter = next((c for c in raw if c.isalpha()), "")
        if letter:
            raise Refused(
                _(
                    "There is a letter “%(letter)s” where a digit should be. Write digits only; Persian and Latin digits are both read."
                )
                % {"letter": letter},
                code="not-a-number",
            )
        raise Refused(
            _("“%(text)s” is not a number. Write digits, such as 12.5 or 1,234.") % {"text": text}, code="not-a-number"
        )
    try:
        value = Decimal(raw)
    except InvalidOperation as error:
        raise Refused(
            _("“%(text)s” is not a number. Write digits, such as 12.5 or 1,234.") % {"text": text}, code="not-a-number"
        ) from error
    if len(value.as_tuple().digits) > MAX_DIGITS:
        raise Refused(
            _("This number has more than %(n)s digits. Check it for a slip.") % {"n": local_digits(MAX_DIGITS)},
            code="too-long",
        )
    return value


def parse_whole(text: str) -> int:
    """As parse_number, and whole."""
    value = parse_number(text)
    if value != value.to_integral_value():
        raise Refused(_("A whole number is needed here; leave out the fraction."), code="not-whole")
    return int(value)


def plain(value: Decimal) -> str:
    """A Decimal in plain notation without trailing zeros: '12.5', '1200', '-3'. The form in which answers are stored."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def round_half_up(value: Decimal, places: int = 2) -> Decimal:
    """Rounded for display only; scores are summed exact."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def persian_digits(text) -> str:
    return str(text).translate(_FA)


def local_digits(value) -> str:
    """The digits of the active language: for numbers inside sentences."""
    return persian_digits(value) if current_language() == "fa" else str(value)


def local_number(value, places: int | None = None) -> str:
    """`format_number` in the active language: for figures inside sentences."""
    return format_number(value, places, language=current_language())


def listed(parts) -> str:
    """Texts in a row, with the comma of the active language."""
    comma = "، " if current_language() == "fa" else ", "
    return comma.join(str(part) for part in parts)


def format_number(value, places: int | None = None, *, sign: bool = False, language: str = "fa") -> str:
    """For reading: grouped; Persian digits with ٬ and ٫ in Persian, and − in front. None is an em dash.

    Without `places` a Decimal keeps its own digits (trailing zeros off).
    """
    if value is None or value == "":
        return "—"
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if places is not None:
        number = round_half_up(number, places)
        body = f"{abs(number):,.{places}f}"
    else:
        body = f"{abs(number):,f}"
        if "." in body:
            body = body.rstrip("0").rstrip(".")
    if language == "fa":
        body = body.replace(",", "٬").replace(".", "٫").translate(_FA)
    return ("−" if number < 0 else "+" if sign and number > 0 else "") + body
