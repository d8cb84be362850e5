"""Measured times on the public page of a service."""

from datetime import timedelta

import pytest
from django.urls import reverse

from sla.actions.calendar import add_holiday
from sla.actions.clocks import open_request, start_clock, stop_clock
from tests.factories import make_service
from tests.instants import tehran

DAY = timedelta(days=1)
KHORDAD, TIR = tehran(1405, 3, 2, 8), tehran(1405, 4, 6, 8)  # Saturdays


@pytest.fixture
def service(cast):
    return make_service(cast)


@pytest.fixture
def page(client, service, clock):
    clock.move_to(tehran(1405, 5, 10))
    return lambda: client.get(reverse("reports:service", args=[service.slug]))


def answered(cast, service, start, days):
    request = open_request(
        unit=cast.a, request_type=service.request_types.get(code="periodic-report"),
        agreement=service.agreement_versions.get(), price_rials=0, at=start,
    )  # fmt: skip
    start_clock(request, start)
    stop_clock(request, start + days * DAY)


def test_five_requests_of_a_month_are_told_with_the_share_within_the_target(cast, service, page):
    for days in (1, 2, 3, 4, 35):
        answered(cast, service, KHORDAD, days)
    for days in (1, 2, 3, 4, 4):
        answered(cast, service, TIR, days)
    text = page().content.decode()
    assert all(words in text for words in ("۹۰\u200f٪ در زمان هدف", "ماه به ماه", "خرداد ۱۴۰۵", "تیر ۱۴۰۵"))


def test_four_are_withheld_and_not_even_counted(cast, service, page):
    for _n in range(4):
        answered(cast, service, KHORDAD, 3)
    response = page()
    assert "درخواست؛ منتشر نمی‌شود" in response.content.decode()
    assert response.context["counted"] == 0


def test_a_small_month_is_in_no_sum_from_which_it_could_be_taken(cast, service, page):
    for _n in range(5):
        answered(cast, service, KHORDAD, 3)
    for _n in range(2):
        answered(cast, service, TIR, 4)
    response = page()
    assert response.context["counted"] == 5
    assert "تیر ۱۴۰۵" not in response.content.decode()


def test_how_it_is_computed_stands_beside_it(service, page):
    text = page().content.decode()
    assert "این رقم‌ها چگونه حساب می‌شود؟" in text
    assert "روز کاری از ساعت ۸ تا ۱۶ به وقت تهران است" in text


def test_a_closure_announced_late_leaves_the_figures_that_are_published(cast, service, page):
    for _n in range(5):
        answered(cast, service, KHORDAD, 4)
    before = page().context["figures"][0].mean
    add_holiday(day=(KHORDAD + DAY).date(), title="آلودگی هوا", by=cast.laleh)
    assert (before, page().context["figures"][0].mean) == (4.0, 4.0)


@pytest.mark.parametrize("count", [1, 3])
def test_the_questions_do_not_grow_with_the_requests(cast, service, page, count, django_assert_num_queries):
    for _n in range(count):
        answered(cast, service, KHORDAD, 3)
    with django_assert_num_queries(16):
        page()
