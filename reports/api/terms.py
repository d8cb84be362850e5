"""On what terms: how long the service takes, what it costs; requests and disputes that the seat sees."""

from datetime import date, datetime

from django.http import Http404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema

from sajad_portal.lib.clock import database_now
from sla.enums import ClientScope, DisputeStatus, GeneralStatus
from sla.models import Dispute, GeneralRequest
from sla.queries import visible_disputes
from sla.queries.measures import measured_times
from sla.queries.requests import visible_requests
from sla.queries.tariffs import fiscal_year, table_in_force, tariff_lines

from .door import ClientRequest, Needs
from .shapes import ListAsked, ListPage, paged

router = Router(tags=["terms"])
PUBLISHED = Needs(seat=False)  # anybody reads it on the service's page


class LevelOut(Schema):
    request_type: str = Field(examples=["periodic-report"])
    title: str
    target_days: int = Field(description=_("Within how many working days it is to be answered."))
    answered: int = Field(description=_("How many were answered in the last twelve whole months."))
    mean_days: float | None = Field(description=_("Null where too few were answered to publish anything."))
    median_days: float | None
    p90_days: float | None = Field(description=_("Nine of ten were answered within so many."))


class TariffOut(Schema):
    request_type: str = Field(examples=["periodic-report"])
    title: str
    year: int = Field(description=_("The Jalali year whose tariffs hold now."), examples=[1405])
    rials: int
    source: str = Field(description=_("By which row, or why it is free."))


class RequestOut(Schema):
    id: int
    request_type: str
    title: str
    unit: str = Field(description=_("The unit’s code."))
    status: str = Field(examples=["filed"])
    status_label: str
    reason: str
    drafted_at: datetime
    filed_at: datetime | None
    decided_at: datetime | None
    decision: str | None = Field(description=_("The decision that stands."), examples=["granted"])
    decision_reason: str | None


class DisputeOut(Schema):
    id: int
    title: str = Field(description=_("What it is about."))
    subject: str = Field(examples=["result"])
    unit: str = Field(description=_("The unit’s code."))
    call: int | None
    status: str = Field(examples=["negotiating"])
    status_label: str
    filed_at: datetime
    filed_side: str = Field(examples=["recipient"])
    last_day: date = Field(description=_("The last day to negotiate."))
    final_at: datetime = Field(description=_("From when the provider’s view is final, if nothing is agreed."))
    outcome: str | None
    ended_at: datetime | None


@router.get("/service-levels", auth=PUBLISHED, response=list[LevelOut], summary=_("How long the service takes"))
def service_levels(request: ClientRequest):
    return [
        {
            "request_type": each.request_type.code, "title": each.request_type.title_here, "target_days": each.target,
            "answered": each.count, "mean_days": each.mean, "median_days": each.median, "p90_days": each.p90,
        }
        for each in measured_times(request.client.service, database_now())
    ]  # fmt: skip


@router.get("/tariffs", auth=PUBLISHED, response=list[TariffOut], summary=_("What requests cost now"))
def tariffs(request: ClientRequest):
    service, year = request.client.service, fiscal_year(database_now())
    return [
        {
            "request_type": line.request_type.code, "title": line.request_type.title_here, "year": year,
            "rials": line.price.rials, "source": line.price.source,
        }
        for line in tariff_lines(service, table_in_force(service, year), year)
    ]  # fmt: skip


@router.get("/requests", auth=Needs(ClientScope.REQUESTS), response=ListPage[RequestOut], summary=_("General requests"))
def requests(request: ClientRequest, asked: Query[ListAsked]):
    found = visible_requests(request.person).filter(request_type__service=request.client.service)
    return paged(request, asked, found.prefetch_related("decisions"), by=("-drafted_at", "-pk"), make=_told_request)


@router.get(
    "/requests/{int:pk}", auth=Needs(ClientScope.REQUESTS), response=RequestOut, summary=_("One general request")
)
def general_request(request: ClientRequest, pk: int):
    found = visible_requests(request.person).filter(request_type__service=request.client.service)
    return _told_request(_one(found.prefetch_related("decisions"), pk))


@router.get("/disputes", auth=Needs(ClientScope.DISPUTES), response=ListPage[DisputeOut], summary=_("Disputes"))
def disputes(request: ClientRequest, asked: Query[ListAsked]):
    return paged(request, asked, _disputes(request), by=("-filed_at", "-pk"), make=_told_dispute)


@router.get("/disputes/{int:pk}", auth=Needs(ClientScope.DISPUTES), response=DisputeOut, summary=_("One dispute"))
def dispute(request: ClientRequest, pk: int):
    return _told_dispute(_one(_disputes(request), pk))


def _disputes(request: ClientRequest):
    found = visible_disputes(request.person).with_status(database_now())
    return found.filter(agreement__service=request.client.service)


def _one(rows, pk: int):
    found = rows.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def _told_request(general: GeneralRequest) -> dict:
    decision = next(iter(sorted(general.decisions.all(), key=lambda each: -each.number)), None)
    return {
        "id": general.pk, "request_type": general.request_type.code, "title": general.request_type.title_here,
        "unit": general.unit.code, "status": general.status, "status_label": str(GeneralStatus(general.status).label),
        "reason": general.reason, "drafted_at": general.drafted_at, "filed_at": general.filed_at,
        "decided_at": general.decided_at, "decision": decision.decision if decision else None,
        "decision_reason": decision.reason if decision else None,
    }  # fmt: skip


def _told_dispute(dispute: Dispute) -> dict:
    return {
        "id": dispute.pk, "title": dispute.name, "subject": dispute.subject, "unit": dispute.unit.code, "call": dispute.call_id,
        "status": dispute.status, "status_label": str(DisputeStatus(dispute.status).label), "filed_at": dispute.filed_at,
        "filed_side": dispute.filed_side, "last_day": dispute.last_day, "final_at": dispute.final_at,
        "outcome": dispute.outcome or None, "ended_at": dispute.ended_at,
    }  # fmt: skip
