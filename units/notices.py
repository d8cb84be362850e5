"""The shape in which each app says who is told what, in which words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .models import Person


@dataclass(frozen=True)
class Message:
    """`words()` gives (subject, body) in the language active when it is called; `tell` calls it once a language."""

    people: Iterable[Person]
    words: Callable[[], tuple[str, str]]
    url: str = ""
    urgent: bool = False
