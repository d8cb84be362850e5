"""Query vocabulary of calls and reports; imports no model, so that models can use it as their managers.

Time is `at`: the database's now, or any instant that a test asks about.
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, Value, When

from sajad_portal.lib.sql import Written

from ..enums import NOT_ASKED, CallPhase, CallState, ReportState
from . import status as derivation

AFTER_BANK = timedelta(hours=2)
MOMENT, WORD, TRUTH = models.DateTimeField(), models.CharField(max_length=20), models.BooleanField()


def timeliness_at(at: datetime, to_report: str = "") -> Written:
    """How a report stood to its deadline (Timeliness, "" while it can still come): of reports, or of rows that `to_report`
    ("report__") leads from to theirs. status.py writes it."""
    columns = {name: f"{to_report}{path}" for name, path in derivation.OF_TIMELINESS.items()}
    return Written(derivation.timeliness, columns, WORD, at=at)


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
        """Annotates `deadline` (the later of closing and the unit's extension), `base` (deadline + grace) and `last_moment`
        (exclusive).

        last moment = base; a bank attempt begun before that and settled at or after it gives settlement + 2 hours.
        The same rule as `rules.deadlines.last_moment`; a property test holds them together.
        """
        return self.annotate(
            deadline=Written(derivation.deadline_sql, derivation.OF_DEADLINE, MOMENT),
            base=Written(derivation.base, derivation.OF_BASE, MOMENT),
            last_moment=Written(derivation.last_moment_sql, derivation.OF_LAST_MOMENT, MOMENT),
        )

    def with_force(self, at: datetime):
        """Annotates `force_ends_at` and `in_force` as of `at`: how long the agreement is in force for unit and call.

        The same rule as `rules.deadlines.force_ends_at`; a property test holds them together.
        """
        now = Q(request__created_at__lte=at, force_ends_at__gt=at)
        return (
            self.with_last_moment()
            .annotate(force_ends_at=Written(derivation.force_ends, derivation.OF_FORCE, MOMENT))
            .annotate(in_force=Case(When(now, then=Value(True)), default=Value(False)))
        )

    def with_status(self, at: datetime):
        """Annotates `status` (ReportStatus) as of `at`, with `deadline`, `last_moment` and `is_open`.

        The ONE derivation that pages, filters and transitions share; status.py writes it.
        """
        return self._with_status(derivation.status, derivation.OF_STATUS, at)

    def with_timeliness(self, at: datetime):
        """Annotates `timeliness` (Timeliness, "" while the report can still come): how it stood to its deadline, as true of an
        announced or a final report as of one that waits."""
        return self.annotate(timeliness=timeliness_at(at))

    def before_result(self, at: datetime):
        """The reports that have no result yet, `status` and all as `with_status` says it: a statement that is planned in a
        fraction of the time, because nothing in it asks for disputes."""
        found = self.exclude(state=ReportState.ANNOUNCED)
        return found._with_status(derivation.status_before_result, derivation.OF_STATUS_BEFORE_RESULT, at)

    def awaiting_result(self, at: datetime):
        """The submitted reports that have no result yet, with `status` and `last_moment`: what reviewing is about.

        `submitted_at` stays when a submission is taken back, which counts again once the last moment has passed.
        """
        found = self.filter(submitted_at__isnull=False).exclude(state=ReportState.ANNOUNCED)
        return found.annotate(
            last_moment=Written(derivation.last_moment_awaiting_result, derivation.OF_LAST_MOMENT_AWAITING, MOMENT),
            status=Written(derivation.status_awaiting_result, derivation.OF_STATUS_AWAITING, WORD, at=at),
        )

    def _with_status(self, write, columns: dict[str, str], at: datetime):
        return self.with_last_moment().annotate(
            status=Written(write, columns, WORD, at=at),
            is_open=Written(derivation.is_open_sql, derivation.OF_OPEN, TRUTH, at=at),
        )

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
        return self.exclude(state__in=NOT_ASKED)
