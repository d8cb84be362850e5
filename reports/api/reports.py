"""Reports that the seat sees: where they stand, their receipts, their results and letters."""

from datetime import datetime
from fractions import Fraction

from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.language import current_language
from sla.enums import ClientScope

from ..enums import ReportStatus
from ..models import Report, ResultVersion, Revision
from ..pages.result.paper import letter_context, letter_name, letter_pdf
from ..queries import form_of, report_for, reports_at, visible_reports
from ..queries.results import versions_of
from ..rules.deadlines import last_moment
from ..scoring.functions import decimal_text
from .door import ClientRequest, Needs
from .shapes import ListAsked, ListPage, Problem, paged

router = Router(tags=["reports"], auth=Needs(ClientScope.REPORTS))


class ReportOut(Schema):
    tracking_code: str = Field(examples=["1405Q1-7K3M-92QX-4D5R"])
    call: int
    period: str = Field(examples=["1405-Q1"])
    unit: str = Field(description=_("The unit’s code."), examples=["HSG-01"])
    unit_name: str = Field(description=_("As it was called when the call was published."))
    status: str = Field(description=_("Where it stands now."), examples=["draft"])
    status_label: str
    last_moment: datetime = Field(description=_("The first instant at which nothing is taken any more."))
    correction_due_at: datetime | None = Field(description=_("Of a returned report: until when it is corrected."))
    submitted_at: datetime | None
    announced_at: datetime | None
    objection_until: datetime | None
    final_at: datetime | None


class ReceiptOut(Schema):
    receipt: str = Field(description=_("The receipt’s number."))
    revision: int
    submitted_at: datetime
    standing: str = Field(description=_("How it stood to its deadline."), examples=["on_time"])
    deadline: datetime
    sha256: str = Field(description=_("Fingerprint of what was submitted."))


class IndicatorOut(Schema):
    code: str
    label: str
    value: str | None = Field(description=_("The figure that counts; text, so that no digit is lost."))
    standard: str | None
    points: str
    weight: str


class ResultOut(Schema):
    version: int
    kind: str = Field(examples=["initial"])
    announced_at: datetime
    total: str | None = Field(
        description=_("Of 100, exact, as text; null where nothing could be scored."), examples=["87.5"]
    )
    missed: bool = Field(description=_("No report came, the result is 0."))
    verification_code: str
    indicators: list[IndicatorOut]


class ReportsAsked(ListAsked):
    call: int | None = Field(None, ge=1, lt=2**63, description=_("Of this call only."))
    unit: str = Field("", max_length=60, description=_("Of the unit with this code only."))
    status: ReportStatus | None = Field(None, description=_("That stand so now."))


def report_of(request: ClientRequest, code: str, at: datetime) -> Report:
    """Http404 for a stranger, and for a report of another service than the program's."""
    found = report_for(request.person, code, at)
    if found.call.agreement.service_id != request.client.service_id:
        raise Http404
    return found


@router.get("/reports", response=ListPage[ReportOut], summary=_("Reports"))
def reports(request: ClientRequest, asked: Query[ReportsAsked]):
    at = database_now()
    found = reports_at(at).filter(visible_reports(request.person, at), call__agreement__service=request.client.service)
    if asked.call is not None:
        found = found.filter(call=asked.call)
    if asked.unit:
        found = found.filter(unit__code=asked.unit)
    if asked.status is not None:
        found = found.filter(status=asked.status)
    return paged(request, asked, found, by=("-call_id", "unit_sort_key", "pk"), make=told_report)


@router.get("/reports/{code}", response=ReportOut, summary=_("One report"))
def report(request: ClientRequest, code: str):
    return told_report(report_of(request, code, database_now()))


@router.get("/reports/{code}/receipts", response=list[ReceiptOut], summary=_("Receipts, the newest first"))
def receipts(request: ClientRequest, code: str):
    found = report_of(request, code, database_now())
    return [told_receipt(revision) for revision in found.revisions.order_by("-number")]


@router.get(
    "/reports/{code}/results", auth=Needs(ClientScope.RESULTS), response=list[ResultOut],
    summary=_("Announced results, the newest first"),
)  # fmt: skip
def results(request: ClientRequest, code: str):
    found = report_of(request, code, database_now())
    return [_told_result(found, version) for version in reversed(versions_of(found))]


@router.get(
    "/reports/{code}/letter.pdf", auth=Needs(ClientScope.RESULTS), response={200: None, 409: Problem},
    summary=_("The letter of the result that stands"), openapi_extra={"x-file": "application/pdf"},
)  # fmt: skip
def letter(request: ClientRequest, code: str):
    at = database_now()
    found = report_of(request, code, at)
    versions = versions_of(found)
    if not versions:
        raise Refused(
            gettext("No result is announced yet, so there is no letter. You are told when it is."), code="no-result"
        )
    context = letter_context(found, versions, versions[-1], request.person, at)
    answer = HttpResponse(letter_pdf(context), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{letter_name(context)}"'
    return answer


def _told_result(report: Report, version: ResultVersion) -> dict:
    definition, language = form_of(report.call.form_version), current_language()
    rows = ((each, definition.indicator(each["code"])) for each in version.score["indicators"])
    return {
        "version": version.number, "kind": version.kind, "announced_at": version.announced_at,
        "total": None if version.total is None else decimal_text(Fraction(version.total)), "missed": version.missed,
        "verification_code": version.verification_code,
        "indicators": [
            {
                "code": data["code"], "label": indicator.label_in(language) if indicator else data["code"],
                "value": data["value"] or None, "standard": data["standard"] or None, "points": data["points"],
                "weight": data["effective_weight"],
            }
            for data, indicator in rows
        ],
    }  # fmt: skip


def told_report(report: Report) -> dict:
    return {
        "tracking_code": report.tracking_code, "call": report.call_id, "period": report.call.period_code,
        "unit": report.unit.code, "unit_name": report.unit_name, "status": report.status,
        "status_label": str(ReportStatus(report.status).label), "last_moment": last_moment(report),
        "correction_due_at": report.correction_due_at, "submitted_at": report.submitted_at,
        "announced_at": report.announced_at, "objection_until": report.objection_until, "final_at": report.final_at,
    }  # fmt: skip


def told_receipt(revision: Revision) -> dict:
    return {
        "receipt": revision.receipt_code, "revision": revision.number, "submitted_at": revision.submitted_at,
        "standing": revision.standing, "deadline": revision.deadline, "sha256": revision.sha256,
    }  # fmt: skip
