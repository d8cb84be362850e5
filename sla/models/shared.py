"""What several models share."""

from django.db import models
from django.db.models import Q

from units.models import Membership, Person, who_acted

from ..enums import Side


def both_or_neither(name: str, *fields: str) -> models.CheckConstraint:
    """All of the fields set, or none: who did it and when belong together."""
    none = Q(**{f"{f}__isnull": True for f in fields})
    every = Q(**{f"{f}__isnull": False for f in fields})
    return models.CheckConstraint(name=name, condition=none | every)


class ThreadMessage(models.Model):
    """What one side wrote into a thread; it stays as written. Append-only."""

    side = models.CharField(max_length=10, choices=Side.choices)
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        ordering = ["id"]

    def __str__(self):
        return self.text[:60]

    @property
    def who(self) -> str:
        """The name that stands under it, “X for Y” where a deputy acted."""
        return who_acted(self.by, self.membership)


class ThreadFile(models.Model):
    """What is known of a file of a thread; where it lies, each says for itself."""

    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    @property
    def extension(self) -> str:
        return self.name.rpartition(".")[2]
