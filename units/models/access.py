"""Signing in: what is tried, the browsers that people are known by, and the sessions that go on."""

from django.db import models
from django.db.models import F, Q

from .querysets import AccountSessionQuerySet


class Throttle(models.Model):
    """How often something was tried in one window: signing in, tracking, verifying."""

    key = models.CharField(max_length=100)
    window_starts_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="throttle_once_a_window", fields=["key", "window_starts_at"])]

    def __str__(self):
        return self.key


class KnownDevice(models.Model):
    """A browser in which the person has signed in before. It brings a token in a cookie; stored is the token's hash."""

    person = models.ForeignKey("units.Person", models.CASCADE, related_name="+")
    key = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="device_of_person", fields=["person", "used_at"])]

    def __str__(self):
        return f"{self.person} {self.used_at}"


class FactorReset(models.Model):
    """A person has lost their second factor: one administrator proposes that it is removed, another confirms it."""

    person = models.ForeignKey("units.Person", models.PROTECT, related_name="factor_resets")
    proposed_by = models.ForeignKey("units.Person", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    confirmed_by = models.ForeignKey("units.Person", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)  # confirmed, or with nobody who confirmed: taken back

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="factor_reset_open_once", fields=["person"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(name="factor_reset_not_by_oneself", condition=~Q(person=F("proposed_by"))),
            models.CheckConstraint(
                name="factor_reset_by_two",
                condition=Q(confirmed_by__isnull=True)
                | (~Q(confirmed_by=F("proposed_by")) & ~Q(confirmed_by=F("person")) & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.proposed_at}"


class AccountSession(models.Model):
    """A session of somebody who has signed in, beside Django's row of it: what device, since when, last used when, over.

    Found by a hash of the key that the browser holds: who reads this table can go in as nobody.
    """

    person = models.ForeignKey("units.Person", models.CASCADE, related_name="sessions")
    key_hash = models.CharField(max_length=64, unique=True)
    agent = models.CharField(max_length=300, blank=True, default="")
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)

    objects = AccountSessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="session_seen_after_start", condition=Q(last_seen_at__gte=F("started_at"))),
            models.CheckConstraint(
                name="session_ends_after_start", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at"))
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.started_at}"
