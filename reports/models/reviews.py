"""Reviews: who looks at which section of which report, and what they found."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from units.models import Person, Unit

from ..enums import ReviewState
from .calls import Call
from .reports import Report


class ReviewAssignment(models.Model):
    """The coordinator's word: this reviewer, this section (empty: all), this subtree of the call. New reports follow it."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="assignments")
    section = models.CharField(max_length=255, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(Person, models.PROTECT, related_name="review_assignments")
    lead = models.BooleanField(default=False)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="assignment_once",
                fields=["call", "section", "unit", "reviewer"],
                condition=Q(ended_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.reviewer}: {self.section or '*'}"


class Review(models.Model):
    """One reviewer's work on one section (empty: all) of one report. A lead's review settles what others disagree on."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="reviews")
    section = models.CharField(max_length=255, blank=True)
    reviewer = models.ForeignKey(Person, models.PROTECT, related_name="reviews")
    lead = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ReviewState.choices, default=ReviewState.ASSIGNED)
    assigned_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    handed_in_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why a lead settled without a silent reviewer, or why it was released

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="review_once", fields=["report", "section", "reviewer"], condition=~Q(state=ReviewState.RELEASED)
            ),
            models.CheckConstraint(
                name="review_handed_in_has_instant",
                condition=Q(state=ReviewState.HANDED_IN, handed_in_at__isnull=False) | ~Q(state=ReviewState.HANDED_IN),
            ),
        ]
        indexes = [models.Index(name="review_queue", fields=["reviewer", "state", "report"])]

    def __str__(self):
        return f"{self.report_id}/{self.section} {self.reviewer}"

    @property
    def who(self) -> str:
        """The name under its findings: “X for Y” where X handed it in as Y's deputy."""
        reviewer = self.reviewer.get_full_name()
        deputy = getattr(
            self, "deputy_name", None
        )  # where `queries.findings` has asked who handed it in for the reviewer
        return gettext("%(person)s for %(giver)s") % {"person": deputy, "giver": reviewer} if deputy else reviewer


class ReviewItem(models.Model):
    """What a reviewer found for one indicator. Inputs are verified; ratios and points are computed from them.

    `verified` {role: canonical number}; roles: numerator, denominator, value. `revision` is the number of the revision
    that was looked at. `points` only where the indicator's score function is manual.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="items")
    indicator = models.CharField(max_length=255)
    revision = models.PositiveSmallIntegerField(default=0)
    verified = models.JSONField(default=dict)
    not_applicable = models.BooleanField(null=True)  # the reviewer's answer to «موضوعیت ندارد» or to a zero denominator
    points = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    reason = models.TextField(blank=True)  # shown to the unit
    note = models.TextField(blank=True)  # reviewers only
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="review_item_once", fields=["review", "indicator"])]

    def __str__(self):
        return f"{self.review_id}/{self.indicator}"
