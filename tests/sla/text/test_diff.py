"""What changed between two texts, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.text.diff import ADDED, REMOVED, SAME, Piece, diff_words, words

TEXT = st.text(st.sampled_from("الف بپ‌هٔ،.\n۱a"), max_size=60)


def test_a_replaced_word_is_shown_as_removed_and_then_added():
    assert diff_words("ظرف یک ماه حل کنند", "ظرف دو ماه حل کنند") == [
        Piece(SAME, "ظرف "), Piece(REMOVED, "یک "), Piece(ADDED, "دو "), Piece(SAME, "ماه حل کنند"),
    ]  # fmt: skip


def test_a_half_space_and_a_hamza_do_not_cut_a_word():
    pieces = diff_words("توافق‌نامهٔ خدمت", "توافق‌نامهٔ سطح خدمت")
    assert [piece.text for piece in pieces if piece.kind == ADDED] == ["سطح "]
    assert words(pieces, ADDED) == 1


def test_a_sign_beside_a_word_changes_the_sign_alone():
    assert [piece.text for piece in diff_words("هزینه.", "هزینه؛") if piece.kind != SAME] == [".", "؛"]


@pytest.mark.parametrize(("text", "kinds"), [("", []), ("یک", [SAME]), ("یک\nدو", [SAME])])
def test_the_same_text_has_no_change(text, kinds):
    assert [piece.kind for piece in diff_words(text, text)] == kinds


@given(TEXT, TEXT)
def test_each_text_is_read_again_from_the_pieces_but_for_spaces(old, new):
    pieces = diff_words(old, new)
    before = "".join(piece.text for piece in pieces if piece.kind != ADDED)
    after = "".join(piece.text for piece in pieces if piece.kind != REMOVED)
    assert "".join(before.split()) == "".join(old.split())
    assert "".join(after.split()) == "".join(new.split())
    assert words(pieces, ADDED) - words(pieces, REMOVED) == words(diff_words("", new), ADDED) - words(
        diff_words("", old), ADDED
    )


def test_a_paragraph_that_was_added_is_marked_on_its_own_line():
    assert diff_words("یک.", "یک.\nدو") == [Piece(SAME, "یک."), Piece(SAME, "\n"), Piece(ADDED, "دو")]
