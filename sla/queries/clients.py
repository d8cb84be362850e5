"""Programs: who sees which, what they have yet to accept, for whom they act."""

from datetime import datetime

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery

from units.enums import Role
from units.models import Event, Membership, Person
from units.queries import memberships_of

from ..enums import Slot
from ..models import Client, ClientSeat, ClientTerms, Document, Service, Webhook, WebhookMessage


def general_terms(service: Service) -> Document | None:
    """The version of the general terms that is in force: the newest published one."""
    return service.documents.published().filter(slot=Slot.GENERAL_TERMS).order_by("-number").first()


def has_accepted_terms(client: Client, document: Document | None) -> bool:
    return document is not None and ClientTerms.objects.filter(client=client, document=document).exists()


def visible_clients(person: Person, at: datetime) -> QuerySet[Client]:
    """Those of the services whose provider the person coordinates; an administrator reads all of them."""
    clients = Client.objects.select_related("service__provider", "unit", "created_by", "revoked_by")
    if person.is_superuser:
        return clients
    providers = [m.unit_id for m in memberships_of(person, at) if m.role == Role.COORDINATOR]
    return clients.filter(service__provider__in=providers)


def with_seats(clients: QuerySet[Client], at: datetime) -> QuerySet[Client]:
    """Each with `in_force`: the seats for which it acts now."""
    return clients.prefetch_related(Prefetch("seats", seats_in_force(at), to_attr="in_force"))  # type: ignore[no-redef]


def seats_in_force(at: datetime) -> QuerySet[ClientSeat]:
    """Bindings that stand, whose seat is valid and whose person is active: what a client may act in at `at`."""
    valid = Membership.objects.valid_at(at).filter(person__is_active=True)
    found = ClientSeat.objects.filter(ended_at__isnull=True, membership__in=valid.values("pk"))
    return found.select_related("membership__person", "membership__unit").order_by("pk")


def client_seats(client: Client, at: datetime) -> list[ClientSeat]:
    return list(seats_in_force(at).filter(client=client))


def clients_bound_by(person: Person) -> QuerySet[ClientSeat]:
    """The person's own bindings that they have not taken back, also of seats that have ended."""
    found = ClientSeat.objects.filter(ended_at__isnull=True, membership__person=person)
    return found.select_related("client__service", "client__unit", "membership__unit").order_by("-bound_at")


def client_coded(prefix: str) -> Client | None:
    """The client of this code, for somebody who was told it."""
    return Client.objects.select_related("service", "unit").filter(prefix=prefix.strip().upper()).first()


def events_of_client(client: Client) -> QuerySet[Event]:
    found = Event.objects.filter(noun="client", key=str(client.pk)).select_related(
        "person", "membership__deputy_for__person"
    )
    return found.order_by("-id")


def webhooks_of(client: Client) -> list[Webhook]:
    """Those that stand, each with `waiting` and `given_up` (how many messages), `last_sent_at` and the last `trouble`."""
    messages = WebhookMessage.objects.filter(webhook=OuterRef("pk"))
    unsent = Q(messages__sent_at__isnull=True)
    last = messages.filter(sent_at__isnull=True, attempts__gt=0).order_by("-next_attempt_at")
    found = client.webhooks.filter(removed_at__isnull=True).annotate(
        waiting=Count("messages", filter=unsent & Q(messages__given_up_at__isnull=True)),
        given_up=Count("messages", filter=unsent & Q(messages__given_up_at__isnull=False)),
        last_sent_at=Subquery(messages.filter(sent_at__isnull=False).order_by("-sent_at").values("sent_at")[:1]),
        last_status=Subquery(last.values("status")[:1]),
        last_trouble=Subquery(last.values("trouble")[:1]),
    )
    return list(found.order_by("pk"))
