"""One list for every page: what the address says is shown, what it says wrongly is passed over."""

import random
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from sajad_portal.lib.lists import Column, Listing
from tests.factories import make_unit
from tests.instants import tehran
from units.models import Unit

pytestmark = pytest.mark.django_db
COLUMNS = (
    Column("name", "Name", by=("sort_key",), fixed=True),
    Column("kind", "Kind", by=("kind_id", "-sort_key")),
    Column("retired", "Retired", by=("retired_at",), falls=True, blank=True),
    Column("depth", "Depth"),
    Column("code", "Code", by=("code",), optional=True),
)
UNITS = Listing(*COLUMNS, sort="name")
OTHERS = Listing(*COLUMNS, sort="name", prefix="other_")
OPTIONS = [("", "All"), ("office", "Offices"), ("department", "Departments")]
SORTS = ["name", "-name", "kind", "-kind", "retired", "-retired", "code", "-code"]


def listed(address: str = ""):
    return UNITS.of(RequestFactory().get(f"/list/{address}"))


def params(address: str) -> dict:
    return dict(QueryDict(address.lstrip("?")).lists())


@pytest.fixture
def units():
    """Thirty units with few names, kinds and moments among them, so that there are ties; some moments are missing."""
    dice, at = random.Random(7), tehran(1405, 2, 1, 9)
    found = [
        make_unit(name=dice.choice(["الف", "ب", "پ", "گ"]), kind=dice.choice(["office", "department"]))
        for _n in range(30)
    ]
    for unit in found:
        unit.retired_at = dice.choice([None, at, at + timedelta(days=1), at + timedelta(microseconds=1)])
        unit.save()
    return found


def walk(address: str, word: str = "next", size: int = 4) -> tuple[list[int], str]:
    """The keys on all pages from `address` on, and the address of the last one."""
    keys: list[int] = []
    while True:
        page = listed(address).page(Unit.objects.all(), size=size)
        found = [unit.pk for unit in page]
        keys = keys + found if word == "next" else found + keys
        if not getattr(page, word):
            return keys, address
        address = getattr(page, word)


# ------------------------------------------------------------------------------------------------------------- order
@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_shows_every_row_once_forwards_and_backwards(units, sort):
    forwards, last = walk(f"?sort={sort}")
    backwards, _first = walk(last, "previous")

    assert sorted(forwards) == sorted(unit.pk for unit in units)
    assert backwards == forwards


@pytest.mark.parametrize("sort", ["retired", "-retired"])
def test_rows_without_the_moment_stand_last_in_either_direction(units, sort):
    moments = [Unit.objects.get(pk=pk).retired_at for pk in walk(f"?sort={sort}")[0]]
    known = [moment for moment in moments if moment]

    assert moments[: len(known)] == known
    assert known == sorted(known, reverse=sort.startswith("-"))
    assert None in moments


def test_names_are_in_the_order_of_the_persian_alphabet(units):
    names = [Unit.objects.get(pk=pk).name for pk in walk("?sort=name")[0]]
    assert list(dict.fromkeys(names)) == ["الف", "ب", "پ", "گ"]


def test_a_head_sorts_by_its_column_and_turns_it_round(units):
    heads = {head.key: head for head in listed("?sort=kind").heads}
    assert (heads["kind"].direction, params(heads["kind"].url)) == ("ascending", {"sort": ["-kind"]})
    assert (heads["name"].direction, params(heads["name"].url)) == ("", {})  # the order at first needs no word
    assert params(heads["retired"].url) == {"sort": ["-retired"]}  # the newest first
    assert heads["depth"].url == ""


def test_sorting_keeps_what_narrows_and_begins_at_the_first_page(units):
    page = listed("?q=x&kind=office&cols=kind").page(Unit.objects.all(), size=2)
    heads = {head.key: head for head in listed(page.next).heads}
    assert params(heads["kind"].url) == {"q": ["x"], "kind": ["office"], "cols": ["kind"], "sort": ["kind"]}


@pytest.mark.parametrize(
    "address", ["?sort=nonsense", "?sort=", "?sort=--name", "?sort=depth", "?sort=pk", "?sort=%00"]
)
def test_an_order_that_there_is_none_of_is_passed_over(units, address):
    assert listed(address).sort == "name"
    assert len(listed(address).page(Unit.objects.all(), size=5)) == 5


