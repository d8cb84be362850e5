"""What the pages of a call count and list: numbers, the table of reports, who would be asked, what happened."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import StrIndex

from sajad_portal.lib.text import search_key
from sla.enums import Answer
from sla.models import Acceptance, AgreementVersion
from units.enums import UNIT_ROLES, Role
from units.models import Event, Membership, Succession, Unit
from units.models.querysets import UnitQuerySet
from units.queries import reach
from units.queries.events import WHO

from ..enums import CAME, NOT_ASKED, UNSUBMITTED, ReportStatus, ReportVerb, Timeliness
from ..models import Call, ExtensionRequest, Report
from . import asked_units, reports_at, visible_reports
from .open_matters import lost_reports

S = ReportStatus
# In the order in which a bar shows them: done first, not begun last.
ORDER = (
    S.FINAL, S.CONTESTED, S.ANNOUNCED, S.UNDER_REVIEW, S.SUBMITTED, S.RETURNED, S.AWAITING_SIGN_OFF, S.DRAFT,
    S.NOT_STARTED, S.MISSED, S.EXCUSED, S.CANCELLED,
)  # fmt: skip
# Those that missed and have no result yet: what a bar of statuses shows as missed. Plain `missed` finds the others too.
MISSED_WAITING = "missed_waiting"
# Its place in a report's life, to sort by: where the word stands in the row of all words.
STATUS_ORDER = StrIndex(Value(" ".join(S)), F("status"))


def phase_counts(calls: QuerySet[Call]) -> dict[str, int]:
    """{phase: how many} of calls annotated with their phase."""
    return dict(calls.order_by().values_list("phase").annotate(Count("pk")))


@dataclass
class Numbers:
    """The reports of one call that a person may see, counted. Excused and cancelled ones are outside `asked`."""

    states: dict[str, int] = field(default_factory=dict)  # {status: count} in ORDER, zeros left out
    # {Timeliness: count} of those whose deadline is behind them or that have come, whatever became of them since
    timings: dict[str, int] = field(default_factory=dict)

    @property
    def all(self) -> int:
        return sum(self.states.values())

    @property
    def asked(self) -> int:
        return sum(count for status, count in self.states.items() if status not in NOT_ASKED)

    @property
    def waiting(self) -> int:
        return sum(self.states.get(status, 0) for status in UNSUBMITTED)

    @property
    def submitted(self) -> int:
        """Reports that came, wherever they stand now (a missed one with a result of 0 did not come)."""
        return sum(self.timings.get(timing, 0) for timing in CAME)

    @property
    def missed(self) -> int:
        """Reports that did not come in time, with a result of 0 or still without one."""
        return self.timings.get(Timeliness.MISSED, 0)

    @property
    def started(self) -> int:
        return self.asked - self.states.get(S.NOT_STARTED, 0) - self.missed

    @property
    def announced(self) -> int:
        """Results that are not final yet."""
        return self.states.get(S.ANNOUNCED, 0) + self.states.get(S.CONTESTED, 0)

    @property
    def on_time(self) -> int:
        return self.timings.get(Timeliness.ON_TIME, 0)

    @property
    def extended(self) -> int:
        return self.timings.get(Timeliness.EXTENDED, 0)

    @property
    def in_grace(self) -> int:
        return self.timings.get(Timeliness.IN_GRACE, 0)


def numbers_of(calls: Iterable[Call], person, at: datetime) -> dict[int, Numbers]:
    """Numbers of each call over the reports that the person may see. One query for all of them."""
    ids = [call.pk for call in calls]
    counted = (
        Report.objects.with_status(at)
        .with_timeliness(at)
        .filter(visible_reports(person), call__in=ids)
        .order_by()
        .values("call_id", "status", "timeliness")
        .annotate(count=Count("pk"))
    )
    states: dict[int, dict[str, int]] = {pk: defaultdict(int) for pk in ids}
    found = {pk: Numbers() for pk in ids}
    for row in counted:
        states[row["call_id"]][row["status"]] += row["count"]
        if row["timeliness"]:
            timings = found[row["call_id"]].timings
            timings[row["timeliness"]] = timings.get(row["timeliness"], 0) + row["count"]
    for pk, numbers in found.items():
        numbers.states = {status.value: states[pk][status] for status in ORDER if states[pk].get(status)}
    return found


def reports_of(call: Call, person, at: datetime) -> QuerySet[Report]:
    """The call's reports that the person may see, with status, how they stood to their deadline, and an open request."""
    asking = ExtensionRequest.objects.filter(ExtensionRequest.FEE_SETTLED, report=OuterRef("pk"), decided_at=None)
    heirs = Succession.objects.standing().filter(unit=OuterRef("unit"), call_id=OuterRef("call_id"))
    return (
        Report.objects.with_status(at)
        .with_timeliness(at)
        .filter(visible_reports(person), call=call)
        .select_related("unit")
        .annotate(
            asks_extension=Exists(asking),
            handed_to=Subquery(heirs.values("successor__name")[:1]),
        )
    )


FILTERS = {
    "waiting": Q(status__in=UNSUBMITTED),
    "results": Q(status__in=(S.ANNOUNCED, S.CONTESTED)),
    "started": ~Q(status__in=(S.NOT_STARTED, *NOT_ASKED)) & ~Q(timeliness=Timeliness.MISSED),
    MISSED_WAITING: Q(status=S.MISSED),
    **{timing.value: Q(timeliness=timing) for timing in Timeliness},
}


