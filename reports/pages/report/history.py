"""What happened to a report, from its Events, in words for a timeline. Reviewers' single steps stay among reviewers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.jalali import format_datetime
from units.models import Event

from ...enums import ExtensionDecision, Standing

# verb → (icon, title). What is not named here is not shown.
STEPS = {
    "ask": ("megaphone", gettext_lazy("Asked for this report")),
    "ask_late": ("megaphone", gettext_lazy("Asked after the call had opened")),
    "request_sign_off": ("s-signoff", gettext_lazy("The head’s signature was asked for")),
    "withdraw": ("arrow-counterclockwise", gettext_lazy("The request for the signature was taken back")),
    "send_back": ("reply", gettext_lazy("The head sent the draft back")),
    "submit": ("s-submitted", gettext_lazy("Submitted")),
    "recall": ("arrow-counterclockwise", gettext_lazy("The submission was taken back")),
    "ask_extension": ("calendar-plus", gettext_lazy("An extension was asked for")),
    "decide_extension": ("calendar-check", gettext_lazy("The extension request was decided")),
    "ask_extension_paid": ("calendar-plus", gettext_lazy("The fee of the extension request was paid")),
    "hold_open": ("hourglass-split", gettext_lazy("The bank confirmed the fee after the deadline; the report is open")),
    "extend": ("calendar-plus", gettext_lazy("The deadline was extended")),
    "start_review": ("s-review", gettext_lazy("The review began")),
    "return": ("s-returned", gettext_lazy("Returned for correction")),
    "answer_return": ("send-check", gettext_lazy("The correction was sent")),
    "lapse_return": ("calendar-x", gettext_lazy("The time to correct ended without an answer")),
    "withdraw_return": ("arrow-return-left", gettext_lazy("The return was taken back")),
    "announce": ("s-announced", gettext_lazy("The result was announced")),
    "contest": ("s-contested", gettext_lazy("The result was contested")),
    "contest_act": ("s-contested", gettext_lazy("A dispute was filed")),
    "lower_fee": ("receipt", gettext_lazy("The fee was lowered by agreement")),
    "final": ("s-final", gettext_lazy("The result became final")),
    "excuse": ("slash-circle", gettext_lazy("The unit was excused")),
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
    "submit": _standing,
    "extend": _until,
    "hold_open": _until,
    "ask_extension": _until,
    "decide_extension": _decision,
}


def report_steps(events: Iterable[Event]) -> list[dict]:
    """For components/timeline.html, oldest first."""
    found = []
    for event in events:
        if event.verb not in STEPS:
            continue
        icon, title = STEPS[event.verb]
        note = NOTES.get(event.verb, lambda data: "")(event.data)
        who = event.person.get_full_name() if event.person else ""
        notes = "، ".join(part for part in (who, note) if part)
        found.append({"icon": icon, "title": title, "note": notes, "at": event.at, "now": False, "todo": False})
    return found
