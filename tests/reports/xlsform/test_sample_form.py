"""The sample guide that ships with the portal."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from reports.scoring import score_report
from reports.xlsform import FormDefinition, FormEngine, parse_form
from reports.xlsform.sample_form import build

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def definition() -> FormDefinition:
    return parse_form(build())


@pytest.fixture(scope="module")
def at_standard(definition) -> dict[str, str]:
    """Answers that reach every standard exactly."""
    answers = {}
    for indicator in definition.indicators:
        if "value" in indicator.inputs:
            answers[indicator.inputs["value"]] = indicator.standard
        elif indicator.inputs:
            reached = Decimal(indicator.standard) * 100 / Decimal(indicator.scale)
            answers[indicator.inputs["numerator"]] = str(int(reached))
            answers[indicator.inputs["denominator"]] = "100"
    return answers


def test_it_has_39_indicators_in_9_areas_whose_weights_sum_to_100(definition):
    assert len(definition.indicators) == 39
    assert len(definition.sections) == 9
    assert sum(Decimal(indicator.weight) for indicator in definition.indicators) == 100
    assert {indicator.aggregate for indicator in definition.indicators} == {"ratio", "mean", "sum", "none"}


def test_it_is_read_without_a_warning(definition):
    assert (definition.warnings, definition.unsupported) == ((), ())
    assert definition.languages == ("fa", "en")


def test_everything_a_person_reads_is_in_both_languages(definition):
    for item in (*definition.sections, *definition.questions, *definition.indicators):
        assert set(item.label) == {"fa", "en"}, item
    for indicator in definition.indicators:
        assert indicator.unit
        assert indicator.unit_en
        assert bool(indicator.evidence) == bool(indicator.evidence_en) == (indicator.source == "")


def test_every_ratio_has_its_inputs_and_a_calculation(definition):
    ratios = [indicator for indicator in definition.indicators if indicator.aggregate == "ratio"]
    assert len(ratios) == 31
    for indicator in ratios:
        assert set(indicator.inputs) == {"numerator", "denominator"}
        assert definition.question(indicator.ratio).type == "calculate"


def test_every_mean_says_what_it_is_weighted_by(definition):
    means = [indicator for indicator in definition.indicators if indicator.aggregate == "mean"]
    assert len(means) == 5
    assert all(definition.question(indicator.weightby) for indicator in means)


def test_timeliness_is_filled_by_the_portal(definition):
    indicator = definition.indicator("MGT-03")
    assert (indicator.source, indicator.inputs, indicator.weight) == ("timeliness", {}, "2")


def test_reaching_every_standard_earns_100(definition, at_standard):
    evaluation = FormEngine(definition).evaluate(at_standard, at=AT)
    assert not evaluation.missing
    assert not evaluation.errors
    assert score_report(definition.indicators, at_standard, on_time=True).total == 100


def test_a_part_larger_than_its_whole_is_told_in_persian(definition, at_standard):
    found = FormEngine(definition).evaluate({**at_standard, "drm_01_n": "101"}, at=AT, language="fa")
    assert list(found.errors) == ["drm_01_n"]
    assert "متقاضی واجد شرایط" in found.errors["drm_01_n"]


def test_a_part_typed_before_its_whole_is_no_error(definition):
    assert FormEngine(definition).evaluate({"drm_01_n": "101"}, at=AT).errors == {}


def test_progress_may_run_ahead_of_its_plan(definition):
    found = FormEngine(definition).evaluate({"drm_07_n": "60", "drm_07_d": "50"}, at=AT)
    assert (found.errors, found.values["drm_07"]) == ({}, "120")


def test_it_is_built_the_same_every_time_and_reads_right_to_left(tmp_path):
    assert build() == build()
    out = Path(tmp_path) / "guide.xlsx"
    out.write_bytes(build())
    book = load_workbook(out)
    assert book.sheetnames == ["survey", "choices", "settings", "راهنما"]
    assert all(sheet.sheet_view.rightToLeft for sheet in book)


def test_the_command_writes_it(tmp_path, capsys):
    out = tmp_path / "guide.xlsx"
    call_command("buildsampleform", str(out))
    assert out.read_bytes() == build()
    assert str(out) in capsys.readouterr().out
