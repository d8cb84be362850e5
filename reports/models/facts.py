"""Facts of announced results, for analysis: what the newest announced version of each report says, cut into rows.

Derived: the announcing verb writes them in its own transaction, `rebuildfacts` writes them again out of the results, and
`checkinvariants` compares. What is the same for all indicators of a report stands once, in its ResultFact.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units.models import Unit

from ..enums import FactState
from .calls import Call
from .reports import Report
from .results import ResultVersion


class FactStamp(models.Model):
    """A random mark that every change of a call's facts replaces, in the change's own transaction.

    A figure that was computed while the mark stood still may be kept under it (`queries/facts_cache.py`). Random and not a count: a
    restored backup counts again through numbers that a cache has seen.
    """

    call = models.OneToOneField(Call, models.CASCADE, primary_key=True, related_name="fact_stamp")
    stamp = models.CharField(max_length=16)
    # A thousand rankings of ten thousand units take seconds: a sweep makes them once a stamp (actions/facts.py).
    intervals_for = models.CharField(max_length=16, blank=True, default="")
    intervals = models.BinaryField(blank=True, default=b"")

    def __str__(self):
        return f"{self.call_id}: {self.stamp}"


class ResultFact(models.Model):
    """A report's standing result in one row. `unit_path` and `kind` are those of the call, not of today's tree.

    `sort_total`: the total; -1 without a score, -2 where no report came. Missed ones have no rank.
    """

    NO_SCORE, NO_REPORT = -1, -2

    report = models.OneToOneField(Report, models.CASCADE, primary_key=True, related_name="fact")
    version = models.ForeignKey(ResultVersion, models.CASCADE, related_name="+")
    call = models.ForeignKey(Call, models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", db_index=False)
    unit_path = models.CharField(max_length=250)
    kind = models.CharField(max_length=60)
    # The group within which the call ranks it, or takes medians.
    peers = models.CharField(max_length=300, default="", db_default="")
    period_code = models.CharField(max_length=20)
    period_starts = models.DateField()
    total = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    sort_total = models.DecimalField(max_digits=12, decimal_places=8)
    missed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("result in analysis")
        indexes = [
            models.Index(name="result_fact_league", fields=["call", "-sort_total", "report"]),
            models.Index(name="result_fact_of_unit", fields=["unit", "-period_starts"]),
        ]

    def __str__(self):
        return f"{self.report_id}: {self.total}"


def amount(**more) -> models.DecimalField:
    """As wide as eighteen digits over eighteen decimals, times a hundred."""
    return models.DecimalField(max_digits=60, decimal_places=10, null=True, **more)


class IndicatorFact(models.Model):
    """One indicator of one result: what was claimed, what was verified, what it earned. Written in bulk, never changed.

    A ratio has a numerator, a denominator and the value that they make; others have a value alone. `points` are out of
    `weight`, which holds what it took over from indicators that do not apply. `weightby`: the answer by which a mean is
    weighted when units are joined.
    """

    result = models.ForeignKey(ResultFact, models.CASCADE, related_name="indicators", db_index=False)
    # The key is in `result` as well; here it narrows one indicator of a call without a join.
    call = models.ForeignKey(Call, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    indicator = models.CharField(max_length=255)
    section = models.CharField(max_length=255)
    state = models.CharField(max_length=15, choices=FactState.choices)
    claimed_numerator, claimed_denominator, claimed_value = amount(), amount(), amount()
    numerator, denominator, value = amount(), amount(), amount()
    points = models.DecimalField(max_digits=20, decimal_places=10)
    weight = models.DecimalField(max_digits=20, decimal_places=10)
    standard = amount()
    direction = models.CharField(max_length=4)
    aggregate = models.CharField(max_length=5)
    scale = amount()
    weightby = amount()

    class Meta:
        verbose_name = _("indicator in analysis")
        constraints = [
            models.UniqueConstraint(name="indicator_fact_once", fields=["result", "indicator"]),
            models.CheckConstraint(
                name="indicator_fact_points_within_weight", condition=Q(points__gte=0, weight__gte=0)
            ),
        ]
        indexes = [models.Index(name="indicator_fact_of_call", fields=["call", "indicator"])]

    def __str__(self):
        return f"{self.result_id}/{self.indicator}"
