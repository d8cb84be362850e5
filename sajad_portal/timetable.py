"""Beat's timetable, kept nowhere: what is on it stands in the settings, and when it last ran does not matter.

Celery's own notebook is a file that kill -9 tears (Debian's ndbm has no sync); it was thrown away then, and with it when
the long intervals were to end: a beat that is restarted every ten minutes never sent the digests. Every task is a sweep that
may run once too often, so at its start beat lets all of them run once.
"""

from datetime import timedelta

from celery.beat import Scheduler

LONG_AGO = timedelta(days=30)


class Timetable(Scheduler):
    def merge_inplace(self, b):
        super().merge_inplace(b)
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - LONG_AGO

    @property
    def info(self):
        return f"    . timetable -> {len(self.schedule)} sweeps, from the settings"
