"""`bind::sajad:source`: what a form reads of the unit that answers, and what it then asks of it."""

from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from reports.xlsform import FormDefinition, FormEngine, WorkbookRefused, parse_form
from tests.forms import FA
from tests.kinds_of_units import form_of_kinds, in_columns, of_unit, section, value

AT = datetime(2026, 9, 1, tzinfo=UTC)
SOURCE = "bind::sajad:source"


def engine(rows: list[dict], **facts) -> FormEngine:
    return FormEngine(parse_form(in_columns(rows))).of_unit(facts)


def asked(condition: str, *, of: str = "dormitory", more: tuple[dict, ...] = ()) -> bool:
    """Whether a section under this condition is asked of a unit of that kind."""
    question = {"type": "integer", "name": "n", FA: "شمار"}
    rows = [of_unit("kind", "unit_kind"), *more, question, *section("some", [value("x", "X-1", 1)], condition)]
    found = engine(rows, unit_kind=of).asked
    assert {s.name for s in found.sections} - {"some"} == {""}
    assert [i.code for i in found.indicators] == ["X-1"] * ("some" in {s.name for s in found.sections})
    return bool(found.indicators)


class TestValues:
    def test_it_is_the_text_of_the_unit(self):
        rows = [
            of_unit("kind", "unit_kind"), of_unit("code", "unit_code"), of_unit("place", "unit_attribute:province"),
            of_unit("beds", "Unit_Attribute : beds", calculation="1 + 1"),
            {"type": "calculate", "name": "said", "calculation": "concat(${kind}, ' ', ${place}, ' ', ${beds} * 2)"},
            {"type": "integer", "name": "n", FA: "شمار"},
        ]  # fmt: skip
        facts = {
            "unit_kind": "dormitory",
            "unit_code": "KHB",
            "unit_attribute:province": "یزد",
            "unit_attribute:beds": "40",
        }

        found = engine(rows, **facts).evaluate({"kind": "sports", "beds": "7"}, at=AT)

        assert found.values == {
            "kind": "dormitory", "code": "KHB", "place": "یزد", "beds": "40", "said": "dormitory یزد 80", "n": ""
        }  # fmt: skip

    def test_what_the_unit_has_not_is_empty(self):
        rows = [of_unit("place", "unit_attribute:province"), {"type": "integer", "name": "n", FA: "شمار"}]

        assert engine(rows, unit_kind="x").evaluate({}, at=AT).values["place"] == ""

    def test_two_units_do_not_read_each_other(self):
        whole = FormEngine(parse_form(form_of_kinds()))
        one, other = whole.of_unit({"unit_kind": "dormitory"}), whole.of_unit({"unit_kind": "sports"})

        assert [each.evaluate({}, at=AT).values["kind"] for each in (one, other, one)] == [
            "dormitory", "sports", "dormitory"
        ]  # fmt: skip
        assert whole.of_unit({"unit_kind": "sports"}) is other

    def test_a_stored_definition_keeps_it(self):
        definition = parse_form(form_of_kinds())

        assert FormDefinition.from_json(definition.to_json()) == definition
        assert definition.sources == ("unit_kind",)


