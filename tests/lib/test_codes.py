"""Codes that people read aloud and nobody can guess."""

import re

import pytest

from sajad_portal.lib.codes import ALPHABET, clean_code, new_code, search_words


def test_a_code_has_eighty_random_bits_in_letters_that_are_not_confused():
    code = new_code("1405Q1")
    assert re.fullmatch(rf"1405Q1(-[{ALPHABET}]{{4}}){{4}}", code)
    assert not set("ILOU") & set(ALPHABET)
    assert len(ALPHABET) == 32


def test_codes_do_not_repeat():
    assert len({new_code() for _ in range(2000)}) == 2000


@pytest.mark.parametrize(
    "typed",
    [
        "1405Q1-7K3M-92QX-0A1B-VVVV",
        "1405q1-7k3m-92qx-0a1b-vvvv",
        " 1405Q1-7K3M-92QX-OAIB-UUUU ",
        "۱۴۰۵Q۱-7K3M-۹۲QX-0A1B-VVVV",
        "1405Q1−7K3M−92QX−0A1B−VVVV",
        "1405Q1 7K3M 92QX 0A1B VVVV",
        "1405q17k3m92qx0a1bvvvv",
        "1405Q1 - 7K3M – 92QX ‑ 0A1B ـ VVVV",
        "\u200f1405Q1-7K3M-92QX-0A1B-VVVV\u200f",
    ],
)
def test_a_code_is_found_however_it_is_typed(typed):
    assert clean_code(typed, groups=4) == "1405Q1-7K3M-92QX-0A1B-VVVV"


def test_a_new_code_is_already_clean():
    assert all(clean_code(code, groups=4) == code for code in (new_code("1405Q1") for _ in range(200)))


def test_anything_typed_gives_a_code_that_is_merely_not_found():
    assert clean_code("", groups=4) == ""
    assert clean_code("سلام", groups=4) == "سلام"


def test_a_code_without_a_head_is_found_with_blanks_and_small_letters():
    assert clean_code(" 7k3m 92qx oaib uuuu ", groups=4) == "7K3M-92QX-0A1B-VVVV"


def test_a_part_of_a_code_stays_a_part():
    assert clean_code("92qx-0a1b", groups=3) == "92QX-0A1B"


def test_a_name_as_long_as_a_code_is_no_code():
    assert clean_code("اداره کل خوابگاه‌ها و سراها", groups=3) == "ادارهکلخوابگاه\u200cهاوسراها"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1405Q1 7K3M 92QX 0A1B", ["1405q17k3m92qx0a1b"]),
        ("1405Q1-7K3M-92QX-0A1B", ["1405q1-7k3m-92qx-0a1b"]),
        ("اداره خوابگاه", ["اداره", "خوابگاه"]),
        ("12 34", ["12", "34"]),
    ],
)
def test_a_code_whose_groups_stand_apart_is_one_word_of_a_search(typed, words):
    assert search_words(typed) == words
