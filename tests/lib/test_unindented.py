"""Templates lose the blanks that their authors need, and nothing that a reader sees."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from sajad_portal.lib.unindented import unindented

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))


def test_a_break_between_words_and_inline_elements_stays_a_break():
    assert unindented("<b>one</b>\n    <i>two</i>\n  three\n") == "<b>one</b>\n<i>two</i>\nthree\n"


def test_lines_keep_their_numbers():
    text = "a\n  {% if b %}\n    c\n  {% endif %}\n  d\n"
    assert unindented(text) == "a\n{% if b %}\nc\n{% endif %}\nd\n"


def test_the_first_break_of_a_piece_stays_for_it_may_follow_a_word():
    assert unindented("{# What it is. #}\n<b>one</b>") == "{# What it is. #}\n<b>one</b>"


@pytest.mark.parametrize(
    "kept",
    [
        "<pre>\n    one\n      two\n</pre>", "<textarea rows=2>\n  a\n</textarea>", "{% trans %}\n  Words\n{% endtrans %}",
        "{% raw %}\n  {{ a }}\n{% endraw %}",
    ],
)  # fmt: skip
def test_what_is_shown_or_looked_up_as_it_stands_is_left_so(kept):
    assert kept in unindented(f"<p>\n  a\n</p>\n  {kept}\n  <p>")


def test_trimmed_words_may_lose_their_indent():
    text = "{% trans trimmed %}\n    Words\n{% endtrans %}"
    assert unindented(text) == "{% trans trimmed %}\nWords\n{% endtrans %}"


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: path.relative_to(settings.BASE_DIR / "templates").as_posix()
)
def test_every_template_of_ours_has_the_same_tags_and_the_same_words(path):
    before = path.read_text("utf-8")
    after = unindented(before)
    tags = re.compile(r"\{[%{#].*?[%}#]\}")

    assert tags.findall(after) == tags.findall(before)
    assert tags.sub("", after).split() == tags.sub("", before).split()
    assert re.findall(r"<(?:pre|textarea)\b.*?</", after, re.DOTALL) == re.findall(
        r"<(?:pre|textarea)\b.*?</", before, re.DOTALL
    )


def test_the_portal_reads_its_templates_so():
    page = get_template("500.html").render()
    assert "<h1>" in page
    assert re.findall(r"\n[ \t]+<", page) == []
