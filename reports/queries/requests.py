"""General requests that wait for somebody: of a unit, of a provider, and of units that have ended."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from sla.enums import DECIDABLE, DisputeStatus, GeneralState, GeneralStatus, Verdict
from sla.models import Dispute, GeneralRequest, RequestDecision, RequestType
from sla.models.querysets import GeneralRequestQuerySet
from sla.queries.clocks import read_clocks
from sla.queries.requests import DECISION, barred_requests_of
from units.models import Succession, Unit
from units.queries import memberships_of
from units.queries.naming import NAMEABLE, namings

MOST = 60  # rows that one person's desk can hold


def requests_of_units(units: Iterable[Unit], matters: Iterable[Succession], at: datetime) -> list[GeneralRequest]:
    """Open ones of these units, and those that were decided and may still be contested; what was handed to them as well."""
    ids = {unit.pk for unit in units}
    ids |= {matter.unit_id for matter in matters if matter.call_id is None and matter.successor_id in ids}
    if not ids:
        return []
    open_ones = Q(state__in=(GeneralState.DRAFT, GeneralState.FILED))
    found = GeneralRequest.objects.with_status().filter(
        open_ones | Q(decisions__contest_until__gt=at, state=GeneralState.DECIDED), unit__in=ids
    )
    found = found.select_related("unit", "request_type__service", "request", "drafted_by").prefetch_related("decisions")
    return list(found.order_by("drafted_at", "pk").distinct()[:MOST])


def contested_among(requests: Iterable[GeneralRequest], at: datetime) -> set[int]:
    """Ids of those of whose decisions one is or was in dispute, withdrawn disputes aside."""
    by_decision = {str(d.pk): general.pk for general in requests for d in general.decisions.all()}
    if not by_decision:
        return set()
    disputes = Dispute.objects.with_status(at).filter(subject_noun=DECISION, subject_key__in=list(by_decision))
    keys = disputes.exclude(status=DisputeStatus.WITHDRAWN).values_list("subject_key", flat=True)
    return {by_decision[key] for key in keys}


def decidable_by(person, providers: Iterable[int], at: datetime) -> GeneralRequestQuerySet:
    """What waits for the provider and that the person may decide as they stand now: of the providers that they coordinate,
    and of units for which they are named; of no unit in their line."""
    theirs = Q(request_type__service__provider__in=list(providers))
    for naming in namings(at) if any(m.role in NAMEABLE for m in memberships_of(person, at)) else ():
        if naming.person_id == person.pk:
            theirs |= Q(request_type__service__provider=naming.provider_id, unit=naming.unit_id)
    found = GeneralRequest.objects.with_status().filter(theirs, status__in=DECIDABLE)
    return found.exclude(barred_requests_of(person, at)).select_related("request_type__service", "request", "unit")


def late_by_type(asked: Q, at: datetime) -> dict[RequestType, int]:
    """{type: how many} of filed requests that the provider holds past the target, among the MOST that came first."""
    held = GeneralRequest.objects.with_status().filter(asked, status=GeneralStatus.FILED)
    requests = list(held.select_related("request_type__service", "request").order_by("filed_at", "pk")[:MOST])
    readings = read_clocks([general.opened for general in requests], at) if requests else {}
    late = [general for general in requests if readings[general.opened.pk].verdict == Verdict.OVERDUE]
    return {kind: len(mine) for kind, mine in by_type(late).items()}


def by_type(requests: Iterable[GeneralRequest]) -> dict[RequestType, list[GeneralRequest]]:
    found: dict[RequestType, list[GeneralRequest]] = defaultdict(list)
    for general in requests:
        found[general.request_type].append(general)
    return found


def still_open(at: datetime) -> Q:
    """Filed and not answered, or decided and still in its days. A draft is nobody's loss; a dispute tells of itself."""
    in_days = RequestDecision.objects.filter(general=OuterRef("pk"), contest_until__gt=at)
    return Q(state=GeneralState.FILED) | Q(Exists(in_days), state=GeneralState.DECIDED)


def open_requests_of(units: Iterable[int], at: datetime) -> GeneralRequestQuerySet:
    return GeneralRequest.objects.filter(still_open(at), unit__in=list(units))


def lost_requests(providers: Iterable[int], at: datetime) -> QuerySet[GeneralRequest]:
    """Open ones whose unit has ended, and of which nobody has said who acts on them, or whose successor ended too."""
    decided = Succession.objects.standing().filter(unit=OuterRef("unit"), call_id=None)
    decided = decided.filter(Q(successor__isnull=True) | Q(successor__retired_at__isnull=True))
    return GeneralRequest.objects.filter(
        ~Exists(decided), still_open(at), unit__retired_at__isnull=False,
        request_type__service__provider__in=list(providers),
    )  # fmt: skip
