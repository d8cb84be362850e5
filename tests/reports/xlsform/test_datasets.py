"""Files beside a workbook that hold rows: read within bounds, offered as choices, looked up by expressions."""

import json
import time
from datetime import UTC, datetime

import pytest

from reports.xlsform import FormDefinition, FormEngine, WorkbookRefused, clean_answer, parse_form
from reports.xlsform.datasets import MAX_CELL, MAX_ROWS, read_dataset
from sajad_portal.lib.errors import Refused
from tests.forms import workbook

AT = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
CITIES = "name,label,province,people\nthr,تهران,teh,9000000\nrey,ری,teh,250000\nshz,شیراز,frs,1500000\n"
SURVEY = [
    {"type": "text", "name": "province", "label": "استان"},
    {
        "type": "select_one_from_file cities.csv", "name": "city", "label": "شهر",
        "choice_filter": "province=${province}", "required": "yes",
    },
    {"type": "calculate", "name": "people", "calculation": "pulldata('cities', 'people', 'name', ${city})"},
]  # fmt: skip


def read(survey=SURVEY, files=None) -> FormDefinition:
    return parse_form(workbook(survey), files={"cities.csv": CITIES.encode()} if files is None else files)


def refusal(name: str, data: bytes) -> dict:
    with pytest.raises(WorkbookRefused) as refused:
        read_dataset(name, data)
    return refused.value.errors[0]


# ------------------------------------------------------------------------------------------------------- as a question
def test_a_select_from_a_file_offers_the_rows_that_its_filter_leaves():
    engine = FormEngine(read())

    offered = engine.evaluate({"province": "teh"}, at=AT).choices["city"]

    assert [(choice.name, choice.label_in("fa")) for choice in offered] == [("thr", "تهران"), ("rey", "ری")]


def test_what_is_looked_up_in_a_file_is_of_the_first_row_with_the_key():
    definition = read(files={"cities.csv": (CITIES + "shz,دوباره,frs,1\n").encode()})

    values = FormEngine(definition).evaluate({"province": "frs", "city": "shz"}, at=AT).values

    assert values["people"] == "1500000"


def test_nothing_is_looked_up_where_the_key_is_unknown():
    assert FormEngine(read()).evaluate({"province": "frs", "city": "nowhere"}, at=AT).values["people"] == ""


def test_parameters_name_the_columns_of_value_and_label():
    row = {**SURVEY[1], "choice_filter": "", "parameters": "value=code, label=title"}
    definition = read([row], {"cities.csv": b"code,title\n7,Seven\n8,Eight\n"})

    choices = definition.question("city").choices

    assert [(choice.name, choice.label_in("en")) for choice in choices] == [("7", "Seven"), ("8", "Eight")]


def test_several_of_a_file_are_chosen():
    row = {"type": "select_multiple_from_file cities.csv", "name": "some", "label": "چند شهر"}

    assert clean_answer(read([row]).question("some"), "shz thr") == "thr shz"


def test_a_form_without_its_file_is_read_and_names_it():
    definition = read(files={})

    assert definition.missing_files == ("cities.csv",)
    assert [(item.row, item.name, item.file) for item in definition.needs_confirmation] == [
        (3, "city", "cities.csv"),
        (4, "people", "cities.csv"),
    ]
    assert definition.summary()["missing_files"] == ["cities.csv"]
    assert definition.question("city") is None


def test_a_form_with_its_file_waits_for_nothing():
    assert (read().missing_files, read().needs_confirmation) == ((), ())


def test_a_list_that_several_questions_offer_is_stored_once():
    rows = [{**SURVEY[1], "name": f"city{n}", "choice_filter": ""} for n in range(3)]
    definition = read(rows)
    stored = json.loads(json.dumps(definition.to_json()))

    assert [question["choices"] for question in stored["questions"]] == [None, None, None]
    assert FormDefinition.from_json(stored) == definition


# ------------------------------------------------------------------------------------------------------ other formats
def test_xml_of_items_is_read():
    data = "<root><item><name>a</name><label>الف</label><kind>1</kind></item><item><name>b</name></item></root>"

    found = read_dataset("list.xml", data.encode())

    assert [(choice.name, choice.label_in("fa"), choice.extra) for choice in found] == [
        ("a", "الف", {"kind": "1"}),
        ("b", "b", {}),
    ]


def test_features_of_geojson_are_read_with_their_places():
    feature = {
        "type": "Feature", "id": "p1", "properties": {"title": "میدان", "floor": 2.0, "deep": {"no": 1}},
        "geometry": {"type": "Point", "coordinates": [51.4, 35.7]},
    }  # fmt: skip
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    row = {"type": "select_one_from_file squares.geojson", "name": "square", "label": "میدان"}

    (choice,) = read([row], {"squares.geojson": data}).question("square").choices

    assert (choice.name, choice.label_in("fa")) == ("p1", "میدان")
    assert choice.extra == {"title": "میدان", "floor": "2", "id": "p1", "geometry": "35.7 51.4 0 0"}


