"""Who rose and who fell between the first and the last of their results."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reports.analysis.moves import Point, fallen, moves, risen

DAY = date(2025, 3, 21)


def point(who, month, total, report, family="a"):
    return Point(who, family, DAY + timedelta(days=30 * month), Decimal(total), report)


def test_the_first_and_the_last_count_and_what_lies_between_does_not():
    found = moves([point(1, 2, "70", 12), point(1, 0, "50", 10), point(1, 1, "95", 11)])

    assert [(m.first.report, m.last.report, m.change, m.results) for m in found] == [(10, 12, 20, 3)]


def test_one_result_moves_nothing():
    assert moves([point(1, 0, "50", 10), point(2, 0, "60", 11)]) == []


def test_two_results_of_one_period_move_nothing():
    assert moves([point(1, 0, "50", 10), point(1, 0, "60", 11)]) == []


def test_results_of_two_forms_are_never_compared():
    assert moves([point(1, 0, "50", 10, "a"), point(1, 1, "60", 11, "b")]) == []


def test_who_stands_still_neither_rises_nor_falls():
    found = moves([
        point(1, 0, "50", 10), point(1, 1, "60", 11), point(2, 0, "50", 20), point(2, 1, "50", 21),
        point(3, 0, "50", 30), point(3, 1, "20", 31), point(4, 0, "50", 40), point(4, 1, "45", 41),
    ])  # fmt: skip

    assert [move.last.who for move in risen(found, 8)] == [1]
    assert [move.last.who for move in fallen(found, 8)] == [3, 4]
    assert [move.last.who for move in fallen(found, 1)] == [3]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5), st.integers(0, 100)), max_size=20))
def test_no_order_of_the_rows_changes_who_moved(rows):
    points = [point(who, month, total, n) for n, (who, month, total) in enumerate(rows)]

    assert moves(points) == moves(points[::-1])
    assert all(move.first.at < move.last.at and move.first.who == move.last.who for move in moves(points))
