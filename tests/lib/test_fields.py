"""What people type into fields, and what the portal makes of it."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from sajad_portal.lib.clock import TEHRAN, end_of_day, start_of_day
from sajad_portal.lib.fields import JalaliDateField, JalaliMomentField, NumberField, TextField, WholeField
from sajad_portal.lib.jalali import from_jalali


def moment(*jalali, hour=0, minute=0):
    return datetime.combine(from_jalali(*jalali), datetime.min.time(), TEHRAN) + timedelta(hours=hour, minutes=minute)


@pytest.mark.parametrize("typed", ["1405/09/04", "۱۴۰۵/۹/۴", "1405-9-4", "١٤٠٥/٩/٤", "۴ آذر ۱۴۰۵", " 1405/09/04 "])
def test_a_date_is_read_in_any_digits(typed):
    assert JalaliDateField().clean(typed) == from_jalali(1405, 9, 4)


def test_the_last_day_of_a_leap_year_is_taken():
    assert JalaliDateField().clean("1403/12/30") == from_jalali(1403, 12, 30)


def test_the_thirtieth_of_esfand_is_refused_in_a_common_year():
    with translation.override("fa"), pytest.raises(ValidationError) as refused:
        JalaliDateField().clean("1404/12/30")
    assert "۱۴۰۴" in refused.value.messages[0]
    assert refused.value.code == "not-a-date"


def test_a_date_that_starts_something_is_its_first_instant():
    assert JalaliMomentField().clean("1405/09/04") == start_of_day(from_jalali(1405, 9, 4))


def test_a_date_that_ends_something_is_the_end_of_that_day():
    assert JalaliMomentField(ends=True).clean("1405/09/04") == end_of_day(from_jalali(1405, 9, 4))


@pytest.mark.parametrize("ends", [True, False])
def test_a_time_is_meant_as_written(ends):
    assert JalaliMomentField(ends=ends).clean("۱۴۰۵/۰۹/۰۴ ۱۴:۳۰") == moment(1405, 9, 4, hour=14, minute=30)


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        (JalaliMomentField(ends=True), end_of_day(from_jalali(1405, 9, 4)), "۱۴۰۵/۰۹/۰۴"),
        (JalaliMomentField(), start_of_day(from_jalali(1405, 9, 4)), "۱۴۰۵/۰۹/۰۴"),
        (JalaliMomentField(ends=True), moment(1405, 9, 4, hour=14, minute=30), "۱۴۰۵/۰۹/۰۴ ۱۴:۳۰"),
        (JalaliDateField(), from_jalali(1405, 9, 4), "۱۴۰۵/۰۹/۰۴"),
        (NumberField(), Decimal("12.50"), "۱۲٫۵"),
        (WholeField(), 5, "۵"),
    ],
)
def test_a_stored_value_is_shown_so_that_it_reads_back_the_same(field, value, shown):
    with translation.override("fa"):
        assert field.prepare_value(value) == shown
    assert field.clean(shown) == value


@pytest.mark.parametrize(("typed", "value"), [("12٫5", "12.5"), ("۱۲/۵", "12.5"), ("−3", "-3"), ("1,234", "1234")])
def test_numbers_are_read_as_people_type_them(typed, value):
    assert NumberField().clean(typed) == Decimal(value)


def test_a_number_outside_its_limits_is_refused_with_the_limits():
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        WholeField(least=1, most=60).clean("61")
    assert refused.value.messages == ["Write a number from 1 to 60."]


def test_a_whole_number_takes_no_fraction():
    with pytest.raises(ValidationError) as refused:
        WholeField().clean("2.5")
    assert refused.value.code == "not-whole"


def test_nothing_is_refused_only_where_something_is_needed():
    assert JalaliDateField(required=False).clean("") is None
    with pytest.raises(ValidationError) as refused:
        JalaliDateField().clean(" ")
    assert refused.value.code == "required"


def test_text_is_normalised():
    assert TextField().clean("كيفيت  خدمات‏") == "کیفیت خدمات"
