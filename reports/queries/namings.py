"""Units about whose reports no coordinator of the provider could decide, and whom an administrator named for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_

from django.db.models import Q, QuerySet

from sla.enums import GeneralState
from sla.models import GeneralRequest, Service
from sla.queries.requests import barred_requests_of, deciders_for
from units.enums import Role
from units.models import Membership, Person, Unit
from units.queries import ancestor_ids, people_with
from units.queries.lines import in_line_of
from units.queries.naming import NAMEABLE, Naming, nameable_seat, namings

from ..enums import CallState, ReportState
from ..models import Report
from .lines import barred_reports, free_coordinators, is_barred

MOST = 60


@dataclass(frozen=True)
class Undecided:
    """A unit about whose reports under this service nobody can decide at present."""

    unit: Unit
    service: Service


def deciders_of(report: Report, at: datetime) -> list[Person]:
    """Who can decide about this report: coordinators of the provider outside its line, and who is named for its unit."""
    found = free_coordinators(report, at)
    for person in _named(report.unit, report.call.service, at):
        if person not in found and not is_barred(person, report, at) and nameable_seat(person, report.unit.path, at):
            found.append(person)
    return found


def _named(unit: Unit, service: Service, at: datetime) -> Iterable[Person]:
    keys = [n.person_id for n in namings(at, unit_id=unit.pk) if n.provider_id == service.provider_id]
    return Person.objects.filter(pk__in=keys, is_active=True) if keys else []


def live_reports() -> QuerySet[Report]:
    """About which something may still be decided."""
    live = Report.objects.filter(call__state=CallState.PUBLISHED, final_at__isnull=True)
    return live.exclude(state=ReportState.EXCUSED).select_related("unit", "call__agreement__service")


def undecided(at: datetime) -> list[Undecided]:
    """Where every coordinator of a provider is barred from a report that is not final, or from a general request that waits,
    and nobody named can act either."""
    found: dict[tuple[int, int], Undecided] = {}
    for service in Service.objects.select_related("provider").order_by("pk"):
        for report in _left_alone(service, at).order_by("unit__sort_key", "pk")[:MOST]:
            if not deciders_of(report, at):
                found[report.unit_id, service.pk] = Undecided(report.unit, service)
        for general in _requests_left_alone(service, at).order_by("unit__sort_key", "pk")[:MOST]:
            if not deciders_for(service, general.unit, at, since=general.filed_at):
                found[general.unit_id, service.pk] = Undecided(general.unit, service)
    return list(found.values())


def _left_alone(service: Service, at: datetime) -> QuerySet[Report]:
    """Reports from which every coordinator of the service's provider is barred; none where the provider has none."""
    people = people_with(service.provider, Role.COORDINATOR, at=at)
    barred = [barred_reports(person, at) for person in people]
    if not barred:
        return Report.objects.none()
    return live_reports().filter(reduce(and_, barred), call__agreement__service=service)


def _requests_left_alone(service: Service, at: datetime) -> QuerySet[GeneralRequest]:
    """General requests that wait for the provider and from which every coordinator of it is barred."""
    people = people_with(service.provider, Role.COORDINATOR, at=at)
    barred = [barred_requests_of(person, at) for person in people]
    if not barred:
        return GeneralRequest.objects.none()
    waiting = GeneralRequest.objects.filter(state=GeneralState.FILED, request_type__service=service)
    return waiting.filter(reduce(and_, barred)).select_related("unit")


def needs_naming(unit: Unit, service: Service, at: datetime) -> bool:
    """Whether an administrator may name somebody: every coordinator of the provider is in the unit's line, or barred from
    one of its reports that is not final, or of its requests that wait."""
    people = list(people_with(service.provider, Role.COORDINATOR, at=at))
    if people and all(in_line_of(person, unit.path, at) for person in people):
        return True
    return any(
        rows.filter(unit=unit).exists() for rows in (_left_alone(service, at), _requests_left_alone(service, at))
    )


def may_be_named(person: Person, unit: Unit, at: datetime) -> bool:
    """Somebody with a seat over the unit who is outside its line, now and as far as its open reports go."""
    if not person.is_active or person.is_superuser or nameable_seat(person, unit.path, at) is None:
        return False
    if in_line_of(person, unit.path, at):
        return False
    waiting = GeneralRequest.objects.filter(barred_requests_of(person, at), unit=unit, state=GeneralState.FILED)
    return not (live_reports().filter(barred_reports(person, at), unit=unit).exists() or waiting.exists())


def nameable_people(unit: Unit, at: datetime) -> QuerySet[Person]:
    """Whom an administrator may name for the unit, by name."""
    seats = Membership.objects.valid_at(at).filter(unit__in=ancestor_ids(unit.path), role__in=NAMEABLE)
    people = Person.objects.filter(is_active=True, is_superuser=False, pk__in=seats.values("person_id"))
    fit = [person.pk for person in people if may_be_named(person, unit, at)]
    return Person.objects.filter(pk__in=fit).order_by("sort_key", "pk")


def services_of(unit: Unit) -> QuerySet[Service]:
    """The services that asked this unit for something, and those whose provider stands above it."""
    asked = Report.objects.filter(unit=unit).values("call__agreement__service")
    above = Service.objects.filter(provider__in=ancestor_ids(unit.path)).values("pk")
    found = Service.objects.filter(Q(pk__in=asked) | Q(pk__in=above))
    return found.select_related("provider").order_by("title", "pk")


def naming_of(unit: Unit, service: Service, at: datetime) -> Naming | None:
    return next((n for n in namings(at, unit_id=unit.pk) if n.provider_id == service.provider_id), None)
