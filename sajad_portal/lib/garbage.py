"""Python's search for cycles, put off while a bulk of rows is made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles inside. Five hundred reports with their explanations are a million small objects in trees, all of
    them alive: looking through them again and again took a seventh of the announcing. Whatever is left is found afterwards."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
