"""How values spread: quartiles, classes, and which lie apart from the rest.

Quantiles interpolate between the values (type 7 of Hyndman & Fan, "Sample Quantiles in Statistical Packages", The
American Statistician 50, 1996: what spreadsheets call inclusive). Outliers: the modified z-score of Iglewicz & Hoaglin,
"How to Detect and Handle Outliers", ASQC 1993: 0.6745·(x − median)/MAD, set apart beyond 3.5. Where half of the values are
equal the MAD is 0, and the mean absolute deviation takes its place: (x − median)/(1.2533·MeanAD).
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

APART = 3.5
_MAD, _MEAN_AD = 0.6745, 1.253314
# Fewer values than this have no spread to lie outside of.
LEAST = 5


@dataclass(frozen=True)
class Spread:
    """Five numbers and the mean of `count` values."""

    count: int
    low: float
    q1: float
    median: float
    q3: float
    high: float
    mean: float


@dataclass(frozen=True)
class Class:
    """Values from `low` up to, but without, `high`; the last class holds its `high` too."""

    low: float
    high: float
    count: int


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the ordered values lie, interpolated. IndexError for none."""
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    # Between two equal values there is nothing to interpolate, and no rounding either.
    return (
        ordered[low] if ordered[low] == ordered[high] else ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    )


def spread(values: Iterable[float]) -> Spread | None:
    """None for no values."""
    ordered = sorted(values)
    if not ordered:
        return None
    q1, median, q3 = (quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    return Spread(len(ordered), ordered[0], q1, median, q3, ordered[-1], math.fsum(ordered) / len(ordered))


def median(values: Iterable[float]) -> float | None:
    found = spread(values)
    return None if found is None else found.median


def classes(values: Iterable[float], wanted: int = 10) -> list[Class]:
    """Classes of a round width that cover all values, about `wanted` of them, empty ones between included."""
    ordered = sorted(values)
    if not ordered:
        return []
    low, high = ordered[0], ordered[-1]
    width = _round_width((high - low) / wanted) if high > low else 1.0
    first = math.floor(low / width)
    last = max(math.ceil(high / width), first + 1)
    counts = [0] * (last - first)
    for value in ordered:
        counts[min(math.floor(value / width) - first, len(counts) - 1)] += 1
    return [Class((first + i) * width, (first + i + 1) * width, count) for i, count in enumerate(counts)]


def _round_width(width: float) -> float:
    """1, 2, 2.5 or 5 times a power of ten, the next above."""
    power = 10 ** math.floor(math.log10(width))
    return next((step * power for step in (1, 2, 2.5, 5, 10) if step * power >= width * (1 - 1e-12)), 10 * power)


def modified_z(values: Mapping[K, float]) -> dict[K, float]:
    """How far each lies from the median, in robust standard deviations; {} where all are equal or too few."""
    middle = median(values.values())
    if middle is None or len(values) < LEAST:
        return {}
    away = [abs(value - middle) for value in values.values()]
    mad = median(away) or 0.0
    if mad > 0:
        return {key: _MAD * (value - middle) / mad for key, value in values.items()}
    mean = math.fsum(away) / len(away)
    if mean == 0:
        return {}
    return {key: (value - middle) / (_MEAN_AD * mean) for key, value in values.items()}


def outliers(values: Mapping[K, float]) -> dict[K, float]:
    """Those beyond APART, with their score, the farthest first."""
    found = {key: score for key, score in modified_z(values).items() if abs(score) > APART}
    return dict(sorted(found.items(), key=lambda pair: -abs(pair[1])))
