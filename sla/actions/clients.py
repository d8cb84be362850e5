"""Programs: admitted, given a new token, shut out by the provider's coordinators; bound to a seat by the person who holds it."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.codes import ALPHABET
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise
from units.actions.events import record
from units.enums import SeatState
from units.models import Membership, Person, Unit

from ..enums import ClientScope, ClientState, ClientVerb
from ..models import Client, ClientSeat, ClientTerms, Service
from ..queries.clients import general_terms
from ..rules.clients import can_bind, keeping_membership

MARK = "sjd"  # a token says what it is for, so that a scanner of leaked secrets knows one
TOKEN = re.compile(r"sjd_([0-9A-Z]{8})_([A-Za-z0-9_-]{43})")
USED_EVERY = 60  # seconds between two notes that a token is used


class Admitted(NamedTuple):
    """`token` is shown to one person once; nobody can read it again."""

    client: Client
    token: str


def admit_client(
    *, service: Service, name: str, scopes: Iterable[str], expires_at: datetime, by: Person, unit: Unit | None = None,
    organisation: str = "",
) -> Admitted:  # fmt: skip
    """A new client of the service, with its token. Forbidden for anybody but a coordinator of the provider; Refused where the service
    has no general terms for it to accept, or what is said of it is not enough."""
    name, organisation = normalise(name), normalise(organisation)
    with transaction.atomic():
        at = database_now()
        membership = _keeper(by, service, at)
        _check(service, name, scopes, expires_at, at)
        if (unit is None) == (not organisation):
            raise Refused(
                _("A program belongs to a unit of the portal or to an organization that is none: say one of them."),
                code="whose-program",
            )
        prefix, token = _new_token()
        client = Client.objects.create(
            service=service, name=name, unit=unit, organisation=organisation, scopes=_in_order(scopes), prefix=prefix,
            token_hash=_hashed(token), token_made_at=at, expires_at=expires_at, created_at=at, created_by=by,
            membership=membership,
        )  # fmt: skip
        data = {"name": name, "of": client.of, "scopes": client.scopes, "expires_at": expires_at.isoformat()}
        _record(ClientVerb.CREATE, client, at=at, by=by, membership=membership, data=data)
    return Admitted(client, token)


def renew_token(*, client: Client, expires_at: datetime, by: Person) -> Admitted:
    """Another token; the one before it opens nothing from now on. Refused where the client is shut out."""
    with transaction.atomic():
        client, at = _locked(client)
        membership = _keeper(by, client.service, at)
        if client.revoked_at is not None:
            raise Refused(_("The program is shut out for good. Admit it anew, if it is to come back."), code="revoked")
        _check(client.service, client.name, client.scopes, expires_at, at)
        client.prefix, token = _new_token()
        client.token_hash, client.token_made_at, client.expires_at = _hashed(token), at, expires_at
        client.save(update_fields=["prefix", "token_hash", "token_made_at", "expires_at"])
        data = {"expires_at": expires_at.isoformat()}
        _record(ClientVerb.RENEW_TOKEN, client, at=at, by=by, membership=membership, data=data)
    return Admitted(client, token)


@transaction.atomic
def revoke_client(*, client: Client, by: Person) -> Client:
    """The token opens nothing from now on, for good. A second click changes nothing."""
    client, at = _locked(client)
    membership = _keeper(by, client.service, at)
    if client.revoked_at is None:
        client.revoked_at, client.revoked_by = at, by
        client.save(update_fields=["revoked_at", "revoked_by"])
        _record(ClientVerb.REVOKE, client, at=at, by=by, membership=membership)
    return client


# ------------------------------------------------------------------------------------------------- at the door
def enter_client(token: str) -> Client:
    """Whose token it is. Refused (401) for everything that is none, in one sentence for all of them; (403) where it is known and
    expired or shut out: only who holds it learns that."""
    found = TOKEN.fullmatch(token)
    client = None
    if found:
        client = Client.objects.select_related("service__provider", "unit").filter(prefix=found[1]).first()
    stored = client.token_hash if client else "0" * 64
    if not constant_time_compare(_hashed(token), stored) or client is None:
        raise Refused(
            _("This token opens nothing. Ask the provider of the service for one."), code="bad-token", status=401
        )
    at = database_now()
    state = client.state_at(at)
    if state == ClientState.REVOKED:
        raise Refused(
            _("The provider has shut this program out. Ask its coordinators why."), code="revoked", status=403
        )
    if state == ClientState.EXPIRED:
        raise Refused(
            _("This token has expired. A coordinator of the provider gives a new one."), code="expired", status=403
        )
    if client.last_used_at is None or (at - client.last_used_at).total_seconds() >= USED_EVERY:
        Client.objects.filter(pk=client.pk).update(last_used_at=at)
    return client


@transaction.atomic
def accept_terms(*, client: Client, number: int, sha256: str) -> ClientTerms:
    """The client accepts the version of the general terms that it names, which must be the newest. A second time changes nothing."""
    client, at = _locked(client)
    document = general_terms(client.service)
    if document is None or (document.number, document.sha256) != (number, sha256):
        raise Refused(
            _("This is not the version of the general terms that is in force. Read the newest one and accept that."),
            code="other-terms",
        )
    accepted = ClientTerms.objects.filter(client=client, document=document).first()
    if accepted is None:
        accepted = ClientTerms.objects.create(client=client, document=document, sha256=sha256, at=at)
        data = {"document": document.pk, "version": document.number, "sha256": sha256}
        _record(ClientVerb.ACCEPT_TERMS, client, at=at, by=None, data=data)
    return accepted


# ------------------------------------------------------------------------------------------------- the seat
def bind_client(*, client: Client, membership: Membership, by: Person) -> ClientSeat:
    """The client acts for `by` in this seat of theirs from now on. Forbidden for a seat of somebody else's, Refused for one that is
    not in force; a second time changes nothing."""
    with transaction.atomic():
        client, at = _locked(client)
        if not can_bind(by, membership, at):
            raise Forbidden(_("Everybody binds a program to their own seat only."), code="not-yours")
        seat = Membership.objects.select_related("deputy_for").get(pk=membership.pk)
        if seat.state_at(at) != SeatState.HELD:
            raise Refused(_("This seat is not in force. Accept it first, then bind the program to it."), code="no-seat")
        if client.state_at(at) != ClientState.ACTIVE:
            raise Refused(_("This program has no access any more."), code="revoked")
        bound = ClientSeat.objects.filter(client=client, membership=seat, ended_at__isnull=True).first()
        if bound is None:
            bound = ClientSeat.objects.create(client=client, membership=seat, bound_at=at)
            data = {"name": client.name, "seat": bound.pk}
            _record(ClientVerb.BIND, client, at=at, by=by, membership=seat, data=data)
    return bound


@transaction.atomic
def unbind_client(*, seat: ClientSeat, by: Person) -> ClientSeat:
    """The client acts for `by` in this seat no more. A second click changes nothing."""
    client, at = _locked(seat.client)
    seat = ClientSeat.objects.select_related("membership").get(pk=seat.pk)
    if seat.membership.person_id != by.pk:
        raise Forbidden(_("Everybody unbinds a program from their own seat only."), code="not-yours")
    if seat.ended_at is None:
        seat.ended_at = at
        seat.save(update_fields=["ended_at"])
        data = {"name": client.name, "seat": seat.pk}
        _record(ClientVerb.UNBIND, client, at=at, by=by, membership=seat.membership, data=data)
    return seat


# ------------------------------------------------------------------------------------------------- parts of the verbs
def _locked(client: Client) -> tuple[Client, datetime]:
    rows = Client.objects.select_for_update(of=("self",)).select_related("service__provider", "unit")
    return rows.get(pk=client.pk), database_now()


def _keeper(by: Person, service: Service, at: datetime) -> Membership:
    membership = keeping_membership(by, service, at)
    if membership is None:
        raise Forbidden(_("Only a coordinator of the providing unit admits programs."))
    return membership


def _check(service: Service, name: str, scopes: Iterable[str], expires_at: datetime, at: datetime) -> None:
    if not name:
        raise Refused(_("Give the program a name, by which people will know it."), code="no-name")
    if not set(scopes) or set(scopes) - set(ClientScope.values):
        raise Refused(_("Say what the program may ask for."), code="no-scope")
    if expires_at <= at:
        raise Refused(_("The token must end in the future."), code="expires-in-the-past")
    if general_terms(service) is None:
        raise Refused(
            _("The service has no published general terms yet, which a program accepts first. Publish them among its documents."),
            code="no-terms",
        )  # fmt: skip


def _in_order(scopes: Iterable[str]) -> list[str]:
    wanted = set(scopes)
    return [scope for scope in ClientScope.values if scope in wanted]


def _new_token() -> tuple[str, str]:
    prefix = "".join(secrets.choice(ALPHABET) for _n in range(8))
    return prefix, f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"


def _hashed(token: str) -> str:
    """Plain SHA-256: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _record(
    verb: ClientVerb, client: Client, *, at: datetime, by: Person | None, membership: Membership | None = None,
    data: dict | None = None,
) -> None:  # fmt: skip
    provider = client.service.provider
    record(
        verb, noun="client", key=client.pk, at=at, by=by, membership=membership, path=provider.path, unit_id=provider.pk,
        data=data,
    )  # fmt: skip
