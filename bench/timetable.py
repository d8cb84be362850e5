"""When flows begin in the last hour before a call closes. It stands alone because hour.py changes whoever imports it."""

import random

SHARE, LAST_MINUTE = 0.14, 0.0052  # of all units: in the last hour, in its last minute
FASTER = 10
HOUR, MINUTE = 3600 / FASTER, 60 / FASTER


def timetable(units: int, seconds: float) -> list[float]:
    """The last `seconds` of the hour, from now: Poisson, at a rate that grows with the square of time to the last minute's."""
    mean, last = units * SHARE / HOUR, units * LAST_MINUTE / MINUTE
    low = (3 * mean - last) / 2  # low + (last - low)·x² has this mean
    rng, at, found = random.Random(1405), 0.0, []
    while (at := at + rng.expovariate(low + (last - low) * (at / HOUR) ** 2)) < HOUR:
        found.append(at)
    return [at - (HOUR - seconds) for at in found if at >= HOUR - seconds]
