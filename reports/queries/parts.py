"""The part of a call's results that a person sees, so that what is computed from it can be kept for all who see the same."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from ..models import Call, ResultFact
from .analysis import results_in_reach, visible_results
from .facts_cache import Facts, facts_of_each

WHOLE = "whole"


@dataclass(frozen=True)
class SeenPart:
    """`ids`: of the results that are seen; None where that is every one of the call. `key` tells parts of one call apart.

    By the results themselves and not by the person's seats: where a unit moves in the tree, they see other results from the
    same seat, and no stamp changes.
    """

    facts: Facts
    key: str
    ids: tuple[int, ...] | None

    @property
    def call(self) -> Call:
        return self.facts.call

    @property
    def results(self) -> QuerySet[ResultFact]:
        of_call = ResultFact.objects.filter(call=self.call.pk)
        return of_call if self.ids is None else of_call.filter(pk__in=self.ids)

    @property
    def where(self) -> Q:
        """As a condition over facts of indicators."""
        of_call = Q(call=self.call.pk)
        return of_call if self.ids is None else of_call & Q(result__in=self.ids)


def seen_parts(person, calls: Sequence[Call]) -> list[SeenPart]:
    """Of the calls with results that the person sees, in their order. Two queries, three for who does not see all.

    The stamps are read first: what is kept under one is never older than it.
    """
    return [part for part in _parts(person, facts_of_each(calls)) if part.ids != ()]


def seen_part(person, facts: Facts) -> SeenPart:
    """The same of one call, also where the person sees none of its results."""
    return _parts(person, [facts])[0]


def _parts(person, every: Sequence[Facts]) -> list[SeenPart]:
    calls = [facts.call for facts in every]
    rows = ResultFact.objects.filter(call__in=calls).order_by().values_list("call")
    counts = {call: (n, seen) for call, n, seen in rows.annotate(Count("pk"), seen=_seen(person))}
    partly = [call for call, (n, seen) in counts.items() if 0 < seen < n]
    ids: dict[int, list[int]] = defaultdict(list)
    if partly:
        seen_ones = visible_results(person).filter(call__in=partly).order_by("pk").values_list("call_id", "pk")
        for call, pk in seen_ones:
            ids[call].append(pk)
    return [_part(facts, *counts.get(facts.call.pk, (0, 0)), ids[facts.call.pk]) for facts in every]


def _part(facts: Facts, n: int, seen: int, ids: Sequence[int]) -> SeenPart:
    return SeenPart(facts, WHOLE, None) if n and seen == n else SeenPart(facts, _key(ids), tuple(ids))


def _seen(person) -> Count:
    return Count("pk") if person.is_superuser else Count("pk", filter=results_in_reach(person))


def _key(ids: Sequence[int]) -> str:
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()
