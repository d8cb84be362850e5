"""One word for one thing: the Persian words that were given up, each with the one that is kept (locale/fa/words.toml)."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

# A letter, a digit or what is written above or below one: a refused word ends where none of them follows.
LETTER = r"[\w\u064b-\u065f\u0670]"
# Placeholders, markup, addresses and what stands in Latin quotation marks or code are no sentence.
NOT_WORDS = re.compile(r"%\(\w+\)[sd]|%s|\{\w*\}|<[^>]*>|https?://\S+")


@dataclass(frozen=True)
class KeptWord:
    thing: str
    keep: str
    refused: re.Pattern
    excepted: re.Pattern | None


def words_path() -> Path:
    return Path(settings.BASE_DIR) / "locale" / "fa" / "words.toml"


def read_words(path: Path) -> tuple[KeptWord, ...]:
    with path.open("rb") as file:
        entries = tomllib.load(file)["word"]
    return tuple(
        KeptWord(
            thing=entry["thing"],
            keep=entry["keep"],
            refused=re.compile("|".join(_pattern(word) for word in entry["refuse"])),
            excepted=re.compile("|".join(map(re.escape, entry["except"]))) if entry.get("except") else None,
        )
        for entry in entries
    )


def _pattern(word: str) -> str:
    """A whole word; a star at its end stands for whatever follows inside it. What begins with a space needs no border."""
    start = "" if word.startswith(" ") else rf"(?<!{LETTER})"
    if word.endswith("*"):
        return start + re.escape(word[:-1]) + rf"(?:{LETTER}|\u200c)*"
    return start + re.escape(word) + ("" if word.endswith(":") else rf"(?!{LETTER})")


@cache
def house_words(path: Path) -> tuple[KeptWord, ...]:
    return read_words(path)


def given_up(text: str, words: tuple[KeptWord, ...] | None = None) -> Iterator[tuple[str, str]]:
    """Each refused word in `text`, with the one to write."""
    if words is None:
        words = house_words(words_path()) if words_path().exists() else ()
    plain = NOT_WORDS.sub("\ufffc", text)
    for word in words:
        judged = word.excepted.sub("\ufffc", plain) if word.excepted else plain
        for found in word.refused.findall(judged):
            yield found, word.keep
