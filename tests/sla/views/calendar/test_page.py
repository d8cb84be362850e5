"""The calendar's page: who turned which day on or off and why, in which hours is worked, what a late change does."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.jalali import from_jalali, to_jalali
from sla.actions.calendar import add_holiday, remove_holiday, seed_holidays
from sla.actions.clocks import open_request, start_clock
from sla.models import Holiday
from tests.factories import make_service

DAY = timedelta(days=1)
PAGE = "sla:calendar"


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture
def changed(cast, service):
    """Laleh closed two days of 1405 and opened one of them again."""
    add_holiday(day=from_jalali(1405, 9, 10), title="آلودگی هوا", by=cast.laleh)
    storm = add_holiday(day=from_jalali(1405, 10, 5), title="برف سنگین", by=cast.laleh)
    remove_holiday(holiday=storm, by=cast.laleh, reason="هواشناسی هشدار را پس گرفت")


def page(client, year=1405, **query):
    return client.get(reverse(PAGE), {"year": year, **query})


@pytest.mark.parametrize("who", ["nader", "sara", "laleh"])
def test_whoever_signs_in_reads_who_changed_what_and_why(client_for, cast, changed, who):
    text = page(client_for(getattr(cast, who))).content.decode()
    told = ("۱۰ آذر ۱۴۰۵ تعطیل شد", "آلودگی هوا", "۵ دی ۱۴۰۵ روز کاری شد", "هواشناسی هشدار را پس گرفت", "لاله حسینی")
    assert [words for words in told if words not in text] == []


def test_the_public_reads_what_was_changed_and_no_name(client, changed):
    text = page(client).content.decode()
    assert "هواشناسی هشدار را پس گرفت" in text
    assert "لاله حسینی" not in text


def test_a_year_tells_its_own_changes_only(client, changed):
    seed_holidays(years=[1405, 1406], by=None)
    (seeded,) = page(client, 1406).context["changes"]
    assert (seeded.day, seeded.count) == (None, len(days(1406)))
    told = [(c.day is None, c.added) for c in page(client, 1405).context["changes"]]
    assert told == [(True, False), (False, False), (False, True), (False, True)]
    assert page(client, 1404).context["changes"] == []


def days(year):
    from sla.models import Holiday

    return [h for h in Holiday.objects.all() if to_jalali(h.day)[0] == year]


def test_the_days_stand_by_month(client, changed, cast):
    add_holiday(day=from_jalali(1405, 9, 3), title="تعطیلی", by=cast.laleh)
    months = page(client).context["months"]
    assert [(name, [to_jalali(h.day)[2] for h in found]) for name, found in months] == [("آذر", [3, 10])]


def test_weekend_and_working_hours_are_those_of_the_settings(client, service, settings):
    settings.WEEKEND_DAYS, settings.WORKING_HOURS = [4], [7, 14]
    text = page(client).content.decode()
    assert "جمعه" in text
    assert "۷ تا ۱۴ به وقت تهران" in text


def test_a_late_change_says_how_many_requests_are_counted_anew_and_that_no_deadline_moves(
    client_for, cast, service, clock
):
    now = database_now()
    for _n in range(2):
        request = open_request(
            unit=cast.a, request_type=service.request_types.first(), agreement=service.agreement_versions.get(),
            price_rials=0, at=now,
        )  # fmt: skip
        start_clock(request, now)
    clock.move(days=20)
    day = next(d for n in range(1, 9) if (d := tehran_date(now + n * DAY)).weekday() not in (3, 4))
    typed = "{}/{}/{}".format(*to_jalali(day))
    response = client_for(cast.laleh).post(reverse(PAGE), {"day": typed, "title": "آلودگی هوا"}, follow=True)
    text = response.content.decode()
    assert "زمان کاری ۲ درخواست دوباره محاسبه شد" in text
    assert "مهلت‌هایی که داده شده است جابه‌جا نمی‌شود" in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_questions_do_not_grow_with_the_changes(client_for, cast, service, count, django_assert_num_queries):
    for n in range(count):
        add_holiday(day=from_jalali(1405, 9, 10 + n), title="آلودگی هوا", by=cast.laleh)
    client = client_for(cast.nader)
    page(client)
    with django_assert_num_queries(11):
        assert len(page(client).context["changes"]) == count


def test_a_file_of_days_that_is_refused_says_what_is_wrong_and_stores_nothing(client_for, cast, service):
    bad = SimpleUploadedFile("days.csv", "تاریخ,عنوان\n1405/13/1,روز ملی\n".encode())
    answer = client_for(cast.laleh).post("/calendar/file/", {"days_file": bad})
    assert (answer.status_code, "1405/13/1" in answer.content.decode()) == (422, False)
    assert "ماه" in answer.content.decode()
    assert not Holiday.objects.exists()


def test_a_file_of_days_as_excel_on_persian_windows_saves_it_is_read(client_for, cast, service):
    file = SimpleUploadedFile("days.csv", "تاريخ;عنوان\r\n1405/01/13;روز طبيعت\r\n".encode("cp1256"))
    assert client_for(cast.laleh).post("/calendar/file/", {"days_file": file}).status_code == 302
    assert Holiday.objects.get().title == "روز طبیعت"
