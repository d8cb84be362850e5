"""What is typed into an agreement, and what is stored of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.text.first_terms import SECTIONS
from sla.text.richtext import clean_rich_text, from_typed, plain_words, rich_text_as_typed


def test_a_text_typed_as_a_letter_becomes_paragraphs_lists_and_bold():
    typed = "سطر یک\nسطر دو با **تأکید**\n\n- نخست\n- دوم\n\n۱. گام یک\n۲) گام دو"
    assert from_typed(typed) == (
        "<p>سطر یک<br>سطر دو با <b>تأکید</b></p><ul><li>نخست</li><li>دوم</li></ul><ol><li>گام یک</li><li>گام دو</li></ol>"
    )


def test_a_list_may_follow_its_sentence_without_an_empty_line():
    assert from_typed("مدارک:\n- الف\n- ب") == "<p>مدارک:</p><ul><li>الف</li><li>ب</li></ul>"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
def test_every_section_of_version_1_is_the_same_after_it_was_opened_and_saved(section):
    for body in (clean_rich_text(section.body), clean_rich_text(section.body_en)):
        assert from_typed(rich_text_as_typed(body)) == body


def test_a_text_with_other_tags_is_shown_as_html():
    body = clean_rich_text('<p>به <a href="https://my.saorg.ir">پنجره</a> بروید</p>')
    assert rich_text_as_typed(body) == body


def test_signs_that_look_like_tags_are_words():
    assert from_typed("اگر ۳ < ۵ و ۵ > ۳") == "<p>اگر ۳ &lt; ۵ و ۵ &gt; ۳</p>"


def test_the_plain_words_of_a_text_keep_its_lines():
    assert plain_words("<p>یک <b>دو</b></p><ul><li>سه</li><li>چهار</li></ul>") == "یک دو\nسه\nچهار"


@given(st.text(st.sampled_from("اب <>&*-1.\n/p"), max_size=60))
def test_what_was_saved_is_the_same_after_it_was_opened_and_saved_again(typed):
    stored = from_typed(typed)
    assert from_typed(rich_text_as_typed(stored)) == from_typed(
        rich_text_as_typed(from_typed(rich_text_as_typed(stored)))
    )
    assert "<script" not in stored
