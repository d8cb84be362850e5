"""Beat's timetable, kept nowhere: what is on it stands in the settings, and when it last ran does not matter.

Celery's own notebook is a file that kill -9 tears (Debian's ndbm has no sync); it was thrown away then, and with it when
the long intervals were to end: a beat that is restarted every ten minutes never sent the digests. Every task is a sweep that
may run once too often, so at its start beat lets all of them run once.
"""

import time
from datetime import timedelta

from celery.beat import Scheduler
from django.db import close_old_connections

from sajad_portal.lib.notify import tell_systemd

LONG_AGO = timedelta(days=30)


class Timetable(Scheduler):
    _next_word = 0.0  # monotonic

    def tick(self, *args, **kwargs):
        """As Celery's, and says that beat lives. A beat that cannot reach the broker stands in here and is silent."""
        delay = super().tick(*args, **kwargs)
        if time.monotonic() >= self._next_word:
            self._say_alive()
        return min(delay, self._next_word - time.monotonic()) if delay else delay

    def _say_alive(self) -> None:
        # Django is set up by the time beat ticks, not when this is imported.
        from units.actions.heartbeats import say_alive
        from units.enums import BackgroundPart
        from units.queries.heartbeats import SPEAKS_EVERY

        self._next_word = time.monotonic() + SPEAKS_EVERY.total_seconds()
        close_old_connections()
        say_alive(part=BackgroundPart.BEAT)
        tell_systemd("WATCHDOG=1")

    def merge_inplace(self, b):
        super().merge_inplace(b)
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - LONG_AGO

    @property
    def info(self):
        return f"    . timetable -> {len(self.schedule)} sweeps, from the settings"
