"""The page of a form's version: what it has otherwise than the one before, and the preview as units meet it."""

import pytest
from django.urls import reverse

from reports.actions.forms import import_form
from reports.models import FormVersion
from tests.factories import make_kind
from tests.forms import EN, FA, workbook
from tests.kinds_of_units import form_of_kinds, section
from units.actions.kinds import create_attribute

pytestmark = pytest.mark.django_db


def imported(cast, rows, choices=None, **settings) -> FormVersion:
    return import_form(data=workbook(rows, choices=choices, settings=settings), name="f.xlsx", by=cast.laleh)


def measured(name: str, code: str, weight: int, **more) -> dict:
    attributes = {"indicator": code, "role": "value", "weight": weight, "standard": 10}
    return {"type": "integer", "name": name, FA: f"شمار {name}", **{f"bind::sajad:{k}": v for k, v in attributes.items()}, **more}  # fmt: skip


def changes(client, version) -> dict:
    """{title of the part: {name: (word, former name, {attribute: (before, after)})}} as the page has it."""
    told = client.get(reverse("reports:form", args=[version.pk])).context["changes"]
    return {
        part.title: {
            row.name: (row.how[0], row.was, {(d.what, d.of): (d.before, d.after) for d in row.differences})
            for row in part.rows
        }
        for part in told.parts
    }


LIST = [{"list_name": "yn", "name": name, FA: label} for name, label in (("yes", "بلی"), ("no", "خیر"))]


def test_a_first_version_is_compared_with_nothing(cast, client_for):
    first = imported(cast, [measured("beds", "BED", 60)])
    page = client_for(cast.laleh).get(reverse("reports:form", args=[first.pk]))
    assert page.context["changes"] is None


def test_indicators_are_matched_by_their_code_and_questions_by_name_or_by_what_they_ask(cast, client_for):
    imported(
        cast,
        [
            measured("beds", "BED", 60), measured("gone", "OLD", 10), {"type": "text", "name": "why", FA: "چرا؟"},
            {"type": "select_one yn", "name": "ok", FA: "درست؟"},
        ],
        LIST,
    )  # fmt: skip
    second = imported(
        cast,
        [
            measured("all_beds", "BED", 50, **{FA: "شمار beds", "bind::sajad:standard": 12}), measured("rooms", "ROM", 20),
            {"type": "text", "name": "why", FA: "چرا این‌گونه؟", "relevant": "${rooms} > 3"},
            {"type": "select_one yn", "name": "ok", FA: "درست؟"},
        ],
        [{"list_name": "yn", "name": "yes", FA: "بله"}, {"list_name": "yn", "name": "half", FA: "نیمه"}],
    )  # fmt: skip

    found = changes(client_for(cast.laleh), second)

    assert found["شاخص‌ها"] == {
        "BED": ("تغییر کرد", "", {("وزن", ""): ("۶۰", "۵۰"), ("استاندارد", ""): ("۱۰", "۱۲"), ("پرسش‌هایش", ""): ("beds", "all_beds")}),
        "ROM": ("افزوده شد", "", {}),
        "OLD": ("حذف شد", "", {}),
    }  # fmt: skip
    assert found["پرسش‌ها"] == {
        "all_beds": ("نامش عوض شد", "beds", {}),
        "rooms": ("افزوده شد", "", {}),
        "why": ("تغییر کرد", "", {("متن", ""): ("چرا؟", "چرا این‌گونه؟"), ("شرط نمایش", ""): ("", "${rooms} > 3")}),
        "gone": ("حذف شد", "", {}),
    }
    assert found["فهرست‌های گزینه"] == {
        "yn": (
            "تغییر کرد", "",
            {("متن گزینه", "yes"): ("بلی", "بله"), ("گزینهٔ افزوده", "half"): ("", "نیمه"), ("گزینهٔ حذف‌شده", "no"): ("خیر", "")},
        )
    }  # fmt: skip


def test_a_question_that_moves_to_another_section_keeps_its_rules(cast, client_for):
    rows = [
        {"type": "integer", "name": "a", FA: "الف"},
        {"type": "integer", "name": "b", FA: "ب", "relevant": "${a} > 1"},
    ]
    imported(cast, rows)
    moved = [{"type": "begin_group", "name": "g", FA: "گروه"}, *rows, {"type": "end_group"}]

    found = changes(client_for(cast.laleh), imported(cast, moved))

    assert found == {
        "پرسش‌ها": {name: ("تغییر کرد", "", {("بخش", ""): ("", "g")}) for name in "ab"},
        "بخش‌ها و جدول‌ها": {"g": ("افزوده شد", "", {})},
    }


