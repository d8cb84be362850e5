"""What a claim would earn: as if every figure were verified, with what only a reviewer gives counted apart."""

import pytest

from reports.scoring.claims import ClaimedScore, score_claim
from tests.reports.scoring.test_scoring import Measure

RATIO = {"numerator": "n", "denominator": "d"}


def figure(code: str, question: str, **more) -> Measure:
    return Measure(code=code, inputs={"value": question}, **more)


def test_every_figure_is_scored_as_it_is_claimed():
    claim = score_claim([figure("A", "a"), figure("B", "b", weight="30")], {"a": "80", "b": "40"})
    assert (claim.total, claim.open_points, claim.open_count) == ("62.5", "0", 0)
    assert (claim.indicators["B"].points, claim.indicators["B"].weight) == ("15", "30")


def test_what_only_a_reviewer_gives_is_open_and_earns_nothing_yet():
    claim = score_claim([figure("A", "a", weight="75"), figure("M", "m", weight="25", score="manual")], {"a": "80"})
    assert (claim.total, claim.open_points, claim.open_count, claim.at_most) == ("75", "25", 1, "100")
    assert claim.indicators["M"].is_open


def test_a_denominator_of_zero_is_open_until_somebody_agrees():
    claim = score_claim([Measure(code="R", inputs=RATIO)], {"n": "0", "d": "0"})
    assert (claim.total, claim.open_points, claim.open_count) == ("0", "100", 1)


def test_a_missing_figure_earns_nothing_and_is_not_open():
    claim = score_claim([figure("A", "a")], {})
    assert (claim.total, claim.open_points, claim.open_count) == ("0", "0", 0)


def test_what_does_not_apply_gives_its_weight_to_the_others():
    claim = score_claim([figure("A", "a"), figure("B", "b", weight="30")], {"a": "80"}, not_applicable=["B"])
    assert (claim.total, claim.indicators["A"].weight) == ("100", "40")
    assert not claim.indicators["B"].counts


def test_where_nothing_applies_there_is_no_score():
    claim = score_claim([figure("A", "a")], {}, not_applicable=["A"])
    assert (claim.total, claim.at_most) == (None, None)


@pytest.mark.parametrize(("on_time", "total"), [(True, "100"), (False, "0")])
def test_timeliness_is_as_the_report_would_stand(on_time, total):
    assert score_claim([Measure(source="timeliness", inputs={})], {}, on_time=on_time).total == total


def test_an_open_indicator_without_weight_is_not_counted_as_open():
    claim = score_claim([figure("A", "a"), figure("M", "m", weight="0", score="manual")], {"a": "80"})
    assert (claim.open_count, claim.open_points) == (0, "0")


def test_what_is_kept_reads_as_it_was_written():
    claim = score_claim([figure("A", "a"), figure("M", "m", score="manual")], {"a": "55"})
    assert ClaimedScore.from_json(claim.to_json()) == claim
