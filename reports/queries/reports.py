"""Reports as lists show them: a row, its call, its status, and nothing that only a report's own page reads."""

from datetime import datetime

from django.db.models import Q, QuerySet

from sajad_portal.lib.codes import TRACKING_GROUPS, clean_code, search_words

from ..enums import CallState, ReportState, ReportStatus, Timeliness
from ..models import Report

_OF_CALL = (
    "title",
    "state",
    "period_kind",
    "period_code",
    "period_starts",
    "period_ends",
    "opens_at",
    "closes_at",
    "grace",
    "agreement__service__title",
    "agreement__service__title_en",
)
_OF_REPORT = (
    "tracking_code", "state", "unit_id", "unit_name", "unit_sort_key", "submitted_at", "correction_due_at", "extension_until",
)  # fmt: skip


def reports_listed(at: datetime) -> QuerySet[Report]:
    """With `status`, `timeliness`, `is_open` and `deadline` as of `at`. Drafts of calls have no reports."""
    found = Report.objects.with_status(at).with_timeliness(at).select_related("call__agreement__service")
    return found.only(*_OF_REPORT, *(f"call__{name}" for name in _OF_CALL))


def search_listed(reports: QuerySet[Report], words: str) -> QuerySet[Report]:
    """Each word somewhere in the unit's name or code or in the tracking code, in any spelling; a code with blanks is one."""
    for word in search_words(words):
        code = clean_code(word, groups=TRACKING_GROUPS)
        reports = reports.filter(Q(unit__search_key__contains=word) | Q(tracking_code__contains=code))
    return reports


def of_status(reports: QuerySet[Report], status: str) -> QuerySet[Report]:
    """Of reports with `status` and `timeliness`, those that have this one; `missed` finds those with a result of 0, too.

    What it means for the stored columns is said besides: a database that takes every status for rare would read all
    reports of all years to find fifty that are final, and an index knows the columns alone.
    """
    if status == ReportStatus.MISSED:
        return of_timeliness(reports, Timeliness.MISSED)
    derived = Q(status=status)
    if status == ReportStatus.FINAL:
        latched = Q(final_at__isnull=False, call__state=CallState.PUBLISHED)
        return reports.filter(latched | derived, state=ReportState.ANNOUNCED)
    if status in (ReportStatus.ANNOUNCED, ReportStatus.CONTESTED):
        return reports.filter(derived, state=ReportState.ANNOUNCED, final_at=None)
    return reports.filter(derived).exclude(state=ReportState.ANNOUNCED)


def of_timeliness(reports: QuerySet[Report], timing: str) -> QuerySet[Report]:
    """Of reports with `timeliness`, those that stood so to their deadline; the stored columns beside it, as in `of_status`."""
    found = reports.filter(timeliness=timing)
    if timing == Timeliness.EXCUSED:
        return found.filter(state=ReportState.EXCUSED)
    return found.filter(submitted_at__isnull=timing == Timeliness.MISSED)


def timeliness_of(report: Report, at: datetime) -> Timeliness | None:
    """How one report stood to its deadline; None while it can still come. One query."""
    found = Report.objects.with_timeliness(at).values_list("timeliness", flat=True).get(pk=report.pk)
    return Timeliness(found) if found else None
