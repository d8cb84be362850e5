"""The rich text of agreements: a handful of tags, nothing that runs, loads or styles."""

import nh3
from django.utils.safestring import SafeString, mark_safe

TAGS = {"p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "h3", "h4", "a", "dl", "dt", "dd", "bdi"}
ATTRIBUTES = {"a": {"href"}, "bdi": {"dir"}}
SCHEMES = {"http", "https", "mailto"}


def clean(text: str) -> str:
    """The text as it may be stored and printed."""
    return nh3.clean(text or "", tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer")


def as_html(text: str) -> SafeString:
    """For a template. Cleaned again: what is printed does not rest on what was once stored."""
    return mark_safe(clean(text))  # noqa: S308 cleaned in this very call
