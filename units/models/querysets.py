"""Query vocabulary of units and memberships; imports no model, so that models can use it as their managers."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When

from sajad_portal.lib.text import search_key


class PersonQuerySet(models.QuerySet):
    def matching(self, words: str):
        """Each word somewhere in name or user name, whatever the spelling."""
        found = self
        for word in search_key(words).split():
            found = found.filter(search_key__contains=word)
        return found


class AccountSessionQuerySet(models.QuerySet):
    def going_on_at(self, at: datetime):
        """Sessions that a browser may still hold: not ended, and used within the time that they outlast."""
        longest = min(filter(None, (settings.SESSION_IDLE, timedelta(seconds=settings.SESSION_COOKIE_AGE))))
        return self.filter(ended_at__isnull=True, last_seen_at__gt=at - longest)


class UnitQuerySet(models.QuerySet):
    def active_at(self, at: datetime):
        return self.filter(Q(retired_at__isnull=True) | Q(retired_at__gt=at))

    def under(self, unit):
        """The unit itself and everything below it."""
        return self.filter(path__startswith=unit.path)

    def matching(self, words: str):
        """Each word somewhere in name or code, whatever the spelling of ZWNJ, ی, ک and digits."""
        found = self
        for word in search_key(words).split():
            found = found.filter(search_key__contains=word)
        return found

    def in_order(self):
        return self.order_by("sort_key", "id")


AWAITS_CONSENT = Q(consent_needed=True, consented_at__isnull=True)


def _lasts(at: datetime) -> Q:
    """Not ended; of a deputy also the seat that it stands in for."""
    giver = Q(deputy_for__ends_at__isnull=True) | Q(deputy_for__ends_at__gt=at)
    return (Q(ends_at__isnull=True) | Q(ends_at__gt=at)) & giver


def _gives_rights(at: datetime) -> Q:
    """Begun and accepted; of a deputy also the seat that it stands in for, whose person's account is open."""
    giver = Q(deputy_for__starts_at__lte=at, deputy_for__accepted_at__lte=at, deputy_for__person__is_active=True)
    return Q(starts_at__lte=at, accepted_at__lte=at) & (Q(deputy_for__isnull=True) | giver)


class MembershipQuerySet(models.QuerySet):
    def valid_at(self, at: datetime):
        """Seats that give rights at `at`: accepted, begun, not ended; a deputy's only while the giver's does too. The one
        place that says so."""
        return self.not_ended_at(at).filter(_gives_rights(at))

    def begun_by(self, at: datetime):
        """Seats that have given rights at some time up to `at`, whether or not they have ended since."""
        return self.filter(_gives_rights(at))

    def offered_at(self, at: datetime):
        """Seats that wait for their person: they give no right to anybody."""
        return self.not_ended_at(at).filter(accepted_at__isnull=True)

    def current_at(self, at: datetime):
        """What is valid, what waits and what begins later, in one query; `is_valid` tells the first apart."""
        valid = Case(When(_gives_rights(at), then=Value(True)), default=Value(False))
        return self.not_ended_at(at).annotate(is_valid=valid)

    def told_at(self, at: datetime):
        """Every seat, with `lasts` and `has_begun`: what of `valid_at` holds for it. Both make it valid."""
        lasts = Case(When(_lasts(at), then=Value(True)), default=Value(False))
        begun = Case(When(_gives_rights(at), then=Value(True)), default=Value(False))
        return self.annotate(lasts=lasts, has_begun=begun)

    def not_ended_at(self, at: datetime):
        """A deputy's seat ends with the giver's."""
        return self.filter(_lasts(at))

    def overlapping(self, starts_at: datetime, ends_at: datetime | None):
        """Seats whose own time shares an instant with [starts_at, ends_at)."""
        found = self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=starts_at))
        return found if ends_at is None else found.filter(starts_at__lt=ends_at)

    def matching(self, words: str):
        """Each word somewhere in the person's name or user name."""
        found = self
        for word in search_key(words).split():
            found = found.filter(person__search_key__contains=word)
        return found


class SuccessionQuerySet(models.QuerySet):
    def standing(self):
        """Those that hold now: not replaced by a later one, nor ended because the unit works again."""
        return self.filter(ended_at__isnull=True)
