"""Workbooks of one fault each that other programs take: every one goes from the import to the letter, and means what its author meant."""

import pytest

from reports.invariants import broken
from tests.books import BOOKS
from tests.many_workbooks import Way

pytestmark = pytest.mark.django_db
# These go the whole way in every run; all of them do in `make test-full`.
THROUGHOUT = ("no indicators", "repeat with sums", "choices of one name", "indicators of its own")


def test_there_are_many_and_each_has_a_fault_of_its_own():
    assert len({book.fault for book in BOOKS}) == len(BOOKS) >= 40


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.fault)
def test_it_imports_is_filled_in_is_sent_and_read_by_a_reviewer(book, cast, client_for):
    way = Way(book, cast, client_for)
    way.import_it()
    way.fill_in()
    way.send()
    way.review()


def throughout(book, cast, client_for) -> None:
    way = Way(book, cast, client_for)
    for step in (way.import_it, way.fill_in, way.send, way.review, way.correct, way.announce, way.contest, way.export):
        step()
    assert list(broken()) == []


@pytest.mark.parametrize("book", [b for b in BOOKS if b.fault in THROUGHOUT], ids=lambda book: book.fault)
def test_it_goes_the_whole_way(book, cast, client_for):
    throughout(book, cast, client_for)


@pytest.mark.full
@pytest.mark.parametrize("book", [b for b in BOOKS if b.fault not in THROUGHOUT], ids=lambda book: book.fault)
def test_all_the_others_go_the_whole_way_too(book, cast, client_for):
    throughout(book, cast, client_for)
