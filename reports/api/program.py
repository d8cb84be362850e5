"""The program itself: what it may, for whom it acts, which terms it accepts."""

from datetime import datetime

from django.http import Http404
from django.utils.translation import gettext_noop as _
from ninja import Field, Router, Schema

from sajad_portal.lib.clock import database_now
from sla.actions.clients import accept_terms
from sla.models import Document
from sla.queries.clients import client_seats, general_terms, has_accepted_terms

from .door import ClientRequest, Needs
from .shapes import Problem

router = Router(tags=["program"])


class SeatOut(Schema):
    seat: str = Field(description=_("What X-Seat names."), examples=["12"])
    person: str = Field(description=_("For whom the program acts."))
    unit: str = Field(description=_("The unit’s code."), examples=["HSG-01"])
    role: str = Field(examples=["reporter"])


class ProgramOut(Schema):
    name: str
    of: str = Field(description=_("Whose program it is."))
    service: str = Field(description=_("The service in which it acts."), examples=["performance"])
    scopes: list[str] = Field(examples=[["units:read", "reports:read"]])
    expires_at: datetime
    terms_accepted: bool = Field(description=_("Whether it accepted the general terms that are in force."))
    seats: list[SeatOut]


class TermsOut(Schema):
    number: int = Field(description=_("The version."), examples=[3])
    title: str
    sha256: str = Field(description=_("SHA-256 of the file: accept what you have read."))
    file: str = Field(description=_("Where the file is; it is public."))
    published_at: datetime
    accepted: bool


class TermsIn(Schema):
    number: int = Field(ge=1, le=32000, examples=[3])
    sha256: str = Field(pattern="^[0-9a-f]{64}$", examples=["0" * 64])


@router.get(
    "/me", auth=Needs(terms=False, seat=False), response=ProgramOut, summary=_("What the program may, and for whom")
)
def me(request: ClientRequest):
    client = request.client
    return {
        "name": client.name, "of": client.of, "service": client.service.slug, "scopes": client.scopes,
        "expires_at": client.expires_at, "terms_accepted": has_accepted_terms(client, general_terms(client.service)),
        "seats": [
            {
                "seat": str(seat.pk), "person": seat.membership.person.get_full_name(), "unit": seat.membership.unit.code,
                "role": seat.membership.role,
            }
            for seat in client_seats(client, database_now())
        ],
    }  # fmt: skip


@router.get("/terms", auth=Needs(terms=False, seat=False), response=TermsOut, summary=_("The general terms in force"))
def terms(request: ClientRequest):
    document = general_terms(request.client.service)
    if document is None:
        raise Http404
    return _told(request, document)


@router.post(
    "/terms/accept", auth=Needs(terms=False, seat=False), response={200: TermsOut, 409: Problem},
    summary=_("Accept the general terms"),
    description=_("Names the version and the fingerprint of its file, so that nobody accepts what they have not read."),
)  # fmt: skip
def accept(request: ClientRequest, body: TermsIn):
    accepted = accept_terms(client=request.client, number=body.number, sha256=body.sha256)
    return _told(request, accepted.document)


def _told(request: ClientRequest, document: Document) -> dict:
    return {
        "number": document.number, "title": document.title, "sha256": document.sha256,
        "file": f"/documents/{document.pk}/", "published_at": document.published_at,
        "accepted": has_accepted_terms(request.client, document),
    }  # fmt: skip
