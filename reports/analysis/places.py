"""Who stands where. Competition ranking: equal totals share a place, and the places after them stay empty (1, 2, 2, 4)."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Place:
    """`of`: how many are ranked. `ahead_of`: the share, in percent, of the others whose total is lower; None where
    there are no others."""

    rank: int
    of: int
    ahead_of: Decimal | None


def places(totals: Mapping[K, Decimal]) -> dict[K, Place]:
    """The place of each; the highest total comes first. Leave out whom no rank is due: missed reports, no score."""
    order = sorted(totals, key=lambda key: totals[key], reverse=True)
    count, found = len(order), {}
    start = 0
    while start < count:
        end = start
        while end < count and totals[order[end]] == totals[order[start]]:
            end += 1
        ahead = Decimal(100 * (count - end)) / (count - 1) if count > 1 else None
        place = Place(start + 1, count, ahead)
        for key in order[start:end]:
            found[key] = place
        start = end
    return found


def places_by(totals: Mapping[K, Decimal], groups: Mapping[K, str]) -> dict[K, Place]:
    """The place of each among those of its own group of peers."""
    apart: dict[str, dict[K, Decimal]] = {}
    for key, total in totals.items():
        apart.setdefault(groups[key], {})[key] = total
    return {key: place for group in apart.values() for key, place in places(group).items()}


@dataclass(frozen=True)
class PlaceChange:
    """What became of one from one period to the next. `places`: how many places it rose (negative: fell)."""

    before: Decimal
    now: Decimal
    places: int | None

    @property
    def points(self) -> Decimal:
        return self.now - self.before


def changes(
    before: Mapping[K, Decimal], now: Mapping[K, Decimal], groups: Mapping[K, str] | None = None
) -> dict[K, PlaceChange]:
    """For those with a total in both. Places are counted among those who are in both, so that newcomers move nobody; with `groups`
    among those of the own one."""
    both: Iterable[K] = [key for key in now if key in before]
    own = dict.fromkeys(both, "") if groups is None else groups
    then, here = places_by({key: before[key] for key in both}, own), places_by({key: now[key] for key in both}, own)
    return {key: PlaceChange(before[key], now[key], then[key].rank - here[key].rank) for key in both}
