"""Query vocabulary of the agreement's things; imports no model, so that models can use it as their managers."""

from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from ..enums import AgreementState, AgreementStatus, DisputeStatus, GeneralState, GeneralStatus, Outcome


class AgreementQuerySet(models.QuerySet):
    def published(self):
        return self.filter(state=AgreementState.PUBLISHED)

    def with_status(self):
        """Annotates `status` (AgreementStatus): draft, in force, or superseded by a newer published version."""
        newer = (
            AgreementQuerySet(self.model).published().filter(service=OuterRef("service"), number__gt=OuterRef("number"))
        )
        return self.annotate(
            status=Case(
                When(state=AgreementState.DRAFT, then=Value(AgreementStatus.DRAFT)),
                When(Exists(newer), then=Value(AgreementStatus.SUPERSEDED)),
                default=Value(AgreementStatus.IN_FORCE),
                output_field=models.CharField(max_length=10),
            )
        )


class DocumentQuerySet(models.QuerySet):
    def published(self):
        return self.filter(published_at__isnull=False)

    def newest_first(self):
        return self.order_by("slot", "-number")


class DisputeQuerySet(models.QuerySet):
    def with_status(self, at: datetime):
        """Annotates `status` (DisputeStatus). The month's end is true at `at` whether or not a task recorded it."""
        positions = apps.get_model("sla", "Position")._default_manager
        has_position = Exists(positions.filter(dispute=OuterRef("pk")))
        return self.annotate(has_position=has_position).annotate(
            status=Case(
                When(outcome=Outcome.SETTLED, then=Value(DisputeStatus.SETTLED)),
                When(outcome=Outcome.WITHDRAWN, then=Value(DisputeStatus.WITHDRAWN)),
                When(outcome=Outcome.FINAL, then=Value(DisputeStatus.FINAL)),
                When(
                    Q(final_at__lte=at) | Q(recorded_at__isnull=False),
                    has_position=True,
                    then=Value(DisputeStatus.FINAL),
                ),
                When(Q(final_at__lte=at) | Q(recorded_at__isnull=False), then=Value(DisputeStatus.AWAITING_POSITION)),
                default=Value(DisputeStatus.NEGOTIATING),
                output_field=models.CharField(max_length=20),
            )
        )


class GeneralRequestQuerySet(models.QuerySet):
    def with_status(self):
        """Annotates `status` (GeneralStatus)."""
        unpaid = Q(request__price_rials__gt=0, request__paid_at__isnull=True)
        stored = (GeneralState.DRAFT, GeneralState.DECIDED, GeneralState.WITHDRAWN)
        return self.annotate(
            status=Case(
                *(When(state=state, then=Value(GeneralStatus(state.value))) for state in stored),
                When(unpaid, then=Value(GeneralStatus.UNPAID)),
                When(asked_at__isnull=False, then=Value(GeneralStatus.ASKED)),
                default=Value(GeneralStatus.FILED),
                output_field=models.CharField(max_length=10),
            )
        )
