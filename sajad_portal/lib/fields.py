"""Form fields for what people in Iran type: Jalali dates, numbers in any digits, normalised text.

Text inputs all, never type=number or type=date; the calendar (data-day) only helps to fill them.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .clock import TEHRAN, end_of_day, start_of_day
from .errors import Refused
from .jalali import format_date, parse_date, parse_datetime, split_time
from .language import Words, current_language
from .numbers import TwoReadings, format_number, parse_number, parse_whole, persian_digits, plain
from .text import normalise


def _is_persian() -> bool:
    return current_language() == "fa"


def _digits(text: str) -> str:
    return persian_digits(text) if _is_persian() else text


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """What may be chosen, where it depends on who is asked for what."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField), name
    field.choices = list(choices)


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet) -> forms.ModelChoiceField:
    """Which rows may be chosen; the field, for whoever wants to word them."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField), name
    field.queryset = rows
    return field


class TextField(forms.CharField):
    """Text as it is stored: Persian letters, no stray controls, ZWNJ kept."""

    def to_python(self, value):
        return normalise(super().to_python(value))


class _Read(forms.CharField):
    """A text input whose text a parser reads; the parser's refusal is the field's error."""

    attrs: dict[str, str] = {}

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), "autocomplete": "off", **self.attrs}

    def to_python(self, value):
        if value is None or isinstance(value, (date, Decimal, int)):
            return value
        text = super().to_python(value)
        if not text:
            return None
        try:
            return self.read(text)
        except Refused as refusal:
            readings = refusal.offered if isinstance(refusal, TwoReadings) else []
            raise ValidationError(str(refusal), code=refusal.code, params={"readings": readings}) from refusal

    def read(self, text: str):
        raise NotImplementedError

    def clean(self, value):
        # Not CharField's validators: they measure text, and the value is no text any more.
        value = self.to_python(value)
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return value

    def has_changed(self, initial, data) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class JalaliDateField(_Read):
    """A Jalali date as typed; cleaned to a Gregorian date."""

    attrs = {"inputmode": "numeric", "data-day": ""}

    def read(self, text):
        return parse_date(text)

    def prepare_value(self, value):
        return format_date(value, "numeric") if isinstance(value, date) else value


class JalaliMomentField(_Read):
    """A Jalali date with an optional time; cleaned to an aware datetime.

    Without a time it means 00:00 of that day, or with `ends=True` the end of that day, as deadlines are meant.
    """

    attrs = {"inputmode": "text", "data-day": ""}

    def __init__(self, *, ends: bool = False, **kwargs):
        self.ends = ends
        super().__init__(**kwargs)

    def read(self, text):
        if split_time(text)[1]:
            return parse_datetime(text)
        day = parse_date(text)
        return end_of_day(day) if self.ends else start_of_day(day)

    def prepare_value(self, value):
        if not isinstance(value, datetime):
            return value
        local = value.astimezone(TEHRAN)
        if local.time() == time():
            return format_date(local.date() - timedelta(days=self.ends), "numeric")
        return f"{format_date(local.date(), 'numeric')} {_digits(f'{local:%H:%M}')}"


class NumberField(_Read):
    """A decimal number in any digits, with its limits in words."""

    attrs = {"inputmode": "decimal"}

    def __init__(self, *, least=None, most=None, affix: Words = "", **kwargs):
        self.least, self.most, self.affix = least, most, affix
        super().__init__(**kwargs)

    def read(self, text):
        return self._within(parse_number(text))

    def _within(self, value):
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise Refused(self._limits(), code="out-of-range")
        return value

    def _limits(self) -> str:
        language = "fa" if _is_persian() else "en"
        told = {key: format_number(getattr(self, key), language=language) for key in ("least", "most")}
        if self.most is None:
            return _("Write a number of at least %(least)s.") % told
        if self.least is None:
            return _("Write a number of at most %(most)s.") % told
        return _("Write a number from %(least)s to %(most)s.") % told

    def prepare_value(self, value):
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            text = plain(Decimal(value))
            return _digits(text.replace(".", "٫")) if _is_persian() else text
        return value


class WholeField(NumberField):
    """A whole number; cleaned to an int."""

    attrs = {"inputmode": "numeric"}

    def read(self, text):
        return self._within(parse_whole(text))