def narrowed_reports(reports: QuerySet[Report], *, status: str = "", words: str = "") -> QuerySet[Report]:
    """By a ReportStatus, a key of FILTERS (a Timeliness among them) or `lost`, and by words of the unit's name or the tracking
    code. `missed` finds whatever missed its deadline, with a result of 0 as well."""
    if status == "lost":
        reports = reports.filter(pk__in=lost_reports(Q()).values("pk"))
    elif status in FILTERS:
        reports = reports.filter(FILTERS[status])
    elif status in S.values:
        reports = reports.filter(status=status)
    if words:
        for word in search_key(words).split():
            reports = reports.filter(Q(unit__search_key__contains=word) | Q(tracking_code__icontains=word))
    return reports


def chosen_reports(
    call: Call, person, at: datetime, codes: Iterable[str] = (), *, everyone: bool = False, under: str = ""
) -> list[Report]:
    """The call's reports with these tracking codes; `everyone`: all that can still submit, of the subtree of unit `under`."""
    found = reports_at(at).filter(visible_reports(person), call=call)
    if everyone:
        found = found.filter(status__in=UNSUBMITTED, is_open=True)
        if under.isdecimal():
            found = found.filter(Q(unit_path__startswith=f"{under}.") | Q(unit_path__contains=f".{under}."))
    else:
        found = found.filter(tracking_code__in=list(codes))
    return list(found.order_by("unit__sort_key", "pk"))


# ------------------------------------------------------------------------------------------- who would be asked
@dataclass(frozen=True)
class Audience:
    units: int
    headless: int  # with nobody who could sign
    peopleless: int  # with nobody who could fill it in either
    unaccepted: int  # whose head has not accepted the agreement version
    outside: int  # of `units`: those that the reader may not see, and that no list names

    @property
    def named(self) -> int:
        return self.units - self.outside


def audience_units(audience: dict, agreement: AgreementVersion | None, at: datetime) -> UnitQuerySet:
    """The units that an audience names, annotated `has_head`, `has_people`, `has_accepted`."""
    seats = Membership.objects.valid_at(at).filter(unit=OuterRef("pk"), person__is_active=True)
    accepted = Acceptance.objects.filter(unit=OuterRef("pk"), agreement=agreement, answer=Answer.ACCEPTED)
    units = asked_units(audience, at).annotate(
        has_head=Exists(seats.filter(role=Role.HEAD)),
        has_people=Exists(seats.filter(role__in=UNIT_ROLES)),
        has_accepted=Exists(accepted),
    )
    # Those that want a word first: nobody works there, nobody signs, the terms are not accepted.
    return units.order_by("has_people", "has_head", "has_accepted", "sort_key", "pk")


def within_reach(units: UnitQuerySet, person) -> UnitQuerySet:
    """Those of them that may be named to the person: a call may ask more than the subtree of whoever prepares it."""
    return units if person.is_superuser else units.filter(reach(person))


def audience_of(units: QuerySet[Unit], person) -> Audience:
    """The counts over `audience_units` as the person is told them, in one query. All count, nobody is named."""
    outside = Q(pk__in=[]) if person.is_superuser else ~reach(person)
    return Audience(
        **units.order_by().aggregate(
            units=Count("pk"),
            headless=Count("pk", filter=Q(has_head=False)),
            peopleless=Count("pk", filter=Q(has_people=False)),
            unaccepted=Count("pk", filter=Q(has_accepted=False)),
            outside=Count("pk", filter=outside),
        )
    )


def asked_already(call: Call, at: datetime) -> UnitQuerySet:
    """The units of a published call, annotated as `audience_units`."""
    return audience_units({"units": list(call.reports.asked().values_list("unit_id", flat=True))}, call.agreement, at)


# ------------------------------------------------------------------------------------------------ what happened
FOR_ALL = (
    ReportVerb.PUBLISH,
    ReportVerb.OPEN,
    ReportVerb.OPEN_EARLY,
    ReportVerb.EXTEND,
    ReportVerb.CLOSE_EARLY,
    ReportVerb.CANCEL,
)
OF_UNITS = (
    ReportVerb.EXTEND,
    ReportVerb.ASK_LATE,
    ReportVerb.EXCUSE,
    ReportVerb.ASK_EXTENSION,
    ReportVerb.DECIDE_EXTENSION,
    ReportVerb.REACH_QUOTA,
    ReportVerb.RAISE_QUOTA,
)


def history_of(call: Call, person, *, whole: bool) -> QuerySet[Event]:
    """What happened to the call, latest first: what moved it, or the whole with figures, reminders and single units, those
    that the person may see."""
    which = Q(noun="call", key=str(call.pk))
    seen = Report.objects.filter(visible_reports(person), call=call).order_by().values("tracking_code")
    of_units = Q(noun="report", verb__in=OF_UNITS, key__in=seen)
    which = which | of_units if whole else which & Q(verb__in=FOR_ALL)
    return Event.objects.filter(which, call_id=call.pk).select_related("membership__unit", *WHO).order_by("-id")


def last_reminder(call: Call) -> Event | None:
    verbs = (ReportVerb.REMIND, ReportVerb.REMIND_UNITS)
    return Event.objects.filter(noun="call", key=str(call.pk), verb__in=verbs).order_by("-id").first()


def unit_names(call: Call, events: Iterable[Event]) -> dict[str, str]:
    """{tracking code: frozen name of the unit} of the events about single reports of the call."""
    codes = {event.key for event in events if event.noun == "report"}
    if not codes:
        return {}
    return dict(call.reports.filter(tracking_code__in=codes).values_list("tracking_code", "unit_name"))
