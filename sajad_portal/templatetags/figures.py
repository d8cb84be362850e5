"""Filters for numbers and dates in the active language; part of the builtin library `portal`."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django import template
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sajad_portal.lib import deadlines, durations, jalali, numbers
from sajad_portal.lib.language import current_language

register = template.Library()
NOTHING = "—"


# ------------------------------------------------------------------- numbers
def _bidi(text: str) -> SafeString:
    return SafeString(f'<bdi dir="ltr">{escape(text)}</bdi>')


@register.filter
def num(value, places: int | None = None) -> SafeString:
    """Markup: the number, grouped, isolated from the text around it. `{{ score|num(2) }}`"""
    return _bidi(numbers.format_number(value, places, language=current_language()))


@register.filter
def signed(value, places: int | None = None) -> SafeString:
    """Markup: as num, a rise with its plus. `{{ change|signed(1) }}`"""
    return _bidi(numbers.format_number(value, places, sign=True, language=current_language()))


@register.filter
def plainnum(value, places: int | None = None) -> str:
    """Text, for attributes: `aria-label="{{ done|plainnum }}"`"""
    return numbers.format_number(value, places, language=current_language())


@register.filter
def figure(value, places: int | None = None) -> SafeString:
    """Markup: a number at display size, its decimal mark set apart (Vazirmatn's is nearly a slash when large)."""
    text = numbers.format_number(value, places, language=current_language())
    whole, mark, rest = text.partition("٫")
    if not mark:
        return _bidi(text)
    return format_html('<bdi dir="ltr">{}<span class="point">{}</span>{}</bdi>', whole, mark, rest)


@register.filter
def pct(value, places: int = 1) -> SafeString:
    """Markup: percents (86.4, not 0.864) with the sign where the language puts it."""
    if value is None or value == "":
        return SafeString(NOTHING)
    text = numbers.format_number(value, places, language=current_language())
    sign = "٪" if current_language() == "fa" else "%"
    return format_html('<span class="pct"><bdi dir="ltr">{}</bdi>{}</span>', text, sign)


@register.simple_tag
def amount(value) -> SafeString:
    """`{{ amount(card.standard) }}`: markup of what has `number`, `percent`, `places` and, where it is no number, `text`."""
    if value.number is None:
        return conditional_escape(value.text or NOTHING)
    return pct(value.number, value.places) if value.percent else num(value.number)


@register.filter
def plainpct(value, places: int = 1) -> str:
    """Text, for attributes. A right-to-left mark keeps the Persian sign on the left of the digits, as `pct` has it."""
    if value is None or value == "":
        return NOTHING
    return numbers.format_number(value, places, language=current_language()) + (
        "\u200f٪" if current_language() == "fa" else "%"
    )


@register.filter
def rials(value) -> SafeString:
    """Markup: an amount with its unit; none or zero is free of charge."""
    if not value:
        return format_html('<span class="t-good">{}</span>', _("Free"))
    amount = numbers.format_number(value, language=current_language())
    return format_html('<span class="nowrap"><bdi dir="ltr">{}</bdi> {}</span>', amount, _("rials"))


@register.filter
def code(value) -> SafeString:
    """Markup: a tracking code, an indicator's code, an address: Latin, left to right, in the text of either language."""
    return format_html('<bdi class="code" dir="ltr">{}</bdi>', value) if value else SafeString(NOTHING)


@register.filter
def digits(value) -> str:
    """Text with its digits in those of the language; nothing else changes."""
    text = conditional_escape(value)
    return SafeString(numbers.persian_digits(text)) if current_language() == "fa" else text


@register.filter
def typed(value) -> str:
    """Text, for the value of an input: a canonical number as the language's readers type it; what is no number as it is."""
    try:
        return numbers.format_number(value, language=current_language())
    except (ArithmeticError, ValueError):
        return digits(value)


@register.filter
def listed(parts) -> str:
    """Text: `{{ names|listed }}`, with the comma of the language."""
    return numbers.listed(parts)


@register.filter
def filesize(size) -> str:
    """Text: bytes as a person reads them."""
    number, unit = Decimal(size or 0), _("bytes")
    for name in (_("kilobytes"), _("megabytes"), _("gigabytes")):
        if number < 1024:
            break
        number, unit = number / 1024, name
    places = 1 if number < 10 and unit != _("bytes") else 0
    return f"{numbers.format_number(number, places, language=current_language())} {unit}"


# --------------------------------------------------------------------- dates
@register.filter
def jdate(value: date | datetime | None, style: str = "long") -> str:
    """Text: `numeric` ۱۴۰۵/۰۹/۰۴ · `short` ۴ آذر · `long` ۴ آذر ۱۴۰۵ · `full` چهارشنبه ۴ آذر ۱۴۰۵."""
    return jalali.format_date(value, style, current_language()) if value else NOTHING


@register.filter
def jmonth(value: date | datetime | None) -> str:
    """Text: its Jalali month, `خرداد ۱۴۰۵`."""
    return jalali.format_month(value, current_language()) if value else NOTHING


@register.filter
def jdatetime(value: datetime | None, style: str = "long") -> str:
    """Text: as jdate, with the time in Tehran."""
    return jalali.format_datetime(value, style, current_language()) if value else NOTHING


@register.filter
def jtime(value: datetime | None) -> str:
    """Text: the time in Tehran."""
    return jalali.format_time(value, current_language()) if value else NOTHING


@register.filter
def lastday(value: datetime | None, style: str = "long") -> str:
    """Text: the last day that an exclusive end instant still covers (00:00 of the 5th ends the 4th)."""
    return jalali.format_date(value - timedelta(microseconds=1), style, current_language()) if value else NOTHING


@register.filter
def until(value: datetime | None) -> str:
    """«تا پایان چهارشنبه ۴ آذر»: the day that a deadline ends, beside a countdown that says how long is left."""
    return NOTHING if value is None else durations.until_words(value, current_language())


@register.filter
def ending(value: datetime | None) -> str:
    """The end of a deadline inside a sentence: “the end of Wednesday 4 Azar 1405”, or the hour where it is not a midnight."""
    return NOTHING if value is None else deadlines.until(value)


@register.filter
def shown(value) -> str:
    """A value of a table as its kind is written: instants and days, numbers, texts. `{{ value|shown }}`"""
    if isinstance(value, datetime):
        return format_html(
            '<span class="nowrap">{}</span> <span class="nowrap">{}</span>', jdate(value, "numeric"), jtime(value)
        )
    if isinstance(value, date):
        return format_html('<span class="nowrap">{}</span>', jdate(value, "numeric"))
    if isinstance(value, int | float | Decimal):
        return num(value, None if float(value).is_integer() else 1)
    return NOTHING if value is None or value == "" else conditional_escape(value)


@register.filter
def span(value: timedelta | None) -> str:
    """Text: a length of time in its two largest units."""
    return NOTHING if value is None else durations.span_words(value, current_language())
