"""The words of a form: authors write Markdown and a little HTML in them, as XLSForm lets them. Hostile markup comes out as words.

Labels stand inside `<label>`, `<legend>` and table heads, where HTML takes no blocks; so paragraphs, headings and lists become lines.
"""

import html
import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_MARKED = re.compile(r"[*_#<\[\\\n]|&[#\w]")
_KEPT = {"b", "strong", "i", "em", "u", "s", "del", "sub", "sup", "small", "a", "br"}
_BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "center"}
_SHELLS = {"span", "font", "big"}  # they carry colours, which are the portal's own
_KNOWN = "|".join(sorted(_KEPT | _BLOCKS | _SHELLS, key=len, reverse=True))
_NO_TAG = re.compile(rf"<(?!/?(?:{_KNOWN})(?:\s[^<>]*|/)?>)", re.IGNORECASE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[*+-][ \t]+(?=\S)", re.MULTILINE)
_HEAD_OPENS, _HEAD_CLOSES = re.compile(r"<h[1-6]>"), re.compile(r"</h[1-6]>")
_LINE_ENDS = re.compile(r"</(?:p|div|li|center)>")
_LEFT = re.compile(r"</?(?:p|div|center|ul|ol)>")
_BREAKS = re.compile(r"(?:\s*<br>\s*){3,}")
_EDGES = re.compile(r"^(?:\s|<br>)+|(?:\s|<br>)+$")

_MARKDOWN = MarkdownIt("zero", {"html": True, "breaks": True}).enable(
    ["emphasis", "link", "newline", "escape", "entity", "html_inline"]
)


@lru_cache(maxsize=20_000)
def words_as_html(text: str) -> str:
    """Clean HTML of what an author wrote, without blocks. `${name}` stays for the answers."""
    if not _MARKED.search(text):
        return html.escape(text)
    source = _NO_TAG.sub("&lt;", text)
    if "\n" in source:
        source = _BULLET.sub("• ", source)
    source = _HEADING.sub(r"<strong>\1</strong>", source)
    clean = nh3.clean(
        _MARKDOWN.renderInline(source),
        tags=_KEPT | _BLOCKS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    clean = _HEAD_CLOSES.sub("</strong><br>", _HEAD_OPENS.sub("<strong>", clean))
    clean = _LEFT.sub("", _LINE_ENDS.sub("<br>", clean.replace("<li>", "• ")))
    return _EDGES.sub("", _BREAKS.sub("<br><br>", clean))


@lru_cache(maxsize=20_000)
def unmarked(text: str) -> str:
    """The same words without markup, for lists, letters and files."""
    if not _MARKED.search(text):
        return text
    lines = re.sub(r"\s*<br>\s*", "\n", words_as_html(text))
    return html.unescape(nh3.clean(lines, tags=set()))
