"""What a row of the survey asks that the portal cannot do, though the row itself is asked: named, taken out, to be confirmed."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .definition import EXPRESSIONS, Question
from .functions_foreign import not_honoured_in
from .survey import SurveyItem
from .unsupported import Unsupported
from .values import LITERAL

_INSTANCE = re.compile(r"""\binstance\(\s*(?:'([^']*)'|"([^"]*)")\s*\)""")
_PULLDATA = re.compile(r"""\bpulldata\s*\(\s*(?:'([^']*)'|"([^"]*)")""")
_LAST_SAVED = "__last-saved"
_NOTHING = "''"  # of a calculation: it stays a calculation, so that nobody can post its value


class Lacks:
    """`found`: an entry a row and thing, in the order of the sheet."""

    def __init__(self, lists: Mapping[str, object], sources: Mapping[str, str] | None = None) -> None:
        self._lists = lists
        self._sources = sources or {}  # {list: the file that holds it}
        self.found: list[Unsupported] = []

    def taken_out(self, item: SurveyItem, question: Question) -> Question:
        """The question without the expressions that cannot be evaluated."""
        changed: dict[str, Any] = {}
        for attribute in (*EXPRESSIONS.values(), "choice_seed"):
            given = getattr(question, attribute)
            kept = self.read(item, question.path, attribute, given)
            if kept != given:
                changed[attribute] = kept
        return replace(question, **changed) if changed else question

    def read(self, item: SurveyItem, path: str, attribute: str, expression: str) -> str:
        """The expression, or what stands in its place."""
        if not expression:
            return expression
        functions = not_honoured_in(expression)
        for name in functions:
            self._add(item, path, f"{name}()", "function")
        if functions:
            return _NOTHING if attribute == "calculation" else ""
        for name in _files_in(expression):
            if name == _LAST_SAVED:
                self._add(item, path, "last-saved#", "last-saved")
            elif name not in self._lists:
                self._add(item, path, name, "file", self._sources.get(name) or f"{name}.csv")
        return expression

    def _add(self, item: SurveyItem, path: str, what: str, without: str, file: str = "") -> None:
        entry = Unsupported(item.row.number, what, item.name, path, without=without, file=file)
        if entry not in self.found:
            self.found.append(entry)


def _files_in(expression: str) -> list[str]:
    """The lists and files that it looks things up in."""
    found = [single or double for single, double in _INSTANCE.findall(expression)]
    found += [(single or double).removesuffix(".csv") for single, double in _PULLDATA.findall(expression)]
    outside = LITERAL.sub("''", expression)  # what only looks like a call inside a text
    return list(dict.fromkeys(found)) if "instance(" in outside or "pulldata" in outside else []
