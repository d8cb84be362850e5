"""Codes that people read aloud and nobody can guess."""

import re

import pytest

from sajad_portal.lib.codes import ALPHABET, clean_code, new_code


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
    ],
)
def test_a_code_is_found_however_it_is_typed(typed):
    assert clean_code(typed) == "1405Q1-7K3M-92QX-0A1B-VVVV"


def test_a_new_code_is_already_clean():
    assert all(clean_code(code) == code for code in (new_code("1405Q1") for _ in range(200)))


def test_anything_typed_gives_a_code_that_is_merely_not_found():
    assert clean_code("") == ""
    assert clean_code("سلام") == "سلام"
