"""Calls of the program's service that the seat sees, and the forms that they ask with."""

from datetime import date, datetime

from django.http import Http404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.periods import label
from sla.enums import ClientScope

from ..models import Call
from ..models.querysets import CallQuerySet
from ..queries import visible_calls
from ..queries.forms import visible_form
from .door import ClientRequest, Needs
from .shapes import ListAsked, ListPage, paged

router = Router(tags=["calls"], auth=Needs(ClientScope.CALLS))


class CallOut(Schema):
    id: int = Field(examples=[7])
    title: str
    period: str = Field(description=_("Code of the period; sorts as text."), examples=["1405-Q1"])
    period_label: str
    period_starts: date
    period_ends: date
    phase: str = Field(description=_("Where it stands now."), examples=["open"])
    opens_at: datetime
    closes_at: datetime = Field(description=_("The first instant that is too late."))
    needs_sign_off: bool = Field(
        description=_("Whether the head signs, so that a program only asks for the signature.")
    )
    price_rials: int
    form: str = Field(examples=["quarterly"])
    form_version: int


class FormOut(Schema):
    code: str = Field(examples=["quarterly"])
    number: int = Field(description=_("The version."))
    title: str
    sha256: str = Field(description=_("Fingerprint of what the workbook says."))
    definition: dict = Field(
        description=_("Sections, questions, choices, indicators and tables, as the portal evaluates them.")
    )


class CallsAsked(ListAsked):
    period: str = Field("", max_length=20, description=_("Code of a period."), examples=["1405-Q1"])


def calls_of(request: ClientRequest, at: datetime) -> CallQuerySet:
    """The service is the program's, whatever else the person sees."""
    return visible_calls(request.person).filter(agreement__service=request.client.service).with_phase(at)


def call_of(request: ClientRequest, pk: int) -> Call:
    """Http404 for a stranger."""
    found = calls_of(request, database_now()).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


@router.get("/calls", response=ListPage[CallOut], summary=_("Calls"))
def calls(request: ClientRequest, asked: Query[CallsAsked]):
    found = calls_of(request, database_now()).select_related("form_version__form")
    if asked.period:
        found = found.filter(period_code=asked.period)
    return paged(request, asked, found, by=("-opens_at", "-pk"), make=_told)


@router.get("/calls/{int:pk}", response=CallOut, summary=_("One call"))
def call(request: ClientRequest, pk: int):
    return _told(call_of(request, pk))


@router.get("/calls/{int:pk}/form", response=FormOut, summary=_("The form of a call"))
def form(request: ClientRequest, pk: int):
    version = visible_form(request.person, call_of(request, pk).form_version_id)
    return {
        "code": version.form.code, "number": version.number, "title": version.title, "sha256": version.definition_sha256,
        "definition": version.definition,
    }  # fmt: skip


def _told(call: Call) -> dict:
    return {
        "id": call.pk, "title": call.title, "period": call.period_code,
        "period_label": label(call.period_kind, call.period_starts, call.period_ends), "period_starts": call.period_starts,
        "period_ends": call.period_ends, "phase": call.phase, "opens_at": call.opens_at, "closes_at": call.closes_at,
        "needs_sign_off": call.needs_sign_off, "price_rials": call.price_rials, "form": call.form_version.form.code,
        "form_version": call.form_version.number,
    }  # fmt: skip
