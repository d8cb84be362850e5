"""The seal over what must not be rewritten: a chain of hashes beside the tables that it covers."""

from django.db import models
from django.db.models import Q

from ..enums import SealedTable


class Seal(models.Model):
    """One link: so many rows of one table, as they were when the sealer came by. Append-only.

    `leaves`: for each row its id (8 bytes, big-endian) and its digest (`lib.canonical.row_digest`, 32 bytes). `sha256` is over the
    rest of this row and `previous`, the hash of the link before (queries/seals.py `hash_of_seal`). A link over no row tells
    that the database was restored: `said` {"from": whence, "published": number of the last published link, "missing": how many
    links of those published were lost}.
    """

    number = models.PositiveIntegerField(unique=True)
    table = models.CharField(max_length=20, choices=SealedTable.choices)
    rows = models.PositiveIntegerField()
    last_id = models.BigIntegerField()
    leaves = models.BinaryField()
    said = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(name="seal_first_has_no_previous", condition=Q(number=1) ^ ~Q(previous="")),
            models.CheckConstraint(name="seal_table_known", condition=Q(table__in=SealedTable.values)),
        ]
        indexes = [models.Index(name="seal_of_table", fields=["table", "-number"])]

    def __str__(self):
        return f"{self.number}: {self.rows} of {self.table}"
