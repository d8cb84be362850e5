"""Results: versions that stay, and the objections to them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sla.models import Dispute, DisputeFile, both_or_neither
from units.models import Membership, Person

from ..enums import LineAnswer, ResultKind
from .reports import Report, Revision


class ResultVersion(models.Model):
    """A scored report. Immutable once announced; earlier versions stay. `number` counts what is announced: an offer bears the
    next one until it is accepted or lapses.

    `score`: scoring.ReportScore.to_json(): areas, indicators with value, standard, formula, points, who, why.
    `total` is 100·Σpoints/Σweights for sorting; null where nothing could be scored. `missed`: no report came, the result is 0.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="results")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=ResultKind.choices)
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, blank=True, related_name="+")
    score = models.JSONField()
    total = models.DecimalField(max_digits=12, decimal_places=8, null=True, blank=True)
    missed = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    dispute = models.ForeignKey(Dispute, models.PROTECT, null=True, blank=True, related_name="+")
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    announced_at = models.DateTimeField(null=True, blank=True)
    announced_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    verification_code = models.CharField(max_length=40, unique=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("result version")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                name="result_number_once", fields=["report", "number"], condition=Q(announced_at__isnull=False)
            ),
            models.CheckConstraint(
                name="result_total_in_range", condition=Q(total__isnull=True) | Q(total__gte=0, total__lte=100)
            ),
            models.CheckConstraint(
                name="result_missed_is_zero", condition=Q(missed=False) | Q(total=0, revision__isnull=True)
            ),
            both_or_neither("result_announced_by_somebody", "announced_at", "announced_by"),
        ]
        indexes = [models.Index(name="result_of_report", fields=["report", "-announced_at"])]

    def __str__(self):
        return f"{self.report_id}#{self.number}"

    @property
    def is_scored(self) -> bool:
        """Whether the form scores anything: without it there is no total, and what is missed has no 0 to speak of."""
        return any(each["weight"] not in ("", "0") for each in self.score["indicators"])

    @property
    def remarks(self) -> int:
        """How many answers that belong to no indicator stand with a remark."""
        found = self.score.get("findings", {}).items()
        return sum(code.startswith("q:") and not finding["verified"] for code, finding in found)


class Objection(models.Model):
    """Links the contested result version to its dispute."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="objections")
    result = models.ForeignKey(ResultVersion, models.PROTECT, related_name="objections")
    dispute = models.OneToOneField(Dispute, models.PROTECT, related_name="objection")

    def __str__(self):
        return f"{self.result_id}: {self.dispute_id}"


class ObjectionLine(models.Model):
    """One contested indicator of an objection: the figure that the unit stands by, why, and the provider's answer to it.

    `figures` {role: canonical number} stands where the unit holds to figures, {"value": "1"} where it was on time; `points`
    where a rubric gives them; `not_applicable` where it holds that the indicator does not apply. Stays as written; an answer is
    given once (`answered_figures` with a partly accepted one).
    """

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="lines")
    indicator = models.CharField(max_length=255)
    figures = models.JSONField(default=dict)
    points = models.CharField(max_length=40, blank=True)
    not_applicable = models.BooleanField(default=False)
    reason = models.TextField()
    file = models.ForeignKey(DisputeFile, models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField(max_length=10, choices=LineAnswer.choices, blank=True)
    answered_figures = models.JSONField(default=dict)
    answered_points = models.CharField(max_length=40, blank=True)
    answer_reason = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="objection_line_once", fields=["objection", "indicator"]),
            both_or_neither("objection_line_answered_by_somebody", "answered_at", "answered_by"),
            models.CheckConstraint(
                name="objection_line_answered_whole",
                condition=Q(answer="", answered_at__isnull=True) | ~Q(answer="") & Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.objection_id}/{self.indicator}"
