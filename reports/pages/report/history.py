"""What happened to a report, from its Events, in words for a timeline. Reviewers' single steps stay among reviewers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.jalali import format_datetime
from units.models import Event

from ...enums import ExtensionDecision, Standing, Verb

# verb → icon. What is not named here is not shown.
STEPS: dict[str, str] = {
    Verb.ASK: "megaphone",
    Verb.ASK_LATE: "megaphone",
    Verb.REQUEST_SIGN_OFF: "s-signoff",
    Verb.WITHDRAW: "arrow-counterclockwise",
    Verb.SEND_BACK: "reply",
    Verb.SUBMIT: "s-submitted",
    Verb.RECALL: "arrow-counterclockwise",
    Verb.ASK_EXTENSION: "calendar-plus",
    Verb.DECIDE_EXTENSION: "calendar-check",
    Verb.ASK_EXTENSION_PAID: "calendar-plus",
    Verb.HOLD_OPEN: "hourglass-split",
    Verb.EXTEND: "calendar-plus",
    Verb.START_REVIEW: "s-review",
    Verb.RETURN: "s-returned",
    Verb.ANSWER_RETURN: "send-check",
    Verb.LAPSE_RETURN: "calendar-x",
    Verb.WITHDRAW_RETURN: "arrow-return-left",
    Verb.ANNOUNCE: "s-announced",
    Verb.CONTEST: "s-contested",
    Verb.CONTEST_ACT: "s-contested",
    Verb.LOWER_FEE: "receipt",
    Verb.FINAL: "s-final",
    Verb.EXCUSE: "slash-circle",
}


def _standing(data: Mapping) -> str:
    value = data.get("standing", "")
    return str(Standing(value).label) if value in Standing.values else ""


def _until(data: Mapping) -> str:
    text = data.get("after") or data.get("until") or ""
    return _("until %(at)s") % {"at": format_datetime(datetime.fromisoformat(text))} if text else ""


def _decision(data: Mapping) -> str:
    value = data.get("decision", "")
    return str(ExtensionDecision(value).label) if value in ExtensionDecision.values else ""


NOTES: dict[str, Callable[[Mapping], str]] = {
    Verb.SUBMIT: _standing,
    Verb.EXTEND: _until,
    Verb.HOLD_OPEN: _until,
    Verb.ASK_EXTENSION: _until,
    Verb.DECIDE_EXTENSION: _decision,
}


def report_steps(events: Iterable[Event]) -> list[dict]:
    """For components/timeline.html, oldest first."""
    found = []
    for event in events:
        if event.verb not in STEPS:
            continue
        note = NOTES.get(event.verb, lambda data: "")(event.data)
        who = event.person.get_full_name() if event.person else ""
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
