"""From what counts for each indicator to the score of a version."""

import pytest

from reports.enums import Standing
from reports.queries.result_findings import score_findings
from reports.xlsform import parse_form
from tests.forms import small_form


@pytest.mark.parametrize(
    ("standing", "points"),
    [(Standing.ON_TIME, 10), (Standing.EXTENDED, 10), (Standing.IN_GRACE, 0), (None, 0)],
)
def test_an_extended_submission_counts_as_on_time_and_one_in_grace_does_not(standing, points):
    score = score_findings(parse_form(small_form(), file_name="small.xlsx"), {}, standing)

    assert [each.points for each in score.indicators if each.code == "MGT-01"] == [points]
