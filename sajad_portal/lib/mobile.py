"""Mobile numbers of Iran, however they are typed."""

import re

from .text import latin_digits, normalise

_MOBILE = re.compile(r"^(?:\+98|0098|98|0)?(9\d{9})$")


def bare_number(typed: str) -> str:
    """Latin digits (and a plus), without spaces, dashes and brackets."""
    return re.sub(r"[\s\-()]", "", latin_digits(normalise(typed)))


def mobile_number(typed: str) -> str:
    """`09…` with eleven digits, as it is stored; empty for what is none."""
    found = _MOBILE.match(bare_number(typed))
    return f"0{found[1]}" if found else ""
