"""What the entry page shows beside and inside of a field: values, files, conflicts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Amount:
    """A value for a reader: `number` with `percent`, or `text` where it is no number."""

    number: Decimal | None = None
    text: str = ""
    percent: bool = False
    places: int = 1

    def __bool__(self) -> bool:
        return self.number is not None or bool(self.text)


@dataclass(frozen=True)
class Stored:
    """A file as listed."""

    pk: int
    name: str
    extension: str
    size: int
    who: str
    at: datetime


@dataclass(frozen=True)
class Clash:
    """A conflict as shown: both values, whose the other one is, and the version that “mine” replaces."""

    yours: str
    theirs: str
    theirs_typed: str
    who: str
    at: datetime | None
    version: int
    base: int
