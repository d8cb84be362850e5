"""Indicators laid over a workbook that somebody else wrote: what comes out is the same form, with what was said of it."""

from reports.xlsform import FormDefinition, FormEngine, parse_form
from reports.xlsform.overlay import LaidIndicator, laid_in, measurable, overlaid
from tests.forms import small_form, workbook

FOREIGN = [
    {"type": "text", "name": "who", "label": "چه کسی", "constraint": ""},
    {"type": "begin_group", "name": "beds", "label": "تخت‌ها", "constraint": ""},
    {"type": "integer", "name": "taken", "label": "تخت پر", "constraint": ". >= 0"},
    {"type": "integer", "name": "all", "label": "همهٔ تخت‌ها", "constraint": ""},
    {"type": "end_group", "name": "", "label": "", "constraint": ""},
    {"type": "select_one l", "name": "kind", "label": "نوع", "constraint": ""},
    {"type": "decimal", "name": "days", "label": "روز انتظار", "constraint": ""},
]
CHOICES = [{"list_name": "l", "name": "a", "label": "الف"}]
SHARE = LaidIndicator(
    "BED-01", "taken", "all", {"weight": "60", "standard": "80", "unit": "٪", "scale": "100", "evidence": "فهرست"}
)
DAYS = LaidIndicator("DAY-01", "days", "", {"weight": "40", "standard": "10", "direction": "down"})


def foreign() -> bytes:
    return workbook(FOREIGN, choices=CHOICES)


def laid(*indicators: LaidIndicator, data: bytes | None = None) -> FormDefinition:
    data = data or foreign()
    return parse_form(overlaid(data, parse_form(data), indicators))


def test_the_questions_stay_as_they_were_and_a_ratio_is_calculated_behind_its_parts():
    definition = laid(SHARE, DAYS)

    assert [question.name for question in definition.questions] == [
        "who", "taken", "all", "ratio_BED_01", "kind", "days",
    ]  # fmt: skip
    assert definition.question("taken").constraint == parse_form(foreign()).question("taken").constraint
    assert (definition.form_id, definition.title) == ("test-form", "فرم آزمون")


def test_what_was_laid_is_what_the_form_measures():
    share, days = laid(SHARE, DAYS).indicators

    assert (share.code, share.inputs, share.ratio, share.section, share.aggregate) == (
        "BED-01", {"numerator": "taken", "denominator": "all"}, "ratio_BED_01", "beds", "ratio",
    )  # fmt: skip
    assert (share.weight, share.standard, share.scale, share.unit, share.evidence) == ("60", "80", "100", "٪", "فهرست")
    assert (days.code, days.inputs, days.weight, days.direction) == ("DAY-01", {"value": "days"}, "40", "down")
    assert share.label_in("fa") == "تخت پر"


def test_a_ratio_is_calculated_and_stays_empty_without_its_whole():
    from tests.reports.xlsform.test_datasets import AT

    engine = FormEngine(laid(SHARE))

    assert engine.evaluate({"taken": "30", "all": "40"}, at=AT).values["ratio_BED_01"] == "75"
    assert engine.evaluate({"taken": "30", "all": "0"}, at=AT).values["ratio_BED_01"] == ""
    assert engine.evaluate({"all": "40"}, at=AT).values["ratio_BED_01"] == ""


def test_the_same_again_gives_the_same_bytes():
    data = foreign()

    assert overlaid(data, parse_form(data), [SHARE, DAYS]) == overlaid(data, parse_form(data), [SHARE, DAYS])


def test_what_was_laid_is_read_back_and_laid_again_without_a_change():
    data = foreign()
    once = overlaid(data, parse_form(data), [SHARE, DAYS])

    again = overlaid(once, parse_form(once), laid_in(parse_form(once)))

    assert parse_form(again).indicators == parse_form(once).indicators
    assert [question.name for question in parse_form(again).questions] == [q.name for q in parse_form(once).questions]


def test_an_indicator_that_is_left_out_is_gone_and_its_questions_are_asked():
    data = foreign()
    once = overlaid(data, parse_form(data), [SHARE, DAYS])

    definition = parse_form(overlaid(once, parse_form(once), [DAYS]))

    assert [indicator.code for indicator in definition.indicators] == ["DAY-01"]
    assert definition.question("taken").indicator == ""
    assert definition.question("taken").is_input


def test_what_else_an_author_said_of_an_indicator_stays_with_it():
    data = small_form()
    before = parse_form(data)
    changed = [
        LaidIndicator(each.code, each.value, each.of, {**each.attributes, "weight": "7"})
        if each.code == "HSG-02"
        else each
        for each in laid_in(before)
    ]

    after = parse_form(overlaid(data, before, changed))

    assert [indicator.code for indicator in after.indicators] == ["HSG-01", "HSG-02", "WLF-01", "MGT-01"]
    assert after.indicator("HSG-02").weight == "7"
    assert after.indicator("MGT-01").source == "timeliness"
    assert after.own_indicator("HSG-01").evidence == before.own_indicator("HSG-01").evidence


def test_only_numbers_that_a_person_enters_can_be_measured():
    assert [question.name for question in measurable(parse_form(foreign()))] == ["taken", "all", "days"]


def test_choices_and_settings_are_carried_over():
    definition = laid(DAYS)

    assert [choice.label_in("fa") for choice in definition.question("kind").choices] == ["الف"]
