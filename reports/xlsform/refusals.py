"""Why pyxform refuses a workbook or warns of it, in the reader's words: what it alone notices, after our own checks (`survey.py`,
`sheets.py`). A sentence of its that is not known here is quoted, and said to be a quotation."""

import re
from collections.abc import Callable, Iterable
from string import Formatter

from django.utils.translation import gettext as _
from pyxform.errors import ErrorCode

from sajad_portal.lib.language import Words

from .pyxform_words import BY_CODE, BY_PATTERN, WARNINGS
from .workbook import rows_told

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"On the '([^']+)' sheet")
LONGEST = 500


def _pattern(code: str) -> re.Pattern:
    """Of what pyxform writes under the code: most of it is written where no code is given along."""
    parts = Formatter().parse(ErrorCode[code].value.msg.partition("] ")[2] or ErrorCode[code].value.msg)
    seen: set[str] = set()
    found = ""
    for text, name, _spec, _conversion in parts:
        found += re.escape(text)
        if name:
            found += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
            seen.add(name)
    return re.compile(found, re.DOTALL)


_CODES = [(_pattern(code), words) for code, words in BY_CODE.items() if code in ErrorCode.__members__]
_REASONS = [*_CODES, *((re.compile(pattern, re.DOTALL), words) for pattern, words in BY_PATTERN.items())]
_WARNINGS = [*((re.compile(pattern, re.DOTALL), words) for pattern, words in WARNINGS.items()), *_CODES]


def _said(text: str, known: list[tuple[re.Pattern, Words]]) -> str:
    for pattern, words in known:
        if found := pattern.search(text):
            return str(words) % {name: isolated(fact or "") for name, fact in found.groupdict().items()}
    return ""


def isolated(text: str) -> str:
    """A foreign text in a sentence of either direction, with Unicode's isolates around it."""
    return f"\u2068{text.strip()}\u2069"


def pyxform_reason(text: str) -> str:
    """`text`: what pyxform says, without the row, which stands beside it."""
    quoted = f"\u2066{' '.join(text.split())[:LONGEST]}\u2069"
    return _said(text, _REASONS) or _(
        "The form cannot be built. pyxform, which reads such workbooks, says in English: %(reason)s"
    ) % {"reason": quoted}


def crashed() -> str:
    """Where pyxform ends in a fault of its own: its words would help nobody."""
    return _(
        "The form cannot be built: pyxform, which reads such workbooks, fails at it without saying where. Take out the last rows "
        "that you changed and upload it again; the row with which it fails is the one to mend."
    )


def pyxform_warnings(texts: Iterable[str], number: Callable[[str, int], int]) -> list[str]:
    """A sentence each cause, with the rows. `number`: (sheet, row as pyxform counts) → row of the sheet."""
    rows: dict[str, list[int]] = {}
    for text in texts:
        row, sheet = _ROW.search(text), _SHEET.search(text)
        told = _ROW.sub("", text).strip()
        quoted = f"\u2066{' '.join(told.split())[:LONGEST]}\u2069"
        said = _said(told, _WARNINGS) or _("pyxform, which reads such workbooks, says in English: %(text)s") % {
            "text": quoted
        }
        listed = rows.setdefault(said, [])
        if row:
            listed.append(number(sheet[1] if sheet else "survey", int(row[1])))
    return [in_rows(said, listed) for said, listed in rows.items()]


def in_rows(said: str, rows: list[int]) -> str:
    if not rows:
        return said
    return _("Rows %(rows)s: %(said)s") % {"rows": rows_told(sorted(set(rows))), "said": said}
