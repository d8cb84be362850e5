"""What stands under which terms: agreements, documents, the working calendar, disputes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import end_of_day, start_of_day, tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.jalali import from_jalali
from units.enums import UNIT_ROLES, Role
from units.models import Event, Person, Unit
from units.models.querysets import UnitQuerySet
from units.queries import ancestor_ids, memberships_of, reach, seats_that_bind
from units.queries.successions import inherited

from ..calendar.workdays import WorkingCalendar, after_working_time, before_working_time, end_after_days
from ..enums import PINNED_SLOTS, AgreementState, AgreementVerb, Answer, Slot
from ..models import Acceptance, AgreementVersion, ClockInterval, Dispute, Document, Holiday, Service
from ..models.querysets import DisputeQuerySet
from .weeks import calendar_with, weeks_known

# The longest run of days off that a deadline may have to cross.
_ROLL = timedelta(days=60)


# ------------------------------------------------------------------------------------------- agreements
def current_agreement(service: Service) -> AgreementVersion | None:
    """The newest published version; it supersedes the earlier ones."""
    return service.agreement_versions.filter(state=AgreementState.PUBLISHED).order_by("-number").first()


def visible_agreements(person) -> QuerySet[AgreementVersion]:
    """Published versions are for everybody; drafts for coordinators of the provider. Annotates `status`."""
    versions = AgreementVersion.objects.with_status().select_related("service__provider", "published_by")
    return versions.filter(Q(state=AgreementState.PUBLISHED) | Q(service__provider__in=provider_units(person)))


def agreement_for(person, pk: int) -> AgreementVersion:
    found = visible_agreements(person).prefetch_related("sections").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def provider_units(person) -> list[int]:
    """Ids of the units on which the person is a coordinator: for their services they speak."""
    return [m.unit_id for m in memberships_of(person) if m.role == Role.COORDINATOR]


def acceptance_of(unit: Unit, agreement: AgreementVersion) -> Acceptance | None:
    """The acceptance that binds the unit; it survives the head who gave it."""
    given = Acceptance.objects.filter(unit=unit, agreement=agreement, answer=Answer.ACCEPTED)
    return given.select_related("by", "membership__deputy_for__person").first()


def has_accepted(unit: Unit, agreement: AgreementVersion) -> bool:
    return acceptance_of(unit, agreement) is not None


def agreement_answers(unit: Unit, agreement: AgreementVersion) -> QuerySet[Acceptance]:
    """Everything the unit's heads answered to this version, oldest first."""
    return Acceptance.objects.filter(unit=unit, agreement=agreement).select_related("by").order_by("id")


def unanswered(person, at: datetime) -> list[tuple[AgreementVersion, Unit]]:
    """What waits for this head: versions in force that a unit of theirs has not accepted."""
    units = [m.unit for m in memberships_of(person, at) if m.role == Role.HEAD]
    if not units:
        return []
    answer = FilteredRelation(
        "acceptances", condition=Q(acceptances__unit__in=units, acceptances__answer=Answer.ACCEPTED)
    )
    rows = (
        AgreementVersion.objects.filter(state=AgreementState.PUBLISHED)
        .select_related("service__provider")
        .annotate(answered=answer, by_unit=F("answered__unit"))
    )
    found = list(rows.order_by("number"))  # a version once for each unit that accepted it, or once
    newest = {version.service_id: version for version in found}
    accepted = {(version.pk, version.by_unit) for version in found}
    return [
        (version, unit)
        for version in newest.values()
        for unit in units
        if unit.path.startswith(version.service.provider.path) and (version.pk, unit.pk) not in accepted
    ]


# -------------------------------------------------------------------------------------------- documents
@dataclass(frozen=True)
class Shelf:
    """One fixed slot of a service with the versions that a reader may see, the newest first."""

    slot: Slot
    documents: list[Document]

    @property
    def is_pinned(self) -> bool:
        """Whether publishing a call needs it."""
        return self.slot in PINNED_SLOTS

    @property
    def newest(self) -> Document | None:
        return next((document for document in self.documents if document.published_at), None)

    @property
    def drafts(self) -> list[Document]:
        return [document for document in self.documents if not document.published_at]

    @property
    def older(self) -> list[Document]:
        return [document for document in self.documents if document.published_at and document != self.newest]


