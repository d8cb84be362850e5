"""What stands above and beside every page of a call: its tabs, what may be done with it, its tiles, the agreement's force."""

from datetime import datetime

from django.db.models import Max, Q
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from sajad_portal.lib import periods, states
from sajad_portal.lib.deadlines import until
from units.enums import UNIT_ROLES
from units.queries import memberships_of
from units.queries.successions import inherited

from ...enums import CallState, ReportStatus, Timeliness
from ...models import Call, Report
from ...pages.report.force import force_word
from ...queries.calls import MISSED_WAITING, Numbers
from ...queries.peers import peers_told
from ...queries.prices import price_of_call
from ...rules import can_decide_in, can_manage_call, can_prepare_calls
from ...rules.calls import can_edit_call, can_oversee_call, may_over_call, offered

S = ReportStatus


def call_frame(person, call: Call, at: datetime, tab: str) -> dict:
    """The context that templates/reports/calls/_head.html and _terms.html read."""
    oversees = can_oversee_call(person, call, at)
    manages = can_manage_call(person, call, at)
    able = [verb for verb in offered(call) if may_over_call(person, call, verb, at)] if manages else []
    return {
        "call": call,
        "closing": until(call.closes_at),
        "review_ends": until(call.review_until),
        "period": periods.label(call.period_kind, call.period_starts, call.period_ends),
        "oversees": oversees,
        "manages": manages,
        "decides": can_decide_in(person, call, at),
        "offered": able,
        "can_edit": can_edit_call(person, call, at),
        "can_clone": can_prepare_calls(person, at),
        "tabs": _tabs(call, tab, oversees) if tab else [],
        "actions": _actions(call, able),
        "price": price_of_call(call, at),
        "peers_by": peers_told(call.peers),
        "pinned": call.pinned.select_related("document"),
        "forces": SimpleLazyObject(lambda: _forces(person, call, at, oversees)),  # not every page tells it
    }


def _tabs(call: Call, current: str, oversees: bool) -> list[dict]:
    draft = call.state == CallState.DRAFT
    every = [
        ("call", _("Draft") if draft else _("Reports"), True),
        ("call_progress", _("Progress"), oversees and not draft),
        ("call_audience", _("Units asked"), oversees),
        ("call_reviewers", _("Reviewers"), oversees and not draft),
        ("announce", _("Results"), oversees and not draft),
        ("extensions", _("Requests for more time"), oversees and not draft),
        ("call_files", _("Files"), oversees and not draft),
        ("call_snapshots", _("Completeness at closing"), oversees and not draft),
        ("call_history", _("History"), True),
    ]
    return [
        {"url": reverse(f"reports:{name}", args=[call.pk]), "label": label, "current": name == current}
        for name, label, shown in every
        if shown
    ]


def _actions(call: Call, able: list[str]) -> list[dict]:
    every = [
        ("open-early", _("Open the call early"), "door-open"),
        ("extend", _("Extend the deadline for all"), "calendar-plus"),
        ("ask", _("Ask one more unit"), "person-plus"),
        ("close-early", _("Close the call early"), "door-closed"),
        ("cancel", _("Cancel the call"), "slash-circle"),
    ]
    return [
        {"label": label, "icon": icon, "url": reverse("reports:call_action", args=[call.pk, verb])}
        for verb, label, icon in every
        if verb in able
    ]


def _forces(person, call: Call, at: datetime, oversees: bool) -> list[tuple[bool, str, str]]:
    """[(in force at `at`?, the word for it, until when)]: for headquarters the whole call, for a unit its own; `rules.deadlines.force_ends_at`."""
    if call.state == CallState.DRAFT:
        return []
    reports = Report.objects.filter(call=call).with_force(at)
    if oversees:
        last = reports.aggregate(last=Max("force_ends_at"))["last"] or call.closes_at
        return [(at < last, force_word(at < last), _("For this call until %(until)s") % {"until": until(last)})]
    mine = [m.unit_id for m in memberships_of(person) if m.role in UNIT_ROLES]
    own = reports.filter(Q(unit__in=mine) | inherited(person)).order_by("unit__sort_key", "pk")[:5]
    found = []
    for report in own:
        words = _("For %(unit)s until %(until)s") % {"unit": report.unit_name, "until": until(report.force_ends_at)}
        found.append((report.in_force, force_word(report.in_force), words))
    return found


def tiles(call: Call, numbers: Numbers, *, linked: bool = True) -> list[dict]:
    """The numbers that matter, each with the list it counts, where they count the whole call (`linked`)."""
    here = reverse("reports:call", args=[call.pk])
    now = numbers.states
    every = [
        ("", _("Asked"), numbers.asked, ""),
        ("started", _("Started"), numbers.started, ""),
        (S.AWAITING_SIGN_OFF, _("Awaiting the head’s sign-off"), now.get(S.AWAITING_SIGN_OFF, 0), ""),
        (Timeliness.ON_TIME, _("Submitted on time"), numbers.on_time, ""),
        (Timeliness.IN_GRACE, _("Submitted in the grace period"), numbers.in_grace, ""),
        (Timeliness.EXTENDED, _("Submitted within an extension"), numbers.extended, ""),
        (S.RETURNED, _("Returned for correction"), now.get(S.RETURNED, 0), "warn"),
        (S.UNDER_REVIEW, _("Under review"), now.get(S.UNDER_REVIEW, 0), ""),
        ("results", _("Initial result announced"), numbers.announced, ""),
        (S.FINAL, _("Final result"), now.get(S.FINAL, 0), "good"),
        (Timeliness.MISSED, _("Deadline missed"), numbers.missed, "bad"),
        (S.EXCUSED, _("Excused"), now.get(S.EXCUSED, 0), ""),
    ]
    return [
        {
            "label": label,
            "value": value,
            "tone": tone if value else "",
            "url": f"{here}?status={key}#reports" if linked and key and value else "",
        }
        for key, label, value, tone in every
    ]


def filters(numbers: Numbers, chosen: str = "", lost: int = 0) -> list[tuple[str, str, int]]:
    """For the table of reports: all, who has not submitted, who has lost their unit, then each state that occurs; and what a
    tile has chosen."""
    every: dict[str, tuple] = {
        "": (_("All"), numbers.all),
        "waiting": (_("Not submitted"), numbers.waiting),
        "lost": (_("Lost their unit"), lost),
        "started": (_("Started"), numbers.started),
        "results": (_("Initial result announced"), numbers.announced),
        **{status.value: (status.label, numbers.states.get(status, 0)) for status in S},
        **{timing.value: (timing.label, numbers.timings.get(timing, 0)) for timing in Timeliness},
        MISSED_WAITING: (states.IN_BAR[S.MISSED].word, numbers.states.get(S.MISSED, 0)),
    }
    shown = ["", *(["waiting"] if numbers.waiting else []), *(["lost"] if lost else [])]
    shown += [status for status in numbers.states if status != S.MISSED]
    if numbers.missed:
        shown.append(Timeliness.MISSED.value)
    if 0 < numbers.states.get(S.MISSED, 0) < numbers.missed:
        shown.append(MISSED_WAITING)
    if chosen in every and chosen not in shown:
        shown.append(chosen)
    return [(key, *every[key]) for key in shown]
