"""Whose total rose or fell within a span of time: from a unit's first result to its last, on what can be compared."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Point:
    """One result: `who` it is of, `family` (results of one family can be compared), when, and which `report`."""

    who: int
    family: Hashable
    at: date
    total: Decimal
    report: int


@dataclass(frozen=True)
class Move:
    first: Point
    last: Point
    results: int

    @property
    def change(self) -> Decimal:
        return self.last.total - self.first.total


def moves(points: Iterable[Point]) -> list[Move]:
    """A move for each unit and family with results at two times at least; who rose most first. One result moves nothing."""
    rows: dict[tuple, list[Point]] = {}
    for point in points:
        rows.setdefault((point.who, point.family), []).append(point)
    found = []
    for own in rows.values():
        own.sort(key=lambda point: (point.at, point.report))
        if own[0].at < own[-1].at:
            found.append(Move(own[0], own[-1], len(own)))
    return sorted(found, key=lambda move: (-move.change, move.last.report))


def risen(found: list[Move], most: int) -> list[Move]:
    return [move for move in found if move.change > 0][:most]


def fallen(found: list[Move], most: int) -> list[Move]:
    """Who fell most first."""
    return [move for move in reversed(found) if move.change < 0][:most]
