"""Query vocabulary of calls and reports; imports no model, so that models can use it as their managers.

Time is `at`: the database's now, or any instant that a test asks about.
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Greatest

from sla.enums import Outcome

from .enums import CallPhase, CallState, ReportState, ReportStatus

AFTER_BANK = timedelta(hours=2)


class CallQuerySet(models.QuerySet):
    def with_phase(self, at: datetime):
        """Annotates `phase` (CallPhase) of the call itself; a unit's extension may keep its report open longer."""
        grace_ends = ExpressionWrapper(F("closes_at") + F("grace"), output_field=models.DateTimeField())
        return self.annotate(grace_ends_at=grace_ends).annotate(
            phase=Case(
                When(state=CallState.DRAFT, then=Value(CallPhase.DRAFT)),
                When(state=CallState.CANCELLED, then=Value(CallPhase.CANCELLED)),
                When(opens_at__gt=at, then=Value(CallPhase.UPCOMING)),
                When(closes_at__gt=at, then=Value(CallPhase.OPEN)),
                When(grace_ends_at__gt=at, then=Value(CallPhase.GRACE)),
                default=Value(CallPhase.CLOSED),
                output_field=models.CharField(max_length=10),
            )
        )

    def published(self):
        return self.filter(state=CallState.PUBLISHED)


class ReportQuerySet(models.QuerySet):
    def with_last_moment(self):
        """Annotates `deadline` (the later of closing and the unit's extension) and `last_moment` (exclusive).

        last moment = deadline + grace; a bank attempt begun before that and settled at or after it gives the later of
        that and settlement + 2 hours. The same rule as `rules.last_moment`; a property test holds them together.
        COALESCE first: SQLite's MAX of a NULL is NULL.
        """
        moment = models.DateTimeField()
        deadline = Greatest(
            F("call__closes_at"), Coalesce(F("extension_until"), F("call__closes_at")), output_field=moment
        )
        settled = ExpressionWrapper(
            F("request__bank_settled_at") + Value(AFTER_BANK, models.DurationField()), output_field=moment
        )
        return (
            self.annotate(deadline=deadline)
            .annotate(base=ExpressionWrapper(F("deadline") + F("call__grace"), output_field=moment))
            .annotate(
                last_moment=Case(
                    When(
                        Q(request__bank_begun_at__lt=F("base"), request__bank_settled_at__gte=F("base")),
                        then=Greatest(F("base"), settled, output_field=moment),
                    ),
                    default=F("base"),
                    output_field=moment,
                )
            )
        )

    def with_status(self, at: datetime):
        """Annotates `status` (ReportStatus) as of `at`, with `deadline`, `last_moment` and `is_open`.

        The ONE derivation that pages, filters and transitions share. First match decides (DESIGN section 7, "Report").
        """
        revisions = self.model._meta.get_field("revisions").related_model
        objections = self.model._meta.get_field("objections").related_model
        has_revision = Exists(revisions.objects.filter(report=OuterRef("pk")))
        mine = objections.objects.filter(report=OuterRef("pk"))
        open_dispute = mine.filter(dispute__outcome="", dispute__recorded_at__isnull=True, dispute__final_at__gt=at)
        ended_dispute = mine.filter(
            Q(dispute__outcome__in=[Outcome.SETTLED, Outcome.FINAL])
            | Q(dispute__outcome="") & (Q(dispute__recorded_at__isnull=False) | Q(dispute__final_at__lte=at))
        )
        passed = Q(last_moment__lte=at) | Q(closed_for__gte=F("last_moment"))
        writable = Q(state__in=[ReportState.NOT_STARTED, ReportState.DRAFT, ReportState.AWAITING_SIGN_OFF])
        status = Case(
            When(state=ReportState.EXCUSED, then=Value(ReportStatus.EXCUSED)),
            When(
                Q(state=ReportState.CANCELLED) | Q(call__state=CallState.CANCELLED), then=Value(ReportStatus.CANCELLED)
            ),
            When(state=ReportState.ANNOUNCED, final_at__isnull=False, then=Value(ReportStatus.FINAL)),
            When(Q(state=ReportState.ANNOUNCED) & Exists(open_dispute), then=Value(ReportStatus.CONTESTED)),
            When(Q(state=ReportState.ANNOUNCED) & Exists(ended_dispute), then=Value(ReportStatus.FINAL)),
            When(state=ReportState.ANNOUNCED, objection_until__lte=at, then=Value(ReportStatus.FINAL)),
            When(state=ReportState.RETURNED, correction_due_at__lte=at, then=Value(ReportStatus.UNDER_REVIEW)),
            When(writable & passed & has_revision, then=Value(ReportStatus.SUBMITTED)),
            When(writable & passed, then=Value(ReportStatus.MISSED)),
            default=F("state"),
            output_field=models.CharField(max_length=20),
        )
        is_open = Case(
            When(
                Q(call__state=CallState.PUBLISHED, call__opens_at__lte=at) & ~Q(state=ReportState.EXCUSED) & ~passed,
                then=Value(True),
            ),
            default=Value(False),
            output_field=models.BooleanField(),
        )
        return self.with_last_moment().annotate(status=status, is_open=is_open)

    def due(self, at: datetime):
        """Reports whose last moment has passed at `at` and is not yet latched: what the closing sweep records."""
        return (
            self.with_last_moment()
            .filter(call__state=CallState.PUBLISHED, last_moment__lte=at)
            .exclude(state=ReportState.EXCUSED)
            .filter(Q(closed_for__isnull=True) | Q(closed_for__lt=F("last_moment")))
        )

    def asked(self):
        """The denominators: everything asked and not excused."""
        return self.exclude(state__in=[ReportState.EXCUSED, ReportState.CANCELLED])