def test_a_section_that_is_for_some_units_from_now_on_is_named_with_its_condition(cast, client_for):
    def rows(relevant: str) -> list[dict]:
        group = {"type": "begin_group", "name": "g", FA: "گروه", "relevant": relevant}
        return [{"type": "calculate", "name": "kind", "bind::sajad:source": "unit_kind"}, group, {"type": "text", "name": "a", FA: "الف"}, {"type": "end_group"}]  # fmt: skip

    imported(cast, rows(""))
    found = changes(client_for(cast.laleh), imported(cast, rows("${kind} = 'sports'")))

    assert found == {"بخش‌ها و جدول‌ها": {"g": ("تغییر کرد", "", {("شرط نمایش", ""): ("", "${kind} = 'sports'")})}}


def test_two_questions_of_one_label_are_not_taken_for_each_other(cast, client_for):
    imported(cast, [{"type": "text", "name": name, FA: "نام"} for name in ("a", "b")])
    second = imported(cast, [{"type": "text", "name": name, FA: "نام"} for name in ("c", "d")])

    found = changes(client_for(cast.laleh), second)["پرسش‌ها"]

    assert {name: row[0] for name, row in found.items()} == {
        "c": "افزوده شد", "d": "افزوده شد", "a": "حذف شد", "b": "حذف شد"
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- preview
def preview(client, version, name="form_preview", **query):
    answer = client.get(reverse(f"reports:{name}", args=[version.pk]), query)
    assert answer.status_code == 200
    return answer


def test_the_preview_speaks_each_language_of_the_form(cast, client_for):
    row = {"type": "text", "name": "who", FA: "نام شما", EN: "Your name", "label::Kurdî (ku)": "Navê te"}
    version = imported(cast, [row], default_language="فارسی(fa)")
    client = client_for(cast.laleh)

    words = {code: preview(client, version, words=code).content.decode() for code in ("fa", "en", "ku")}

    assert {code: [w for w in ("نام شما", "Your name", "Navê te") if w in page] for code, page in words.items()} == {
        "fa": ["نام شما"], "en": ["Your name"], "ku": ["Navê te"]
    }  # fmt: skip
    assert [each.code for each in preview(client, version).context["languages"]] == ["fa", "en", "ku"]


def test_the_preview_of_one_kind_of_units_has_the_sections_that_it_is_asked(cast, client_for):
    make_kind("dormitory")
    make_kind("sports")
    version = import_form(data=form_of_kinds(), name="k.xlsx", by=cast.laleh)
    client = client_for(cast.laleh)

    keys = {
        kind: [page["key"] for page in preview(client, version, unit_kind=kind).context["pages"]]
        for kind in ("", "dormitory", "sports", "nothing")
    }

    assert keys == {
        "": ["common", "beds", "games"], "dormitory": ["common", "beds"], "sports": ["common", "games"],
        "nothing": ["common", "beds", "games"],
    }  # fmt: skip


def test_or_of_those_with_one_value_of_an_attribute(cast, client_for):
    create_attribute(code="field", name="حوزه", type="choice", choices=["خوابگاه", "ورزش"], by=None)
    version = imported(
        cast,
        [
            {"type": "calculate", "name": "field", "bind::sajad:source": "unit_attribute:field"},
            *section("beds", [{"type": "text", "name": "b", FA: "ب"}], "${field} = 'خوابگاه'"),
            *section("all", [{"type": "text", "name": "a", FA: "الف"}]),
        ],
    )
    page = preview(client_for(cast.laleh), version, **{"unit_attribute:field": "ورزش"})

    assert [each["key"] for each in page.context["pages"]] == ["all"]


def test_on_a_phone_the_questions_stand_in_a_frame_that_only_our_pages_may_hold(cast, client_for):
    version = imported(cast, [{"type": "text", "name": "who", FA: "نام شما"}])
    client = client_for(cast.laleh)

    page = preview(client, version, width="phone").content.decode()
    frame = preview(client, version, "form_preview_frame", width="phone")

    assert f'src="/forms/{version.pk}/preview/frame/?width=phone"' in page
    assert ("نام شما" in page, "نام شما" in frame.content.decode()) == (False, True)
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in frame["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in client.get(reverse("reports:form_preview", args=[version.pk]))["Content-Security-Policy"]  # fmt: skip
    assert client_for(cast.stranger).get(reverse("reports:form_preview_frame", args=[version.pk])).status_code == 404
