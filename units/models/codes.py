"""Codes that people give to units, kinds and attributes: how they are written, and one made of a Persian word."""

import re

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.text import latin_digits, normalise, search_key

CODE = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,58}[A-Za-z0-9])?$")
# As names of kinds and attributes stand in a form's expressions.
WORD = re.compile(r"^[a-z](?:[a-z0-9_-]{0,58}[a-z0-9])?$")
_LATIN = dict(
    zip(
        "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی",
        ["a", "b", "p", "t", "s", "j", "ch", "h", "kh", "d", "z", "r", "z", "zh", "s", "sh", "s", "z", "t", "z", "a",
         "gh", "f", "gh", "k", "g", "l", "m", "n", "v", "h", "i"],
        strict=True,
    )
)  # fmt: skip


def checked_code(typed: str) -> str:
    code = latin_digits(normalise(typed))
    if not CODE.match(code):
        raise Refused(
            _("A unit’s code has up to 60 Latin letters, digits, dots, dashes and underscores, such as KHB-ISK."),
            code="bad-code",
        )
    return code


def checked_word(typed: str) -> str:
    """The code of a kind or an attribute, in small letters."""
    code = latin_digits(normalise(typed)).casefold()
    if not WORD.match(code):
        raise Refused(
            _(
                "This code begins with a small Latin letter and has letters, digits, dashes and underscores, such as branch-office."
            ),
            code="bad-code",
        )
    return code


def code_for(name: str, taken: set[str]) -> str:
    """A code made of a name, letter by letter, that is not among `taken`, to which it is added."""
    letters = "".join(_LATIN.get(letter, letter if letter.isascii() else "") for letter in search_key(name))
    base = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40].strip("-")
    if not base or not base[0].isalpha():
        base = f"k-{base}".strip("-")
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    taken.add(code)
    return code
