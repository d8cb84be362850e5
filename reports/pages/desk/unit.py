"""The desk of a unit's expert and head: the open report, what is missing in it, and what else wants them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.durations import until_words
from sajad_portal.lib.jalali import format_date, format_datetime
from sajad_portal.lib.language import current_language
from sajad_portal.lib.numbers import local_number
from sajad_portal.lib.periods import label
from sajad_portal.lib.sql import prepared
from sla.enums import DisputeStatus, Side
from sla.queries import unanswered
from sla.queries.payments import is_paid
from units.enums import Role
from units.models import Membership, Person
from units.queries.successions import inherited
from units.queries.tree import members_of

from ...enums import UNSUBMITTED, ReportState, ReportStatus, Timeliness
from ...models import Report
from ...queries import form_of
from ...queries.desk import (
    MOST,
    UNIT_TURN,
    disputes_of,
    newest_past,
    notes_of_the_head,
    open_remarks,
    reports_of_units,
)  # fmt: skip
from ...queries.draft_progress import SectionProgress, progress
from ...queries.drafts import Assessment
from ...queries.drafts_together import MeasuredDraft, measure_each
from ...rules import submitting_roles
from ...rules.deadlines import deadline, in_correction, is_open
from ..report.force import Force, force_of
from .items import DeskItem, Seats, of_call
from .money import fee_items

SHORT = 110  # letters of a remark that the desk quotes
FORCES = 3  # agreements in force that the desk names
MEASURED = 12  # drafts, the nearest deadline first, that are measured against their forms: some milliseconds each


@dataclass(frozen=True)
class Next:
    """What a draft that is complete waits for. `may_send`: paid and accepted, this person sends it now; `may_ask`: this person
    asks for the head's signature. Neither: it is not complete, or somebody else's turn."""

    may_send: bool = False
    may_ask: bool = False


@dataclass(frozen=True)
class Hero:
    """The open report, large: how far it is and how long there is."""

    report: Report
    until: datetime
    period: str
    sections: list[SectionProgress]
    problems: int
    days: int
    day: int
    may_sign: bool  # its signature is asked for, and this person gives it
    next: Next

    @property
    def done(self) -> int:
        return sum(section.done for section in self.sections)

    @property
    def total(self) -> int:
        return sum(section.total for section in self.sections)

    @property
    def shares(self) -> list[tuple[int, int]]:
        return [(section.done, section.total) for section in self.sections]

    @property
    def unfinished(self) -> list[SectionProgress]:
        return [section for section in self.sections if section.done < section.total]


@dataclass
class UnitDesk:
    hero: Hero | None = None
    items: list[DeskItem] = field(default_factory=list)
    past: list[dict] = field(default_factory=list)
    colleagues: list[Membership] = field(default_factory=list)
    headless: bool = False  # nobody with an open account heads the unit
    steps: list[dict] = field(default_factory=list)
    forces: list[Force] = field(default_factory=list)
    several: bool = False  # its reports are of more than one unit: each is named


@prepared()
def unit_desk(person: Person, seats: Seats, at: datetime) -> UnitDesk:
    """Empty for somebody who reports for no unit."""
    if not (units := seats.reporting):
        return UnitDesk()
    every = reports_of_units(units, at, inherited(person, at, units=units))
    reports, past = [report for report in every if report.status in UNIT_TURN], newest_past(every)
    several = len({report.unit_id for report in every}) > 1
    desk = UnitDesk(past=_past(past), forces=_forces([*reports, *past], at), several=several)
    hero = next((r for r in reports if r.status in UNSUBMITTED and is_open(r, at)), None)
    remarks, sent_back = open_remarks(reports), notes_of_the_head(reports)
    measured = measure_each([r for r in reports if r is hero or _is_written(r, at)][:MEASURED], remarks, at)
    if hero is not None:
        assessment = measured[hero.pk].assessment
        desk.hero = _hero(hero, assessment, _next(hero, measured[hero.pk], seats), seats, at)
        desk.items += of_call(hero.call_id, *_problems(hero, assessment))
        desk.steps = _steps(hero)
    for report in reports:
        items = _sent_back(report, seats, sent_back.get(report.pk, ""), at)
        found = measured.get(report.pk)
        ready = _ready(report, _next(report, found, seats), _facts(report, seats), at)
        items += ready or _items(report, seats, remarks.get(report.pk, {}), found, at, is_hero=report is hero)
        desk.items += of_call(report.call_id, *items)
    desk.items += fee_items(every, seats, at)
    desk.items += _agreements(person, reports, seats, at)
    desk.items += _disputes(person, seats, at)
    unit = hero.unit if hero else units[0]
    desk.colleagues = list(members_of(unit, at).exclude(person=person)[:8])  # heads first
    heads = (m for m in (*seats.memberships, *desk.colleagues) if m.unit_id == unit.pk and m.role == Role.HEAD)
    desk.headless = next(heads, None) is None
    return desk


def _is_written(report: Report, at: datetime) -> bool:
    """Somebody writes it, and it can still be sent: a draft, or the answer to a return that no signature is asked for yet."""
    if report.status == ReportStatus.DRAFT:
        return is_open(report, at)
    return in_correction(report, at) and not report.asks_signature


def _next(report: Report, measured: MeasuredDraft | None, seats: Seats) -> Next:
    """By the rules of the page that sends."""
    if (
        measured is None
        or report.status == ReportStatus.NOT_STARTED
        or not measured.is_complete
        or report.asks_signature
    ):
        return Next()
    if not any(seats.holds(report.unit_id, role, report.call_id) for role in submitting_roles(report)):
        return Next(may_ask=True)
    settled = report.status == ReportStatus.RETURNED or is_paid(report.request)
    return Next(may_send=report.accepted and settled)


def _hero(report: Report, assessment: Assessment, next_: Next, seats: Seats, at: datetime) -> Hero:
    call, until = report.call, deadline(report)
    days = max(1, -(-(until - call.opens_at) // timedelta(days=1)))
    return Hero(
        report=report,
        until=until,
        period=label(call.period_kind, call.period_starts, call.period_ends),
        sections=progress(assessment),
        problems=len(assessment.problems),
        days=days,
        day=min(days, (at - call.opens_at) // timedelta(days=1) + 1),
        may_sign=report.status == ReportStatus.AWAITING_SIGN_OFF
        and seats.holds(report.unit_id, Role.HEAD, report.call_id),
        next=next_,
    )


def _problems(report: Report, assessment: Assessment) -> list[DeskItem]:
    """What is wrong, or lacks its evidence, in sections that somebody has begun: one line a section, three at most."""
    if report.status == ReportStatus.NOT_STARTED:
        return []
    found = []
    for section in progress(assessment):
        mine = [p for p in assessment.problems if p.page == section.page and p.kind != "missing"]
        begun = section.done > 0 or any(p.kind in ("error", "comment") for p in mine)
        if not mine or not begun:
            continue
        facts = {"n": local_number(len(mine)), "section": section.label}
        title = ngettext("%(n)s thing to settle in “%(section)s”", "%(n)s things to settle in “%(section)s”", len(mine))
        address = reverse("reports:report_edit", args=[report.tracking_code, section.page])
        first = mine[0]
        note = f"{first.label}: {first.message}" if first.label else first.message
        tone = "bad" if any(p.kind == "error" for p in mine) else "warn"
        icon = "exclamation-octagon" if tone == "bad" else "paperclip"
        found.append(DeskItem(icon, tone, title % facts, f"{address}#{first.anchor}", _short(note), deadline(report)))
    return found[:3]


def _ready(report: Report, next_: Next, facts: dict, at: datetime) -> list[DeskItem]:
    """Nothing stands between the report, or its correction, and its receipt but this person's press."""
    address = reverse("reports:report_sign", args=[report.tracking_code])
    returned = in_correction(report, at)
    due = report.correction_due_at if returned else deadline(report)
    if next_.may_send:
        note = _("Everything is filled in. It counts from the moment you send it; look once more, then send.")
        if returned:
            note = _("Every returned indicator is corrected. The service clock runs on when you send it.")
        return [DeskItem("send-check", "warn", _("Ready: send it now: %(call)s") % facts, address, note, due)]
    if next_.may_ask:
        note = _("Everything is filled in. Only the head’s signature sends it.")
        title = _("Ready: ask for the head’s signature: %(call)s")
        return [DeskItem("s-signoff", "warn", title % facts, address, note, due)]
    return []


