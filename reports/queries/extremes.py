"""The best and the worst value of each indicator over several calls, and whose they are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Max, Min

from ..enums import FactState
from ..models import IndicatorFact, ResultFact
from .facts_cache import cached
from .parts import SeenPart


@dataclass(frozen=True)
class Extreme:
    """A value and whose it was first; `ties`: how many results have that value."""

    fact: ResultFact
    value: Decimal
    ties: int

    @property
    def others(self) -> int:
        return self.ties - 1


@dataclass(frozen=True)
class Extremes:
    """Of one indicator of a form: `count` values, the best and the worst of them."""

    form: int
    code: str
    count: int
    best: Extreme
    worst: Extreme

    @property
    def is_even(self) -> bool:
        """Nobody is better than anybody: there is one value, or all are equal."""
        return self.best.value == self.worst.value


class _End(NamedTuple):
    """A value, how many results have it, and the newest report of them."""

    value: Decimal
    ties: int
    newest: int


class _Ends(NamedTuple):
    """Of one indicator in one call: `values`, how many there are."""

    values: int
    low: _End
    high: _End
    direction: str


def extremes(parts: Sequence[SeenPart]) -> list[Extremes]:
    """By (form, indicator). Of equal ones the newest report is named: its result with what a line says of it.

    Call by call, each kept under its own stamp: a result that is announced in one call costs the others nothing.
    """
    found: dict[tuple[int, str], list[_Ends]] = defaultdict(list)
    for part in parts:
        for code, ends in ends_of(part).items():
            found[part.call.form_version.form_id, code].append(ends)
    joined = {row: _joined(several) for row, several in found.items()}
    newest = {end.newest for ends in joined.values() for end in (ends.low, ends.high)}
    facts = ResultFact.objects.select_related("report")
    named = facts.only("call", "period_code", "report__tracking_code", "report__unit_name").in_bulk(newest)
    calls = {part.call.pk: part.call for part in parts}
    for fact in named.values():
        fact.call = calls[fact.call_id]

    def told(form: int, code: str, ends: _Ends) -> Extremes:
        low, high = (Extreme(named[end.newest], end.value, end.ties) for end in (ends.low, ends.high))
        return Extremes(form, code, ends.values, *((low, high) if ends.direction == "down" else (high, low)))

    return [told(form, code, ends) for (form, code), ends in joined.items()]


def ends_of(part: SeenPart) -> dict[str, _Ends]:
    """{indicator: its ends}. Two statements, none of which sorts the facts of a call; none where they are kept."""
    return cached(part.facts, f"ends {part.key}", lambda: _ends(part))


def _ends(part: SeenPart) -> dict[str, _Ends]:
    scored = IndicatorFact.objects.order_by().filter(part.where, state=FactState.SCORED, value__isnull=False)
    rows = list(scored.values_list("indicator").annotate(Count("pk"), Min("value"), Max("value"), way=Max("direction")))
    wanted = {value for _code, _n, low, high, _way in rows for value in (low, high)}
    held = scored.filter(value__in=wanted).values_list("indicator", "value")
    ends = {(code, value): _End(value, *rest) for code, value, *rest in held.annotate(Count("pk"), Max("result_id"))}
    return {code: _Ends(n, ends[code, low], ends[code, high], way) for code, n, low, high, way in rows}


def _joined(several: Iterable[_Ends]) -> _Ends:
    every = list(several)
    return _Ends(
        sum(ends.values for ends in every),
        _of_equal([ends.low for ends in every], min(ends.low.value for ends in every)),
        _of_equal([ends.high for ends in every], max(ends.high.value for ends in every)),
        max(ends.direction for ends in every),
    )


def _of_equal(ends: Iterable[_End], value: Decimal) -> _End:
    same = [end for end in ends if end.value == value]
    return _End(value, sum(end.ties for end in same), max(end.newest for end in same))
