"""How a state looks: word, glyph, tone. One table for reports; what the other nouns show is a tag (`{% tag %}`)."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from .language import Words


class Look(NamedTuple):
    word: Words
    glyph: str  # an own icon; also the CSS class `state-<glyph without s->`
    fill: str  # CSS class of its share of a bar
    hatched: bool  # the second state of one tone in a stacked bar


REPORT = {
    "not_started": Look(_("Not started"), "s-none", "c-track c-edge", False),
    "draft": Look(_("Draft"), "s-draft", "c-mute", False),
    "awaiting_sign_off": Look(_("Awaiting the head’s sign-off"), "s-signoff", "c-warn", False),
    "submitted": Look(_("Submitted"), "s-submitted", "c-blue", False),
    "under_review": Look(_("Under review"), "s-review", "c-blue", True),
    "returned": Look(_("Returned for correction"), "s-returned", "c-warn", True),
    "announced": Look(_("Initial result announced"), "s-announced", "c-fill", False),
    "contested": Look(_("Contested"), "s-contested", "c-plum", False),
    "final": Look(_("Final result"), "s-final", "c-good", False),
    "missed": Look(_("Missed"), "s-missed", "c-bad", False),
    "excused": Look(_("Excused"), "s-excused", "c-mute", True),
    "cancelled": Look(_("Cancelled"), "s-cancelled", "c-track c-edge", True),
}


class InBar(NamedTuple):
    """What a legend says of a state that lists use in a wider sense, and the filter that finds just what its bar counts."""

    word: Words
    key: str


IN_BAR = {"missed": InBar(_("Missed, no result yet"), "missed_waiting")}


class Tag(NamedTuple):
    word: Words
    tone: str
    icon: str


# What a call is doing now (reports.enums.CallPhase).
CALL = {
    "draft": Tag(_("Draft"), "", "pencil"),
    "upcoming": Tag(_("Not yet open"), "blue", "calendar-event"),
    "open": Tag(_("Open"), "good", "door-open"),
    "grace": Tag(_("In the grace period"), "warn", "hourglass-split"),
    "closed": Tag(_("Closed"), "mute", "door-closed"),
    "cancelled": Tag(_("Cancelled"), "bad", "slash-circle"),
}