def _sent_back(report: Report, seats: Seats, note: str, at: datetime) -> list[DeskItem]:
    """The head's note, for who writes the report; until somebody asks again or the report goes."""
    if not note or not seats.holds(report.unit_id, Role.REPORTER, report.call_id):
        return []
    if not (is_open(report, at) or in_correction(report, at)):
        return []
    title = _("Returned to you by the head with a note: %(call)s") % {"call": report.call.title}
    address = reverse("reports:report_edit", args=[report.tracking_code])
    return [DeskItem("reply", "warn", title, address, _short(note), report.correction_due_at or deadline(report))]


def _facts(report: Report, seats: Seats) -> dict[str, str]:
    """What a line names: the call, and the unit where it could be another's."""
    call, own = report.call.title, {unit.pk for unit in seats.reporting}
    return {"call": call if own == {report.unit_id} and not seats.matters else f"{call}، {report.unit_name}"}


def _items(
    report: Report,
    seats: Seats,
    remarks: dict[str, str],
    measured: MeasuredDraft | None,
    at: datetime,
    *,
    is_hero: bool,
) -> list[DeskItem]:
    code, head = report.tracking_code, seats.holds(report.unit_id, Role.HEAD, report.call_id)
    page, facts = reverse("reports:report", args=[code]), _facts(report, seats)
    edit, sign = (reverse(f"reports:report_{name}", args=[code]) for name in ("edit", "sign"))
    if in_correction(report, at):
        if report.asks_signature and head:
            title = _("Check and sign the correction: %(call)s") % facts
            return [DeskItem("s-signoff", "warn", title, sign, _first(remarks), report.correction_due_at)]
        left = {code: remarks[code] for code in remarks if measured is None or code in measured.unanswered} or remarks
        n = len(left)
        title = ngettext("Correct %(n)s returned indicator: %(call)s", "Correct %(n)s returned indicators: %(call)s", n)
        note = _first(left) or _("The service clock stands still until you answer.")
        return [
            DeskItem(
                "s-returned", "warn", title % {**facts, "n": local_number(n)}, edit, note, report.correction_due_at
            )
        ]
    if report.status == ReportStatus.AWAITING_SIGN_OFF and is_open(report, at):
        if head:
            title, note = _("Check and sign: %(call)s"), _("The expert has finished; only your signature submits it.")
            return [DeskItem("s-signoff", "warn", title % facts, sign, note, deadline(report))]
        title, note = _("Waits for the head’s signature: %(call)s"), _("Until it is signed, it is not submitted.")
        return [DeskItem("s-signoff", "", title % facts, page, note, deadline(report))]
    if report.status in UNSUBMITTED:
        return [] if is_hero else [_to_fill_in(report, facts, edit, page, at)]
    if report.status == ReportStatus.ANNOUNCED and head:
        title = _("Read the initial result: %(call)s") % facts
        note = _("Until then you can contest it; afterwards it is final.")
        address = reverse("reports:report_result", args=[code])
        return [DeskItem("s-announced", "teal", title, address, note, report.objection_until)]
    if report.status == ReportStatus.MISSED and head:
        title = _("Missed: %(call)s") % facts
        if report.asks_extension:
            note = _("You have asked for more time; the coordinator decides.")
            return [DeskItem("s-missed", "bad", title, page, note)]
        note = _("Until a result is announced you can ask for more time, with your reason.")
        return [DeskItem("s-missed", "bad", title, reverse("reports:extension_ask", args=[code]), note)]
    return []


