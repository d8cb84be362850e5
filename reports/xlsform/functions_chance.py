"""ODK's functions of chance, and the one that keeps a first value. Each is `f(token, context)`; importing registers them.

What is drawn follows from the instant, the answers and the expression, so that a revision, which keeps its instant and its
answers, says the same whenever it is evaluated again. In a draft each evaluation draws anew, as in ODK; `once()` holds the first.
"""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from .arguments import MAX_TEXT, number_at
from .values import node_text
from .xpath import function, value_of

_BITS = 53  # as many as a number in [0, 1) has in JavaScript and Java


class Chance:
    """Draws of one evaluation. `seed`: called where something is drawn at all."""

    def __init__(self, seed: Callable[[], str]) -> None:
        self._make_seed = seed
        self._seed = ""
        self._key = ""
        self._drawn = 0

    def begin(self, *key: str) -> None:
        """What follows is drawn for that expression of that question, whenever it is evaluated."""
        self._key, self._drawn = "\0".join(key), 0

    def bits(self, count: int) -> int:
        self._seed = self._seed or self._make_seed()
        self._drawn += 1
        drawn = hashlib.sha256(f"{self._seed}\0{self._key}\0{self._drawn}".encode()).digest()
        return int.from_bytes(drawn, "big") >> (256 - count)


@function("random", 0)
def _random(self, context=None):
    return Decimal(context.chance.bits(_BITS)) / (1 << _BITS)


@function("uuid", (0, 1))
def _uuid(self, context=None):
    if len(self) and context.edition > 1:
        length = number_at(self, context)
        count = min(max(int(length), 0), MAX_TEXT) if length.is_finite() else 0
        context.spend(count)
        return "".join(_LETTERS[context.chance.bits(64) % len(_LETTERS)] for _place in range(count))
    return str(uuid.UUID(int=context.chance.bits(128), version=4))


_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@function("once", 1)
def _once(self, context=None):
    held = node_text(context.current) if context.current is not None else ""
    return held or value_of(self[0], context)


@function("randomize", (1, 2))
def _randomize(self, context=None):
    nodes = value_of(self[0], context)
    if not isinstance(nodes, list):
        return nodes
    if len(self) > 1:
        return shuffled(nodes, number_at(self, context, 1))
    return shuffled(nodes, Decimal(context.chance.bits(31)))


_MODULUS, _FACTOR = 2_147_483_647, 16_807  # Park and Miller's minimal standard generator
_JAVA_LONG = (1 << 63) - 1


def shuffled(things: Sequence[Any], seed: Decimal) -> list:
    """The "inside-out" shuffle of Fisher and Yates with Park and Miller's generator: the same order as every client of ODK."""
    if seed.is_nan():
        state = 0
    elif seed.is_infinite():
        state = _JAVA_LONG if seed > 0 else -_JAVA_LONG - 1
    else:
        state = min(max(int(seed), -_JAVA_LONG - 1), _JAVA_LONG)
    state = abs(state) % _MODULUS * (1 if state >= 0 else -1)  # the remainder has the sign of what is divided
    if state <= 0:
        state += _MODULUS - 1
    found: list = []
    for index, thing in enumerate(things):
        state = state * _FACTOR % _MODULUS
        place = (state - 1) * (index + 1) // (_MODULUS - 1)
        found.append(thing)
        if place != index:
            found[index], found[place] = found[place], thing
    return found
