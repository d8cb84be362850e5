"""When a value departs from the unit's own history, and so wants a comment. Pure: numbers in, a finding out.

The rule: the mean of the last PERIODS earlier values is the reference, if there are at least LEAST of them; a value that
lies more than SHARE of the mean's size away from it departs. Where the mean is zero, anything but zero departs. The unit's
own past is the measure, never its peers; and a departure refuses nothing, it asks for a sentence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

SHARE = Decimal("0.25")
LEAST = 2
PERIODS = 4


@dataclass(frozen=True)
class Departure:
    """`share` of the mean (0.32 is 32 percent), None where the mean is zero; `count` earlier values made the mean."""

    mean: Decimal
    share: Decimal | None
    count: int
    higher: bool


def departure(value: Decimal | None, earlier: Sequence[Decimal | None]) -> Departure | None:
    """The departure of `value` from `earlier` (oldest first; None where a period has no value), or None."""
    known = [past for past in earlier if past is not None][-PERIODS:]
    if value is None or len(known) < LEAST:
        return None
    mean = sum(known, Decimal(0)) / len(known)
    if mean == 0:
        return Departure(mean, None, len(known), value > 0) if value else None
    share = abs(value - mean) / abs(mean)
    return Departure(mean, share, len(known), value > mean) if share > SHARE else None


def as_number(text: str | None) -> Decimal | None:
    """A canonical answer as a number; None for what is no number (a choice, a date, nothing)."""
    try:
        value = Decimal(text or "")
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def numbers(values: Iterable[str | None]) -> list[Decimal | None]:
    return [as_number(value) for value in values]
