"""Programs for tests: admitted, with the terms accepted, bound to somebody's seat; and how one asks."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client as Browser

from sajad_portal.lib.clock import database_now
from sla.actions.clients import accept_terms, admit_client, bind_client
from sla.enums import ClientScope, Slot
from sla.models import Client, ClientSeat, Service
from sla.queries.clients import general_terms
from tests.factories import make_document
from tests.people import Cast
from units.models import Person

ROOT = "/api/v1/"


@dataclass
class Program:
    """A client with its token; `ask("GET", "units")`."""

    client: Client
    token: str
    seats: list[ClientSeat] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        given = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **_named(headers)}
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return Browser().generic(method, path if path.startswith("/") else ROOT + path, headers=given, **sent)

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.ask("GET", path, **headers)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def make_terms(service: Service, number: int = 1, content: bytes | None = None):
    given = {} if content is None else {"content": content}
    return make_document(service, Slot.GENERAL_TERMS, number, **given)


def make_program(
    cast: Cast, service: Service, *people: Person, scopes=tuple(ClientScope.values), accepted: bool = True, **fields
) -> Program:
    """A program of an organisation, bound to the seat that the cast gave each of `people`."""
    if general_terms(service) is None:
        make_terms(service)
    given = {
        "name": "سامانهٔ خوابگاه‌ها",
        "organisation": "وزارت علوم",
        "expires_at": database_now() + timedelta(days=90),
    }
    admitted = admit_client(service=service, scopes=scopes, by=cast.laleh, **{**given, **fields})
    program = Program(admitted.client, admitted.token)
    if accepted:
        terms = general_terms(service)
        accept_terms(client=program.client, number=terms.number, sha256=terms.sha256)
    for person in people:
        program.seats.append(bind_client(client=program.client, membership=cast.membership(person), by=person))
    return program
