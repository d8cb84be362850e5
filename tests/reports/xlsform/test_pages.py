"""On which pages a form is filled in: its author's groups, in its author's order."""

import pytest
from django.utils import translation

from reports.xlsform import parse_form, section_of
from reports.xlsform.pages import LONGEST
from tests.forms import EN, workbook


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def q(kind: str, name: str, label: str = "", **cells) -> dict:
    return {"type": kind, "name": name, EN: label or name, **cells}


def group(name: str, *rows: dict, label: str = "", **cells) -> list[dict]:
    return [{"type": "begin_group", "name": name, EN: label, **cells}, *rows, {"type": "end_group"}]


def many(prefix: str, count: int) -> list[dict]:
    return [q("integer", f"{prefix}{n}") for n in range(count)]


def pages(rows: list[dict], **more):
    return parse_form(workbook(rows, **more)).pages


def told(rows: list[dict]) -> list[tuple[str, str, list[str]]]:
    return [(page.key, page.label_in("en"), list(page.names)) for page in pages(rows)]


def test_a_page_a_group_and_the_questions_between_stay_where_their_author_put_them():
    rows = [
        q("text", "who"),
        *group("a", q("text", "x"), label="First"),
        q("text", "between"),
        *group("b", q("text", "y"), label="Second"),
        q("text", "remark"),
    ]
    assert told(rows) == [
        ("-", "Beginning of the form", ["who"]),
        ("a", "First", ["x"]),
        ("-~2", "Further questions", ["between"]),
        ("b", "Second", ["y"]),
        ("-~3", "End of the form", ["remark"]),
    ]


def test_what_is_only_told_between_groups_stands_on_the_page_before_and_an_opening_word_on_the_first():
    rows = [q("note", "hello"), *group("a", q("text", "x")), *group("b", q("text", "y")), q("note", "thanks")]
    assert [(key, names) for key, _label, names in told(rows)] == [("a", ["hello", "x"]), ("b", ["y", "thanks"])]


def test_a_form_without_groups_is_one_page():
    assert told([q("text", "a"), q("note", "b")]) == [("-", "Questions", ["a", "b"])]


def test_a_long_group_is_cut_at_its_inner_groups():
    inner = [row for name in "bcd" for row in group(name, *many(name, 30), label=name.upper())]
    found = pages(group("a", *inner, label="All"))
    assert [(page.key, page.label_in("en"), page.above_in("en"), len(page.names)) for page in found] == [
        ("a", "B", "All", 30),
        ("a~2", "C", "All", 30),
        ("a~3", "D", "All", 30),
    ]
    assert {page.section for page in found} == {"a"}


def test_small_inner_groups_share_a_page():
    inner = [row for n in range(8) for row in group(f"g{n}", *many(f"g{n}_", 10), label=f"G{n}")]
    assert [len(page.names) for page in pages(group("a", *inner, label="All"))] == [30, 30, 20]


def test_a_long_list_of_questions_is_cut_into_numbered_parts():
    found = pages(group("a", *many("q", 130), label="All"))
    assert [(page.label_in("en"), len(page.names)) for page in found] == [
        ("All (part 1)", 60),
        ("All (part 2)", 60),
        ("All (part 3)", 10),
    ]


def test_no_page_is_longer_than_it_may_be_however_deep_the_form_is():
    rows = many("deep", 61)
    for depth in range(6):
        rows = [*many(f"before{depth}_", 7), *group(f"g{depth}", *rows), *many(f"after{depth}_", 13)]
    found = pages(rows)
    names = [name for page in found for name in page.names]
    assert max(len(page.names) for page in found) <= LONGEST
    assert names == [row["name"] for row in rows if row["type"] == "integer"]


def test_a_few_questions_before_a_long_inner_group_are_no_page_of_their_own():
    found = pages(group("a", *many("few", 3), *group("b", *many("b", 57), *many("c", 57), label="B"), label="A"))
    assert [(page.label_in("en"), len(page.names)) for page in found] == [("A", 60), ("B", 57)]


