"""Pages by key: nothing twice, nothing left out, whatever comes and goes meanwhile."""

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from sajad_portal.lib.paging import page_of
from tests.factories import make_unit
from units.models import Unit

pytestmark = pytest.mark.django_db
BY = ("kind_id", "-name", "pk")


def asked(address: str = ""):
    return RequestFactory().get(f"/list/{address}")


@pytest.fixture
def units():
    names = ["آ", "ب", "ب", "پ", "ت", "ث", "ج"]
    return [make_unit(name=name, kind="office" if i % 2 else "department") for i, name in enumerate(names)]


def pages(by=BY, size=2, start="", word="next"):
    seen, address = [], start
    while True:
        page = page_of(Unit.objects.all(), asked(address), by=by, size=size)
        seen.append([unit.pk for unit in page])
        address = getattr(page, word)
        if not address:
            return seen


def test_every_row_is_on_exactly_one_page(units):
    expected = list(Unit.objects.order_by(*BY).values_list("pk", flat=True))
    assert [pk for page in pages() for pk in page] == expected


def test_walking_back_shows_the_same_pages(units):
    forward = pages(size=3)
    last = page_of(Unit.objects.all(), asked(page_of(Unit.objects.all(), asked(), by=BY, size=3).next), by=BY, size=3)
    back = page_of(Unit.objects.all(), asked(last.previous), by=BY, size=3)
    assert [unit.pk for unit in back] == forward[0]
    assert back.previous == ""
    assert back.next != ""


def test_a_list_that_fits_has_no_other_page(units):
    page = page_of(Unit.objects.all(), asked(), by=BY, size=7)
    assert (len(page), page.previous, page.next) == (7, "", "")


def test_a_row_that_comes_before_shifts_nothing(units):
    first = page_of(Unit.objects.all(), asked(), by=("name", "pk"), size=3)
    make_unit(name="آآ")
    second = page_of(Unit.objects.all(), asked(first.next), by=("name", "pk"), size=3)
    assert not {unit.pk for unit in first} & {unit.pk for unit in second}


def test_the_filters_of_the_list_stay_in_the_address(units):
    page = page_of(Unit.objects.all(), asked("?q=%D8%A8&status=open"), by=BY, size=2)
    assert QueryDict(page.next[1:]).dict().keys() == {"q", "status", "after"}


@pytest.mark.parametrize("key", ["x", "W10", "WzEsMiwzXQ", "WyJzYSJd", "bnVsbA", "W251bGwsbnVsbCxudWxsXQ", "=%00"])
def test_a_key_that_was_tampered_with_gives_a_page_and_no_error(units, key):
    page = page_of(Unit.objects.all(), asked(f"?after={key}"), by=BY, size=2)
    assert len(page) <= 2


def test_a_page_is_one_query(units, django_assert_num_queries):
    with django_assert_num_queries(1):
        page_of(Unit.objects.all(), asked(), by=BY, size=2)
