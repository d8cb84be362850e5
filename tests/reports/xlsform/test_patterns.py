"""Patterns of form authors match as `re.fullmatch` would, in linear time."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.xlsform.patterns import PatternError, compiled, matches

PATTERNS = [
    r"[0-9]{10}", r"\d{3}-\d{4}", r"^09\d{9}$", r"(abc|ab)c?", r"a*b+c?", r"[^a-c]+", r"[آ-ی\s]+", r"\w+@\w+\.\w{2,3}",
    r"(a|b)*abb", r".*", r"a{2,}", r"a{0}", r"(?:x|y){1,3}z", r"[a\-z]", r"[]a]", r"\\", r"a.c", r"\S+\s\S+", r"\bab\b",
    r"a??b", r"\u0622+", r"", r"a|", r"(a?){3}b",
]  # fmt: skip


@given(st.sampled_from(PATTERNS), st.text(alphabet="abcxyz0129-@. آیz\\]\n", max_size=12))
@settings(max_examples=600)
def test_a_pattern_matches_as_pythons_own(pattern, text):
    assert matches(pattern, text) == bool(re.fullmatch(pattern, text, re.ASCII))


@pytest.mark.parametrize("pattern", [r"(a+)+", r"(a|a)*", r"(a|aa)+", r"(.*)*", r"a*a*a*a*a*a*", r"([a-z]+)*\d"])
def test_patterns_that_hang_elsewhere_end_at_once(pattern):
    begun = time.perf_counter()
    assert matches(pattern, "a" * 2000 + "!") is (pattern == r"(.*)*")
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    "pattern",
    [r"(?=a)", r"(?!a)b", r"(?<=a)b", r"(?P<n>a)", r"(a)\1", r"[z-a]", r"(", r")", r"a**", r"*a", r"[abc", r"a{9999}", r"\p{L}", r"\q", "\\", r"a{2", r"(a{300}){300}", "a" * 600, "(" * 60 + ")" * 60],
)  # fmt: skip
def test_a_pattern_that_cannot_be_matched_so_is_refused(pattern):
    with pytest.raises(PatternError):
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"a\bb", "ab", False),
        (r"a\b-", "a-", True),
        (r"-\bb", "-b", True),
        (r"-\b-", "--", False),
        (r"a\Bb", "ab", True),
        (r"a\B-", "a-", False),
    ],
)
def test_the_edge_of_a_word_lies_between_a_letter_and_what_is_none(pattern, text, fits):
    assert matches(pattern, text) == fits


def test_a_pattern_is_taken_down_to_the_last_depth_and_refused_below_it():
    assert matches("(" * 39 + "a" + ")" * 39, "a")
    with pytest.raises(PatternError):
        compiled("(" * 40 + "a" + ")" * 40)
