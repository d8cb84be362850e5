"""What passes: rows that prove nothing, and how long each of them is kept. What is not named here is kept for good."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model, Q, QuerySet

from sla.enums import AgreementVerb
from units.enums import UnitVerb
from units.models import Digest, Notice, Once

from ..enums import ReportVerb
from ..models import Export

# Notices of these Events pass. Every other one tells somebody of an act, an instant or a decision that can be contested, and
# proves that they were told. A verb that comes later is kept until it is named here.
PASSING_NOTICES: dict[str, tuple[str, ...]] = {
    "call": (
        ReportVerb.REMIND, ReportVerb.REMIND_HEADS, ReportVerb.REMIND_UNITS, ReportVerb.ASSIGN_REVIEWER,
        ReportVerb.HAND_OVER_REVIEWS, ReportVerb.END_ANNOUNCEMENT_ORDER, ReportVerb.FAIL_ANNOUNCEMENT_ORDER,
    ),
    "report": (ReportVerb.REMIND, ReportVerb.REVIEW_COMPLETE),
    "export": (ReportVerb.MAKE_EXPORT,),
    "agreement": (AgreementVerb.REMIND_HEADS,),
    "dispute": (AgreementVerb.REMIND,),
    "membership": (UnitVerb.REMIND,),
    "person": (
        UnitVerb.INVITE, UnitVerb.ASK_FOR_RESET, UnitVerb.SET_PASSWORD, UnitVerb.CORRECT, UnitVerb.REOPEN, UnitVerb.END_SESSIONS,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Passing:
    """Rows of a table that pass, the name of their instant, and the setting that says after how many days."""

    model: type[Model]
    rows: Callable[[], QuerySet]
    instant: str
    setting: str

    @property
    def days(self) -> int:
        """0: kept for good."""
        return getattr(settings, self.setting)

    def due(self, at: datetime) -> QuerySet:
        if not self.days:
            return self.rows().none()
        before = at - timedelta(days=self.days)
        return self.rows().filter(**{f"{self.instant}__lt": before})


def passing_notices() -> QuerySet[Notice]:
    named = Q()
    for noun, verbs in PASSING_NOTICES.items():
        named |= Q(event__noun=noun, event__verb__in=verbs)
    return Notice.objects.filter(named)


def lasting_notices() -> QuerySet[Notice]:
    return Notice.objects.exclude(pk__in=passing_notices().values("pk"))


def gone_exports() -> QuerySet[Export]:
    """Orders whose file is gone, or was never made. That they were asked for, made and fetched stands in their Events."""
    return Export.objects.filter(Q(removed_at__isnull=False) | Q(failed_at__isnull=False))


def lasting_claims() -> QuerySet[Once]:
    return Once.objects.exclude(pk__in=passing_claims().values("pk"))


def passing_claims() -> QuerySet[Once]:
    """Claims on reminders, which lie days before their deadline. Claims on anything else hold for good."""
    return Once.objects.filter(Q(key__startswith="remind:") | Q(key__regex=r"^dispute:[0-9]+:reminder:"))


PASSING: tuple[Passing, ...] = (
    Passing(Notice, passing_notices, "created_at", "KEEP_NOTICES_DAYS"),
    Passing(Export, gone_exports, "requested_at", "KEEP_EXPORTS_DAYS"),
    Passing(Digest, Digest.objects.all, "sent_at", "KEEP_CLAIMS_DAYS"),
    Passing(Once, passing_claims, "at", "KEEP_CLAIMS_DAYS"),
)
