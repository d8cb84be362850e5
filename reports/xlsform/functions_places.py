"""ODK's functions of places. Each is `f(token, context)`; importing the module registers them.

A place is "latitude longitude [altitude [accuracy]]" in degrees; a line or shape is places with ";" between them. The Earth is a
sphere of its equatorial radius, as in JavaRosa, whose figures these are.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from .arguments import texts_given
from .values import NAN, NUMBER
from .xpath import FormContext, function

Place = tuple[float, float]  # latitude, longitude
_RADIUS = 6_378_100  # metres


def _place(text: str) -> Place | None:
    parts = text.split()
    if not 2 <= len(parts) <= 4 or not all(NUMBER.match(part) for part in parts[:2]):
        return None
    latitude, longitude = float(parts[0]), float(parts[1])
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _places(arguments, context: FormContext) -> list[Place] | None:
    """All places of the arguments, in their order; None where one of them is none."""
    found = []
    for text in texts_given(arguments, context):
        for part in text.strip().removesuffix(";").split(";"):
            context.spend()
            place = _place(part)
            if place is None:
                return None
            found.append(place)
    return found


@function("enclosed-area", 1)
@function("area", 1)
def _area(self, context=None):
    places = _places(self, context)
    if not places:
        return NAN
    if len(places) < 3:
        return Decimal(0)
    total = 0.0
    for (south, west), (north, east) in zip(places, [*places[1:], places[0]], strict=True):
        total += math.radians(east - west) * (2 + math.sin(math.radians(south)) + math.sin(math.radians(north)))
    return _metres(abs(total * _RADIUS * _RADIUS / 2))


@function("distance", (1, None))
def _distance(self, context=None):
    places = _places(self, context)
    if places is None or len(places) < 2:
        return NAN
    return _metres(sum(_between(start, end) for start, end in pairwise(places)))


def _metres(value: float) -> Decimal:
    return Decimal(str(round(value, 2)))


def _between(start: Place, end: Place) -> float:
    """The haversine formula: unlike the cosine's it keeps its figures for steps of a metre."""
    (south, west), (north, east) = ((math.radians(part) for part in place) for place in (start, end))
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * _RADIUS * math.asin(min(1.0, math.sqrt(half)))


@function("geofence", 2)
def _geofence(self, context=None):
    """Whether a place lies in a shape, by the even-odd rule."""
    places, shape = _places(self[:1], context), _places(self[1:], context)
    if not places or len(places) != 1 or not shape or len(shape) < 3:
        return False
    (y, x), inside = places[0], False
    for (y1, x1), (y2, x2) in zip(shape, [*shape[1:], shape[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


@function("intersects", 1)
def _intersects(self, context=None):
    """Whether a line or shape crosses or touches itself; false for what is no line."""
    places = _places(self, context)
    if not places:
        return False
    steps = [pair for pair in pairwise(places) if pair[0] != pair[1]]
    closed = len(steps) > 2 and steps[0][0] == steps[-1][1]
    for index, one in enumerate(steps):
        for other in range(index + 1, len(steps)):
            context.spend()
            if other == index + 1:
                touches = _turns_back(*one, steps[other][1])
            elif closed and index == 0 and other == len(steps) - 1:
                touches = _turns_back(*steps[other], one[1])
            else:
                touches = _cross(*one, *steps[other])
            if touches:
                return True
    return False


def _side(a: Place, b: Place, c: Place) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _turns_back(a: Place, b: Place, c: Place) -> bool:
    """Whether the way from a to b and on to c runs back over itself."""
    return _side(a, b, c) == 0 and (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]) > 0


def _cross(a: Place, b: Place, c: Place, d: Place) -> bool:
    sides: Sequence[float] = (_side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b))
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(side == 0 and _within(*end) for side, end in zip(sides, ends, strict=True))


def _within(a: Place, b: Place, c: Place) -> bool:
    return all(min(a[axis], b[axis]) <= c[axis] <= max(a[axis], b[axis]) for axis in (0, 1))
