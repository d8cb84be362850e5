"""Tables that become lists of cards on a phone.

The sheet sets `display: block` there, which makes some readers forget that it is a table; so each part says its role.
The header's words go to each cell as `data-label`, and a cell with nothing in it is left out of the card.
"""

import re

_TAG = re.compile(r"<(/?)(thead|tbody|tfoot|tr|th|td)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_COLSPAN = re.compile(r'\bcolspan="(\d+)"')
_HIDDEN = re.compile(r'<span class="visually-hidden">.*?</span>', re.DOTALL)
_CLASS = re.compile(r'\bclass="([^"]*)"')
_ANY_TAG = re.compile(r"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
EMPTY = frozenset({"", "—"})


def stacked(html: str) -> str:
    """The inside of a table with `role`, `data-label` and `hide-s` filled in where the author wrote none."""
    tags = list(_TAG.finditer(html))
    labels: list[str] = []
    out, place, section, column, row = [], 0, "", 0, ""
    for i, tag in enumerate(tags):
        out.append(html[place : tag.start()])
        place = tag.end()
        closing, name, attributes = tag[1], tag[2].lower(), tag[3]
        if closing:
            out.append(tag[0])
            continue
        if name in ("thead", "tbody", "tfoot"):
            section = name
            attributes += ' role="rowgroup"'
        elif name == "tr":
            column, row = 0, attributes
            attributes += ' role="row"'
        else:
            inside = html[tag.end() : _closing(tags, i, name, len(html))]
            if section == "thead":
                # Still escaped as the author's template left it; only a quotation mark could end the attribute.
                labels.append(" ".join(_words(_HIDDEN.sub("", inside)).split()).replace('"', "&quot;"))
                attributes += ' role="columnheader"'
            else:
                attributes = _cell(name, attributes, inside, labels[column] if column < len(labels) else "", row)
            span = _COLSPAN.search(attributes)
            column += int(span[1]) if span else 1
        out.append(f"<{name}{attributes}>")
    out.append(html[place:])
    return "".join(out)


def _closing(tags: list[re.Match[str]], start: int, name: str, end: int) -> int:
    return next((tag.start() for tag in tags[start + 1 :] if tag[1] and tag[2].lower() == name), end)


def _cell(name: str, attributes: str, inside: str, label: str, row: str) -> str:
    role = "rowheader" if name == "th" else "cell"
    attributes += f' role="{role}"'
    if name == "th" or "row-error" in row or "cell-act" in attributes:
        return attributes
    if label and "data-label" not in attributes and "colspan" not in attributes:
        attributes += f' data-label="{label}"'
    drawn = "<svg" in inside or "<input" in inside or "<progress" in inside
    if not drawn and _words(inside).strip() in EMPTY and "hide-s" not in attributes:
        found = _CLASS.search(attributes)
        if found:
            attributes = attributes.replace(found[0], f'class="{found[1]} hide-s"', 1)
        else:
            attributes += ' class="hide-s"'
    return attributes


def _words(html: str) -> str:
    """Without its tags. The templates are ours and what they print is escaped, so no parser is needed, a tenfold saving."""
    return _ANY_TAG.sub("", html)
