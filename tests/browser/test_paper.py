"""What a browser prints, printed and read back: whole, unfolded, on A4, without what only a screen can do; from the dark theme too."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from reports.models import Report
from tests.calls import fill, published_call, report_of
from tests.factories import make_unit
from tests.field import Figures, announce_field, field_call

A4 = (595, 842)
# Letters of Persian come back from a PDF as they lie on the paper; codes and digits come back as they are.
SAID = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")


def printed(page, address: str) -> tuple[PdfReader, str]:
    """The paper and its text; nothing of a page is wider than the paper."""
    assert page.goto(address).status == 200
    page.wait_for_load_state("networkidle")
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert {tuple(round(float(n)) for n in sheet.mediabox[2:]) for sheet in paper.pages} == {A4}
    return paper, "\n".join(sheet.extract_text() for sheet in paper.pages).translate(SAID)


def left_on_paper(page) -> list[str]:
    """What can be pressed and what is folded, as the printer sees the page."""
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    found = page.evaluate(
        """[...document.querySelectorAll('button, .btn, input[type=checkbox], details:not([open])')]
            .filter((part) => part.checkVisibility()).map((part) => part.outerHTML.slice(0, 120))"""
    )
    wide = page.evaluate(
        """[...document.querySelectorAll('main *')].filter((part) => part.checkVisibility())
            .filter((part) => part.getBoundingClientRect().right > innerWidth + 1 || part.getBoundingClientRect().left < -1)
            .filter((part) => !part.closest('.visually-hidden')).map((part) => part.outerHTML.slice(0, 120))"""
    )
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="null")
    return found + wide


@pytest.fixture
def announced(cast):
    units = [cast.a, cast.b, *(make_unit(parent=cast.b, kind=cast.a.kind) for _n in range(4))]
    call, units = field_call(cast, 0, units=units)
    figures = [
        Figures({"cnt": "7", "day": str(n), "avg": str(10 * n), "rat_n": str(n), "rat_d": "9", "wmn": "4"})
        for n in range(1, len(units) + 1)
    ]
    announce_field(cast, call, units, figures)
    return call, units


@pytest.fixture(params=[pytest.param("light", marks=pytest.mark.full), "dark"])
def reader(request, open_page, live_server, cast, announced):
    page = open_page("/account/", as_=cast.nader)
    page.evaluate(f"document.cookie = 'theme={request.param};path=/'")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == request.param
    page.set_viewport_size({"width": 718, "height": 1000})  # what the margins leave of A4
    return page


def test_a_league_table_is_whole_on_paper(reader, announced):
    call, units = announced
    paper, text = printed(reader, f"/analysis/calls/{call.pk}/")
    assert [unit.code for unit in units[2:] if unit.code not in text] == []  # those whose names are Latin
    assert left_on_paper(reader) == []
    assert reader.evaluate("[...document.querySelectorAll('canvas')].length") == 1


def test_the_chart_is_drawn_in_the_ink_of_the_day_and_back_again(reader, announced):
    call, _units = announced
    reader.goto(f"/analysis/calls/{call.pk}/")
    theme = reader.evaluate("document.documentElement.dataset.bsTheme")
    reader.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert reader.evaluate("document.documentElement.dataset.bsTheme") == "light"
    reader.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert reader.evaluate("document.documentElement.dataset.bsTheme") == theme


def test_a_result_has_every_area_unfolded_on_paper(reader, announced):
    call, units = announced
    report = Report.objects.get(call=call, unit=units[0])
    _paper, text = printed(reader, f"/reports/{report.tracking_code}/result/")
    assert [code for code in ("CNT", "DAY", "AVG", "RAT", "WMN") if code not in text] == []
    assert left_on_paper(reader) == []


def test_a_report_and_its_letter_are_whole_on_paper(reader, announced):
    call, units = announced
    report = Report.objects.get(call=call, unit=units[0])
    _paper, text = printed(reader, f"/reports/{report.tracking_code}/")
    assert [code for code in ("CNT", "DAY", "AVG", "RAT", "WMN") if code not in text] == []
    assert left_on_paper(reader) == []
    letter, text = printed(reader, f"/reports/{report.tracking_code}/letter/")
    assert len(letter.pages) == 1
    assert report.tracking_code in text


def test_a_draft_is_whole_on_paper(open_page, live_server, cast):
    report = fill(report_of(published_call(cast), cast.a), cast.sara)
    page = open_page("/account/", as_=cast.sara)
    page.set_viewport_size({"width": 718, "height": 1000})
    _paper, text = printed(page, f"/reports/{report.tracking_code}/sign/")
    assert "HSG-01" in text
    assert left_on_paper(page) == []
