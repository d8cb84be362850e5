"""Values of expressions that depend on nothing but the answers they name, kept from one evaluation to the next.

Somebody who writes a section changes one answer at a time, and every autosave evaluates the whole form.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from elementpath import XPathToken

OWN = "."  # among what an expression reads: the question that it belongs to
_OPERATORS = {"and", "or", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "("}
_LITERALS = {"(string)", "(integer)", "(decimal)", "(float)"}
# What follows from the arguments alone: no clock, no chance, no language, no way through the tree.
_FUNCTIONS = {
    "if", "coalesce", "not", "true", "false", "boolean", "number", "string", "string-length", "int", "round", "abs",
    "selected", "count-selected", "concat", "contains", "starts-with", "substr", "regex",
}  # fmt: skip
_PLAIN = str | bool | int | float | Decimal
MOST = 20_000
LONGEST = 200  # letters of an answer: figures and words are remembered, reports are not


class Memory:
    """Of one form. Threads share it: it only ever holds what evaluating again would give."""

    def __init__(self, compiled: Mapping[str, XPathToken], variables: Mapping[str, str]) -> None:
        paths = {name: path for path, name in variables.items()}
        self._reads = {expression: reads_of(token, paths) for expression, token in compiled.items()}
        self._kept: dict[tuple, tuple[_PLAIN, int]] = {}

    def reads(self, expression: str) -> tuple[str, ...] | None:
        """The paths whose answers decide its value; None where anything else does too."""
        return self._reads[expression]

    def find(self, key: tuple) -> tuple[_PLAIN, int] | None:
        """(value, steps that finding it took)."""
        return self._kept.get(key)

    def keep(self, key: tuple, value: object, steps: int) -> None:
        _expression, *answers = key
        if isinstance(value, _PLAIN) and all(len(answer or "") <= LONGEST for answer in answers):
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = (value, steps)


def reads_of(token: XPathToken, paths: Mapping[str, str]) -> tuple[str, ...] | None:
    found = dict.fromkeys(_named(token, paths))
    return None if None in found else tuple(path for path in found if path is not None)


def _named(token: XPathToken, paths: Mapping[str, str]) -> Iterator[str | None]:
    """The path of each answer in the expression; None for whatever is not known to be a matter of answers alone."""
    if token.symbol == "$":
        yield paths.get(str(token.value))
    elif token.symbol == ".":
        yield OWN
    elif token.symbol not in _LITERALS:
        known = _FUNCTIONS if token.label == "function" else _OPERATORS
        # Without an argument a function looks at where it stands, and "*" at what is there; two of them look at nothing.
        if token.symbol not in known or (not len(token) and token.symbol not in ("true", "false")):
            yield None
        for part in token:
            yield from _named(part, paths)