def test_the_figures_of_one_indicator_stay_together():
    head = {"bind::sajad:indicator": "A-01", "bind::sajad:role": "numerator"}
    rest = {"bind::sajad:indicator": "A-01", "bind::sajad:role": "denominator"}
    ratio = {
        "bind::sajad:indicator": "A-01", "bind::sajad:weight": "10", "bind::sajad:standard": "5",
        "calculation": "${n} div ${d}",
    }  # fmt: skip
    rows = [q("integer", "n", **head), *many("q", 59), q("integer", "d", **rest), q("calculate", "r", **ratio)]
    definition = parse_form(workbook(group("a", *rows)))
    assert definition.pages[0].names[:3] == ("n", "d", "r")
    assert {definition.page_of(name) for name in ("n", "d", "r", "A-01")} == {"a"}
    assert [len(page.names) for page in definition.pages] == [60, 2]


def test_a_table_outside_groups_is_a_page_of_its_own_name():
    rows = [
        *group("a", q("text", "x")),
        {"type": "begin_repeat", "name": "people", EN: "People"},
        q("text", "name"),
        {"type": "end_repeat"},
    ]
    found = pages(rows)[1]
    assert (found.label_in("en"), found.tables, found.names) == ("People", ("/data/people",), ())


def test_a_group_of_calculations_alone_is_no_page():
    rows = [*group("a", q("calculate", "c", calculation="1"), label="A"), *group("b", q("text", "x"), label="B")]
    assert [key for key, _label, _names in told(rows)] == ["b"]


def test_a_labelled_calculation_is_not_shown_and_a_form_of_an_earlier_edition_still_shows_it():
    definition = parse_form(workbook([q("text", "x"), q("calculate", "c", "NO_LABEL", calculation="1 + 1")]))
    assert [question.name for question in definition.shown] == ["x"]
    earlier = type(definition).from_json({**definition.to_json(), "reader": 2})
    assert [question.name for question in earlier.shown] == ["x", "c"]


def test_the_key_of_a_page_names_its_section():
    assert [section_of(key) for key in ("-", "-~2", "a", "a~3")] == ["", "", "a", "a"]


# ---------------------------------------------------------------------------------------------------------------- grids
CHOICES = [{"list_name": "yn", "name": "y", EN: "Yes"}, {"list_name": "yn", "name": "n", EN: "No"}]


def grids(rows: list[dict]) -> dict[str, str]:
    found = parse_form(workbook(rows, choices=CHOICES)).paging.grids
    return {path.rsplit("/", 1)[-1]: first.rsplit("/", 1)[-1] for path, first in found.items()}


def test_rows_without_labels_of_choices_make_a_grid_under_what_heads_them():
    rows = [
        q("select_one yn", "head", appearance="label"),
        q("select_one yn", "one", appearance="list-nolabel"),
        q("select_one yn", "two", appearance="w1 list-nolabel"),
        q("select_one yn", "other", appearance=""),
        q("select_one yn", "three", appearance="list-nolabel"),
    ]
    assert grids(rows) == {"head": "head", "one": "head", "two": "head", "three": "three"}


def test_every_choice_of_a_group_that_is_a_table_list_is_a_row():
    rows = group("t", q("select_one yn", "one"), q("select_one yn", "two"), q("text", "x"), appearance="table-list")
    assert grids(rows) == {"one": "one", "two": "one"}


def test_a_heading_without_rows_is_a_note():
    assert grids([q("select_one yn", "head", appearance="label"), q("text", "x")]) == {}


def test_choices_that_depend_on_another_answer_are_no_row_of_a_grid():
    rows = [q("text", "x"), q("select_one yn", "one", appearance="list-nolabel", choice_filter="${x} = 'a'")]
    assert grids(rows) == {}
