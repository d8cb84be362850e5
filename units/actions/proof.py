"""When somebody last proved in a session who they are. No Event: signing in is recorded, and so is what the proof is for."""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

PROVED, FACTOR = "proved_at", "has_factor"


def note_proof(session: SessionBase, at: datetime) -> None:
    """A password or a factor was given just now."""
    session[PROVED] = at.timestamp()


def proved_within(session: SessionBase, within: timedelta, at: datetime) -> bool:
    """False too for a session in which nothing of it is known."""
    return PROVED in session and at.timestamp() - session[PROVED] <= within.total_seconds()


def note_factor(session: SessionBase, has_one: bool) -> None:
    """Whether the person has a second factor, so that not every page asks."""
    session[FACTOR] = has_one


def knows_factor(session: SessionBase) -> bool:
    return bool(session.get(FACTOR))
