"""Persian text: what is stored, searched and sorted."""

import re
import unicodedata

ZWNJ = "\u200c"
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ﻻ": "لا", "ﻼ": "لا"})
# Bidi controls, zero-width (but not ZWNJ), soft hyphen, BOM: they hide in pasted text and break equality.
_STRAY = re.compile("[\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_DIACRITICS = re.compile("[\u064b-\u0652\u0654\u0655\u0670\u0640]")
_JOINERS = re.compile(f" *{ZWNJ}[ {ZWNJ}]*")
_EDGES = re.compile(rf"^[\s{ZWNJ}]+|[\s{ZWNJ}]+$")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")

_ALPHABET = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_ORDER = {letter: chr(0xE000 + i) for i, letter in enumerate(_ALPHABET)}
_ORDER |= {
    "أ": _ORDER["ا"],
    "إ": _ORDER["ا"],
    "ؤ": _ORDER["و"],
    "ئ": _ORDER["ی"],
    "ۀ": _ORDER["ه"],
    "ة": _ORDER["ه"],
    "ء": "",
}


def normalise(text: str | None) -> str:
    """As stored (nothing: ''): NFC, Persian ی and ک, no stray bidi controls or doubled spaces; ZWNJ, hamze and line breaks kept."""
    text = _STRAY.sub("", text or "").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_LETTERS))
    text = _JOINERS.sub(lambda found: " " if " " in found[0] else ZWNJ, _SPACES.sub(" ", text))
    return "\n".join(_EDGES.sub("", line) for line in text.split("\n")).strip()


def latin_digits(text: str) -> str:
    """Persian and Arabic digits as 0–9; nothing else changes."""
    return (text or "").translate(_DIGITS)


def search_key(text: str) -> str:
    """For searching, word by word: normalised, no ZWNJ, diacritics or tatweel, folded case, Latin digits."""
    text = normalise(text).replace(ZWNJ, "")
    text = (
        _DIACRITICS.sub("", text)
        .replace("ۀ", "ه")
        .replace("ة", "ه")
        .replace("آ", "ا")
        .replace("أ", "ا")
        .replace("إ", "ا")
    )
    return " ".join(latin_digits(text).casefold().split())


def sort_key(text: str) -> str:
    """Sorts bytewise in the order of the Persian alphabet, the same on both databases (پ چ ژ گ in their places)."""
    text = _DIACRITICS.sub("", normalise(text).replace(ZWNJ, " ")).casefold()
    return "".join(_ORDER.get(letter, letter) for letter in latin_digits(text))
