"""Work that is done in the background: the row is the order, and what a worker writes into it is its claim."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

# A worker that has not moved for so long is taken for dead, and another one goes on.
DEAD_AFTER = timedelta(minutes=3)
ATTEMPTS = 3


class BackgroundWork(models.Model):
    """`beat_at` with `attempts` is a worker's claim (actions/background.py); `done` of `total` is how far it is. Which end it
    comes to besides `failed_at` is each noun's own: its `OPEN` says what is neither ended nor given up."""

    key = models.CharField(max_length=40, unique=True)
    requested_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    beat_at = models.DateTimeField(null=True, blank=True)  # the worker's last sign of life, and its claim
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(blank=True)

    OPEN: Q

    class Meta:
        abstract = True

    def is_moving(self, at: datetime) -> bool:
        return self.beat_at is not None and at < self.beat_at + DEAD_AFTER
