"""Codes that people read aloud and nobody can guess."""

import re
import secrets

from .text import latin_digits, normalise, search_key

# Crockford's base 32: no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TRACKING_GROUPS, VERIFICATION_GROUPS, ORDER_GROUPS = 3, 4, 5
_PART = re.compile("[0-9a-z-]{3,8}")
_DASHES = dict.fromkeys(map(ord, "−–—‐‑ـ"), "-")
_CONFUSED = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def new_code(prefix: str = "", *, groups: int = VERIFICATION_GROUPS, size: int = 4) -> str:
    """`1405Q1-7K3M-92QX-…`: 5 random bits a letter; 4×4 letters are 80 bits."""
    body = ["".join(secrets.choice(ALPHABET) for _ in range(size)) for _ in range(groups)]
    return "-".join([prefix, *body] if prefix else body)


def clean_code(text: str, *, groups: int, size: int = 4) -> str:
    """A code of that many groups as it is written; letters that are easily confused, case, blanks and dashes do not matter.

    What is too short for one is given back as typed, in capitals: it is merely not found, or is a part of one.
    """
    typed = latin_digits(normalise(text)).upper()
    signs = "".join(sign for sign in typed if sign.isalnum())
    head, body = signs[: -groups * size], signs[-groups * size :].translate(_CONFUSED)
    if len(body) < groups * size or not set(body) <= set(ALPHABET):
        return typed.translate(_DASHES).replace(" ", "")
    return "-".join([*([head] if head else []), *(body[at : at + size] for at in range(0, len(body), size))])


def search_words(text: str) -> list[str]:
    """The words of a search, as search keys; a code whose groups stand apart is one word."""
    words = search_key(text).split()
    if len(words) > 1 and all(map(_PART.fullmatch, words)) and len("".join(words)) >= 12:
        return ["".join(words)]
    return words
