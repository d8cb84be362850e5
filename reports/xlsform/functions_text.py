"""ODK's functions of text. Each is `f(token, context)`; importing the module registers them."""

import base64
import binascii
import hashlib
from decimal import ROUND_HALF_UP, Decimal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sajad_portal.lib.text import latin_digits

from . import patterns
from .arguments import MAX_TEXT, EvaluationError, number_at, text_at, texts_given
from .values import to_text
from .xpath import function, value_of


@function("string", (0, 1))
def _string(self, context=None):
    return to_text(value_of(self[0], context)) if len(self) else to_text(context.item)


@function("concat", (1, None))
def _concat(self, context=None):
    return "".join(texts_given(self, context))[:MAX_TEXT]


@function("join", (1, None))
def _join(self, context=None):
    return text_at(self, context).join(texts_given(self[1:], context))[:MAX_TEXT]


@function("string-length", (0, 1))
def _string_length(self, context=None):
    return Decimal(len(text_at(self, context) if len(self) else to_text(context.item)))


@function("substr", (2, 3))
def _substr(self, context=None):
    raw, start = text_at(self, context), number_at(self, context, 1)
    end = number_at(self, context, 2) if len(self) > 2 else Decimal(len(raw))
    if not start.is_finite() or not end.is_finite():
        return ""
    return raw[int(start) : int(end)]


@function("substring", (2, 3))
def _substring(self, context=None):
    raw, start = text_at(self, context), number_at(self, context, 1)
    if not start.is_finite():
        return ""
    start = start.to_integral_value(ROUND_HALF_UP)
    if len(self) < 3:
        return raw[max(int(start) - 1, 0) :]
    length = number_at(self, context, 2)
    if not length.is_finite():
        return raw[max(int(start) - 1, 0) :] if length == Decimal("Infinity") else ""
    end = int(start) - 1 + int(length.to_integral_value(ROUND_HALF_UP))
    return raw[max(int(start) - 1, 0) : max(end, 0)]


@function("substring-before", 2)
def _substring_before(self, context=None):
    before, found, _rest = text_at(self, context).partition(text_at(self, context, 1) or "\0")
    return before if found else ""


@function("substring-after", 2)
def _substring_after(self, context=None):
    mark = text_at(self, context, 1)
    raw = text_at(self, context)
    return raw.partition(mark)[2] if mark else raw


@function("contains", 2)
def _contains(self, context=None):
    return text_at(self, context, 1) in text_at(self, context)


@function("starts-with", 2)
def _starts_with(self, context=None):
    return text_at(self, context).startswith(text_at(self, context, 1))


@function("ends-with", 2)
def _ends_with(self, context=None):
    return text_at(self, context).endswith(text_at(self, context, 1))


@function("normalize-space", (0, 1))
def _normalize_space(self, context=None):
    return " ".join((text_at(self, context) if len(self) else to_text(context.item)).split())


@function("translate", 3)
def _translate(self, context=None):
    old, new = text_at(self, context, 1), text_at(self, context, 2)
    table: dict[int, str | None] = {}
    for index, letter in enumerate(old):
        table.setdefault(ord(letter), new[index] if index < len(new) else None)
    return text_at(self, context).translate(table)


@function("regex", 2)
def _regex(self, context=None):
    """Whole-text match in linear time (`patterns`); Persian digits count as digits."""
    raw = latin_digits(text_at(self, context))[:MAX_TEXT]
    return patterns.matches(text_at(self, context, 1), raw, context.spend)


# ----------------------------------------------------------------- codes and seals
# As ODK names them; the first two are for codes that other systems made, not for secrets.
_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_SIGNATURE = 64  # bytes of an Ed25519 signature, which stand before the message


@function("digest", (2, 3))
def _digest(self, context=None):
    """XForms 1.1: the hash of a text in UTF-8, as base64 or hex."""
    name, encoding = text_at(self, context, 1).upper(), text_at(self, context, 2) if len(self) > 2 else "base64"
    if name not in _DIGESTS or encoding not in ("base64", "hex"):
        raise EvaluationError(f"digest() by “{name}” in “{encoding}”")
    found = hashlib.new(_DIGESTS[name], text_at(self, context).encode(), usedforsecurity=False).digest()
    return found.hex() if encoding == "hex" else base64.b64encode(found).decode()


def _unpacked(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@function("base64-decode", 1)
def _base64_decode(self, context=None):
    """The text in UTF-8; "" for what is no base64. What is no letter in XML is left out."""
    found = _unpacked(text_at(self, context).strip())
    return _readable(found) if found else ""


@function("extract-signed", 2)
def _extract_signed(self, context=None):
    """The message behind an Ed25519 signature, both packed in base64, if the key signed it; "" in any other case."""
    signed, key = (_unpacked(text_at(self, context, index).strip()) for index in (0, 1))
    if not signed or not key:
        return ""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed[:_SIGNATURE], signed[_SIGNATURE:])
    except (InvalidSignature, ValueError):
        return ""
    return _readable(signed[_SIGNATURE:])


def _readable(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")[:MAX_TEXT]
