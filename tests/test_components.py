"""Every tag and component is drawn in both languages, and says what it must say."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import TemplateSyntaxError, engines
from django.test import RequestFactory
from django.utils import translation

from sajad_portal.lib import icons, states
from sajad_portal.lib.stacked_tables import stacked
from sajad_portal.templatetags import portal
from tests.look import gallery

NOW = gallery.NOW


@pytest.fixture(autouse=True)
def _page_of_now(monkeypatch):
    """The instant of the page that is drawn."""
    monkeypatch.setattr("sajad_portal.jinja.last_reading", lambda: NOW)


def render(source: str, **context) -> str:
    return engines["jinja"].from_string(source).render(context)


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


@pytest.fixture(params=["fa", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


@pytest.fixture
def persian():
    with translation.override("fa"):
        yield


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def shown(language: str) -> str:
    request = RequestFactory().get("/gallery/")
    request.COOKIES["theme"] = "dark"
    shell = SimpleNamespace(
        now=NOW,
        theme="dark",
        signed_in=False,
        unread=0,
        home="/",
        in_band=[],
        beyond_band=[],
        in_tabs=[],
        beyond_tabs=[],
    )
    return (
        engines["jinja"]
        .from_string(gallery.SOURCE)
        .render({**gallery.context(), "shell": shell, "messages": []}, request)
    )


# ------------------------------------------------------------------- the gallery
@pytest.mark.django_db
def test_the_gallery_carries_no_style_attribute_and_no_inline_script(language):
    page = shown(language)
    assert re.findall(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=", page) == []


@pytest.mark.django_db
def test_the_page_runs_the_way_of_its_language_in_its_theme(language):
    page = shown(language)
    direction = "rtl" if language == "fa" else "ltr"
    assert f'<html lang="{language}"' in page
    assert f'dir="{direction}"' in page
    assert re.findall(r"vendor/bundles/portal\.(\w+)-\w+\.css", page) == [direction]
    assert 'data-bs-theme="dark"' in page


@pytest.mark.django_db
def test_no_latin_digit_is_read_on_the_persian_page(persian):
    page = shown("fa")
    body = page[page.index("<main") : page.index("</main>")]
    body = re.sub(r"<option.*?</option>|<bdi class=\"code\".*?</bdi>|<small>\d+</small>", " ", body, flags=re.DOTALL)
    assert re.findall(r"[0-9]+", text(body)) == []


# ----------------------------------------------------------------------- numbers
@pytest.mark.parametrize(
    ("source", "fa", "en"),
    [
        ("{{ x|num }}", "۱٬۲۳۴٫۵", "1,234.5"),
        ("{{ x|num(0) }}", "۱٬۲۳۵", "1,235"),
        ("{{ x|signed(1) }}", "+۱٬۲۳۴٫۵", "+1,234.5"),
        ("{{ none|num }}", "—", "—"),
        ("{{ 86.4|pct }}", "۸۶٫۴٪", "86.4%"),
        ("{{ 86|plainpct(0) }}", "۸۶\u200f٪", "86%"),
        ("{{ none|pct }}", "—", "—"),
        ("{{ x|figure(1) }}", "۱٬۲۳۴٫۵", "1,234.5"),
        ("{{ 12500000|rials }}", "۱۲٬۵۰۰٬۰۰۰ ریال", "12,500,000 rials"),
        ("{{ 0|rials }}", "رایگان", "Free"),
        ("{{ 1258291|filesize }}", "۱٫۲ مگابایت", "1.2 megabytes"),
        ("{{ 900|filesize }}", "۹۰۰ بایت", "900 bytes"),
        ("{{ 20971520|filesize }}", "۲۰ مگابایت", "20 megabytes"),
        ('{{ "v 12"|digits }}', "v ۱۲", "v 12"),
        ('{{ "1405-Q1"|code }}', "1405-Q1", "1405-Q1"),
    ],
)
def test_numbers_follow_the_language(source, fa, en):
    for language, expected in (("fa", fa), ("en", en)):
        with translation.override(language):
            assert text(render(source, x=Decimal("1234.5"), none=None)) == expected


def test_a_number_is_isolated_from_the_text_around_it(persian):
    assert render("{{ -3.2|num }}") == '<bdi dir="ltr">−۳٫۲</bdi>'
    assert render('{{ "A-1"|code }}') == '<bdi class="code" dir="ltr">A-1</bdi>'


def test_digits_does_not_let_markup_through(persian):
    assert render("{{ x|digits }}", x="<b>1</b>") == "&lt;b&gt;۱&lt;/b&gt;"


# ------------------------------------------------------------------------- dates
@pytest.mark.parametrize(
    ("source", "fa", "en"),
    [
        ("{{ at|jdate }}", "۱ آذر ۱۴۰۵", "1 Azar 1405"),
        ('{{ at|jdate("numeric") }}', "۱۴۰۵/۰۹/۰۱", "1405/09/01"),
        ('{{ at|jdate("full") }}', "یکشنبه ۱ آذر ۱۴۰۵", "Sunday 1 Azar 1405"),
        ('{{ at|jdatetime("short") }}', "۱ آذر، ۱۲:۴۱", "1 Azar, 12:41"),
        ("{{ at|jtime }}", "۱۲:۴۱", "12:41"),
        ('{{ midnight|lastday("short") }}', "۴ آذر", "4 Azar"),
        ("{{ none|jdate }}", "—", "—"),
        ("{{ length|span }}", "۳ روز و ۱۱ ساعت", "3 days and 11 hours"),
        ("{{ when(at) }}", "امروز، ۱۲:۴۱", "today, 12:41"),
        ("{{ when(before) }}", "دیروز، ۱۲:۴۱", "yesterday, 12:41"),
        ("{{ when(long_ago) }}", "۱ آبان، ۱۲:۴۱", "1 Aban, 12:41"),
    ],
)
def test_dates_are_jalali_in_both_languages(source, fa, en):
    values = {
        "at": NOW,
        "midnight": datetime(2026, 11, 25, 20, 30, tzinfo=UTC),
        "before": NOW - timedelta(days=1),
        "long_ago": NOW - timedelta(days=30),
        "length": timedelta(days=3, hours=11, minutes=5),
        "none": None,
    }
    for language, expected in (("fa", fa), ("en", en)):
        with translation.override(language):
            assert text(render(source, **values)) == expected


@pytest.mark.parametrize(
    ("left", "tone", "words"),
    [
        (timedelta(days=3), '"due"', "۳ روز مانده"),
        (timedelta(days=3) - timedelta(microseconds=1), '"due due-soon"', "۲ روز و ۲۳ ساعت مانده"),
        (timedelta(days=1), '"due due-soon"', "۱ روز مانده"),
        (timedelta(hours=23, minutes=59), '"due due-now"', "۲۳ ساعت و ۵۹ دقیقه مانده"),
        (timedelta(seconds=20), '"due due-now"', "کمتر از یک دقیقه مانده"),
        (timedelta(), '"due due-now"', "کمتر از یک دقیقه از مهلت گذشته است"),
        (timedelta(days=-2), '"due due-now"', "۲ روز از مهلت گذشته است"),
        (timedelta(days=20, hours=5), '"due"', "۲۰ روز مانده"),
    ],
)
def test_a_deadline_changes_word_and_colour_as_it_nears(persian, left, tone, words):
    html = render("{{ due(at) }}", at=NOW + left)
    assert f"class={tone}" in html
    assert words in text(html)


def test_a_deadline_at_midnight_is_the_end_of_the_day_before(persian):
    assert "تا پایان چهارشنبه ۴ آذر" in render("{{ due(at) }}", at=datetime(2026, 11, 25, 20, 30, tzinfo=UTC))


def test_a_deadline_with_a_time_says_it(english):
    assert "until Wednesday 25 Azar, 14:30" in render("{{ due(at) }}", at=datetime(2026, 12, 16, 11, 0, tzinfo=UTC))


def test_a_paused_clock_is_not_hurried(english):
    html = render("{{ due(at, paused=true) }}", at=NOW + timedelta(hours=1))
    assert 'class="due"' in html
    assert "the clock is paused" in html


def test_a_countdown_is_a_timer_that_says_itself_and_carries_its_end(persian):
    until = NOW + timedelta(days=2, hours=11, minutes=19)
    html = render("{{ countdown(at) }}", at=until)
    assert 'role="timer"' in html
    assert 'aria-label="۲ روز و ۱۱ ساعت و ۱۹ دقیقه"' in html
    assert f'data-until="{until.isoformat()}"' in html


def test_a_countdown_that_has_ended_says_so_instead(english):
    html = render("{{ countdown(at) }}", at=NOW)
    assert re.search(r'role="timer"[^>]*\shidden', html)
    assert re.search(r"data-passed\s*>", html)


def test_the_calendar_shows_the_months_between_and_names_the_marked_days(persian):
    html = render("{{ calendar(first, last, marks) }}", **{k: gallery.context()[k] for k in ("first", "last", "marks")})
    assert re.findall(r"<caption>(.*?)</caption>", html) == ["آبان ۱۴۰۵", "آذر ۱۴۰۵"]
    assert html.count('<th scope="col"') == 14
    assert "روز ثبت، شمرده نمی‌شود" in html
    assert 'datetime="2026-12-05"' in html
    assert 'datetime="2026-12-13"' not in html  # the weeks after the last day are left out


def test_the_week_of_the_calendar_begins_on_saturday(english):
    html = render("{{ calendar(day, day, marks) }}", day=date(2026, 11, 22), marks={})
    assert re.findall(r'title="(\w+)"', html)[0] == "Saturday"


# ----------------------------------------------------------------- icons, states
def test_every_state_has_a_word_and_a_shape_of_its_own():
    glyphs = [look.glyph for look in states.REPORT.values()]
    assert len(set(glyphs)) == len(glyphs)
    assert set(glyphs) <= icons.OWN


def test_states_that_share_a_paint_differ_by_their_hatch():
    looks = [(look.fill, look.hatched) for look in states.REPORT.values()]
    assert len(set(looks)) == len(looks)


def test_a_state_prints_its_word(persian):
    assert text(render('{{ state("awaiting_sign_off") }}')) == "در انتظار امضای مدیر"


def test_an_icon_with_a_label_is_an_image_and_without_one_is_decoration(language):
    assert 'role="img" aria-label="x &amp; y"' in render('{{ icon("clock", label=label) }}', label="x & y")
    assert 'aria-hidden="true"' in render('{{ icon("clock") }}')


def test_an_icon_that_points_turns_with_the_page_and_a_clock_does_not(language):
    assert "i-flip" in render('{{ icon("arrow-right") }}')
    assert "i-flip" not in render('{{ icon("clock") }}')


def test_in_production_the_sprite_is_looked_up_once(settings, monkeypatch):
    portal._sprite_of_process.cache_clear()
    settings.PRODUCTION = True
    asked = []
    monkeypatch.setattr(portal.bundles, "bundle_address", lambda name: asked.append(name) or name)
    assert 'href="icons.svg#i-clock"' in portal.icon("clock") == portal.icon("clock")
    assert asked == ["icons.svg"]
    portal._sprite_of_process.cache_clear()


def test_an_unknown_icon_fails_here():
    with pytest.raises(TemplateSyntaxError, match="names.txt"):
        render('{{ icon("no-such-icon") }}')


def test_directional_icons_exist():
    assert icons.DIRECTIONAL <= icons.NAMES


# ----------------------------------------------------------------------- drawings
def test_drawings_name_themselves_with_the_label_escaped(language):
    html = render("{{ bar(5, max=10, label=label, mark=8) }}", label='5 "of" <10>')
    assert 'role="img"' in html
    assert 'aria-label="5 &quot;of&quot; &lt;10&gt;"' in html


def test_a_bar_stays_inside_its_track(language):
    assert 'width="100.00%"' in render("{{ bar(15, max=10) }}")
    assert 'width="0.00%"' in render("{{ bar(-1, max=10) }}")
    assert 'width="0.00%"' in render("{{ bar(5, max=0) }}")


def test_a_stacked_bar_names_its_counts_and_shows_one_of_ten_thousand(persian):
    html = render("{{ stackbar(counts) }}", counts={"submitted": 9999, "under_review": 1, "draft": 0})
    assert 'aria-label="ارسال‌شده ۹٬۹۹۹، در حال ارزیابی ۱"' in html
    widths = [float(width) for width in re.findall(r'width="([\d.]+)%"', html)]
    assert min(widths) > 0.4
    assert 'fill="url(#hatch)"' in html


def test_a_spark_line_of_nothing_is_nothing(language):
    assert render('{{ spark(values, "x") }}', values=[None, None]) == ""


def test_a_qr_code_has_a_name_and_no_style(language):
    html = render('{{ qr("https://example.org/verify/AB", "the code") }}')
    assert 'aria-label="the code"' in html
    assert "style" not in html


# ------------------------------------------------------------------ tables, forms
TABLE = (
    '<thead><tr><th scope="col">Unit</th><th scope="col">Score</th>'
    '<th scope="col"><span class="visually-hidden">Act</span></th></tr></thead>'
    '<tbody><tr><th scope="row">A</th><td class="num">5</td><td class="cell-act"><button>x</button></td></tr>'
    '<tr><th scope="row">B</th><td class="num"> — </td><td></td></tr></tbody>'
)


def test_a_stacked_table_says_its_roles():
    html = stacked(TABLE)
    assert html.count('role="row"') == 3
    assert html.count('role="columnheader"') == 3
    assert html.count('role="rowheader"') == 2
    assert html.count('role="cell"') == 4
    assert html.count('role="rowgroup"') == 2


def test_a_cell_carries_its_header_and_an_empty_one_leaves_the_card():
    html = stacked(TABLE)
    assert '<td class="num" role="cell" data-label="Score">5</td>' in html
    assert '<td class="num hide-s" role="cell" data-label="Score"> — </td>' in html
    assert '<td role="cell" class="hide-s"></td>' in html


def test_a_refused_field_shows_its_error_where_aria_points(persian):
    form = gallery.context()["form"]
    html = render("{{ field(form.title) }}", form=form)
    assert 'aria-invalid="true"' in html
    points_to = re.search(r'aria-describedby="([^"]+)"', html)[1].split()
    assert all(f'id="{name}"' in html for name in points_to)
    assert "is-invalid" in html
    assert "حداکثر ۵ کاراکتر" in html


def test_crispy_draws_the_same_field(persian):
    form = gallery.context()["form"]
    ours = render("{{ field(form.title) }}", form=form)
    source = "{% load crispy_forms_filters %}{{ form.title|as_crispy_field }}"
    theirs = engines["django"].from_string(source).render({"form": form})
    assert text(theirs) == text(ours)
    assert 'class="form-control is-invalid"' in theirs


def test_choices_are_a_fieldset_with_its_legend(language):
    html = render("{{ field(form.choice) }}", form=gallery.GalleryForm())
    assert "<fieldset" in html
    assert "<legend" in html
    assert html.count('class="form-check-input"') == 2


# ------------------------------------------------------------------------- house
def test_every_icon_that_a_template_names_is_in_the_sprite():

    named = set()
    for page in (settings.BASE_DIR / "templates").rglob("*.html"):
        named |= set(re.findall(r'\bicon\("([\w-]+)"', page.read_text()))
    assert named - icons.NAMES == set()


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_without_a_request_need_none(language, name):
    page = engines["jinja"].get_template(name).render()
    assert "<h1>" in page
