"""Room for evidence in a call: how much there is for a unit and for all of them, how much of it is taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from ..enums import CallState, ReportState
from ..models import Call, Evidence, EvidenceTotal, Report
from ..models.querysets import ReportQuerySet
from .files import discarded_evidence

MB = 1024 * 1024
HOLDERS = 30  # units that the page of a call's files names


@dataclass(frozen=True)
class Room:
    """Bytes and files: what is taken of the most that may be."""

    size: int
    files: int
    most_mb: int
    most_files: int

    @property
    def most_size(self) -> int:
        return self.most_mb * MB

    @property
    def percent(self) -> int:
        """Of whichever is nearer to its end."""
        return min(100, max(100 * self.size // (self.most_size or 1), 100 * self.files // (self.most_files or 1)))

    def takes(self, size: int) -> bool:
        """Whether one more file of so many bytes finds room."""
        return self.size + size <= self.most_size and self.files < self.most_files


def unit_limits(call: Call, report: Report | None = None) -> tuple[int, int]:
    """(megabytes, files) of a unit: its own, else what the call gives each, else what the settings say."""
    own = (report.quota_mb, report.quota_files) if report else (None, None)
    mb = next(n for n in (own[0], call.unit_quota_mb, settings.EVIDENCE_UNIT_MB) if n is not None)
    return mb, next(n for n in (own[1], call.unit_quota_files, settings.EVIDENCE_UNIT_FILES) if n is not None)


def call_limits(call: Call) -> tuple[int, int]:
    """(megabytes, files) of all units of the call together."""
    mb = settings.EVIDENCE_CALL_MB if call.quota_mb is None else call.quota_mb
    return mb, settings.EVIDENCE_CALL_FILES if call.quota_files is None else call.quota_files


def unit_room(report: Report, at: datetime) -> Room:
    """A unit's room in its call. What it took out again before anybody was asked to sign takes none: that leaves the store."""
    left = discarded_of(report, at)
    return _of_unit(Evidence.objects.filter(report=report).exclude(pk__in=left.values("pk")), report)


def stored_room(report: Report) -> Room:
    """The same as the store has it, with what was taken out and has not left yet."""
    return _of_unit(Evidence.objects.filter(report=report), report)


def _of_unit(evidence: QuerySet[Evidence], report: Report) -> Room:
    taken = evidence.order_by().aggregate(size=Coalesce(Sum("size"), 0), files=Count("pk"))
    return Room(taken["size"], taken["files"], *unit_limits(report.call, report))


def discarded_of(report: Report, at: datetime) -> QuerySet[Evidence]:
    """Evidence of the report that left its draft by `at` and that nothing ever named."""
    return discarded_evidence(at + timedelta(microseconds=1)).filter(report=report)


def call_total(call_id: int) -> dict[str, int]:
    """{size, files} of a call's evidence, counted."""
    taken = Evidence.objects.filter(report__call=call_id).order_by()
    return taken.aggregate(size=Coalesce(Sum("size"), 0), files=Count("pk"))


def call_room(call: Call) -> Room:
    kept = EvidenceTotal.objects.filter(call=call).values("size", "files").first() or call_total(call.pk)
    return Room(kept["size"], kept["files"], *call_limits(call))


def replaceable(report: Report, indicator: str) -> Evidence | None:
    """A file of the indicator that a revision names, that is out of the draft, and that nothing has replaced beyond the quota.

    What came beyond the quota itself is replaced again only after a return: a submission taken back opens no second door.
    """
    named: dict[int, int] = {}
    for revision in report.revisions.order_by("number").only("correction_round", "evidence"):
        for item in revision.evidence:
            named.setdefault(item["id"], revision.correction_round)
    gone = report.evidence.filter(
        indicator=indicator, pk__in=named, removed_at__isnull=False, replacement__isnull=True
    ).order_by("pk")
    return next((e for e in gone if e.replaces_id is None or named[e.pk] < report.correction_round), None)


# ----------------------------------------------------------------------------------------- the page of a call's files
def largest_holders(reports: ReportQuerySet) -> list[Report]:
    """Those that found no room first, then those that hold most: HOLDERS of them, with `held_size` and `held_files`.

    Counted is what lies in the store.
    """
    held = Evidence.objects.filter(report=OuterRef("pk")).order_by().values("report")
    found = reports.annotate(
        held_size=Coalesce(Subquery(held.annotate(n=Sum("size")).values("n")), 0),
        held_files=Coalesce(Subquery(held.annotate(n=Count("pk")).values("n")), 0),
    ).filter(Q(held_files__gt=0) | Q(quota_reached_at__isnull=False))
    return list(
        found.order_by(F("quota_reached_at").asc(nulls_last=True), "-held_size", "unit_sort_key", "pk")[:HOLDERS]
    )


def without_room(asked: Q) -> list[dict]:
    """[{call_id, title, n, until}]: units whose last file found no room, by call."""
    rows = (
        Report.objects.filter(asked, quota_reached_at__isnull=False, call__state=CallState.PUBLISHED)
        .exclude(state__in=[ReportState.EXCUSED, ReportState.CANCELLED, ReportState.ANNOUNCED])
        .order_by()
        .values("call_id", title=Max("call__title"), until=Max("call__closes_at"))
        .annotate(n=Count("pk"))
    )
    return sorted(map(dict, rows), key=lambda row: (row["until"], row["call_id"]))
