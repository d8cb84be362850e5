"""Telling programs what happened: collected from the record, sent with back-off, given up in the end. Sweeps, both of them.

A program is told of nothing that it could not read at that moment: rights are asked when a message is made and again when it leaves.
What is sent names the thing and where to read it, nothing of what stands in it.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from sajad_portal.lib.clock import database_now
from sla.enums import ClientScope, ClientState, ClientVerb
from sla.gateways.webhooks import NotSent, post
from sla.models import Client, Webhook, WebhookMessage
from sla.queries.clients import client_seats, general_terms, has_accepted_terms
from units.actions.events import record
from units.models import Event, Person

from ..enums import ReportVerb
from ..models import Report
from ..queries import visible_calls, visible_reports

logger = logging.getLogger(__name__)
V = ReportVerb
# What is told, and which scope it takes to be told. Drafts, signatures and reviews are nobody's but the unit's and the reviewers'.
TOLD = {
    "report": (ClientScope.REPORTS, (V.SUBMIT, V.RECALL, V.RETURN, V.ANSWER_RETURN, V.ANNOUNCE, V.FINAL, V.EXCUSE)),
    "call": (ClientScope.CALLS, (V.PUBLISH, V.OPEN, V.EXTEND, V.CLOSE_EARLY, V.CLOSE, V.CANCEL)),
}
AT_ONCE = 2000  # events that one collection of one webhook looks at
# Events get their numbers before they are committed: a long transaction's may appear behind one that was seen already.
BEHIND = 200
BACKOFF = (1, 5, 15, 60, 180, 360, 720, 1440)  # minutes after the first, second, … attempt
LONGEST = timedelta(seconds=60)  # a sweep sends for so long; the next one goes on
SENT_AT_ONCE = 100


def tell_programs() -> int:
    """A sweep: make the messages that are to be made, send those that are due; how many left. It may run twice, late or never."""
    for webhook in _listening():
        collect_messages(webhook)
    return send_messages()


def _listening():
    return Webhook.objects.filter(removed_at__isnull=True, client__revoked_at__isnull=True).select_related(
        "client__service__provider"
    )


def collect_messages(webhook: Webhook) -> int:
    """A message for each event since the last collection that the program may learn; how many."""
    at, client = database_now(), webhook.client
    if not _may_be_told(client, at):
        return 0
    wanted = Event.objects.filter(id__gt=max(0, webhook.seen_event - BEHIND), at__gte=webhook.made_at)
    events = list(wanted.order_by("id")[:AT_ONCE])
    if not events:
        return 0
    told = [event for event in events if _is_told(event)]
    visible = _visible(client, told, at)
    rows = [
        WebhookMessage(webhook=webhook, event=event, created_at=at, next_attempt_at=at)
        for event in told
        if event.pk in visible
    ]
    with transaction.atomic():
        WebhookMessage.objects.bulk_create(rows, ignore_conflicts=True)
        Webhook.objects.filter(pk=webhook.pk, seen_event=webhook.seen_event).update(seen_event=events[-1].pk)
    return len(rows)


def _is_told(event: Event) -> bool:
    return event.noun in TOLD and event.verb in TOLD[event.noun][1]


def _may_be_told(client: Client, at: datetime) -> bool:
    return client.state_at(at) == ClientState.ACTIVE and has_accepted_terms(client, general_terms(client.service))


def _visible(client: Client, events: Iterable[Event], at: datetime) -> set[int]:
    """Ids of the events about things that somebody sees who bound the client."""
    events = [event for event in events if TOLD[event.noun][0] in client.scopes]
    found: set[int] = set()
    if not events:
        return found
    for seat in client_seats(client, at):
        person = seat.membership.person
        person.only_seat, person.is_superuser = seat.membership_id, False
        keys = {noun: _keys(noun, person, client, events, at) for noun in TOLD}
        found |= {event.pk for event in events if event.key in keys[event.noun]}
    return found


def _keys(noun: str, person: Person, client: Client, events: list[Event], at: datetime) -> set[str]:
    asked = {event.key for event in events if event.noun == noun}
    if not asked:
        return set()
    if noun == "report":
        reports = Report.objects.filter(visible_reports(person, at), tracking_code__in=asked)
        return set(reports.filter(call__agreement__service=client.service).values_list("tracking_code", flat=True))
    calls = visible_calls(person).filter(pk__in=asked, agreement__service=client.service)
    return {str(pk) for pk in calls.values_list("pk", flat=True)}


# --------------------------------------------------------------------------------------------------------------- sending
def send_messages() -> int:
    """Send what is due, the oldest first. After a failure an address is left alone until the next sweep. No lock is held while it is
    called."""
    began, sent, failed = database_now(), 0, set()
    due = WebhookMessage.objects.filter(
        sent_at__isnull=True, given_up_at__isnull=True, next_attempt_at__lte=began, webhook__paused_at__isnull=True,
        webhook__removed_at__isnull=True,
    ).select_related("webhook__client__service__provider", "event")  # fmt: skip
    for message in due.order_by("next_attempt_at", "pk")[:SENT_AT_ONCE]:
        at = database_now()
        if at - began > LONGEST:
            break
        if message.webhook_id in failed or not _claim(message, at):
            continue
        if not _may_be_told(message.webhook.client, at) or not _visible(message.webhook.client, [message.event], at):
            WebhookMessage.objects.filter(pk=message.pk).update(given_up_at=at, trouble="no longer readable")
        elif _send(message, at):
            sent += 1
        else:
            failed.add(message.webhook_id)
    return sent


def _claim(message: WebhookMessage, at: datetime) -> bool:
    """One attempt; of any number of sweeps that read the row, one finds `attempts` as it read it."""
    wait = timedelta(minutes=BACKOFF[min(message.attempts, len(BACKOFF) - 1)])
    rows = WebhookMessage.objects.filter(pk=message.pk, sent_at__isnull=True, attempts=message.attempts)
    return rows.update(attempts=F("attempts") + 1, next_attempt_at=at + wait) == 1


def _send(message: WebhookMessage, at: datetime) -> bool:
    body = json.dumps(body_of(message.event), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json", "User-Agent": "portal-webhook/1",
        "X-Portal-Delivery": str(message.pk), "X-Portal-Signature": webhook_signature(message.webhook.secret, body, at),
    }  # fmt: skip
    status, trouble = None, ""
    try:
        status = post(message.webhook.address, body, headers)
    except NotSent as error:
        trouble = str(error)[:200]
    rows = WebhookMessage.objects.filter(pk=message.pk)
    if status is not None and 200 <= status < 300:
        rows.update(sent_at=database_now(), status=status, trouble="")
        return True
    rows.update(status=status, trouble=trouble)
    logger.warning("A message to webhook %s was not taken: %s", message.webhook_id, trouble or status)
    if message.attempts + 1 >= len(BACKOFF):
        _give_up(message)
    return False


@transaction.atomic
def _give_up(message: WebhookMessage) -> None:
    """After the last attempt the address is paused: who keeps the program sees it and resumes it, and then it is tried again."""
    webhook = (
        Webhook.objects.select_for_update(of=("self",))
        .select_related("client__service__provider")
        .get(pk=message.webhook_id)
    )
    at = database_now()
    WebhookMessage.objects.filter(pk=message.pk, sent_at__isnull=True).update(given_up_at=at)
    if webhook.paused_at is None:
        webhook.paused_at = at
        webhook.save(update_fields=["paused_at"])
        provider = webhook.client.service.provider
        record(
            ClientVerb.PAUSE_WEBHOOK, noun="webhook", key=webhook.pk, at=at, by=None, path=provider.path, unit_id=provider.pk,
            data={"client_id": webhook.client_id, "address": webhook.address},
        )  # fmt: skip


def webhook_signature(secret: str, body: bytes, at: datetime) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA256 over the time, a dot and the body, so that neither can be sent again later as new."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={hmac.new(secret.encode(), f'{seconds}.'.encode() + body, hashlib.sha256).hexdigest()}"


def body_of(event: Event) -> dict:
    """What happened to which thing, and where it is read."""
    where = f"reports/{event.key}" if event.noun == "report" else f"calls/{event.key}"
    return {
        "id": event.pk, "type": f"{event.noun}.{event.verb}", "at": event.at.isoformat(), "key": event.key,
        "call": event.call_id, "url": f"{settings.SITE_URL}/api/v1/{where}",
    }  # fmt: skip
