"""Persian text as it is stored, searched and sorted."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sajad_portal.lib.text import ZWNJ, latin_digits, normalise, search_key, sort_key


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("كتابخانه ي مركزي", "کتابخانه ی مرکزی"),
        ("  دو   فاصله  ", "دو فاصله"),
        ("خوابگاه\u200f‌ها", "خوابگاه‌ها"),
        ("می \u200c رود", "می رود"),
        (f"می{ZWNJ}{ZWNJ}رود", f"می{ZWNJ}رود"),
        ("خط اول\r\nخط دوم", "خط اول\nخط دوم"),
        ("a\u00a0b\u2009c", "a b c"),
        ("مسئول", "مسئول"),
        (f"{ZWNJ}سلام{ZWNJ}", "سلام"),
        ("\ufeffسلام\u00ad", "سلام"),
        ("۱۲۳", "۱۲۳"),
        ("صفر\x00", "صفر"),
        ("پایان\ufffe", "پایان"),
        ("نیمه\ud800", "نیمه"),
        ("\U0001fffeبالا\ufdd0", "بالا"),
        ("بوق\x07\x7f\x90", "بوق"),
        ("خط\u2028دوم\x85سوم", "خط\nدوم\nسوم"),
        (None, ""),
    ],
)
def test_text_is_stored_in_one_spelling(typed, stored):
    assert normalise(typed) == stored


@given(
    st.one_of(
        st.text(max_size=40), st.text(alphabet="آايیكکٓٔﻻ \t\n\r\x1f\u2028\u200c\u200d\u200f\u00a0abc۱٢3", max_size=40)
    )
)
@example("3\u00a0\u200c")
@example("ا\u200dٓ")
def test_what_is_normal_stays_as_it_is(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("می‌روم", "میروم"),
        ("دانشگاه آزاد", "دانشگاه ازاد"),
        ("عَلی", "علی"),
        ("مـــرکز", "مرکز"),
        ("شماره ۱۲", "شماره 12"),
        ("Tehran", "TEHRAN"),
        ("ادارهٔ کل", "اداره کل"),
        ("ادارۀ کل", "اداره کل"),
        ("كيفيت", "کیفیت"),
    ],
)
def test_spellings_that_a_reader_takes_for_the_same_are_found_together(one, other):
    assert search_key(one) == search_key(other)


def test_words_stay_apart_in_a_search_key():
    assert search_key("خوابگاه  شهید\nبهشتی") == "خوابگاه شهید بهشتی"


def test_sorting_follows_the_persian_alphabet():
    names = ["یزد", "پارس", "تهران", "آمل", "چابهار", "ژاله", "گرگان", "بابل", "کاشان", "خوی", "هرمز", "وان", "ابهر"]
    assert sorted(names, key=sort_key) == [
        "آمل", "ابهر", "بابل", "پارس", "تهران", "چابهار", "خوی", "ژاله", "کاشان", "گرگان", "وان", "هرمز", "یزد",
    ]  # fmt: skip


def test_arabic_letters_sort_as_their_persian_twins():
    assert sort_key("كيش") == sort_key("کیش")


def test_a_shorter_word_comes_first():
    assert sort_key("دانش") < sort_key("دانش‌آموز") < sort_key("دانشجو")


@pytest.mark.parametrize("digits", ["۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "0123456789"])
def test_all_three_kinds_of_digits_are_read(digits):
    assert latin_digits(digits) == "0123456789"
