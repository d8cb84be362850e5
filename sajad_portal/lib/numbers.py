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
_SIGN_AND_BODY = re.compile(r"^([+-]?) *(.*)$")
_BLANKS = re.compile("[\u00a0\u202f\u2009\t ]+")
_INVISIBLE = re.compile("[\u200c\u200d\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_THREES = re.compile(r"^[1-9]\d{0,2}([,/ .]\d{3})+$")
_GROUPED = re.compile(r"^\d{1,3}(?:(,\d{3})+|( \d{3})+)(\.\d+)?$")
_SLASHED = re.compile(r"^[1-9]\d{0,2}(/\d{3})+(\.\d+)?$")
_PLAIN = re.compile(r"^(\d+(\.\d*)?|\.\d+)$")


class TwoReadings(Refused):
    """What was typed is two numbers: ۵۰۰/۰۰۰ is 500,000 where `/` parts thousands and 500 where it is the decimal point.

    `readings` are both, thousands first. The person chooses; a row of a file is refused.
    """

    def __init__(self, text: str, readings: tuple[Decimal, Decimal]):
        self.readings = readings
        many, few = (local_number(value) for value in readings)
        super().__init__(
            _("“%(text)s” can be read as %(many)s or as %(few)s. Say which one is meant: write it without “/”.")
            % {"text": text, "many": many, "few": few},
            code="two-readings",
        )

    @property
    def offered(self) -> list[tuple[str, str]]:
        """(as it is typed without a doubt, as it is shown) of each reading: what buttons offer."""
        return [(plain(value), local_number(value)) for value in self.readings]


def parse_number(text: str) -> Decimal:
    """The number a person typed, exact: what a decimal field reads.

    Persian, Arabic and Latin digits; `٫` and `.` are the decimal point; `٬` `,` `،` and blanks part thousands, in threes;
    `−` and `-`. `/` is the decimal point too, unless the digits stand in groups of three: 1/234/567 has one reading,
    500/000 has two. Raises TwoReadings then, and Refused with the way out when it is not a number.
    """
    sign, body = _sign_and_body(text)
    if body.count("/") == 1 and "." not in body and not _SLASHED.match(body):
        body = body.replace("/", ".")
    if _SLASHED.match(body):
        many = _value(text, sign, body.replace("/", ""))
        if body.count("/") == 1 and "." not in body:
            raise TwoReadings(text, (many, _value(text, sign, body.replace("/", "."))))
        return many
    if "," in body or " " in body:
        if not _GROUPED.match(body):
            raise Refused(
                _("“%(text)s” is not a number the portal can read. Separate thousands in threes, such as 1,234.")
                % {"text": text},
                code="not-a-number",
            )
        body = body.replace(",", "").replace(" ", "")
    return _value(text, sign, body)


def parse_whole(text: str) -> int:
    """The whole number a person typed. Groups of exactly three are thousands, whatever of `/ . ٫ , ٬ ،` or a blank stands
    between them; what else `parse_number` reads must have no fraction."""
    sign, body = _sign_and_body(text)
    value = _value(text, sign, re.sub("[,/ .]", "", body)) if _THREES.match(body) else parse_number(text)
    if value != value.to_integral_value():
        raise Refused(_("A whole number is needed here; leave out the fraction."), code="not-whole")
    return int(value)


def _sign_and_body(text: str) -> tuple[str, str]:
    """Sign and digits as typed, in Latin digits, with `.` for `٫`, `,` for `٬` and `،`, and single blanks."""
    raw = _INVISIBLE.sub("", latin_digits(str(text or "")).translate(_MINUS))
    raw = _BLANKS.sub(" ", raw).strip()
    if raw.endswith("-") and not raw.startswith("-"):  # typed right-to-left: 3−
        raw = "-" + raw[:-1].strip()
    found = _SIGN_AND_BODY.match(raw.replace("٫", ".").replace("٬", ",").replace("،", ","))
    return (found[1], found[2]) if found else ("", raw)


def _value(text: str, sign: str, body: str) -> Decimal:
    """Raises Refused for anything but digits with one decimal point at most."""
    if not _PLAIN.match(body):
        letter = next((c for c in body if c.isalpha()), "")
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
        value = Decimal(sign + body)
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


def plain(value: Decimal) -> str:
    """A Decimal in plain notation without trailing zeros: '12.5', '1200', '-3'. The form in which answers are stored."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def round_half_up(value: Decimal, places: int = 2) -> Decimal:
    """Rounded for display only; scores are summed exact."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def legible(value: Decimal) -> Decimal:
    """What was worked out, for reading: two places, or two digits where those would say nothing."""
    shown = round_half_up(value)
    return shown if shown or not value else round_half_up(value, 1 - value.adjusted())


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
