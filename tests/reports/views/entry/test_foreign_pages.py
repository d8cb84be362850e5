"""Forms that other people wrote, on the page on which they are filled in."""

import json
import re

import pytest
from django.urls import reverse

from reports.models import DraftSection
from reports.queries.drafts import collect
from tests.calls import published_call, report_of
from tests.forms import EN, FA, workbook

CHOICES = [
    {"list_name": "rate", "name": "good", FA: "**خوب**", EN: "Good"},
    {"list_name": "rate", "name": "bad", FA: "بد", EN: "Bad"},
]


def q(kind: str, name: str, label: str = "", **cells) -> dict:
    return {"type": kind, "name": name, FA: label or name, EN: label or name, **cells}


def group(name: str, *rows: dict, label: str = "", **cells) -> list[dict]:
    return [{"type": "begin_group", "name": name, FA: label, EN: label, **cells}, *rows, {"type": "end_group"}]


def report(cast, rows: list[dict], **settings):
    form = workbook(rows, choices=CHOICES, settings={"form_id": "foreign", "default_language": "فارسی(fa)", **settings})
    return report_of(published_call(cast, form=form), cast.a)


def address(report, page: str) -> str:
    return reverse("reports:report_edit", args=[report.tracking_code, page])


def opened(client, report, page: str = "a") -> str:
    answer = client.get(address(report, page))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def saved(client, report, page: str, base: int = 0, shown: str = "", **values):
    body = {"base": base, "shown": shown, **{f"q:{name}": value for name, value in values.items()}}
    return client.post(address(report, page), body, headers={"HX-Request": "true"})


