"""Why pyxform refuses a workbook, in the reader's words: what it alone notices, after our own checks (`survey.py`, `sheets.py`).
What it says of rarer things is given as it says it."""

import re
from string import Formatter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pyxform.errors import ErrorCode

from sajad_portal.lib.language import Words

_NO_REFERENCE = gettext_lazy("A reference is written ${name of a question}. Correct what stands here.")
# By pyxform's own codes; `%(…)s` are what it names there.
BY_CODE: dict[str, Words] = {
    "HEADER_001": gettext_lazy("The sheet “%(sheet_name)s” has no row of column titles. Add one as its first row."),
    "HEADER_002": gettext_lazy(
        "On the sheet “%(sheet_name)s” two columns mean the same: “%(other)s” and “%(header)s”. Remove one."
    ),
    "HEADER_003": gettext_lazy("On the sheet “%(sheet_name)s” columns are missing that a form needs: %(missing)s."),
    "HEADER_004": gettext_lazy(
        "A column title on the sheet “choices” is empty or has a blank in it: “%(column)s”. Rename it."
    ),
    "LABEL_001": gettext_lazy("A choice has no label. Write what people read there."),
    "NAMES_003": gettext_lazy("The table “%(value)s” is named like the form itself. Give it another name."),
    "NAMES_004": gettext_lazy("Two tables are named “%(value)s”. Give one of them another name."),
    "NAMES_005": gettext_lazy("The name “meta” is kept for the form itself. Choose another."),
    "NAMES_006": gettext_lazy("A choice has no name. Write the code that is stored for it."),
    "PYREF_001": _NO_REFERENCE,
    "PYREF_002": _NO_REFERENCE,
    "RANGE_001": gettext_lazy("The parameter “%(name)s” of a range is a number. Correct it."),
    "RANGE_002": gettext_lazy("The parameter “%(name)s” of a range is not 0. Correct it."),
    "RANGE_003": gettext_lazy(
        "The parameter “%(name)s” is larger than the range from its start to its end. Correct it."
    ),
    "SURVEY_004": gettext_lazy("Parameters are written as key=value, with a blank between two of them."),
    "SURVEY_005": gettext_lazy("Here only these parameters are known: %(accepted)s. Not known: %(rejected)s."),
}


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


_PATTERNS = [(_pattern(code), words) for code, words in BY_CODE.items()]


def pyxform_reason(text: str) -> str:
    """`text`: what pyxform says, without the row, which stands beside it."""
    for pattern, words in _PATTERNS:
        if found := pattern.search(text):
            return str(words) % found.groupdict()
    return _("The form cannot be built. pyxform, which reads such workbooks, says: %(reason)s") % {"reason": text[:500]}