def _to_fill_in(report: Report, facts: dict, edit: str, page: str, at: datetime) -> DeskItem:
    if report.call.opens_at > at:
        title, when = _("Opens soon: %(call)s"), format_datetime(report.call.opens_at)
        note = _("From %(when)s you can fill it in; the guide is there already.") % {"when": when}
        return DeskItem("calendar-event", "", title % facts, page, note)
    if report.status == ReportStatus.NOT_STARTED:
        return DeskItem("s-none", "", _("Begin: %(call)s") % facts, edit, "", deadline(report))
    return DeskItem("s-draft", "", _("Go on: %(call)s") % facts, edit, "", deadline(report))


def _agreements(person: Person, reports: Iterable[Report], seats: Seats, at: datetime) -> list[DeskItem]:
    """Versions to accept: those that open reports are under, by their deadline; then the newest, for heads."""
    waiting: dict[tuple[int, int], DeskItem] = {}
    for report in reports:
        version, key = report.call.agreement, (report.call.agreement_id, report.unit_id)
        if report.status not in UNSUBMITTED or report.accepted or key in waiting:
            continue
        facts = {"unit": report.unit_name, "number": local_number(version.number)}
        address = reverse("sla:agreement", args=[version.pk])
        if seats.holds(report.unit_id, Role.HEAD, report.call_id):
            title = _("Accept the service-level agreement, version %(number)s, for %(unit)s") % facts
            tone = "warn"
        else:
            title, tone = _("Remind the head to accept the agreement, version %(number)s") % facts, ""
        note = _("Without it the report cannot be submitted; drafting is not held up.")
        waiting[key] = DeskItem("person-check", tone, title, address, note, deadline(report), report.call_id)
    heads = {unit.pk for unit in seats.units(Role.HEAD)}
    if heads:
        for version, unit in unanswered(person, at):
            if unit.pk in heads and (version.pk, unit.pk) not in waiting:
                facts = {"unit": unit.name, "number": local_number(version.number)}
                title = _("Accept the service-level agreement, version %(number)s, for %(unit)s") % facts
                note = _("The next calls will be under this version.")
                address = reverse("sla:agreement", args=[version.pk])
                item = DeskItem("person-check", "", title, address, note, service_id=version.service_id)
                waiting[version.pk, unit.pk] = item
    return list(waiting.values())


