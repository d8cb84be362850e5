"""What happened to a call, told as steps of a timeline: icon, what, who and why. Events in, words out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from sajad_portal.lib.numbers import local_number
from units.models import Event

from ...enums import ReportVerb
from ...models import Call


def _moment(text: str | None) -> str:
    return until(datetime.fromisoformat(text)) if text else ""


def _extended(data: Mapping) -> str:
    return _("The closing moved from %(before)s to %(after)s") % {
        "before": _moment(data.get("before")),
        "after": _moment(data.get("after")),
    }


FIGURES = ("submitted", "missed", "open")


def _closed(data: Mapping) -> str:
    return _("Closing recorded: %(submitted)s submitted, %(missed)s missed, %(open)s still open") % {
        key: local_number(data[key]) for key in FIGURES
    }


def with_figures(call: Call, events: list[Event]) -> list[Event]:
    """Closings that were recorded without their figures get them from the snapshot of the same moment: what is not written is
    not told as 0."""
    bare = [e for e in events if e.noun == "call" and e.verb == ReportVerb.CLOSE and not e.data.keys() >= {*FIGURES}]
    if bare:
        snapshots = {snapshot.as_of: snapshot for snapshot in call.snapshots.all()}
        for event in bare:
            shot = snapshots[datetime.fromisoformat(event.data["as_of"])]
            event.data = {**event.data, **{key: len(getattr(shot, key)) for key in FIGURES}}
    return events


def _decided(data: Mapping) -> str:
    if data.get("decision") == "refused":
        return _("More time was refused")
    return _("More time was granted, to %(until)s") % {"until": _moment(data.get("until"))}


# Whose words name a reviewer. Without the name, where a reader may not learn who judges a unit of the call.
NAMING = (ReportVerb.ASSIGN_REVIEWER, ReportVerb.END_ASSIGNMENT, ReportVerb.HAND_OVER_REVIEWS)


def _assigned(data: Mapping) -> str:
    words = _("Lead reviewer: %(name)s") if data.get("lead") else _("Reviewer: %(name)s")
    return words % {"name": data.get("name", "")}


# verb → (icon, words); `data` is the event's. None: the verb's own words say it. Verbs of single units come with the
# unit's name in front.
OF_CALL: dict[str, tuple[str, Callable[[Mapping], str] | None]] = {
    ReportVerb.CREATE: ("pencil", None),
    ReportVerb.EDIT: ("pencil", None),
    ReportVerb.PUBLISH: (
        "megaphone",
        lambda data: (
            _("Published: %(n)s units asked, agreement version %(version)s")
            % {"n": local_number(data.get("units") or 0), "version": local_number(data.get("agreement") or 0)}
        ),
    ),
    ReportVerb.OPEN: ("door-open", None),
    ReportVerb.OPEN_EARLY: (
        "door-open",
        lambda data: _("Opened early; it was set for %(before)s") % {"before": _moment(data.get("before"))},
    ),
    ReportVerb.EXTEND: ("calendar-plus", _extended),
    ReportVerb.CLOSE_EARLY: ("door-closed", _extended),
    ReportVerb.CLOSE: ("door-closed", _closed),
    ReportVerb.ASSIGN_REVIEWER: ("clipboard-check", _assigned),
    ReportVerb.END_ASSIGNMENT: (
        "clipboard-check",
        lambda data: _("Released from reviewing: %(name)s") % {"name": data.get("name", "")},
    ),
    ReportVerb.HAND_OVER_REVIEWS: (
        "clipboard-check",
        lambda data: (
            _("%(n)s reviews handed over to %(name)s")
            % {"n": local_number(data.get("reviews") or 0), "name": data.get("name", "")}
        ),
    ),
    ReportVerb.REMIND: ("bell", lambda data: _("The portal reminded units of the closing")),
    ReportVerb.REMIND_UNITS: (
        "bell",
        lambda data: _("A reminder was sent to %(n)s units") % {"n": local_number(data.get("units") or 0)},
    ),
    ReportVerb.REMIND_HEADS: ("bell", None),
    ReportVerb.RAISE_QUOTA: ("cloud-arrow-up", None),
    ReportVerb.ORDER_ANNOUNCEMENT: (
        "s-announced",
        lambda data: _("Ordered to be announced: %(n)s results") % {"n": local_number(data.get("reports") or 0)},
    ),
    ReportVerb.END_ANNOUNCEMENT_ORDER: (
        "s-announced",
        lambda data: (
            _("Announced as ordered: %(announced)s results, %(refused)s left out")
            % {key: local_number(data.get(key) or 0) for key in ("announced", "refused")}
        ),
    ),
    ReportVerb.FAIL_ANNOUNCEMENT_ORDER: (
        "x-circle",
        lambda data: (
            _("The announcing stopped after %(announced)s results")
            % {"announced": local_number(data.get("announced") or 0)}
        ),
    ),
    ReportVerb.CANCEL: (
        "slash-circle",
        lambda data: _("Cancelled; %(n)s reports became read-only") % {"n": local_number(data.get("reports") or 0)},
    ),
}
OF_UNIT: dict[str, tuple[str, Callable[[Mapping], str] | None]] = {
    ReportVerb.EXTEND: (
        "calendar-plus",
        lambda data: _("the deadline moved to %(after)s") % {"after": _moment(data.get("after"))},
    ),
    ReportVerb.ASK_LATE: ("person-plus", lambda data: _("asked late")),
    ReportVerb.EXCUSE: ("person-dash", lambda data: _("excused")),
    ReportVerb.REACH_QUOTA: ("cloud-arrow-up", lambda data: _("a file found no room")),
    ReportVerb.RAISE_QUOTA: ("cloud-arrow-up", lambda data: _("more room for files was given")),
    ReportVerb.ASK_EXTENSION: (
        "hourglass-split",
        lambda data: _("asks for more time, until %(until)s") % {"until": _moment(data.get("until"))},
    ),
    ReportVerb.DECIDE_EXTENSION: ("check2-circle", _decided),
}


def call_steps(events: Iterable[Event], unit_names: Mapping[str, str], *, names: bool = True) -> list[dict]:
    """For components/timeline.html. `unit_names` {tracking code: name} of the events about single reports. `names`: whether
    the reader learns who reviews in this call."""
    told = []
    for event in events:
        of_unit = event.noun == "report"
        icon, words = (OF_UNIT if of_unit else OF_CALL).get(event.verb, ("circle", None))
        title = words(event.data) if words and (names or event.verb not in NAMING) else event.words
        if of_unit:
            title = f"{unit_names.get(event.key, event.key)}: {title}"
        by = event.who or _("the portal")
        reason = event.data.get("reason") or event.data.get("note") or ""
        told.append({"icon": icon, "title": title, "note": f"{by}. {reason}" if reason else by, "at": event.at})
    return told
