"""What a result's page and letter say where rounded parts do not add up to their rounded sum."""

from decimal import Decimal

import pytest
from django.utils import translation

from reports.models import ResultVersion
from reports.pages.result.page import AreaRow, ResultView
from tests.pieces import drawn


def view(total: str, *areas: tuple[str, str]) -> ResultView:
    """`areas`: (points, weight)."""
    rows = [AreaRow(f"s{n}", f"s{n}", Decimal(p), Decimal(w), False, None, None) for n, (p, w) in enumerate(areas)]
    return ResultView(
        ResultVersion(total=Decimal(total)), rows, [(row, []) for row in rows if not row.points], [], None, True, []
    )


@pytest.mark.parametrize(
    ("result", "shown", "rounded"),
    [
        (view("76.105", ("38.054", "50"), ("38.051", "50")), "76.105", True),  # 38.05 + 38.05 beside 76.11
        (view("76.1", ("38.05", "50"), ("38.05", "50")), "76.1", False),
        (view("75", ("30", "50"), ("15", "10")), "45", False),  # out of 60: the total is a share, not the sum
        (view("33.33333333", ("33.3333333333", "66.6666666667"), ("0", "33.3333333333")), "33.33333333", False),
    ],
)
def test_the_foot_is_the_sum_and_what_rounding_does_is_said(result, shown, rounded):
    assert (result.points_shown, result.is_rounded) == (Decimal(shown), rounded)


def test_the_letter_says_why_its_parts_do_not_add_up():
    result = view("76.105", ("38.054", "50"), ("38.051", "50"))
    with translation.override("fa"):
        text = drawn("letters/_table.html", "letters_table", result=result, version=result.version, peers=None)
    assert "۷۶٫۱۱" in text
    assert text.count("۳۸٫۰۵") == 2
    assert "گرد شده" in text


def test_the_foot_names_the_weight_that_there_is():
    result = view("75", ("30", "50"), ("15", "10"))
    with translation.override("fa"):
        foot = drawn("letters/_table.html", "letters_table", result=result, version=result.version, peers=None)
    foot = foot.partition("<tfoot>")[2]
    assert "۶۰" in foot
    assert "۴۵٫۰۰" in foot
    assert "۷۵" in foot
