"""Persian text: what is stored, searched and sorted."""

import re
import unicodedata

ZWNJ = "\u200c"
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ﻻ": "لا", "ﻼ": "لا"})
# Controls of both sets, noncharacters and halves of surrogate pairs: no XML, no workbook and no eye takes them.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Bidi controls, zero-width (but not ZWNJ), soft hyphen, BOM: they hide in pasted text and break equality.
_STRAY = re.compile("[\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_DIACRITICS = re.compile("[\u064b-\u0652\u0654\u0655\u0670\u0640]")
_JOINERS = re.compile(f" *{ZWNJ}[ {ZWNJ}]*")
_PLAIN = re.compile("[!-~]+")
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


def writable(text: str) -> str:
    """Without what no file of ours can carry. Line breaks and tabs stay."""
    return _UNWRITABLE.sub("", text)


def normalise(text: str | None) -> str:
    """As stored (nothing: ''): NFC, Persian ی and ک, no stray controls or doubled spaces; ZWNJ, hamze and line breaks kept."""
    if not text or _PLAIN.fullmatch(text):
        return text or ""  # most cells of a file are codes, or empty
    text = _STRAY.sub("", writable(_LINE_ENDS.sub("\n", text or "")))
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
