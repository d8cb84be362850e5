"""What is checked before and after pyxform: references, expressions, circles. Each finding names its row and column."""

import re
from collections.abc import Collection

from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import local_digits

from . import patterns
from .compiled import CompiledForm, broken_expressions
from .definition import EXPRESSIONS, FormDefinition
from .labels import REFERENCE
from .references import earlier_in
from .survey import SurveyItem
from .values import LITERAL
from .workbook import Problems

_EARLIER_CALL = re.compile(r"\bsajad:earlier\b")


def check_references(items: list[SurveyItem], problems: Problems) -> None:
    """Every `${name}` names a row of the survey sheet, and one only."""
    rows: dict[str, list[int]] = {}
    for item in items:
        if item.name:
            rows.setdefault(item.name, []).append(item.row.number)
    for item in items:
        cells = {key: item.cells.get(key, "") for key in (*EXPRESSIONS, "repeat_count")}
        cells |= {key: " ".join(text.values()) for key, text in item.texts.items()}
        for key, text in cells.items():
            header = item.headers.get(key, key)
            for name in REFERENCE.findall(text):
                if name.startswith("last-saved#"):
                    continue  # there is none: empty, and to be confirmed (`lacks.py`)
                if name not in rows:
                    message = _("There is no question named “%(name)s”; it is written as ${%(name)s} here.") % {
                        "name": name
                    }
                elif len(rows[name]) > 1:
                    message = _("“%(name)s” is the name of several rows (%(rows)s), so ${%(name)s} is not clear.") % {
                        "name": name,
                        "rows": local_digits(", ".join(map(str, rows[name]))),
                    }
                else:
                    continue
                problems.add("survey", item.row.number, header, message, cause=f"reference {name}")


def check_earlier(items: list[SurveyItem], problems: Problems) -> None:
    """Earlier periods are read in checks only, and by the name of something that the form has."""
    known = {item.key for item in items} | {item.cells.get("sajad:indicator") for item in items}
    for item in items:
        for key in EXPRESSIONS:
            text = item.cells.get(key, "")
            calls = len(_EARLIER_CALL.findall(LITERAL.sub("''", text)))
            if not calls:
                continue
            header = item.headers.get(key, key)
            names = earlier_in(text)
            if key != "sajad:check":
                message = _("“sajad:earlier” can stand in “bind::sajad:check” only; other programs do not know it.")
                problems.add("survey", item.row.number, header, message)
            elif len(names) != calls:
                message = _(
                    "Write the code of an indicator or the name of a question in quotation marks: sajad:earlier('%(example)s')."
                )
                problems.add(
                    "survey",
                    item.row.number,
                    header,
                    message % {"example": item.cells.get("sajad:indicator", item.name)},
                )
            for name in names:
                if name not in known:
                    message = _(
                        "There is no indicator and no question “%(name)s”, of which sajad:earlier could tell an earlier value."
                    )
                    problems.add("survey", item.row.number, header, message % {"name": name})


def check_tables(items: list[SurveyItem], lists: Collection[str], problems: Problems) -> None:
    """A table with a row for each choice of a list: the list is there, and nothing else says how many rows there are."""
    for item in items:
        named = item.cells.get("sajad:rows", "") if item.kind.type == "repeat" else ""
        if not named:
            continue
        header = item.headers.get("sajad:rows", "bind::sajad:rows")
        if named not in lists:
            message = _("There is no list “%(name)s” in the sheet “choices”.") % {"name": named}
            problems.add("survey", item.row.number, header, message)
        if item.cells.get("repeat_count"):
            message = _("A table has a row for each choice of a list, or as many as “repeat_count” says, not both.")
            problems.add("survey", item.row.number, header, message)


def check_expressions(definition: FormDefinition, items: list[SurveyItem], problems: Problems) -> None:
    """Every expression can be read and evaluated; no calculation or relevance depends on itself."""
    headers = {item.row.number: item.headers for item in items}
    for source, attribute, expression, reason in broken_expressions(definition):
        key = next((key for key, name in EXPRESSIONS.items() if name == attribute), attribute)
        problems.add(
            "survey",
            source.row,
            headers.get(source.row, {}).get(key, key),
            _("The expression cannot be read (%(reason)s): %(expression)s")
            % {"reason": _reason(reason), "expression": " ".join(expression.split())[:300]},
            cause=f"{key} {_reason(reason)}",
        )
    for source in definition.questions:
        for attribute in ("constraint", "relevant", "calculation"):
            for pattern in regex_patterns(getattr(source, attribute)):
                try:
                    patterns.compiled(pattern)
                except patterns.PatternError as error:
                    problems.add(
                        "survey",
                        source.row,
                        headers.get(source.row, {}).get(attribute, attribute),
                        _("The pattern “%(pattern)s” cannot be used (%(reason)s).")
                        % {"pattern": pattern, "reason": error},
                        cause=f"pattern {pattern}",
                    )
    if problems.errors:
        return
    for names in CompiledForm(definition).circles:
        first = next((each for each in definition.questions if each.path.endswith(f"/{names[0]}")), None)
        key = "calculation" if first and first.calculation else "relevant"
        row = first.row if first else None
        problems.add(
            "survey",
            row,
            headers.get(row or 0, {}).get(key, key),
            _("These depend on each other in a circle: %(names)s.") % {"names": " → ".join([*names, names[0]])},
        )


def _reason(text: str) -> str:
    """elementpath's words for a broken expression, in a form author's."""
    if found := re.search(r"unknown function '([^']+)'", text):
        return _("the portal has no function “%(name)s”") % {"name": found[1]}
    if "unexpected end of source" in text:
        return _("it ends too early; a bracket or a value is missing")
    if found := re.search(r"fn:([\w-]+)' function.*(few|many|no arguments)", text, re.IGNORECASE):
        if found[2].lower() == "few":
            return _("“%(name)s” needs more arguments") % {"name": found[1]}
        return _("“%(name)s” has too many arguments") % {"name": found[1]}
    if found := re.search(r"Too (few|many) arguments", text):
        return _("a function has too few arguments") if found[1] == "few" else _("a function has too many arguments")
    if found := re.search(r"prefix '([^']+)' is not declared", text):
        return _("the portal has no function “%(name)s”") % {"name": f"{found[1]}:…"}
    if found := re.search(r"(?:unexpected|unknown symbol) (.+)", text):
        return _("%(symbol)s is not expected there") % {"symbol": found[1].removesuffix(".")}
    return text


def regex_patterns(expression: str) -> list[str]:
    """The literal patterns of an expression's regex() calls."""
    parts = LITERAL.split(expression)
    found = []
    for index in range(1, len(parts), 2):
        before = "".join(parts[:index])
        if re.search(r"\bregex\s*\([^()]*(\([^()]*\)[^()]*)*,\s*$", LITERAL.sub("''", before)):
            found.append(parts[index][1:-1])
    return found
