"""General requests: who sees which, what a unit may ask for, who decides, and how much room there is for files."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404

from units.enums import UNIT_ROLES, Role
from units.models import Person, Unit
from units.queries import ancestor_ids, memberships_of, people_with, reach
from units.queries.lines import line_seats, of_its_line
from units.queries.naming import nameable_seat, namings
from units.queries.successions import inherited_by

from ..enums import DisputeStatus, GeneralState, RequestKind
from ..models import Dispute, GeneralRequest, RequestDecision, RequestFile, RequestRoom, RequestType, Service
from ..models.querysets import GeneralRequestQuerySet
from . import days_deadline_then, provider_units

OPEN = (GeneralState.DRAFT, GeneralState.FILED)


def own_requests(person, at: datetime | None = None, prefix: str = "") -> Q:
    """A Q over general requests (`prefix` leads to them): those of the units for which the person reports or which they
    head, and what such a unit took over from one that has ended."""
    seats = {m.unit_id for m in memberships_of(person, at) if m.role in UNIT_ROLES}
    taken = {matter.unit_id for matter in inherited_by(person, at) if matter.call_id is None}
    return Q(**{f"{prefix}unit__in": seats | taken})


def visible_requests(person) -> GeneralRequestQuerySet:
    """One's units' own, drafts among them; from filing on those of units within reach, and those of a provider that the
    person coordinates. With `status`."""
    found = GeneralRequest.objects.with_status().select_related(
        "unit", "request_type__service__provider", "request__tariff__table", "request__agreement", "drafted_by", "filed_by",
        "membership__deputy_for__person",
    )  # fmt: skip
    filed = Q(filed_at__isnull=False)
    if person.is_superuser:
        return found.filter(filed | own_requests(person))
    others = reach(person, field="unit__path") | Q(request_type__service__provider__in=provider_units(person))
    return found.filter(own_requests(person) | filed & others)


def general_request_for(person, pk: int) -> GeneralRequest:
    """Http404 for a stranger."""
    found = visible_requests(person).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def standing_decision(general: GeneralRequest) -> RequestDecision | None:
    """The last one: what holds."""
    decisions = general.decisions.select_related("by", "membership__deputy_for__person")
    return decisions.order_by("-number").first()


def dispute_over(decision: RequestDecision, at: datetime) -> Dispute | None:
    """The newest one over it, with status; a withdrawn one leaves the decision as if nobody had contested it."""
    return _dispute_over(DECISION, decision.pk, at)


def dispute_over_fee(general: GeneralRequest, at: datetime) -> Dispute | None:
    """The same over its fee."""
    return _dispute_over(PRICED, general.request_id, at)


def _dispute_over(noun: str, key: int | None, at: datetime) -> Dispute | None:
    found = Dispute.objects.with_status(at).filter(subject_noun=noun, subject_key=str(key))
    return found.exclude(status=DisputeStatus.WITHDRAWN).order_by("-pk").first()


def fee_contest_until(general: GeneralRequest) -> datetime:
    """The end (exclusive) of the days in which the fee of a filed request may be contested."""
    return days_deadline_then(general.opened.created_at, general.contest_days or FEE_DAYS)


def general_request_of(dispute: Dispute) -> GeneralRequest | None:
    """Whose decision or fee is contested; None where the dispute is over something else."""
    leads = {DECISION: "decisions__pk", PRICED: "request__pk"}.get(dispute.subject_noun)
    if leads is None or dispute.call_id is not None:
        return None
    found = GeneralRequest.objects.with_status().select_related("unit", "request_type__service__provider", "request")
    return found.filter(**{leads: int(dispute.subject_key)}).first()


DECISION = "request_decision"  # the noun of the contested decision in a dispute, and of a new one in an offer
PRICED = "service_request"  # the noun of a contested fee
FEE = "fee"  # of an offer that lowers it; the new price in rials is its key
FEE_DAYS = (
    10  # where the decision is final: as many as a call gives for objecting unless its coordinator says otherwise
)


def askable_types(unit: Unit) -> QuerySet[RequestType]:
    """What the unit may ask for: of services that are open, whose provider stands above it or is it."""
    return (
        RequestType.objects.filter(
            kind=RequestKind.GENERAL, closed_at=None, service__closed_at=None,
            service__provider__in=ancestor_ids(unit.path),
        )
        .select_related("service__provider")
        .order_by("service__title", "title", "pk")
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- who decides
def deciders_for(service: Service, unit: Unit, at: datetime, *, since: datetime | None = None) -> list[Person]:
    """Who may decide a request of this unit: coordinators of the provider outside its line (since the filing), and whom an
    administrator named for it."""
    found = list(people_with(service.provider, Role.COORDINATOR, at=at))
    named = [n.person_id for n in namings(at, unit_id=unit.pk) if n.provider_id == service.provider_id]
    if named:
        people = Person.objects.filter(pk__in=named, is_active=True)
        found += [person for person in people if person not in found and nameable_seat(person, unit.path, at)]
    return [person for person in found if not of_its_line(person, unit, None, at, since=since)]


def barred_requests_of(person, at: datetime) -> Q:
    """A Q over filed general requests: those of units in whose line the person is, or was since the filing. A unit that
    acts on what was handed to it is not looked at."""
    found = Q(pk__in=[])
    for seat in line_seats(person, at):
        met = Q(unit__path__startswith=seat.path) | Q(unit__in=ancestor_ids(seat.path))
        found |= met if seat.lasts_at(at) else met & Q(filed_at__lt=seat.until)
    return found


# -------------------------------------------------------------------------------------------------------------- room
@dataclass(frozen=True)
class FileRoom:
    """How much room the open requests of a unit have for files, and how much of it is used. Sizes in bytes."""

    size: int
    files: int
    most_mb: int
    most_files: int

    @property
    def most(self) -> int:
        return self.most_mb * 1024 * 1024

    def takes(self, size: int, files: int) -> bool:
        return self.size + size <= self.most and self.files + files <= self.most_files


def file_room(unit: Unit) -> FileRoom:
    """What was decided or withdrawn takes no room any more: a unit is never stopped for good."""
    used = RequestFile.objects.filter(general__unit=unit, general__state__in=OPEN)
    sums = used.aggregate(size=Sum("size", default=0), files=Count("pk"))
    return FileRoom(sums["size"], sums["files"], *room_limits(unit))


def room_limits(unit: Unit) -> tuple[int, int]:
    """(MB, files): what every unit has, or what this one was given beyond it."""
    given = RequestRoom.objects.filter(unit=unit).values_list("mb", "files").first() or (None, None)
    every = (settings.EVIDENCE_UNIT_MB, settings.EVIDENCE_UNIT_FILES)
    return max(given[0] or 0, every[0]), max(given[1] or 0, every[1])


def units_without_room() -> QuerySet[Unit]:
    """Units whose last file for a request found no room."""
    return Unit.objects.filter(request_room__reached_at__isnull=False, retired_at=None).order_by("sort_key", "pk")