class TestWhatIsAsked:
    @pytest.mark.parametrize(
        ("condition", "verdict"),
        [
            ("${kind} = 'dormitory'", True),
            ("${kind} = 'sports'", False),
            ("${kind} = 'sports' or ${kind} = 'dormitory'", True),
            ("not(${kind} = 'dormitory')", False),
            # What answers decide as well.
            ("${kind} = 'dormitory' and ${n} > 3", True),
            ("${kind} = 'sports' and ${n} > 3", False),
            ("${n} > 3 and (${kind} = 'sports')", False),
            ("${kind} = 'dormitory' or ${n} > 3", True),
            ("${kind} = 'sports' or ${n} > 3", True),
            ("not(${kind} = 'dormitory' or ${n} > 3)", False),
            ("${n} > 3", True),
            ("today() > '2020-01-01' and ${kind} = 'sports'", False),
        ],
    )
    def test_what_no_answer_brings_up_is_not(self, condition, verdict):
        assert asked(condition) is verdict

    def test_a_calculation_from_the_unit_alone_decides_too(self):
        more = ({"type": "calculate", "name": "sleeps", "calculation": "if(${kind} = 'dormitory', 'yes', 'no')"},)

        assert asked("${sleeps} = 'yes'", more=more) is True
        assert asked("${sleeps} = 'yes'", of="sports", more=more) is False

    def test_one_from_an_answer_does_not(self):
        more = ({"type": "calculate", "name": "rule", "calculation": "if(${kind} = 'sports', 1, ${n})"},)

        assert asked("${rule} = 1", more=more) is True

    def test_indicators_in_it_go_with_their_questions_and_sections(self):
        found = engine_of_kind("sports").asked

        assert [s.name for s in found.sections] == ["common", "games"]
        assert [i.code for i in found.indicators] == ["GEN-01", "SPT-01"]
        assert [q.name for q in found.questions] == ["kind", "staff", "matches"]

    def test_what_an_answer_hides_stays(self):
        assert [i.code for i in engine_of_kind("dormitory").asked.indicators] == ["GEN-01", "DRM-01", "DRM-02"]

    def test_groups_in_groups_and_single_questions(self):
        inner = [
            {"type": "begin_group", "name": "inner", FA: "درون"},
            value("deep", "D", 1),
            {"type": "end_group", "name": "inner"},
        ]
        rows = [
            of_unit("kind", "unit_kind"),
            *section("outer", [*inner, value("beside", "B", 1)], "${kind} = 'sports'"),
            *section("other", [value("one", "O", 1, relevant="${kind} = 'sports'"), value("two", "T", 1)]),
        ]  # fmt: skip

        found = engine(rows, unit_kind="dormitory").asked

        assert [i.code for i in found.indicators] == ["T"]
        assert [g.name for g in found.groups] == ["other"]

    def test_a_section_of_which_nothing_is_left_goes(self):
        rows = [
            of_unit("kind", "unit_kind"),
            *section("games", [value("one", "O", 1, relevant="${kind} = 'sports'")]),
            *section("other", [value("two", "T", 1)]),
        ]

        assert [s.name for s in engine(rows, unit_kind="dormitory").asked.sections] == ["other"]

    def test_timeliness_in_a_section_of_some(self):
        note = {
            "type": "note", "name": "on_time", FA: "به‌موقع", "bind::sajad:indicator": "T-1", "bind::sajad:weight": 1, SOURCE: "timeliness"
        }  # fmt: skip
        rows = [of_unit("kind", "unit_kind"), value("n", "N", 1), *section("some", [note], "${kind} = 'sports'")]

        assert [i.code for i in engine(rows, unit_kind="dormitory").asked.indicators] == ["N"]
        assert [i.code for i in engine(rows, unit_kind="sports").asked.indicators] == ["N", "T-1"]

    def test_a_fresh_draft_has_no_defaults_of_what_is_not_asked(self):
        rows = [
            of_unit("kind", "unit_kind"),
            *section("games", [value("matches", "M", 1, default="3")], "${kind} = 'sports'"),
            *section("other", [value("two", "T", 1, default="4")]),
        ]

        assert engine(rows, unit_kind="dormitory").defaults(at=AT) == {"two": "4"}


def engine_of_kind(kind: str) -> FormEngine:
    return FormEngine(parse_form(form_of_kinds())).of_unit({"unit_kind": kind})


class TestRefusals:
    @pytest.mark.parametrize(
        ("row", "said"),
        [
            (of_unit("kind", "unit_colour"), "unit_attribute:NAME"),
            (of_unit("kind", "unit_attribute:"), "unit_attribute:NAME"),
            (of_unit("kind", "timeliness"), "unit_attribute:NAME"),
            ({"type": "text", "name": "kind", FA: "نوع", SOURCE: "unit_kind"}, "calculate"),
            (value("kind", "K", 1, **{SOURCE: "unit_kind"}), "timeliness"),
        ],
    )
    def test_a_source_that_is_none(self, row, said):
        with override("en"), pytest.raises(WorkbookRefused) as refusal:
            parse_form(in_columns([row, {"type": "integer", "name": "n", FA: "شمار"}]))

        [error] = refusal.value.errors
        assert (error["sheet"], error["row"], error["column"]) == ("survey", 2, SOURCE)
        assert said in error["message"]

    def test_inside_a_table(self):
        rows = [
            {"type": "begin_repeat", "name": "rows", FA: "ردیف"}, of_unit("kind", "unit_kind"),
            {"type": "integer", "name": "n", FA: "شمار"}, {"type": "end_repeat", "name": "rows"},
        ]  # fmt: skip
        with pytest.raises(WorkbookRefused) as refusal:
            parse_form(in_columns(rows))

        assert [(error["row"], error["column"]) for error in refusal.value.errors] == [(3, SOURCE)]

    def test_a_calculate_without_either_is_still_refused(self):
        with pytest.raises(WorkbookRefused) as refusal:
            parse_form(in_columns([{"type": "calculate", "name": "k"}, {"type": "integer", "name": "n", FA: "شمار"}]))

        assert [(error["row"], error["column"]) for error in refusal.value.errors] == [(2, "calculation")]
