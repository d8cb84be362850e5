"""What happened to a report, from its Events, in words for a timeline. Reviewers' single steps stay among reviewers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.deadlines import until
from sla.enums import Decision
from units.models import Event

from ...enums import ReportVerb, Standing

# verb → icon. What is not named here is not shown.
STEPS: dict[str, str] = {
    ReportVerb.ASK: "megaphone",
    ReportVerb.ASK_LATE: "megaphone",
    ReportVerb.REQUEST_SIGN_OFF: "s-signoff",
    ReportVerb.WITHDRAW: "arrow-counterclockwise",
    ReportVerb.SEND_BACK: "reply",
    ReportVerb.SUBMIT: "s-submitted",
    ReportVerb.RECALL: "arrow-counterclockwise",
    ReportVerb.ASK_EXTENSION: "calendar-plus",
    ReportVerb.DECIDE_EXTENSION: "calendar-check",
    ReportVerb.ASK_EXTENSION_PAID: "calendar-plus",
    ReportVerb.HOLD_OPEN: "hourglass-split",
    ReportVerb.EXTEND: "calendar-plus",
    ReportVerb.START_REVIEW: "s-review",
    ReportVerb.RETURN: "s-returned",
    ReportVerb.ANSWER_RETURN: "send-check",
    ReportVerb.LAPSE_RETURN: "calendar-x",
    ReportVerb.WITHDRAW_RETURN: "arrow-return-left",
    ReportVerb.ANNOUNCE: "s-announced",
    ReportVerb.CONTEST: "s-contested",
    ReportVerb.CONTEST_ACT: "s-contested",
    ReportVerb.LOWER_FEE: "receipt",
    ReportVerb.FINAL: "s-final",
    ReportVerb.EXCUSE: "slash-circle",
    ReportVerb.HAND_TO_SUCCESSOR: "arrow-right",
    ReportVerb.LEAVE_OPEN: "clock-history",
}

# By reviewers, or by a coordinator who judges with them: who may not learn who judges the unit, reads no name here.
BY_JUDGES = frozenset({ReportVerb.START_REVIEW, ReportVerb.RETURN, ReportVerb.WITHDRAW_RETURN})


def _standing(data: Mapping) -> str:
    value = data.get("standing", "")
    return str(Standing(value).label) if value in Standing.values else ""


def _until(data: Mapping) -> str:
    text = data.get("after") or data.get("until") or ""
    return _("until %(at)s") % {"at": until(datetime.fromisoformat(text))} if text else ""


def _decision(data: Mapping) -> str:
    value = data.get("decision", "")
    return str(Decision(value).label) if value in Decision.values else ""


NOTES: dict[str, Callable[[Mapping], str]] = {
    ReportVerb.SUBMIT: _standing,
    ReportVerb.EXTEND: _until,
    ReportVerb.HOLD_OPEN: _until,
    ReportVerb.ASK_EXTENSION: _until,
    ReportVerb.DECIDE_EXTENSION: _decision,
    ReportVerb.HAND_TO_SUCCESSOR: lambda data: data.get("name", ""),
}


def report_steps(events: Iterable[Event], *, names: bool) -> list[dict]:
    """For components/timeline.html, oldest first. `names`: whether the reader learns who judges the unit."""
    found = []
    for event in events:
        if event.verb not in STEPS:
            continue
        note = NOTES.get(event.verb, lambda data: "")(event.data)
        who = event.who if names or event.verb not in BY_JUDGES else ""
        notes = "، ".join(part for part in (who, note) if part)
        found.append(
            {
                "icon": STEPS[event.verb],
                "title": event.words,
                "note": notes,
                "at": event.at,
                "now": False,
                "todo": False,
            }
        )
    return found
