"""Helpers that several models share."""

from django.db import models
from django.db.models import Q


def both_or_neither(name: str, *fields: str) -> models.CheckConstraint:
    """All of the fields set, or none: who did it and when belong together."""
    none = Q(**{f"{f}__isnull": True for f in fields})
    every = Q(**{f"{f}__isnull": False for f in fields})
    return models.CheckConstraint(name=name, condition=none | every)
