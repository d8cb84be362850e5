"""The Persian catalogue: what the code asks for, what is translated, and the compiled file. Babel only, no gettext."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize
from jinja2.ext import babel_extract

from sajad_portal.words import given_up

PACKAGES = ("sajad_portal", "units", "sla", "reports")
LANGUAGE = "fa"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PYTHON = {"encoding": "utf-8"}
# As sajad_portal/jinja.py reads a template; `silent`: a template that cannot be read is an error, not a gap.
JINJA = {
    "encoding": "utf-8",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
# What must survive translation: %(name)s, %s and {name}.
PLACEHOLDER = re.compile(r"%\(\w+\)[sdrf]|%[sdrf]|\{\w*\}")
# Arabic yeh and kaf, which look Persian and sort and search as something else.
ARABIC_LETTERS = re.compile("[يك]")


def catalogue_path() -> Path:
    return Path(settings.BASE_DIR) / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def wanted() -> Catalog:
    """Every message that the Python code and the templates ask for, with the places that ask."""
    found = Catalog()
    for path, line, message, comments, context in _occurrences():
        found.add(message, locations=[(path, line)], auto_comments=comments, context=context)
    return found


def _occurrences() -> Iterator[tuple]:
    base = Path(settings.BASE_DIR)
    for package in PACKAGES:
        for path in sorted((base / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _read(path, path.read_bytes())
    for path in sorted((base / "templates").rglob("*.html")):
        yield from _read(path, path.read_bytes(), babel_extract, JINJA)
    for folder in (base / package / "templates" for package in PACKAGES):
        for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
            code = templatize(path.read_text("utf-8"), origin=str(path))
            # Babel tokenises Python; a template's indentation means nothing to it.
            flat = "\n".join(line.lstrip() for line in code.split("\n"))
            yield from _read(path, flat.encode())


def _read(path: Path, content: bytes, method: Any = "python", options: Mapping[str, str] = PYTHON) -> Iterator[tuple]:
    name = str(path.relative_to(settings.BASE_DIR))
    for line, message, comments, context in extract(method, io.BytesIO(content), KEYWORDS, ["Translators:"], options):
        yield name, line, message, comments, context


def stored() -> Catalog:
    path = catalogue_path()
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def catalogue_problems() -> list[str]:
    """One line for each message without a complete, sound Persian string."""
    have = stored()
    return [line for message in wanted() if message.id for line in _problems_of(message, have)]


def _problems_of(message: Message, have: Catalog) -> Iterator[str]:
    where = ", ".join(f"{path}:{line}" for path, line in message.locations[:2])
    ids = _texts(message.id)
    known = have.get(message.id, message.context)
    strings = _texts(known.string) if known else ()
    if known is None or not all(strings):
        yield f"missing: {ids[0]!r} ({where})"
        return
    if known.fuzzy:
        yield f"fuzzy: {ids[0]!r} ({where})"
    asked = [set(PLACEHOLDER.findall(text)) for text in ids]
    for string in strings:
        given = set(PLACEHOLDER.findall(string))
        # A plural may leave its number out; nothing may be invented.
        if not any(given == names for names in asked):
            yield f"placeholders differ: {ids[0]!r} → {string!r} ({where})"
        if ARABIC_LETTERS.search(string):
            yield f"Arabic ي or ك: {ids[0]!r} → {string!r} ({where})"


def words_given_up() -> list[str]:
    """One line for each word in a Persian string that the house writes otherwise (locale/fa/words.toml)."""
    return [
        f"“{word}” was given up, write “{keep}”: {_texts(message.id)[0]!r} → {string!r}"
        for message in stored()
        if message.id
        for string in _texts(message.string)
        for word, keep in given_up(string)
    ]


def stale() -> list[str]:
    """Messages that nothing asks for any more."""
    want = wanted()
    return [_texts(m.id)[0] for m in stored() if m.id and want.get(m.id, m.context) is None]


def _texts(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """One text, or singular and plural; Babel keeps both in one place."""
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def update() -> tuple[int, int]:
    """Add what is missing (empty) and drop what is stale; returns how many of each."""
    have, want = stored(), wanted()
    fresh = Catalog(locale=LANGUAGE, project="sajad-portal", charset="utf-8", fuzzy=False, header_comment="# Persian.")
    added = 0
    for message in want:
        if not message.id:
            continue
        known = have.get(message.id, message.context)
        added += known is None
        fresh.add(
            message.id, known.string if known else None, context=message.context, flags=known.flags if known else ()
        )
    dropped = len(stale())
    path = catalogue_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, sort_output=True, width=120, no_location=True)
    return added, dropped


def compile_catalogue() -> int:
    """Write the .mo file that Django reads, whole or not at all; returns the number of messages."""
    have, path = stored(), catalogue_path().with_suffix(".mo")
    half = path.with_suffix(".mo.new")
    with half.open("wb") as file:
        write_mo(file, have)
    half.replace(path)
    return len(have)


def is_stale() -> bool:
    """Whether the compiled catalogue is missing or older than its source."""
    source, compiled = catalogue_path(), catalogue_path().with_suffix(".mo")
    return source.exists() and (not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime)
