"""Texts in several languages, and what carries one."""

import re
from dataclasses import dataclass, field

Text = dict[str, str]  # {language code: text}
REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")  # `${name}` in a text or an expression


def text_in(text: Text, language: str) -> str:
    """The text in that language, else in the workbook's unnamed one, else in any."""
    for code in (language, "default", "fa", "en"):
        if text.get(code):
            return text[code]
    return next(iter(text.values()), "")


class Labelled:
    """What has a label for people beside its name."""

    name: str
    label: Text

    def label_in(self, language: str) -> str:
        return text_in(self.label, language) or self.name


@dataclass(frozen=True)
class Choice(Labelled):
    name: str
    label: Text
    extra: dict[str, str] = field(default_factory=dict)  # further columns of the choices sheet, for choice filters