def _disputes(person: Person, seats: Seats, at: datetime) -> list[DeskItem]:
    headed = seats.units(Role.HEAD)
    if not headed:
        return []
    found = []
    theirs = Q(unit__in=[u.pk for u in headed]) | inherited(person, at, call="call_id", units=headed)
    for dispute in disputes_of(theirs, at, answering=Side.RECIPIENT)[:MOST]:
        address = reverse("reports:dispute", args=[dispute.pk])
        if dispute.status == DisputeStatus.AWAITING_POSITION:
            title, note = (
                _("Waits for the provider’s view: %(title)s"),
                _("The negotiation has ended without agreement."),
            )
            item = DeskItem("s-contested", "", title % {"title": dispute.name}, address, note)
        elif dispute.offered:
            title, note = (
                _("Answer the provider’s offer: %(title)s"),
                _("If nobody agrees, the provider’s view stands."),
            )
            item = DeskItem("s-contested", "plum", title % {"title": dispute.name}, address, note, dispute.final_at)
        else:
            title, note = _("In negotiation: %(title)s"), _("If nobody agrees, the provider’s view stands.")
            item = DeskItem("s-contested", "", title % {"title": dispute.name}, address, note, dispute.final_at)
        found.append(replace(item, service_id=dispute.agreement.service_id))
    return found


def _forces(reports: Iterable[Report], at: datetime) -> list[Force]:
    """Under which agreement the unit's reports stand and until when: what is in force by its end, then what ended last."""
    every = {report.pk: force_of(report, at) for report in reports}.values()
    by_end = sorted(every, key=lambda force: force.ends_at)
    return [*[force for force in by_end if force.is_on][:FORCES], *[force for force in by_end if not force.is_on][-1:]]


def _past(reports: list[Report]) -> list[dict]:
    return [
        {
            "report": report,
            "timing": Timeliness(report.timeliness) if report.timeliness else None,
            "scored": form_of(report.call.form_version).is_scored,
            "period": label(report.call.period_kind, report.call.period_starts, report.call.period_ends),
            "url": reverse(
                "reports:report_result" if report.state == ReportState.ANNOUNCED else "reports:report",
                args=[report.tracking_code],
            ),
        }
        for report in reports
    ]


def _steps(report: Report) -> list[dict]:
    """The way of the hero's call, and where it stands on it."""
    call = report.call
    target = report.request.target_working_days
    aim = ngettext("target: %(n)s working day", "target: %(n)s working days", target) % {"n": local_number(target)}
    window = ngettext("then %(n)s day to contest it", "then %(n)s days to contest it", call.objection_days)
    icon = {"not_started": "s-none", "draft": "s-draft", "awaiting_sign_off": "s-signoff"}[report.status]
    fill = _("Filling in and the head’s signature") if call.needs_sign_off else _("Filling in and submitting")
    return [
        {"icon": "check-circle-fill", "title": _("Opening"), "date": format_date(call.opens_at)},
        {
            "icon": icon,
            "title": fill,
            "now": True,
            "date": until_words(deadline(report), current_language()),
        },
        {"icon": "s-none", "title": _("Review"), "todo": True, "date": aim},
        {
            "icon": "s-none",
            "title": _("Initial result"),
            "todo": True,
            "date": window % {"n": local_number(call.objection_days)},
        },
    ]


def _first(remarks: dict[str, str]) -> str:
    return _short(next(iter(remarks.values()), ""))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 1].rsplit(" ", 1)[0] + "…"
