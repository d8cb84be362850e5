"""Codes that people read aloud and nobody can guess."""

import secrets

from .text import latin_digits, normalise

# Crockford's base 32: no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CONFUSED = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def new_code(prefix: str = "", *, groups: int = 4, size: int = 4) -> str:
    """`1405Q1-7K3M-92QX-…`: 5 random bits a letter; 4×4 letters are 80 bits."""
    body = ["".join(secrets.choice(ALPHABET) for _ in range(size)) for _ in range(groups)]
    return "-".join([prefix, *body] if prefix else body)


def clean_code(text: str) -> str:
    """A code as typed: case, spaces and letters that are easily confused do not matter."""
    head, dash, rest = (
        latin_digits(normalise(text)).upper().replace(" ", "").replace("−", "-").replace("–", "-").partition("-")
    )
    return head + dash + rest.translate(_CONFUSED)
