"""A check and what it says: the sentence that holds while the check names nothing, and that `checkinvariants --list` prints."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from sajad_portal.lib.garbage import uncollected
from sajad_portal.lib.language import Words


@dataclass(frozen=True)
class Check:
    """Called, it yields one line for each broken row. `sentence` is translated when it is read."""

    run: Callable[[], Iterator[str]]
    sentence: Words

    @property
    def name(self) -> str:
        return self.run.__name__

    def __call__(self) -> Iterator[str]:
        with uncollected():  # a fifth of the time of what reads every result
            yield from self.run()


def holds(sentence: Words) -> Callable[[Callable[[], Iterator[str]]], Check]:
    """Marks a check with what it finds true."""
    return lambda run: Check(run, sentence)


def apart(one: str, other: str) -> Q:
    """Of rows: two columns are not the same, one of them empty included. (SQL's `<>` keeps silent about NULL.)"""
    return (
        Q(**{f"{one}__lt": F(other)})
        | Q(**{f"{one}__gt": F(other)})
        | Q(**{f"{one}__isnull": True, f"{other}__isnull": False})
        | Q(**{f"{one}__isnull": False, f"{other}__isnull": True})
    )


def instant_of(text: str | None) -> datetime | None:
    """As an Event's data keeps it."""
    return datetime.fromisoformat(text) if text else None
