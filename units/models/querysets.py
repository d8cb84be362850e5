"""Query vocabulary of units and memberships; imports no model, so that models can use it as their managers."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from sajad_portal.lib.text import search_key


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


class MembershipQuerySet(models.QuerySet):
    def valid_at(self, at: datetime):
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)

    def matching(self, words: str):
        """Each word somewhere in the person's name or user name."""
        found = self
        for word in search_key(words).split():
            found = found.filter(person__search_key__contains=word)
        return found
