"""Addresses that programs want told: added, paused, resumed, taken away by who keeps the program. Sending is `reports`' (what is told is)."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from units.actions.events import record
from units.models import Event, Membership, Person

from ..enums import ClientState, ClientVerb
from ..gateways.webhooks import check_address
from ..models import Client, Webhook, WebhookMessage
from ..rules.clients import keeping_membership

MESSAGES_KEPT = timedelta(days=30)
MOST = 5  # of one program


class Added(NamedTuple):
    """`secret` is shown to one person once."""

    webhook: Webhook
    secret: str


@transaction.atomic
def add_webhook(*, client: Client, address: str, by: Person) -> Added:
    """The address is told from now on. Refused for one that the portal does not call, and for too many of one program."""
    client = Client.objects.select_for_update(of=("self",)).select_related("service__provider").get(pk=client.pk)
    at = database_now()
    membership = _keeper(by, client, at)
    if client.state_at(at) != ClientState.ACTIVE:
        raise Refused(_("This program has no access any more."), code="revoked")
    address = check_address(address)
    standing = client.webhooks.filter(removed_at__isnull=True)
    if standing.count() >= MOST:
        raise Refused(_("A program is told at five addresses at most. Take one away first."), code="too-many")
    if standing.filter(address=address).exists():
        raise Refused(_("This address is told already."), code="same-address")
    secret = secrets.token_hex(32)
    newest = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    webhook = Webhook.objects.create(
        client=client, address=address, secret=secret, made_at=at, made_by=by, seen_event=newest
    )
    _record(ClientVerb.ADD_WEBHOOK, webhook, at=at, by=by, membership=membership)
    return Added(webhook, secret)


@transaction.atomic
def pause_webhook(*, webhook: Webhook, by: Person) -> Webhook:
    """Nothing is sent there until it is resumed; what happens meanwhile waits. A second click changes nothing."""
    webhook, at = _locked(webhook)
    membership = _keeper(by, webhook.client, at)
    if webhook.paused_at is None and webhook.removed_at is None:
        webhook.paused_at = at
        webhook.save(update_fields=["paused_at"])
        _record(ClientVerb.PAUSE_WEBHOOK, webhook, at=at, by=by, membership=membership)
    return webhook


@transaction.atomic
def resume_webhook(*, webhook: Webhook, by: Person) -> Webhook:
    """It is told again, with what was given up since it was paused. A second click changes nothing."""
    webhook, at = _locked(webhook)
    membership = _keeper(by, webhook.client, at)
    if webhook.paused_at is not None and webhook.removed_at is None:
        webhook.paused_at = None
        webhook.save(update_fields=["paused_at"])
        waiting = WebhookMessage.objects.filter(webhook=webhook, sent_at__isnull=True)
        waiting.update(attempts=0, next_attempt_at=at, given_up_at=None)
        _record(ClientVerb.RESUME_WEBHOOK, webhook, at=at, by=by, membership=membership)
    return webhook


@transaction.atomic
def remove_webhook(*, webhook: Webhook, by: Person) -> Webhook:
    """It is told nothing any more, for good. A second click changes nothing."""
    webhook, at = _locked(webhook)
    membership = _keeper(by, webhook.client, at)
    if webhook.removed_at is None:
        webhook.removed_at = at
        webhook.save(update_fields=["removed_at"])
        _record(ClientVerb.REMOVE_WEBHOOK, webhook, at=at, by=by, membership=membership)
    return webhook


def forget_old_messages() -> int:
    """Housekeeping: messages whose days are over, sent or not."""
    return WebhookMessage.objects.filter(created_at__lt=database_now() - MESSAGES_KEPT).delete()[0]


def _locked(webhook: Webhook) -> tuple[Webhook, datetime]:
    rows = Webhook.objects.select_for_update(of=("self",)).select_related("client__service__provider")
    return rows.get(pk=webhook.pk), database_now()


def _keeper(by: Person, client: Client, at: datetime) -> Membership:
    membership = keeping_membership(by, client.service, at)
    if membership is None:
        raise Forbidden(_("Only a coordinator of the providing unit keeps what a program is told."))
    return membership


def _record(verb: ClientVerb, webhook: Webhook, *, at: datetime, by: Person, membership: Membership) -> None:
    provider = webhook.client.service.provider
    record(
        verb, noun="webhook", key=webhook.pk, at=at, by=by, membership=membership, path=provider.path, unit_id=provider.pk,
        data={"client_id": webhook.client_id, "address": webhook.address},
    )  # fmt: skip
