"""What an expression refers to, read from its text."""

import re

from .values import LITERAL

_EARLIER = re.compile(r"""\bsajad:earlier\s*\(\s*(?:'([^']*)'|"([^"]*)")""")


def earlier_in(expression: str) -> list[str]:
    """The indicators and questions whose earlier values it asks for."""
    return [single or double for single, double in _EARLIER.findall(expression)]


def paths_in(expression: str, root: str) -> set[str]:
    """The absolute paths below the form's root that an expression names, string literals left out."""
    bare = LITERAL.sub(" ", expression)
    return {found.rstrip("/") for found in re.findall(rf"/{re.escape(root)}(?:/[^\s/\[\]()=<>!+*,|'\"@$]+)+", bare)}


def as_written(expression: str, root: str) -> str:
    """With `${name}` in place of the paths that pyxform bound."""
    return " ".join(re.sub(rf"/{re.escape(root)}(?:/[\w.\-]+)*/([\w.\-]+)", r"${\1}", expression).split())