def shelves_of(documents: Iterable[Document]) -> list[Shelf]:
    """Every slot in its order, the empty ones too, from loaded documents with the newest of a slot first."""
    found = list(documents)
    return [Shelf(slot, [document for document in found if document.slot == slot]) for slot in Slot]


def published_documents(service: Service) -> list[Document]:
    """The newest published version of each slot, in the order of the slots."""
    newest: dict[str, Document] = {}
    for document in service.documents.published().order_by("number"):
        newest[document.slot] = document
    return [newest[slot] for slot in Slot.values if slot in newest]


def pinned_documents(service: Service) -> list[Document]:
    """The published workflow, directive and bylaw that a call pins. Refused (`documents-missing`) naming what is missing."""
    found = {document.slot: document for document in published_documents(service)}
    missing = [slot.label for slot in PINNED_SLOTS if slot not in found]
    if missing:
        raise Refused(
            _("The service has no published document for: %(missing)s. Publish it under the service’s documents first.")
            % {"missing": "، ".join(str(label) for label in missing)},
            code="documents-missing",
        )
    return [found[slot] for slot in PINNED_SLOTS]


# ----------------------------------------------------------------------------------- the working calendar
def working_calendar(first: date, last: date) -> WorkingCalendar:
    """The weekends, hours and holidays of these days, both ends included."""
    days = list(Holiday.objects.filter(day__gte=first, day__lte=last))
    late = {row.day: row.added_at for row in days if is_late(row)}
    return calendar_with({row.day: row.title for row in days}, weeks_known(), late)


def is_late(holiday: Holiday) -> bool:
    """Whether somebody told of the day off after it had passed. What the set-up adds was known all the time."""
    return holiday.added_by_id is not None and holiday.added_at >= end_of_day(holiday.day)


_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class ReminderHour:
    """The working hour around an instant. What is sent at that instant leaves in the last working hour before every instant
    after it and before `until`; what was told since `since` was told within the last working hour."""

    since: datetime
    until: datetime


def reminder_hour(at: datetime) -> ReminderHour:
    today = tehran_date(at)
    calendar = working_calendar(today - _ROLL, today + _ROLL)
    until = after_working_time(at, _HOUR + timedelta(microseconds=1), calendar)
    return ReminderHour(before_working_time(at, _HOUR, calendar), until)


def days_deadline(at: datetime, days: int) -> datetime:
    """The exclusive end of a limit of `days` calendar days from `at`, the first not counted, rolling over days off.

    Correction and objection days are counted so. Computed once, when the limit is given: a later closure moves nothing.
    """
    start = tehran_date(at)
    return end_after_days(at, days, working_calendar(start, start + timedelta(days=days) + _ROLL))


def days_deadline_then(at: datetime, days: int) -> datetime:
    """The same limit as it was handed out at `at`, for one that nobody stored: by the days off and weekends known then."""
    first = tehran_date(at)
    last = first + timedelta(days=days) + _ROLL
    known = dict(Holiday.objects.filter(day__gte=first, day__lte=last, added_at__lte=at).values_list("day", "title"))
    later: set[date] = set()  # days whose first change after `at` has been seen
    changes = Event.objects.filter(noun="holiday", at__gt=at).order_by("id").values_list("verb", "key", "data")
    for verb, key, data in changes:
        days_off = [date.fromisoformat(text) for text in (data["days"] if verb == AgreementVerb.SEED else [key])]
        for day in days_off:
            if verb == AgreementVerb.REMOVE and day not in later and first <= day <= last:
                known[day] = data.get("title", "")
            later.add(day)
    return end_after_days(at, days, calendar_with(known, weeks_known(at)))


def holidays_of(year: int) -> QuerySet[Holiday]:
    """The days off of a Jalali year."""
    first, following = from_jalali(year, 1, 1), from_jalali(year + 1, 1, 1)
    return Holiday.objects.filter(day__gte=first, day__lt=following).select_related("added_by").order_by("day")


@dataclass(frozen=True)
class CalendarChange:
    """One edit of the calendar. `day` is None for a seeding; `added`: the day became a day off, not a working day;
    `count`: the days that a seeding added to the year that is shown.

    `clocks`: how many requests' working time was counted anew, because the day lay within it.
    """

    added: bool
    at: datetime
    by: Person | None
    day: date | None
    title: str
    reason: str
    count: int
    clocks: int


