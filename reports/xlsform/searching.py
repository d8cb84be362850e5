"""Choices found by typing: what a person wrote of a label is the choice that it fits, without any script."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import current_language
from sajad_portal.lib.text import latin_digits, normalise

from .labels import Choice, text_in

TOLD = 5  # so many of those that fit are named
LISTED = 200  # so many stand in the page; the others are found all the same


def label_to_type(choice: Choice, choices: Sequence[Choice], language: str) -> str:
    """What a person types for the choice: its label, with its name behind it where others have the same label."""
    label = choice.label_in(language)
    others = any(other.name != choice.name and other.label_in(language) == label for other in choices)
    return f"{label} ({choice.name})" if others else label


def labels_to_type(choices: Sequence[Choice], language: str) -> list[str]:
    """Of each choice the same, in one walk."""
    labels = [choice.label_in(language) for choice in choices]
    names: dict[str, set[str]] = {}
    for choice, label in zip(choices, labels, strict=True):
        names.setdefault(label, set()).add(choice.name)
    return [
        f"{label} ({choice.name})" if len(names[label]) > 1 else label
        for choice, label in zip(choices, labels, strict=True)
    ]


def searched_choice(choices: Sequence[Choice], raw: str) -> str:
    """The name of the one choice that the text fits: its label, else the beginning of one, else a part of one. Refused names
    some where several fit."""
    typed = _plain(raw)
    for language in ("fa", "en"):
        labels = labels_to_type(choices, language)
        whole = {choice.name for choice, label in zip(choices, labels, strict=True) if _plain(label) == typed}
        if len(whole) == 1:
            return whole.pop()
    texts = [(choice, [_plain(text) for text in choice.label.values()] or [_plain(choice.name)]) for choice in choices]
    for fits in (str.__eq__, str.startswith, str.__contains__):
        found = {choice.name: choice for choice, labels in texts if any(fits(label, typed) for label in labels)}
        if len(found) == 1 and typed:
            return next(iter(found))
        if found and typed:
            shown = [label_to_type(choice, choices, current_language()) for choice in list(found.values())[:TOLD]]
            raise Refused(
                _("Several answers fit this: %(names)s. Write more of it.")
                % {"names": _("; ").join(shown) + (" …" if len(found) > TOLD else "")},
                code="not-a-choice",
            )
    raise Refused(_("Choose one of the answers offered."), code="not-a-choice")


def _plain(text: str) -> str:
    return latin_digits(normalise(text)).casefold()


def searched_text(choices: Sequence[Choice], name: str, language: str) -> str:
    """A stored answer as a person would type it."""
    found = next((choice for choice in choices if choice.name == name), None)
    return label_to_type(found, choices, language) if found and text_in(found.label, language) else name
