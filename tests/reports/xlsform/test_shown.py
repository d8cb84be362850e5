"""Days and figures in what a form puts together, for a reader."""

import pytest

from reports.xlsform import Question, display_answer
from reports.xlsform.shown import shown_text


@pytest.mark.parametrize(
    ("text", "fa", "en"),
    [
        ("تا 2026-06-13 بماند", "تا ۲۳ خرداد ۱۴۰۵ بماند", "تا 23 Khordad 1405 بماند"),
        ("2026-06-13T14:30:00+03:30", "۲۳ خرداد ۱۴۰۵، ۱۴:۳۰", "23 Khordad 1405, 14:30"),
        ("(2026/6/13)", "(۱۴۰۵/۰۳/۲۳)", "(1405/03/23)"),
        ("13 ژوئن 2026", "۱۳ ژوئن ۲۰۲۶", "13 ژوئن 2026"),
        ("نسبت 3.5 از 12", "نسبت ۳٫۵ از ۱۲", "نسبت 3.5 از 12"),
        ("HSG-01 و A4 و 7-2", "HSG-01 و A4 و 7-2", "HSG-01 و A4 و 7-2"),
        ("2026-02-30", "2026-02-30", "2026-02-30"),
        ("2026-06-13-07", "2026-06-13-07", "2026-06-13-07"),
        ("0500-01-01", "0500-01-01", "0500-01-01"),
    ],
)  # fmt: skip
def test_days_stand_in_the_portals_calendar_and_figures_in_the_pages_digits(text, fa, en):
    assert (shown_text(text, "fa"), shown_text(text, "en")) == (fa, en)


@pytest.mark.parametrize("kind", ["calculate", "text"])
def test_what_is_calculated_is_shown_so_and_what_was_written_as_it_was(kind):
    made = Question("q", kind, "/data/q", calculation="concat('از ', today())")
    written = Question("q", "text", "/data/q")

    assert display_answer(made, "از 2026-06-13", "fa") == "از ۲۳ خرداد ۱۴۰۵"
    assert display_answer(written, "از 2026-06-13", "fa") == "از 2026-06-13"
