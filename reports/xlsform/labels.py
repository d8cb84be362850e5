"""Texts in several languages, and what carries one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Text = dict[str, str]  # {language code: text}
REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")  # `${name}` in a text or an expression


def text_in(text: Text, language: str) -> str:
    """The text in that language, else in the workbook's unnamed one, else in any."""
    for code in (language, "default", "fa", "en"):
        if text.get(code):
            return text[code]
    return next(iter(text.values()), "")


def in_own_language(text: Text, language: str) -> Text:
    """A text in a column that names no language is in the form's own. Where that is a third one it stands in for a missing one."""
    if language == "default":
        return text
    if "default" in text:
        text = {language: text["default"], **{code: words for code, words in text.items() if code != "default"}}
    return {**text, "default": text[language]} if language in text and language not in ("fa", "en") else text


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
    media: dict[str, Text] = field(
        default_factory=dict
    )  # {image | big-image | audio | video: names of files by language}


def chosen_labels(names: Iterable[str], choices: Sequence[Choice], language: str, *, unknown: bool = True) -> str:
    """The labels of these names, joined by a comma; of several choices of one name the first. `unknown`: names without a choice
    stand for themselves, else they are left out."""
    labels: dict[str, str] = {}
    for choice in choices:
        labels.setdefault(choice.name, choice.label_in(language))
    found = (labels.get(name, name if unknown else "") for name in names)
    return ("، " if language == "fa" else ", ").join(label for label in found if label)