def state(answer) -> dict:
    found = re.search(r'<div id="entry-state"[^>]*>(.*?)</div>', answer.content.decode(), re.DOTALL)
    assert found
    return json.loads(found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&"))


def shown_of(html: str) -> str:
    found = re.search(r'data-shown="([^"]*)"', html)
    assert found
    return found[1]


# --------------------------------------------------------------------------------------------------------- long forms
@pytest.fixture
def long_report(cast):
    inner = [
        row for n in range(10) for row in group(f"g{n}", *[q("integer", f"i{n}_{m}") for m in range(48)], label=f"G{n}")
    ]
    return report(cast, group("a", *inner, q("text", "last"), label="All"))


def test_a_form_of_481_questions_is_short_pages_and_an_autosave_brings_a_few_kilobytes(long_report, cast, client_for):
    client = client_for(cast.sara)
    first = client.get(address(long_report, "a"))
    assert len(first.context["sheet"].fields) == 48
    answer = saved(client, long_report, "a", shown=shown_of(first.content.decode()), i0_3="7")
    assert answer.status_code == 200
    assert len(answer.content) < 4_000
    assert collect(long_report).answers == {"i0_3": "7"}


def test_pages_of_one_section_are_one_draft_and_a_page_does_not_take_what_another_asks(long_report, cast, client_for):
    client = client_for(cast.sara)
    saved(client, long_report, "a", i0_3="7")
    answer = saved(client, long_report, "a~2", base=1, i1_0="8")
    assert state(answer)["others"] == {}
    assert DraftSection.objects.get(report=long_report).section == "a"
    assert collect(long_report).answers == {"i0_3": "7", "i1_0": "8"}


def test_a_colleagues_word_on_another_page_of_the_section_is_no_conflict(long_report, cast, client_for):
    saved(client_for(cast.reza), long_report, "a~2", i1_0="8")
    answer = saved(client_for(cast.sara), long_report, "a", i0_3="7")
    assert state(answer)["conflicts"] == []
    assert collect(long_report).answers == {"i0_3": "7", "i1_0": "8"}


def test_a_page_that_the_form_does_not_have_is_not_found(long_report, cast, client_for):
    client = client_for(cast.sara)
    assert client.get(address(long_report, "a~99")).status_code == 404
    assert saved(client, long_report, "b~2", i0_3="7").status_code == 404
    assert collect(long_report).answers == {}


# ------------------------------------------------------------------------------------------------------- what is said
def test_groups_inside_a_page_have_headings_in_their_depth(cast, client_for):
    inner = group("b", q("text", "y"), *group("c", q("text", "z"), label="Third"), label="Second")
    html = opened(client_for(cast.sara), report(cast, group("a", q("text", "x"), *inner, label="First")))
    heads = re.findall(r"<(h\d)[^>]*>\s*<span[^>]*>([^<]*)<", html)
    assert [found for found in heads if found[1] in ("Second", "Third")] == [("h2", "Second"), ("h3", "Third")]


def test_every_field_says_whether_it_must_be_filled_in(cast, client_for):
    rows = [q("text", "x", required="yes"), q("text", "y"), q("select_one rate", "z", required="yes"), q("note", "n")]
    html = opened(client_for(cast.sara), report(cast, group("a", *rows)))
    marks = re.findall(r'<span id="asked-q-(\w+)" class="(\w+)" >\s*(\w+)', html)
    assert marks == [("x", "must", "الزامی"), ("y", "opt", "اختیاری"), ("z", "must", "الزامی")]
    assert len(re.findall(r'aria-required="true"', html)) == 1


def test_what_becomes_required_by_another_answer_says_so_at_once(cast, client_for):
    client = client_for(cast.sara)
    found = report(cast, group("a", q("text", "x"), q("text", "y", required="${x} = 'go'")))
    shown = shown_of(opened(client, found))
    answer = saved(client, found, "a", shown=shown, x="go")
    assert state(answer)["required"] == {"y": True}
    assert re.search(r'id="asked-q-y"\s+class="must"\s+hx-swap-oob="true"', answer.content.decode())


def test_words_that_name_an_answer_follow_it_while_it_is_typed(cast, client_for):
    client = client_for(cast.sara)
    rows = [q("text", "x"), q("text", "y", "Age of **${x}**"), q("note", "n", "Hello ${x}")]
    found = report(cast, group("a", *rows))
    answer = saved(client, found, "a", shown=shown_of(opened(client, found)), x="<b>Ali</b>").content.decode()
    assert "Age of <strong>&lt;b&gt;Ali&lt;/b&gt;</strong>" in answer
    assert "Hello &lt;b&gt;Ali&lt;/b&gt;" in answer


def test_markdown_of_labels_hints_and_choices_is_drawn_and_hostile_markup_is_words(cast, client_for):
    rows = [
        q("select_one rate", "x", "**Strong** <script>alert(1)</script>", **{"hint::فارسی(fa)": "_leaning_"}),
        q("note", "n", "# Head\n[here](https://example.org)"),
    ]
    html = opened(client_for(cast.sara), report(cast, group("a", *rows)))
    assert "<strong>Strong</strong> &lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<em>leaning</em>" in html
    assert "<strong>خوب</strong>" in html
    assert '<a href="https://example.org" target="_blank" rel="noopener noreferrer">here</a>' in html
    assert "<script>alert" not in html


def test_words_of_a_form_stand_in_their_own_direction(cast, client_for):
    rows = group("a", {"type": "text", "name": "x", FA: "", EN: "How many? (about)"})
    html = opened(client_for(cast.sara), report(cast, rows))
    assert re.search(r'<span id="words-q-x"\s+data-said\s+dir="auto"\s+lang="en"\s*>How many\? \(about\)</span>', html)


def test_a_labelled_calculation_and_a_hidden_row_are_not_on_the_page(cast, client_for):
    rows = [q("text", "x"), q("calculate", "c", "NO_LABEL", calculation="1 + 1"), q("hidden", "h", "user")]
    page = client_for(cast.sara).get(address(report(cast, group("a", *rows)), "a"))
    assert [field.name for field in page.context["sheet"].fields] == ["x"]


# -------------------------------------------------------------------------------------------------------------- grids
def test_questions_with_the_same_choices_are_a_grid_with_heads(cast, client_for):
    rows = [
        q("select_one rate", "head", "How was", appearance="label"),
        q("select_one rate", "food", appearance="list-nolabel", required="yes"),
        q("select_one rate", "bed", appearance="list-nolabel"),
    ]
    client, found = client_for(cast.sara), report(cast, group("a", *rows))
    page = client.get(address(found, "a"))
    grid = page.context["sheet"].items[0]
    assert (grid.kind, grid.caption.plain, [str(head.plain) for head in grid.heads]) == (
        "grid",
        "How was",
        ["خوب", "بد"],
    )
    assert [field.name for field in grid.fields] == ["food", "bed"]
    html = page.content.decode()
    assert html.count('name="q:food"') == 2
    assert html.count('name="q:bed"') == 3  # and the one that takes it back
    saved(client, found, "a", food="good")
    assert collect(found).answers == {"food": "good"}


# --------------------------------------------------------------------------------------------------------- appearances
@pytest.mark.parametrize(
    ("appearance", "look"),
    [("columns-2", "columns"), ("likert", "likert"), ("horizontal", "line"), ("compact-3", "columns"), ("", "")],
)
def test_choices_stand_as_their_author_meant(cast, client_for, appearance, look):
    found = report(cast, group("a", q("select_one rate", "x", appearance=appearance)))
    (field,) = client_for(cast.sara).get(address(found, "a")).context["sheet"].fields
    assert (field.control, field.look) == ("radios", look)


def test_a_picture_is_asked_for_as_a_picture(cast, client_for):
    html = opened(client_for(cast.sara), report(cast, group("a", q("image", "x"), q("file", "y"))))
    accepted = re.findall(r'name="file:file:(\w)" accept="([^"]*)"', html)
    assert accepted[0] == ("x", "image/*")
    assert accepted[1][1].startswith(".")


# ------------------------------------------------------------------------------------------------------ what is locked
@pytest.fixture
def locking(cast):
    rows = [q("text", "x"), q("text", "y", read_only="${x} = 'shut'", default="first"), q("text", "z")]
    return report(cast, group("a", *rows))


def test_what_the_form_locks_is_not_stored_and_the_rest_of_the_post_is(locking, cast, client_for):
    client = client_for(cast.sara)
    saved(client, locking, "a", x="shut")
    answer = saved(client, locking, "a", base=1, y="second", z="more")
    assert state(answer)["refused"] == ["y"]
    assert "این را فرم اکنون نمی‌گذارد تغییر دهید" in answer.content.decode()
    assert collect(locking).answers == {"x": "shut", "y": "first", "z": "more"}


def test_the_answer_that_opens_a_lock_may_come_with_what_was_locked(locking, cast, client_for):
    client = client_for(cast.sara)
    saved(client, locking, "a", x="shut")
    saved(client, locking, "a", base=1, x="open", y="second")
    assert collect(locking).answers == {"x": "open", "y": "second"}


def test_a_page_learns_at_once_what_an_answer_locks(locking, cast, client_for):
    client = client_for(cast.sara)
    answer = saved(client, locking, "a", shown=shown_of(opened(client, locking)), x="shut")
    assert state(answer)["locked"] == {"y": True}


@pytest.mark.parametrize(("appearance", "example"), [("month-year", "سال/ماه"), ("year", "سال"), ("", "سال/ماه/روز")])
def test_a_part_of_a_date_is_asked_for_as_it_is_written(cast, client_for, appearance, example):
    html = opened(client_for(cast.sara), report(cast, group("a", q("date", "x", appearance=appearance))))
    assert f'placeholder="{example}"' in html
    assert ("data-pick" in html) == (appearance == "")


# ----------------------------------------------------------------------------------------------------------- languages
KU = "label::کوردی(ku)"


def speaking(cast, *, third: bool = True):
    words = {KU: "ناوی تۆ"} if third else {}
    rule = {"constraint": "string-length(.) < 3", "constraint_message::کوردی(ku)": "زۆر درێژە"} if third else {}
    rows = group("a", {**q("text", "x", "نام شما", required="yes"), **words, **rule}, q("text", "y"), label="بخش")
    return report(cast, rows)


def test_a_form_with_a_third_language_lets_its_reader_choose_and_remembers_it(cast, client_for):
    client, found = client_for(cast.sara), speaking(cast)
    page = client.get(address(found, "a"))
    assert [(each.code, each.current) for each in page.context["languages"]] == [
        ("fa", True),
        ("en", False),
        ("ku", False),
    ]
    assert page.context["sheet"].fields[0].label == "نام شما"
    page = client.get(address(found, "a") + "?words=ku")
    assert page.context["sheet"].fields[0].label == "ناوی تۆ"
    assert page.context["todo"][0]["label"] == "ناوی تۆ"
    assert '<html lang="fa"' in page.content.decode()  # the portal's own words stay
    answer = saved(client, found, "a", x="دراز")
    assert "زۆر درێژە" in answer.content.decode()
    page = client.get(address(found, "a") + "?words=xx")
    assert page.context["sheet"].fields[0].label == "ناوی تۆ"


def test_a_form_in_the_portals_languages_has_no_switch_of_its_own(cast, client_for):
    page = client_for(cast.sara).get(address(speaking(cast, third=False), "a") + "?words=ku")
    assert page.context["languages"] == []
    assert page.context["sheet"].fields[0].label == "نام شما"
