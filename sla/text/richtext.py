"""The rich text of agreements: a handful of tags, nothing that runs, loads or styles.

Written as one writes a letter (paragraphs apart, lists with dashes or numbers, **bold**) or as HTML; stored as HTML.
"""

import re
from html import escape, unescape
from html.parser import HTMLParser

import nh3
from django.utils.safestring import SafeString, mark_safe

from sajad_portal.lib.text import latin_digits, normalise

TAGS = {"p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "h3", "h4", "a", "dl", "dt", "dd", "bdi"}
ATTRIBUTES = {"a": {"href"}, "bdi": {"dir"}}
SCHEMES = {"http", "https", "mailto"}
BLOCKS = {"p", "br", "ul", "ol", "li", "h3", "h4", "dl", "dt", "dd"}

_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_ITEM = re.compile(r"^\s*(?:([-•*])|(\d{1,2})[.)])\s+(.*)$")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
# What can be shown as it was typed; a text with other tags is shown as HTML.
_SIMPLE = re.compile(r"<(?!/?(?:p|ul|ol|li|b|strong)>|br>)")


def clean_rich_text(text: str) -> str:
    """The text as it may be stored and printed."""
    return nh3.clean(text or "", tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer")


def as_html(text: str) -> SafeString:
    """For a template. Cleaned again: what is printed does not rest on what was once stored."""
    return mark_safe(clean_rich_text(text))  # noqa: S308 cleaned in this very call


def plain_words(text: str) -> str:
    """The words of stored rich text, a line for each block."""
    reader = _Words()
    reader.feed(text or "")
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def says_something(text: str) -> bool:
    return bool(normalise(plain_words(text)))


def from_typed(text: str) -> str:
    """Rich text out of what was typed: HTML where it holds tags, else paragraphs, lists and bold of plain lines."""
    text = normalise(text)
    if _TAG.search(text):
        return clean_rich_text(text)
    found: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        found += _blocks(block.split("\n"))
    return clean_rich_text("".join(found))


def rich_text_as_typed(text: str) -> str:
    """The stored rich text as one would type it; `from_typed` gives the same text again."""
    if not text or _SIMPLE.search(text):
        return text
    lines = re.sub(r"</?(?:b|strong)>", "**", text)
    numbers: list[int] = []

    def tag(found: re.Match) -> str:
        name = found[0]
        if name in ("<ul>", "<ol>"):
            numbers.append(0 if name == "<ol>" else -1)
            return "\n\n"
        if name in ("</ul>", "</ol>"):
            del numbers[-1:]
            return "\n\n"
        if name == "<li>":
            if numbers and numbers[-1] >= 0:
                numbers[-1] += 1
                return f"\n{numbers[-1]}. "
            return "\n- "
        return {"<p>": "\n\n", "</p>": "\n\n", "<br>": "\n"}.get(name, "")

    return re.sub(r"\n{3,}", "\n\n", unescape(re.sub(r"<[^>]+>", tag, lines))).strip()


def _blocks(lines: list[str]) -> list[str]:
    """Lines that follow each other: runs of items become a list, the rest one paragraph."""
    found: list[str] = []
    run: list[str] = []
    kind = ""
    for line in [*lines, None]:
        item = _ITEM.match(latin_digits(line[:4]) + line[4:]) if line is not None else None
        now = "" if line is None else "ul" if item and item[1] else "ol" if item else "p"
        if run and now != kind:
            found.append(_joined(kind, run))
            run = []
        if line is not None and line.strip():
            run.append(_inline(item[3] if item else line))
        kind = now
    return found


def _joined(kind: str, run: list[str]) -> str:
    if kind == "p":
        return f"<p>{'<br>'.join(run)}</p>"
    return f"<{kind}>{''.join(f'<li>{line}</li>' for line in run)}</{kind}>"


def _inline(line: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", escape(line.strip(), quote=False))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
