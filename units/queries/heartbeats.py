"""Which parts of the portal are taken for dead, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..enums import BackgroundPart
from ..models import Heartbeat

SPEAKS_EVERY = timedelta(seconds=20)
SILENT_AFTER = timedelta(seconds=90)  # four words missed, and a little


@dataclass(frozen=True)
class Silence:
    """A part that has not spoken for long. `since` is its last word; None where it never spoke in this database."""

    part: BackgroundPart
    since: datetime | None


def silences(at: datetime) -> list[Silence]:
    """The parts that are silent, one question. Without beat a worker has nothing to do and so nothing to say: then beat alone
    is named, for whoever starts it hears of the worker a moment later."""
    last = dict(Heartbeat.objects.values_list("part", "at"))
    found = [
        Silence(part, last.get(part))
        for part in BackgroundPart
        if last.get(part, datetime.min.replace(tzinfo=at.tzinfo)) <= at - SILENT_AFTER
    ]
    silent_beat = [silence for silence in found if silence.part == BackgroundPart.BEAT]
    return silent_beat or found


def worker_silent_since(at: datetime) -> datetime | None:
    """The last word of the part without which nothing is made or sent now; None while all is well, or nothing is known yet."""
    return min((silence.since for silence in silences(at) if silence.since is not None), default=None)
