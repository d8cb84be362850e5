"""Expressions of a row, written so that what they name of their own row is found in one step.

pyxform writes `../age` for what stands in the same row. As `/__own/form/members/age` it is a variable like any other question's, and
what depends on answers alone is remembered (`memory.py`).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from .definition import Group, Question
from .values import LITERAL

OWN_ROW = "/__own"
_RELATIVE = re.compile(
    r"(?<![\w/.)\]])(current\(\)/)?((?:\.\./)+[^\W\d.][\w.\-]*(?:/[^\W\d][\w.\-]*)*)(?!\s*[\[/(:])(?![\w.\-:(])"
)
_LITERAL_PATH = re.compile(r"""(['"])\s*((?:\.\./)+[^\W\d.][\w.\-]*(?:/[^\W\d][\w.\-]*)*)\s*\1""")
_ATTRIBUTES = (
    "relevant", "constraint", "calculation", "required", "read_only", "choice_filter", "dynamic_default", "check", "choice_seed",
    "count",
)  # fmt: skip
Source = TypeVar("Source", Question, Group)


def resolved(path: str, relative: str) -> str:
    """The absolute path of a relative one, seen from the question or group at `path`."""
    base = path.split("/")
    while relative.startswith("../"):
        base, relative = base[:-1], relative[3:]
    return "/".join([*base, relative])


def with_own_row(source: Source, named: Callable[[str], str | None]) -> Source:
    """`named`: the path that stands for an absolute one in this source's rows; None where the expression stays as it is."""
    changed: dict[str, Any] = {}
    for attribute in _ATTRIBUTES:
        expression = getattr(source, attribute, "")
        if "../" in expression:
            changed[attribute] = _rewritten(expression, source.path, named, only_current=attribute == "choice_filter")
    return replace(source, **changed) if changed else source


def _rewritten(expression: str, path: str, named: Callable[[str], str | None], *, only_current: bool) -> str:
    depth, parts = 0, LITERAL.split(expression)
    for index, part in enumerate(parts):
        if index % 2:
            # jr:choice-name(…, '../question') names a question in a text.
            found = _LITERAL_PATH.fullmatch(part)
            parts[index] = f"'{resolved(path, found[2])}'" if found else part
            continue
        depths = _depths(part, depth)

        def own(match: re.Match, depths=depths) -> str:
            if (only_current or depths[match.start()]) and not match[1]:
                return match[0]
            return named(resolved(path, match[2])) or match[0]

        parts[index] = _RELATIVE.sub(own, part)
        depth = depths[-1]
    return "".join(parts)


def _depths(text: str, depth: int) -> list[int]:
    """How many brackets are open before each letter, and at the end."""
    found = [depth]
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        found.append(depth)
    return found
