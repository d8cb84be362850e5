"""The working calendar: seeded, edited, never moving a deadline that was handed out."""

from datetime import date

import pytest

from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import from_jalali, to_jalali
from sla.actions.calendar import add_holiday, remove_holiday, seed_holidays
from sla.calendar.holidays_iran import official_holidays
from sla.models import Holiday
from tests.factories import make_service
from units.models import Event


@pytest.fixture(autouse=True)
def _provider(cast):
    make_service(cast)


def days_of(year):
    return {to_jalali(holiday.day)[1:]: holiday.title for holiday in official_holidays(year)}


def test_the_official_year_has_nowruz_and_the_fixed_holidays():
    days = days_of(1406)
    assert {(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29)} <= set(days)
    assert days[(1, 2)] == "عید نوروز"


def test_the_last_day_of_esfand_is_off_in_a_leap_year():
    assert (12, 30) in days_of(1403)
    assert (12, 30) not in days_of(1404)


def test_a_jalali_year_takes_its_days_out_of_two_gregorian_ones():
    found = official_holidays(1405)
    assert all(to_jalali(holiday.day)[0] == 1405 for holiday in found)
    assert {holiday.day.year for holiday in found} == {2026, 2027}


def test_estimated_lunar_holidays_say_so_in_both_languages():
    estimated = [holiday for holiday in official_holidays(1407) if "تخمینی" in holiday.title]
    assert estimated
    assert all("estimated" in holiday.title_en for holiday in estimated)


def test_seeding_twice_adds_nothing_twice(cast):
    first = seed_holidays(years=[1405, 1406], by=None)
    assert first == Holiday.objects.count() > 40
    assert seed_holidays(years=[1405, 1406], by=cast.admin) == 0
    assert Event.objects.filter(noun="holiday", verb="seed").count() == 1


def test_a_day_that_was_made_a_working_day_is_not_seeded_again(cast):
    seed_holidays(years=[1405], by=None)
    wrong = Holiday.objects.get(day=from_jalali(1405, 3, 14))
    remove_holiday(holiday=wrong, by=cast.admin, reason="تقویم رسمی آن را تعطیل نمی‌داند")
    assert seed_holidays(years=[1405], by=None) == 0
    assert not Holiday.objects.filter(day=wrong.day).exists()


@pytest.mark.parametrize("who", ["laleh", "admin"])
def test_administrators_and_coordinators_of_the_provider_keep_it(cast, who):
    holiday = add_holiday(day=date(2026, 11, 30), title="تعطیلی آلودگی هوا", by=getattr(cast, who))
    event = Event.objects.get(noun="holiday", verb="add")
    assert (holiday.source, event.key, event.data["title"]) == ("closure", "2026-11-30", "تعطیلی آلودگی هوا")


@pytest.mark.parametrize("who", ["sara", "reza", "omid", "nader", "stranger"])
def test_nobody_else_keeps_it(cast, who):
    holiday = add_holiday(day=date(2026, 11, 30), title="تعطیلی", by=cast.laleh)
    with pytest.raises(Forbidden):
        add_holiday(day=date(2026, 12, 1), title="تعطیلی", by=getattr(cast, who))
    with pytest.raises(Forbidden):
        remove_holiday(holiday=holiday, by=getattr(cast, who), reason="بی‌دلیل نه")
    assert Holiday.objects.count() == 1


def test_a_day_is_off_once(cast):
    add_holiday(day=date(2026, 11, 30), title="تعطیلی", by=cast.laleh)
    with pytest.raises(Refused) as refusal:
        add_holiday(day=date(2026, 11, 30), title="تعطیلی دیگر", by=cast.laleh)
    assert refusal.value.code == "holiday-exists"


def test_removing_wants_a_reason_and_is_told_once(cast):
    holiday = add_holiday(day=date(2026, 11, 30), title="تعطیلی", by=cast.laleh)
    with pytest.raises(Refused):
        remove_holiday(holiday=holiday, by=cast.laleh, reason=" ")
    for _click in range(2):
        remove_holiday(holiday=holiday, by=cast.laleh, reason="لغو شد")
    assert Event.objects.filter(noun="holiday", verb="remove").count() == 1
