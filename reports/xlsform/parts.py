"""The parts of a form around its questions: plain, frozen data."""

from dataclasses import dataclass, field

from django.utils.translation import pgettext

from .labels import Labelled, Text


@dataclass(frozen=True)
class Section(Labelled):
    """A top-level group. `name` is "" for questions outside any group."""

    name: str
    label: Text = field(default_factory=dict)
    path: str = ""
    row: int = 0

    def label_in(self, language: str) -> str:
        return super().label_in(language) or pgettext("page of a form", "Questions")


@dataclass(frozen=True)
class Group(Labelled):
    """A group below a section, or a repeat (`is_repeat`). Its relevance is inherited by everything in it."""

    name: str
    path: str
    label: Text = field(default_factory=dict)
    relevant: str = ""
    section: str = ""
    is_repeat: bool = False
    row: int = 0
    appearance: str = ""
    count: str = ""  # of a repeat: how many rows it has, an expression
    rows: str = ""  # of a repeat: the choice list that has a row for each of its choices

    @property
    def expressions(self) -> dict[str, str]:
        return {name: text for name in ("relevant", "count") if (text := getattr(self, name))}
