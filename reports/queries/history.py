"""Earlier figures that were brought in: which stand, for whom."""

from datetime import date

from django.db.models import QuerySet

from sla.models import Service

from ..models import Call, FormVersion, HistoryFigure, HistoryFile, Report
from . import form_of


def standing_history(service: Service) -> HistoryFile | None:
    return HistoryFile.objects.filter(service=service, replaced_at=None).select_related("brought_by").first()


def history_files(service: Service) -> QuerySet[HistoryFile]:
    """The newest first."""
    return HistoryFile.objects.filter(service=service).select_related("brought_by").order_by("-brought_at", "-pk")


def figures_before(report: Report) -> dict[str, list[tuple[date, date, str]]]:
    """{indicator: (start and end of the period, value) of what was brought in for the unit before this period, oldest first}."""
    call = report.call
    rows = HistoryFigure.objects.filter(
        file__service=call.agreement.service_id, file__replaced_at=None, unit=report.unit_id, period_kind=call.period_kind,
        period_ends__lt=call.period_starts,
    ).order_by("period_starts")  # fmt: skip
    found: dict[str, list[tuple[date, date, str]]] = {}
    for indicator, starts, ends, value in rows.values_list("indicator", "period_starts", "period_ends", "value"):
        found.setdefault(indicator, []).append((starts, ends, value))
    return found


def known_indicators(service: Service) -> dict[str, str]:
    """{code: label} of the forms of the service's calls; of a service without a call those of every form."""
    used = Call.objects.filter(agreement__service=service).values("form_version")
    versions = FormVersion.objects.filter(pk__in=used)
    versions = versions if versions.exists() else FormVersion.objects.all()
    return {
        indicator.code: indicator.label_in("fa")
        for version in versions.order_by("pk")
        for indicator in form_of(version).indicators
    }