@pytest.mark.parametrize(("first", "then"), [("name", "retired"), ("retired", "name"), ("-kind", "code")])
def test_a_page_of_another_order_is_no_error(units, first, then):
    address = listed(f"?sort={first}").page(Unit.objects.all(), size=5).next.replace(f"sort={first}", f"sort={then}")
    assert len(listed(address).page(Unit.objects.all(), size=5)) <= 5


# ----------------------------------------------------------------------------------------------------------- columns
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("", ["name", "kind", "retired", "depth"]),
        ("?cols=name&cols=code", ["name", "code"]),
        ("?cols=name", ["name"]),
        ("?cols=kind&cols=nonsense", ["name", "kind"]),
        ("?cols=nonsense", ["name", "kind", "retired", "depth"]),
    ],
)
def test_the_columns_that_are_asked_for_are_shown_in_their_order(address, shown):
    assert [head.key for head in listed(address).heads] == shown


def test_choosing_columns_keeps_the_rest_of_the_address(units):
    asked = listed("?q=x&show=part&cols=code&sort=kind&after=abc")
    assert asked.kept_by_layout == [("q", "x"), ("show", "part")]


# ----------------------------------------------------------------------------------------------------------- filters
@pytest.mark.parametrize(("address", "chosen"), [("?kind=office", "office"), ("?kind=nonsense", ""), ("", "")])
def test_a_filter_takes_what_it_offers_and_nothing_else(address, chosen):
    asked = listed(address)
    assert asked.choose("kind", "Kind", OPTIONS) == chosen
    assert asked.narrowed == bool(chosen)


def test_each_narrowing_can_be_taken_away_and_all_of_them(units):
    asked = listed("?q=خوابگاه&kind=office&part=2&sort=-kind&after=abc")
    asked.search("Words")
    asked.choose("kind", "Kind", OPTIONS)

    assert [(n.label, n.value) for n in asked.narrowings] == [("Words", "خوابگاه"), ("Kind", "Offices")]
    without_words, without_kind = (params(n.url) for n in asked.narrowings)
    assert without_words == {"kind": ["office"], "part": ["2"], "sort": ["-kind"]}
    assert without_kind == {"q": ["خوابگاه"], "part": ["2"], "sort": ["-kind"]}
    assert params(asked.whole) == {"part": ["2"], "sort": ["-kind"]}


def test_searching_keeps_the_pills_the_order_and_the_columns(units):
    asked = listed("?q=x&kind=office&menu=1&sort=kind&cols=name&cols=code&after=abc")
    asked.search("Words")
    asked.choose("kind", "Kind", OPTIONS)
    asked.choose("menu", "Menu", [("", "All"), ("1", "One")], menu=True)
    assert asked.kept_by_search == [("kind", "office"), ("sort", "kind"), ("cols", "name"), ("cols", "code")]


def test_a_part_of_the_list_is_no_narrowing(units):
    asked = listed("?show=done&q=x")
    asked.search("Words")
    assert asked.choose("show", "Show", [("todo", "To do"), ("done", "Done")], default="todo", narrows=False) == "done"
    assert params(asked.whole) == {"show": ["done"]}


@pytest.mark.parametrize("sort", SORTS)
def test_a_page_is_one_query_whatever_the_order(units, django_assert_num_queries, sort):
    with django_assert_num_queries(1):
        listed(f"?sort={sort}").page(Unit.objects.all(), size=3)


# ---------------------------------------------------------------------------------------------- two lists on one page
def test_of_two_lists_on_a_page_each_reads_its_own_part_of_the_address(units):
    request = RequestFactory().get("/list/?q=x&sort=kind&other_q=y&other_sort=-code&other_kind=office&other_cols=name")
    one, other = UNITS.of(request), OTHERS.of(request)

    assert (one.search("Words"), one.choose("kind", "Kind", OPTIONS), one.sort) == ("x", "", "kind")
    assert (other.search("Words"), other.choose("kind", "Kind", OPTIONS), other.sort) == ("y", "office", "-code")
    assert (len(one.heads), len(other.heads)) == (4, 1)


def test_what_changes_one_list_leaves_the_other_on_its_page(units):
    request = RequestFactory().get("/list/")
    after = UNITS.of(request).page(Unit.objects.all(), size=2).next
    other = OTHERS.of(RequestFactory().get(f"/list/{after}&other_q=y"))
    other.search("Words")
    page = other.page(Unit.objects.all(), size=2)

    assert set(params(page.next)) == {"after", "other_q", "other_after"}
    assert params(other.whole) == params(after)
    assert dict(other.kept_by_search) == {"after": params(after)["after"][0]}
    assert dict(other.kept_by_layout) == {"after": params(after)["after"][0], "other_q": "y"}