def calendar_events(year: int) -> QuerySet[Event]:
    """What was changed in a Jalali year's days off, by whom."""
    first, following = from_jalali(year, 1, 1), from_jalali(year + 1, 1, 1)
    of_days = Q(
        verb__in=[AgreementVerb.ADD, AgreementVerb.REMOVE], key__gte=first.isoformat(), key__lt=following.isoformat()
    )
    seeded = Q(verb=AgreementVerb.SEED, key__contains=str(year))
    return Event.objects.filter(of_days | seeded, noun="holiday").select_related("person")


def calendar_changes(events: Iterable[Event], year: int) -> list[CalendarChange]:
    """The events as the page tells them."""
    first, following = from_jalali(year, 1, 1).isoformat(), from_jalali(year + 1, 1, 1).isoformat()
    return [
        CalendarChange(
            added=event.verb == AgreementVerb.ADD,
            at=event.at,
            by=event.person,
            day=None if event.verb == AgreementVerb.SEED else date.fromisoformat(event.key),
            title=event.data.get("title", ""),
            reason=event.data.get("reason", ""),
            count=sum(first <= day < following for day in event.data.get("days", [])),
            clocks=event.data.get("clocks", 0),
        )
        for event in events
    ]


def provides(unit: Unit) -> bool:
    """Whether a service is offered by the unit. `units` asks through the setting WHO_PROVIDES, since it stands below."""
    return Service.objects.filter(provider=unit).exists()


def calendar_stamp() -> int:
    """Another number after every change of the calendar or of a target: part of the key of what is kept of them."""
    changes = Event.objects.filter(noun__in=["holiday", "working_week", "request_type"])
    return changes.order_by("-id").values_list("id", flat=True).first() or 0


def clocks_over(day: date, at: datetime) -> int:
    """How many clocks that have not stopped ran on that day until `at`: their working time is counted anew when the day turns on
    or off."""
    start, end = start_of_day(day), min(end_of_day(day), at)
    if start >= end or day.weekday() in calendar_with({}, weeks_known()).weekend_on(day):
        return 0
    ran = ClockInterval.objects.filter(starts_at__lt=end, request__voided_at=None, request__stopped_at=None)
    return ran.filter(Q(ends_at=None) | Q(ends_at__gt=start)).values("request").distinct().count()


def stopped_over(holiday: Holiday) -> int:
    """How many clocks have stopped that were counted with this day off: they would change if it were a working day again."""
    start, end = start_of_day(holiday.day), end_of_day(holiday.day)
    ran = ClockInterval.objects.filter(starts_at__lt=end, ends_at__gt=start, request__voided_at=None)
    stopped = ran.filter(request__stopped_at__isnull=False)
    if is_late(holiday):
        stopped = stopped.filter(request__stopped_at__gte=holiday.added_at)
    if holiday.day.weekday() in calendar_with({}, weeks_known()).weekend_on(holiday.day):
        return 0
    return stopped.values("request").distinct().count()


# --------------------------------------------------------------------------------------------- disputes
def visible_disputes(person) -> DisputeQuerySet:
    """Disputes of units within reach, and every dispute of a provider that the person coordinates."""
    disputes = Dispute.objects.select_related("unit", "agreement__service__provider", "request", "filed_by")
    if person.is_superuser:
        return disputes
    return disputes.filter(
        reach(person, field="unit__path")
        | inherited(person, call="call_id")
        | Q(agreement__service__provider__in=provider_units(person))
    )


def dispute_for(person, pk: int, at: datetime) -> Dispute:
    """The dispute as of `at` (annotated `status`). Http404 for a stranger."""
    found = visible_disputes(person).with_status(at).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def filing_units(person, at: datetime) -> UnitQuerySet:
    """The units about whose agreement the person may file a dispute: those they head, and those below a provider for
    which they speak."""
    providers = set(Service.objects.values_list("provider_id", flat=True))
    headed, below, own = Q(pk__in=[]), Q(pk__in=[]), Q(pk__in=[])
    for membership in memberships_of(person, at):
        if membership.role == Role.HEAD:
            headed |= Q(pk=membership.unit_id)
        if membership.role == Role.COORDINATOR and membership.unit_id in providers:
            below |= Q(path__startswith=membership.unit.path)
    for membership in seats_that_bind(person, at):
        if membership.role in UNIT_ROLES:  # towards these the person does not speak for the provider
            own |= Q(path__startswith=membership.unit.path) | Q(pk__in=ancestor_ids(membership.unit.path))
    return Unit.objects.active_at(at).filter(headed | below & ~own).in_order()
