"""What was computed from a call's facts, kept by the process as long as they stand.

The key holds the call's stamp (`models.FactStamp`), which every change of facts replaces in its own transaction. A figure is
kept only where the stamp is the same after computing it as before: then nothing was committed in between that it could
have half seen. So what is kept under a stamp is what the facts say under that stamp, and no time limit is needed.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..models import Call, FactStamp

T = TypeVar("T")

# Of ten thousand units, a matrix of all indicators takes ten megabytes; everything else is small.
MOST, MOST_LARGE = 200, 4


@dataclass(frozen=True)
class Facts:
    """A call's facts as of one stamp: what a page asks for once, and everything kept is asked with. `has_intervals`: whether
    the sweep has made the intervals of the ranks under this stamp."""

    call: Call
    stamp: str
    has_intervals: bool


class _Shelf:
    """The newest so many; the one asked for longest ago makes room."""

    def __init__(self, most: int):
        self.most, self._lock = most, threading.Lock()
        self._rows: OrderedDict[tuple, Any] = OrderedDict()
        self._making: dict[tuple, threading.Lock] = {}

    def get(self, key: tuple) -> Any:
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
            return self._rows.get(key)

    def put(self, key: tuple, value: Any) -> None:
        with self._lock:
            self._rows[key] = value
            self._rows.move_to_end(key)
            while len(self._rows) > self.most:
                self._rows.popitem(last=False)

    def making(self, key: tuple) -> threading.Lock:
        """One thread computes, the others wait for what it keeps."""
        with self._lock:
            if len(self._making) > 10 * self.most:
                self._making.clear()
            return self._making.setdefault(key, threading.Lock())


_SHELVES = {False: _Shelf(MOST), True: _Shelf(MOST_LARGE)}


def facts_of(call: Call) -> Facts:
    return facts_of_each([call])[0]


def facts_of_each(calls: Sequence[Call]) -> list[Facts]:
    """The same for several calls, in one query."""
    rows = FactStamp.objects.filter(call__in=calls).values_list("call_id", "stamp", "intervals_for")
    stamps = {call: (stamp, made_for == stamp) for call, stamp, made_for in rows}
    return [Facts(call, *stamps.get(call.pk, ("", False))) for call in calls]


def _stamp(call: Call) -> str:
    return FactStamp.objects.filter(call=call).values_list("stamp", flat=True).first() or ""


def cached(facts: Facts, name: str, make: Callable[[], T], *, large: bool = False) -> T:
    """`make()`, or what it gave before under this stamp. None is never kept. `name` tells a call's figures apart."""
    shelf, key = _SHELVES[large], (facts.call.pk, facts.stamp, name)
    found = shelf.get(key)
    if found is not None:
        return found
    with shelf.making(key):
        found = shelf.get(key)
        if found is None:
            found = make()
            if found is not None and facts.stamp and _stamp(facts.call) == facts.stamp:
                shelf.put(key, found)
    return found