# -------------------------------------------------------------------------------------------------------------- bounds
def test_a_csv_of_too_many_rows_is_refused_at_the_first_of_them():
    data = "name,label\n" + "a,b\n" * (MAX_ROWS + 5)

    assert refusal("long.csv", data.encode())["row"] == MAX_ROWS + 2


def test_a_cell_that_is_too_long_is_refused_at_its_row():
    assert refusal("wide.csv", b"name,label\na,b\nc," + b"x" * (MAX_CELL + 1))["row"] == 3


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.csv", "name\nتهران".encode("cp1256")),
        ("a.csv", b"name,name\na,b\n"),
        ("a.csv", b'name,label\n"' + b"x" * 200_000),
        ("a.xml", b"<root><item>"),
        ("a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><root><item><name>&b;</name></item></root>"),
        ("a.xml", b"<a>" * 1000 + b"</a>" * 1000),
        ("a.geojson", b"[" * 100_000),
        ("a.geojson", b"{}"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": 5}'),
    ],
)
def test_what_is_no_list_is_refused_by_the_name_of_its_file(name, data):
    assert refusal(name, data)["sheet"] == name


def test_filtering_a_long_list_takes_no_long_time():
    rows = "".join(f"c{n},شهر {n},p{n % 50}\n" for n in range(9_999))
    engine = FormEngine(read(files={"cities.csv": f"name,label,province\n{rows}".encode()}))
    begun = time.process_time()

    offered = engine.evaluate({"province": "p7"}, at=AT).choices["city"]

    assert (len(offered), time.process_time() - begun < 0.5) == (200, True)


def test_a_filter_of_two_columns_leaves_the_rows_with_both():
    row = {**SURVEY[1], "choice_filter": "province=${province} and people=${people_of}"}
    definition = read([SURVEY[0], {"type": "text", "name": "people_of", "label": "نفر"}, row])

    offered = FormEngine(definition).evaluate({"province": "teh", "people_of": "250000"}, at=AT).choices["city"]

    assert [choice.name for choice in offered] == ["rey"]


# ----------------------------------------------------------------------------------------------------- found by typing
LONG = "name,label\n" + "".join(f"v{n},روستای {n}\n" for n in range(100)) + "t1,توت\nt2,توت\n"


def village():
    return read([{**SURVEY[1], "choice_filter": ""}], {"cities.csv": LONG.encode()}).question("city")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("v7", "v7"), ("روستای ۷۷", "v77"), ("روستاي 7", "v7"), ("توت (t2)", "t2"), ("ستای 99", "v99")],
)
def test_a_choice_of_a_long_list_is_found_by_what_it_is_called(typed, stored):
    assert clean_answer(village(), typed) == stored


@pytest.mark.parametrize(("typed", "named"), [("توت", "توت (t1)"), ("روستای", "روستای 0"), ("شهر", "")])
def test_what_fits_several_or_none_is_refused_with_some_of_them(typed, named):
    with pytest.raises(Refused) as refused:
        clean_answer(village(), typed)

    assert (refused.value.code, named in str(refused.value)) == ("not-a-choice", True)


# ------------------------------------------------------------------------------------------------------------ pictures
PICTURED = [
    {"type": "select_one l", "name": "q", "label::فارسی(fa)": "کدام", "media::image::فارسی(fa)": "map.png"},
    {"type": "text", "name": "t", "label::فارسی(fa)": "شرح", "media::image::فارسی(fa)": ""},
]
CHOICES = [
    {"list_name": "l", "name": "a", "label": "الف", "image": "A.JPG"},
    {"list_name": "l", "name": "b", "label": "ب"},
]


def test_pictures_that_came_are_known_by_their_content():
    definition = parse_form(workbook(PICTURED, choices=CHOICES), files={"map.png": b"1", "a.jpg": b"2"})
    question = definition.question("q")

    shown = [definition.media_of(thing, "fa") for thing in (question, *question.choices)]

    assert [[(kind, name) for kind, name, _sha in each] for each in shown] == [
        [("image", "map.png")],
        [("image", "a.jpg")],  # as the file is called that came
        [],
    ]
    assert definition.missing_media == ()


def test_pictures_that_did_not_come_are_named_and_block_nothing():
    definition = parse_form(workbook(PICTURED, choices=CHOICES))

    assert definition.missing_media == ("map.png", "A.JPG")
    assert definition.needs_confirmation == ()
    assert definition.media_of(definition.question("q"), "fa") == []
