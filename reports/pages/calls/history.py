"""What happened to a call, told as steps of a timeline: icon, what, who and why. Pure: events in, words out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from sajad_portal.lib.numbers import local_number
from units.models import Event

from ...enums import Verb


def _moment(text: str | None) -> str:
    return until(datetime.fromisoformat(text)) if text else ""


def _extended(data: Mapping) -> str:
    return _("The closing moved from %(before)s to %(after)s") % {
        "before": _moment(data.get("before")),
        "after": _moment(data.get("after")),
    }


def _closed(data: Mapping) -> str:
    return _("Closing recorded: %(submitted)s submitted, %(missed)s missed, %(open)s still open") % {
        key: local_number(data.get(key) or 0) for key in ("submitted", "missed", "open")
    }


def _decided(data: Mapping) -> str:
    if data.get("decision") == "refused":
        return _("More time was refused")
    return _("More time was granted, to %(until)s") % {"until": _moment(data.get("until"))}


def _assigned(data: Mapping) -> str:
    words = _("Lead reviewer: %(name)s") if data.get("lead") else _("Reviewer: %(name)s")
    return words % {"name": data.get("name", "")}


# verb → (icon, words); `data` is the event's. None: the verb's own words say it. Verbs of single units come with the
# unit's name in front.
OF_CALL: dict[str, tuple[str, Callable[[Mapping], str] | None]] = {
    Verb.CREATE: ("pencil", None),
    Verb.EDIT: ("pencil", None),
    Verb.PUBLISH: (
        "megaphone",
        lambda data: (
            _("Published: %(n)s units asked, agreement version %(version)s")
            % {"n": local_number(data.get("units") or 0), "version": local_number(data.get("agreement") or 0)}
        ),
    ),
    Verb.OPEN: ("door-open", None),
    Verb.OPEN_EARLY: (
        "door-open",
        lambda data: _("Opened early; it was set for %(before)s") % {"before": _moment(data.get("before"))},
    ),
    Verb.EXTEND: ("calendar-plus", _extended),
    Verb.CLOSE_EARLY: ("door-closed", _extended),
    Verb.CLOSE: ("door-closed", _closed),
    Verb.ASSIGN_REVIEWER: ("clipboard-check", _assigned),
    Verb.END_ASSIGNMENT: (
        "clipboard-check",
        lambda data: _("Released from reviewing: %(name)s") % {"name": data.get("name", "")},
    ),
    Verb.HAND_OVER_REVIEWS: (
        "clipboard-check",
        lambda data: (
            _("%(n)s reviews handed over to %(name)s")
            % {"n": local_number(data.get("reviews") or 0), "name": data.get("name", "")}
        ),
    ),
    Verb.REMIND: ("bell", lambda data: _("The portal reminded units of the closing")),
    Verb.REMIND_UNITS: (
        "bell",
        lambda data: _("A reminder was sent to %(n)s units") % {"n": local_number(data.get("units") or 0)},
    ),
    Verb.ORDER_ANNOUNCEMENT: (
        "s-announced",
        lambda data: _("Ordered to be announced: %(n)s results") % {"n": local_number(data.get("reports") or 0)},
    ),
    Verb.END_ANNOUNCEMENT_ORDER: (
        "s-announced",
        lambda data: (
            _("Announced as ordered: %(announced)s results, %(refused)s left out")
            % {key: local_number(data.get(key) or 0) for key in ("announced", "refused")}
        ),
    ),
    Verb.FAIL_ANNOUNCEMENT_ORDER: (
        "x-circle",
        lambda data: (
            _("The announcing stopped after %(announced)s results")
            % {"announced": local_number(data.get("announced") or 0)}
        ),
    ),
    Verb.CANCEL: (
        "slash-circle",
        lambda data: _("Cancelled; %(n)s reports became read-only") % {"n": local_number(data.get("reports") or 0)},
    ),
}
OF_UNIT: dict[str, tuple[str, Callable[[Mapping], str] | None]] = {
    Verb.EXTEND: (
        "calendar-plus",
        lambda data: _("the deadline moved to %(after)s") % {"after": _moment(data.get("after"))},
    ),
    Verb.ASK_LATE: ("person-plus", lambda data: _("asked late")),
    Verb.EXCUSE: ("person-dash", lambda data: _("excused")),
    Verb.ASK_EXTENSION: (
        "hourglass-split",
        lambda data: _("asks for more time, until %(until)s") % {"until": _moment(data.get("until"))},
    ),
    Verb.DECIDE_EXTENSION: ("check2-circle", _decided),
}


def call_steps(events: Iterable[Event], unit_names: Mapping[str, str]) -> list[dict]:
    """For components/timeline.html. `unit_names` {tracking code: name} of the events about single reports."""
    told = []
    for event in events:
        of_unit = event.noun == "report"
        icon, words = (OF_UNIT if of_unit else OF_CALL).get(event.verb, ("circle", None))
        title = words(event.data) if words else event.words
        if of_unit:
            title = f"{unit_names.get(event.key, event.key)}: {title}"
        by = str(event.person) if event.person else _("the portal")
        reason = event.data.get("reason") or event.data.get("note") or ""
        told.append({"icon": icon, "title": title, "note": f"{by}. {reason}" if reason else by, "at": event.at})
    return told
