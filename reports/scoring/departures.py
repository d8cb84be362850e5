"""When a value departs from the unit's own history, and so wants a comment. Pure: numbers in, a finding out.

From ENOUGH earlier values on the indicator's own spread is the measure: a value departs that lies more than APART robust standard
deviations from the median of the last PERIODS values. The standard deviation is estimated by the median absolute deviation
(Hampel, "The Influence Curve and Its Role in Robust Estimation", JASA 69, 1974; 1.4826 makes it consistent), widened for few
values (the factors of Croux & Rousseeuw, "Time-Efficient Algorithms for Two Highly Robust Estimators of Scale", COMPSTAT 1992),
and 3.5 is the distance of Iglewicz & Hoaglin, "How to Detect and Handle Outliers", ASQC 1993. Where half of the values are
equal the median absolute deviation is 0 and the mean absolute deviation takes its place, as there. A figure that never moved
has no spread at all: within FLOOR of its median's size nothing departs.

Below ENOUGH values nothing is known of a spread: then a value departs that lies more than SHARE of the mean's size away from
the mean, if there are at least LEAST. Where the reference is zero and nothing ever moved, anything but zero departs. The unit's own past is
the measure, never its peers; and a departure refuses nothing, it asks for a sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from statistics import median

SHARE, FLOOR = Decimal("0.25"), Decimal("0.05")
LEAST, ENOUGH, PERIODS = 2, 4, 8
APART = Decimal("3.5")
_MAD, _MEAN_AD = Decimal("1.4826"), Decimal("1.2533")
# By how much the median absolute deviation of so many values is too small.
_FEW = {
    4: Decimal("1.363"),
    5: Decimal("1.206"),
    6: Decimal("1.200"),
    7: Decimal("1.140"),
    8: Decimal("1.129"),
}


@dataclass(frozen=True)
class Departure:
    """`middle` of the `count` earlier values: their median, or the mean of few; `share` of it (0.32 is 32 percent) by which the
    value lies away, None where it is zero. `low` to `high`: the usual range, None where few values tell of none."""

    middle: Decimal
    share: Decimal | None
    count: int
    higher: bool
    low: Decimal | None = None
    high: Decimal | None = None


def departure(value: Decimal | None, earlier: Sequence[Decimal | None]) -> Departure | None:
    """The departure of `value` from `earlier` (oldest first; None where a period has no value), or None."""
    known = [past for past in earlier if past is not None][-PERIODS:]
    if value is None or len(known) < LEAST:
        return None
    few = len(known) < ENOUGH
    middle = sum(known, Decimal(0)) / len(known) if few else median(known)
    reach = SHARE * abs(middle) if few else _reach(known, middle)
    away = abs(value - middle)
    if away <= reach:
        return None
    share = away / abs(middle) if middle else None
    span = (None, None) if few else _range(known, middle - reach, middle + reach)
    return Departure(middle, share, len(known), value > middle, *span)


def _reach(known: Sequence[Decimal], middle: Decimal) -> Decimal:
    """How far from the median of its past a value may lie."""
    away = [abs(past - middle) for past in known]
    spread = _MAD * _FEW[len(known)] * median(away) or _MEAN_AD * sum(away, Decimal(0)) / len(away)
    return max(APART * spread, FLOOR * abs(middle))


def _range(known: Sequence[Decimal], low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """As people read it: what never was below zero does not usually go there."""
    return (max(low, Decimal(0)) if min(known) >= 0 else low), high


def as_number(text: str | None) -> Decimal | None:
    """A canonical answer as a number; None for what is no number (a choice, a date, nothing)."""
    try:
        value = Decimal(text or "")
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
