"""What the bench measures is right only if the load is the one that was promised, and falls on nobody else."""

import importlib
import sys

from hypothesis import given
from hypothesis import strategies as st

from bench.timetable import HOUR, LAST_MINUTE, MINUTE, SHARE, timetable

UNITS = 10_000


def within_chance(found: int, expected: float) -> bool:
    """Four standard deviations of a Poisson number; the seed is fixed, so this passes always or never."""
    return abs(found - expected) < 4 * expected**0.5


def test_a_seventh_of_the_units_come_in_the_last_hour():
    assert within_chance(len(timetable(UNITS, HOUR)), UNITS * SHARE)


def test_the_last_minute_is_the_fullest():
    found = timetable(UNITS, HOUR)
    by_minute = [sum(n * MINUTE <= at < (n + 1) * MINUTE for at in found) for n in range(60)]

    assert within_chance(by_minute[-1], UNITS * LAST_MINUTE)
    assert sum(by_minute[-10:]) > 3 * sum(by_minute[:10])


@given(st.integers(min_value=1, max_value=int(HOUR)))
def test_a_shorter_run_is_the_end_of_the_hour(seconds):
    found = timetable(UNITS, seconds)

    assert found == sorted(found)
    assert all(0 <= at < seconds for at in found)
    assert len(found) == sum(at >= HOUR - seconds for at in timetable(UNITS, HOUR))


def test_only_the_generator_itself_is_patched():
    """Importing locust replaces threads and sockets of a whole process: not the portal's, the bench's or this suite's."""
    importlib.import_module("bench.run")

    assert {"gevent", "locust"}.isdisjoint(sys.modules)
