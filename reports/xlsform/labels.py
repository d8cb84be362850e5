"""Texts in several languages, and what carries one."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from .markup import unmarked

Text = dict[str, str]  # {language code: text}
STAND_INS = (".png", ".webp", ".jpg", ".jpeg", ".gif")  # of a picture in SVG
REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")  # `${name}` in a text or an expression


def text_in(text: Text, language: str) -> str:
    """The text in that language, else in the workbook's unnamed one, else in any."""
    code = language_found(text, language)
    return text[code] if code else ""


def language_found(text: Text, language: str) -> str:
    """The code of the language in which `text_in` has it; "" where there is none."""
    return next((code for code in (language, "default", "fa", "en", *text) if text.get(code)), "")


def file_for(name: str, files: Collection[str]) -> str:
    """Which of the files beside a workbook is the one that it names, whatever the case of its letters; "" for none. No SVG is shown: a
    picture of another kind and the same name stands in for one."""
    asked = name.lower()
    stem = asked.removesuffix(".svg")
    wanted = [asked] if stem == asked else [f"{stem}{ending}" for ending in STAND_INS]
    found = {each.lower(): each for each in files}
    return next((found[each] for each in wanted if each in found), "")


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
        """For a reader, without the author's markup."""
        return unmarked(text_in(self.label, language)) or self.name

    def written_label(self, language: str) -> str:
        """As the author wrote it: what expressions see, and what becomes a page's words."""
        return text_in(self.label, language) or self.name


@dataclass(frozen=True)
class Choice(Labelled):
    name: str
    label: Text
    extra: dict[str, str] = field(default_factory=dict)  # further columns of the choices sheet, for choice filters
    media: dict[str, Text] = field(
        default_factory=dict
    )  # {image | big-image | audio | video: names of files by language}


def chosen_labels(names: Iterable[str], choices: Sequence[Choice], language: str, *, written: bool = False) -> str:
    """The labels of these names, joined by a comma; of several choices of one name the first. A name without a choice stands for
    itself. `written`: the labels as the author wrote them, for an expression; there a name without a choice says nothing."""
    labels: dict[str, str] = {}
    for choice in choices:
        labels.setdefault(choice.name, choice.written_label(language) if written else choice.label_in(language))
    found = (labels.get(name, "" if written else name) for name in names)
    return ("، " if language == "fa" else ", ").join(label for label in found if label)
