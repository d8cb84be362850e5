"""What a page says in Persian, block by block, and what is wrong with it (locale/fa/sentences.toml, words.toml)."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import models

from sajad_portal.words import given_up

VOID = {"input", "br", "img", "hr", "meta", "link", "use", "path", "col", "wbr", "source", "rect", "circle", "line"}
# <bdi> holds what was typed, and codes.
SILENT = {"script", "style", "code", "textarea", "pre", "kbd", "samp", "bdi"}
INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "code", "kbd", "em", "i", "label", "mark", "q", "small", "span", "strong", "sub", "sup", "time", "u", "svg",
}  # fmt: skip
SAID_IN = ("title", "aria-label", "placeholder", "alt", "data-label", "data-confirm")
# Initials of a person, and the agreement's own text.
NOT_THE_PORTALS = {"avatar", "clause-text"}
TITLES = {"title", "h1", "h2", "h3"}
SET_APART = "\ufffc"
ISOLATED = re.compile(r"[\u2066\u2067\u2068][^\u2069]*\u2069|\u200e[\w./-]+")
# Where no markup can stand, a code has its own form: capitals and hyphens, hexadecimal, or a file's name.
UNMARKED = {"title", "option", *SAID_IN}
CODE = re.compile(r"(?<![\w-])[A-Z\d]+(?:-[A-Z\d]+)+(?![\w-])|(?<!\w)[0-9a-f]{32,}(?!\w)|[\w.-]+\.[a-z]{3,4}(?!\w)")

LATIN_DIGIT = re.compile(r"[0-9]")
ARABIC = re.compile(r"[يكىةۀ٠-٩]")
DATE = re.compile(r"[۰-۹0-9]{4}-[۰-۹0-9]{2}|(?<![۰-۹])(?:۱۹|۲۰)[۰-۹]{2}(?![۰-۹٫٬])|ژانویه|فوریه|دسامبر")
LATIN = re.compile(r"[A-Za-z_][\w’'.-]*", re.ASCII)
GLUED = re.compile(r"\s:|:\s[^:]*:\s")


class Page(HTMLParser):
    """`said`: (where, text) of each block in the reader's language; what is code or of another language is set apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []
        self.block: list[str] = []
        self.where = "body"
        self.silent: list[str] = []
        self.feed(html)
        self._end()

    def _end(self) -> None:
        if text := " ".join("".join(self.block).split()):
            self.said.append((self.where, text))
        self.block = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = {name: value or "" for name, value in attrs}
        foreign = (
            given.get("lang", "fa") != "fa"
            or given.get("dir") == "ltr"
            or not NOT_THE_PORTALS.isdisjoint(given.get("class", "").split())
        )
        if not self.silent and not foreign:
            self.said += [(name, given[name]) for name in SAID_IN if given.get(name)]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.said.append(("button", given.get("value", "")))
        if tag not in INLINE and tag != "html":
            self._end()
            self.where = tag
        if tag in VOID:
            return
        if self.silent or tag in SILENT or (foreign and tag != "html"):
            if not self.silent:
                self.block.append(SET_APART)
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()
        if tag not in INLINE:
            self._end()
            self.where = "body"

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.block.append(data)


class Judge:
    """Knows the lists and what is stored as text; judges the rest."""

    def __init__(self, typed: Iterable[str]) -> None:
        with (Path(settings.BASE_DIR) / "locale" / "fa" / "sentences.toml").open("rb") as file:
            lists = tomllib.load(file)
        self.latin = set(lists["latin"])
        self.half_space = [(re.compile(rule["refuse"]), rule["write"]) for rule in lists["half_space"]]
        self.typed = set(typed)
        longest = sorted(self.typed, key=len, reverse=True)
        inside = "|".join(map(re.escape, longest)) or r"(?!)"
        self.typed_inside = re.compile(rf"(?<![\w\u200c])(?:{inside})(?![\w\u200c])")

    def faults(self, html: str) -> Iterator[tuple[str, str, str]]:
        """(kind, what, where it stands) of each fault."""
        for where, text in Page(html).said:
            plain = ISOLATED.sub(SET_APART, " ".join(text.split()))
            if where in UNMARKED:
                plain = CODE.sub(SET_APART, plain)
            if any(self._of(where, plain)):
                plain = self.typed_inside.sub(SET_APART, plain)  # thousands of texts: only where something is amiss
            for kind, what in self._of(where, plain):
                yield kind, what, f"<{where}> {text[:120]}"

    def _of(self, where: str, text: str) -> Iterator[tuple[str, str]]:
        names = LATIN.findall(text)
        yield from (("Latin digit", found) for found in LATIN_DIGIT.findall(LATIN.sub(SET_APART, text))[:1])
        yield from (("Arabic letter", found) for found in ARABIC.findall(text)[:1])
        yield from (("unformatted date", found) for found in DATE.findall(text))
        for found in names:
            if found.strip(".-'’") not in self.latin:
                yield ("raw name" if "_" in found else "English or code"), found
        if where in TITLES and GLUED.search(text):
            yield "glued title", text[:40]
        elif " :" in text:
            yield "glued title", " :"
        yield from (("given up", f"{word} → {keep}") for word, keep in given_up(text))
        for pattern, write in self.half_space:
            yield from (("half-space", f"{found} → {write}") for found in pattern.findall(text))


def typed_texts() -> set[str]:
    """Texts of sentences that stand in the database: what people typed, what forms, agreements and documents say."""
    found: set[str] = set()
    for model in apps.get_models():
        fields = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
        ]
        if fields and model._meta.app_label in ("units", "sla", "reports"):
            for row in model._base_manager.values_list(*fields):
                for value in row:
                    found |= set(_texts(value))
    people = apps.get_model("units", "Person").objects.all()
    return found | {person.get_full_name() for person in people} - {""}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        plain = unescape(re.sub(r"<[^>]*>", "\n", value)).replace("**", "")
        for line in {value, *plain.splitlines(), *re.split(r"(?<=[.؛!؟])\s", plain)}:
            text = " ".join(line.removeprefix("- ").split())
            # A code or a state by itself is no text: it has to be set apart, or to be said in words.
            if len(text) > 2 and re.search(r"[\u0600-\u06ff]|\s", text):
                yield text
