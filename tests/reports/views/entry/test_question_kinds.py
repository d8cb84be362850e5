"""Every kind of question of the core on the entry page: shown, typed, stored, shown again as it was typed."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reports.models import Report
from reports.queries.drafts import assess, collect
from sajad_portal.lib.clock import database_now
from tests.calls import PDF, published_call, report_of
from tests.forms import EN, FA, workbook

CITIES = {"thr": [("thr1", "ری"), ("thr2", "شمیران")], "khr": [("mhd", "مشهد")]}


def every_kind() -> bytes:
    survey = [
        {"type": "begin_group", "name": "all", FA: "همه", EN: "All"},
        {"type": "note", "name": "hello", FA: "این یادداشت را بخوانید.", EN: "Read this."},
        {"type": "note", "name": "told", FA: "روز ${day} و شمار ${whole}", EN: "On ${day}, ${whole}"},
        {"type": "text", "name": "line", FA: "متن", EN: "Text", "default": "پیش‌فرض"},
        {"type": "text", "name": "lines", FA: "متن بلند", EN: "Long text", "appearance": "multiline"},
        {"type": "integer", "name": "whole", FA: "عدد", EN: "Whole", "hint::فارسی(fa)": "بدون اعشار"},
        {"type": "decimal", "name": "part", FA: "اعشار", EN: "Decimal"},
        {"type": "select_one province", "name": "province", FA: "استان", EN: "Province"},
        {"type": "select_one city", "name": "city", FA: "شهر", EN: "City", "choice_filter": "province = ${province}"},
        {"type": "select_multiple service", "name": "services", FA: "خدمات", EN: "Services"},
        {"type": "date", "name": "day", FA: "روز", EN: "Day"},
        {"type": "time", "name": "hour", FA: "ساعت", EN: "Hour"},
        {"type": "dateTime", "name": "moment", FA: "زمان", EN: "Moment"},
        {"type": "acknowledge", "name": "agree", FA: "می‌پذیرم", EN: "I agree"},
        {"type": "file", "name": "plan", FA: "برنامه", EN: "Plan", "required": "yes"},
        {"type": "barcode", "name": "code", FA: "بارکد", EN: "Bar code"},
        {"type": "rank service", "name": "wanted", FA: "اولویت", EN: "Priority"},
        {"type": "geopoint", "name": "place", FA: "جا", EN: "Place"},
        {"type": "geotrace", "name": "way", FA: "راه", EN: "Way"},
        {"type": "audio", "name": "speech", FA: "گفتار", EN: "Speech"},
        {
            "type": "text",
            "name": "until",
            FA: "مهلت",
            EN: "Until",
            "calculation": "concat('تا ', ${day}, '، ', ${whole})",
        },
        {"type": "integer", "name": "double", FA: "دو برابر", EN: "Double", "calculation": "${whole} * 2"},
        {"type": "end_group"},
    ]
    choices = [
        {"list_name": "province", "name": "thr", FA: "تهران", EN: "Tehran", "province": ""},
        {"list_name": "province", "name": "khr", FA: "خراسان رضوی", EN: "Khorasan", "province": ""},
        *(
            {"list_name": "city", "name": name, FA: label, EN: name, "province": province}
            for province, cities in CITIES.items()
            for name, label in cities
        ),
        {"list_name": "service", "name": "food", FA: "غذا", EN: "Food", "province": ""},
        {"list_name": "service", "name": "bus", FA: "سرویس", EN: "Bus", "province": ""},
    ]
    headers = [
        "type",
        "name",
        FA,
        EN,
        "hint::فارسی(fa)",
        "required",
        "appearance",
        "default",
        "choice_filter",
        "calculation",
    ]
    return workbook(
        survey,
        choices=choices,
        settings={"form_id": "every-kind", "default_language": "فارسی(fa)"},
        survey_headers=headers,
    )


@pytest.fixture
def report(cast) -> Report:
    return report_of(published_call(cast, form=every_kind()), cast.a)


TYPED = {
    "line": "سلام",
    "lines": "سطر یک\nسطر دو",
    "whole": "۱٬۲۳۴",
    "part": "۱۲٫۵",
    "province": "thr",
    "city": "thr2",
    "day": "۱۴۰۳/۱۲/۳۰",
    "hour": "۱۴:۳۰",
    "moment": "۱۴۰۵/۰۱/۱۵ ۰۹:۰۰",
    "code": "06260001",
    "place": "35.6892, 51.389",
    "way": "35.5, 51.25\n36, 52",
}
STORED = {
    "line": "سلام",
    "lines": "سطر یک\nسطر دو",
    "whole": "1234",
    "part": "12.5",
    "province": "thr",
    "city": "thr2",
    "day": "2025-03-20",
    "hour": "14:30:00",
    "moment": "2026-04-04T09:00:00+03:30",
    "code": "06260001",
    "place": "35.6892 51.389 0 0",
    "way": "35.5 51.25 0 0; 36 52 0 0",
    "wanted": "bus food",
    "services": "food bus",
    "agree": "OK",
}


def address(report) -> str:
    return reverse("reports:report_edit", args=[report.tracking_code, "all"])


def post(client, report, **more):
    body = {
        "base": 0,
        **{f"q:{name}": value for name, value in TYPED.items()},
        "q:services": ["", "bus", "food"],
        "q:agree": ["", "OK"],
        "q:wanted": ["bus", "food"],
    }
    return client.post(address(report), {**body, **more})


def test_every_kind_is_stored_and_comes_back_as_it_was_typed(report, cast, client_for):
    client = client_for(cast.sara)
    assert post(client, report).status_code == 302
    assert collect(report).answers == STORED

    fields = {field.name: field for field in client.get(address(report)).context["sheet"].fields}
    assert {name: fields[name].value for name in TYPED} == TYPED
    assert [value for value, _label, chosen in fields["services"].options if chosen] == ["food", "bus"]
    assert fields["double"].amount.text == "۲٬۴۶۸"
    # What the form puts together says days and figures as the page does.
    assert fields["until"].amount.text == "تا ۳۰ اسفند ۱۴۰۳، ۱۲۳۴"
    assert fields["told"].label == "روز ۳۰ اسفند ۱۴۰۳ و شمار ۱٬۲۳۴"


def test_a_second_post_of_what_is_shown_changes_nothing(report, cast, client_for):
    client = client_for(cast.sara)
    post(client, report)
    before = report.draft_sections.get().version
    fields = client.get(address(report)).context["sheet"].fields
    shown = {f"q:{f.name}": f.value for f in fields if f.control not in ("checks", "note", "output", "file")}
    client.post(address(report), {"base": before, **shown})

    assert report.draft_sections.get().version == before


def test_a_default_is_there_from_the_start_and_changing_it_is_no_conflict(report, cast, client_for):
    client = client_for(cast.sara)
    (line,) = [field for field in client.get(address(report)).context["sheet"].fields if field.name == "line"]
    assert line.value == "پیش‌فرض"
    assert client.post(address(report), {"base": 0, "q:whole": "1"}).status_code == 302
    assert collect(report).answers["line"] == "پیش‌فرض"
    assert client.post(address(report), {"base": 0, "q:line": "دیگر"}).status_code == 302
    assert collect(report).answers["line"] == "دیگر"


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("day", "1404/12/30", "۲۹ روز"),
        ("day", "دیروز", "سال/ماه/روز"),
        ("hour", "25:00", "ساعت"),
        ("whole", "1.5", "صحیح"),
        ("province", "xyz", "انتخاب"),
        ("wanted", ["bus", "bus"], "سرویس"),
        ("wanted", ["bus", "train"], "انتخاب"),
        ("place", "میدان انقلاب", "عرض جغرافیایی"),
        ("place", "120, 51", "عرض جغرافیایی"),
    ],
)
def test_what_cannot_be_read_is_told_under_its_field(report, cast, client_for, name, raw, words):
    answer = client_for(cast.sara).post(address(report), {"base": 0, f"q:{name}": raw})

    (field,) = [field for field in answer.context["sheet"].fields if field.name == name]
    assert answer.status_code == 422
    assert words in field.error
    assert collect(report).answers.get(name, "") == ""


@pytest.mark.parametrize(
    ("name", "stored", "words"),
    [
        ("hour", "25:99", "ساعت لازم است"),
        ("day", "2026-13-45", "تاریخ لازم است"),
        ("moment", "2026-11-25T99:00", "تاریخ لازم است"),
        ("whole", "۱۲ نفر", "عدد لازم است"),
        ("agree", "شاید", "خوانده نشد"),
        ("province", "xyz", "دیگر"),
    ],
)
def test_what_was_stored_in_another_way_and_is_no_answer_is_shown_with_its_error(
    report, cast, client_for, name, stored, words
):
    client = client_for(cast.sara)
    post(client, report)
    row = report.draft_sections.get()
    row.answers[name]["v"] = stored
    row.save()
    answer = client.get(address(report))

    (field,) = [field for field in answer.context["sheet"].fields if field.name == name]
    assert (answer.status_code, words in field.error) == (200, True)
    assert [
        problem.kind for problem in assess(report, collect(report), database_now()).problems if problem.question == name
    ] == ["error"]


@pytest.mark.parametrize("kind", ["integer", "text", "date"])
def test_what_the_form_calculates_is_shown_as_its_outcome_whatever_its_type(cast, client_for, kind):
    form = workbook(
        [
            {"type": "begin_group", "name": "all", FA: "همه"},
            {"type": "integer", "name": "whole", FA: "عدد"},
            {"type": kind, "name": "made", FA: "حاصل", "calculation": "'2026'"},
            {"type": "end_group"},
        ]
    )
    report = report_of(published_call(cast, form=form), cast.a)
    fields = {f.name: f for f in client_for(cast.sara).get(address(report)).context["sheet"].fields}

    assert (fields["made"].control, bool(fields["made"].amount)) == ("output", True)


def test_a_cascade_offers_only_what_belongs_to_the_answer_before(report, cast, client_for):
    client = client_for(cast.sara)
    client.post(address(report), {"base": 0, "q:province": "khr"})
    (city,) = [field for field in client.get(address(report)).context["sheet"].fields if field.name == "city"]

    assert [value for value, _label, _chosen in city.options] == ["mhd"]


def test_a_file_question_keeps_its_last_file(report, cast, client_for):
    client = client_for(cast.sara)
    where = reverse("reports:evidence_add", args=[report.tracking_code]) + "?indicator=file:plan"
    for name, extra in (("one.pdf", b"1"), ("two.pdf", b"2")):
        client.post(where, {"file": SimpleUploadedFile(name, PDF + extra)})

    assert [item.name for item in collect(report).evidence] == ["two.pdf"]
    assert "plan" not in {problem.question for problem in assess(report, collect(report), database_now()).problems}
    assert "two.pdf" in client.get(address(report)).content.decode()


def test_an_unticked_box_takes_the_answer_back(report, cast, client_for):
    client = client_for(cast.sara)
    post(client, report)
    client.post(address(report), {"base": 1, "q:agree": "", "q:services": ["", "bus"]})

    answers = collect(report).answers
    assert "agree" not in answers
    assert answers["services"] == "bus"


def test_an_optional_choice_can_be_taken_back(report, cast, client_for):
    html = client_for(cast.sara).get(address(report)).content.decode()

    assert re.search(r'type="radio"[^>]*name="q:province"[^>]*value=""', html)


def test_an_order_is_shown_place_by_place_and_may_be_half_done(report, cast, client_for):
    client = client_for(cast.sara)
    client.post(address(report), {"base": 0, "q:wanted": ["bus", ""]})

    answer = client.get(address(report))

    (field,) = [field for field in answer.context["sheet"].fields if field.name == "wanted"]
    assert (field.control, field.in_order) == ("order", ["bus", ""])
    assert "هر" in field.error


@pytest.mark.parametrize(
    ("name", "data", "kept"), [("a.mp3", b"ID3\x04" + b"0" * 50, 1), ("a.pdf", PDF, 0), ("a.mp3", PDF, 0)]
)
def test_a_question_for_a_sound_takes_sounds_only(report, cast, client_for, name, data, kept):
    address_of = reverse("reports:evidence_add", args=[report.tracking_code])

    client_for(cast.sara).post(f"{address_of}?indicator=file:speech", {"file:speech": SimpleUploadedFile(name, data)})

    assert report.evidence.filter(indicator="file:speech").count() == kept
