"""The audit trail of people and units in sentences. Reads the events' own data, so that it says what was true then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.text import sort_key

from ..enums import Role, UnitVerb
from ..models import Event, Person, UnitAttribute
from ..queries import known_people
from ..queries.kinds import kind_name, kind_names


@dataclass(frozen=True)
class HistoryEntry:
    at: datetime
    by: str
    icon: str
    title: str
    note: str = ""


ICONS: dict[str, str] = {
    UnitVerb.CREATE: "plus-circle", UnitVerb.RENAME: "pencil", UnitVerb.MOVE: "diagram-3", UnitVerb.RETIRE: "archive",
    UnitVerb.MERGE: "archive", UnitVerb.REINSTATE: "arrow-counterclockwise", UnitVerb.GRANT: "person-plus", UnitVerb.END: "person-dash",
    UnitVerb.INVITE: "envelope", UnitVerb.ACCEPT: "person-check", UnitVerb.DECLINE: "person-x", UnitVerb.LEAVE: "person-dash",
    UnitVerb.NAME_DEPUTY: "person-plus", UnitVerb.CHANGE_DATES: "calendar-event", UnitVerb.REMIND: "envelope",
    UnitVerb.ASK_CONSENT: "people", UnitVerb.CONSENT: "people", UnitVerb.REFUSE: "person-x", UnitVerb.CONFIRM: "shield-check",
    UnitVerb.CORRECT: "pencil", UnitVerb.CLOSE: "lock", UnitVerb.REOPEN: "unlock", UnitVerb.END_SESSIONS: "box-arrow-right",
    UnitVerb.ADD_FACTOR: "shield-check", UnitVerb.REMOVE_FACTOR: "shield-lock", UnitVerb.RENEW_CODES: "shield-check",
    UnitVerb.USE_CODE: "shield-lock", UnitVerb.CLOSE_FACTOR: "lock", UnitVerb.PROPOSE_FACTOR_RESET: "people",
    UnitVerb.WITHDRAW_FACTOR_RESET: "person-x", UnitVerb.RESET_FACTOR: "unlock",
    UnitVerb.HAND_TO_SUCCESSOR: "arrow-right", UnitVerb.LEAVE_OPEN: "clock-history",
}  # fmt: skip


# What tells that a person judges elsewhere: for who manages the unit alone.
OF_CONSENT = frozenset({UnitVerb.CONSENT, UnitVerb.REFUSE, UnitVerb.ASK_CONSENT})


def told(events: Iterable[Event], reader: Person, at: datetime, *, manages: bool) -> list[HistoryEntry]:
    """One line an event; the people they speak of in one query. Whom the reader may not know has no name here; `manages`:
    the reader coordinates the unit, and hears of consents."""
    events = list(events)
    wanted = {int(e.key) for e in events if e.noun == "person"}
    wanted |= {e.data[k] for e in events if e.noun == "membership" for k in ("person", "deputy_for") if k in e.data}
    wanted |= {e.person_id for e in events if e.person_id is not None and e.noun == "membership"}
    people, words = Person.objects.in_bulk(known_people(reader, wanted, at)), _words_of(events)
    return [_line(event, people, words) for event in events if manages or event.verb not in OF_CONSENT]


@dataclass(frozen=True)
class _Words:
    """What kinds and attributes are called; asked for where an event names some."""

    kinds: dict[str, str]
    attributes: dict[str, str]


def _words_of(events: Iterable[Event]) -> _Words:
    changed = [event.data for event in events if event.noun == "unit" and event.verb == UnitVerb.RENAME]
    codes = {code for data in changed for code in data.get("attributes", ())}
    return _Words(
        kind_names() if any("kind" in data for data in changed) else {},
        {a.code: a.name_here for a in UnitAttribute.objects.filter(code__in=codes)} if codes else {},
    )


def _line(event: Event, people: dict[int, Person], words: _Words) -> HistoryEntry:
    unnamed = event.noun == "membership" and event.person_id not in people
    by = _("Somebody") if event.person and unnamed else event.who or _("The portal")
    if event.noun == "unit":
        title, note = _unit_words(event, words)
    else:
        key = event.data["person"] if event.noun == "membership" else int(event.key)
        who = people[key].get_full_name() if key in people else _("Somebody")
        title, note = _people_words(event, who, people)
    return HistoryEntry(event.at, by, ICONS.get(event.verb, "clock-history"), title, note)


def _unit_words(event: Event, words: _Words) -> tuple[str, str]:
    data, verb = event.data, event.verb
    reason = data.get("reason", "")
    if reason == "importunits":
        reason = _("it was not in the imported file")
    if verb == UnitVerb.CREATE:
        return _("The unit was created"), data["name"]
    if verb == UnitVerb.RENAME:
        pairs = {"name": _("name"), "kind": _("kind"), "name_en": _("English name")}
        # An import says beside them that it was one.
        told = [
            (pairs[field], *(kind_name(words.kinds, v) if field == "kind" else v for v in data[field]))
            for field in data
            if field in pairs
        ]
        described = [(words.attributes.get(code, code), *pair) for code, pair in data.get("attributes", {}).items()]
        told += sorted(described, key=lambda line: sort_key(line[0]))  # a database keeps its own order of keys
        changes = [
            _("%(what)s: from “%(old)s” to “%(new)s”") % {"what": what, "old": old or "—", "new": new or "—"}
            for what, old, new in told
        ]
        return _("The unit was renamed"), " · ".join(changes)
    if verb == UnitVerb.MOVE:
        old, new = data["parent"]
        top = _("the top")
        return _("The unit was moved"), _("from %(old)s to %(new)s") % {"old": old or top, "new": new or top}
    if verb == UnitVerb.MERGE:
        return _("The unit was merged into %(unit)s") % {"unit": data["successor"]}, reason
    if verb == UnitVerb.RETIRE:
        return _("The unit was retired"), reason
    if verb == UnitVerb.HAND_TO_SUCCESSOR:
        return _("What it left open was handed to %(unit)s") % {
            "unit": data.get("successor") or _("another unit")
        }, reason
    return event.words, reason


def _role_of(event: Event, people: dict[int, Person]) -> str:
    role, giver = Role(event.data["role"]).label, people.get(event.data.get("deputy_for", 0))
    return _("%(role)s, deputy of %(person)s") % {"role": role, "person": giver.get_full_name()} if giver else str(role)


def _people_words(event: Event, who: str, people: dict[int, Person]) -> tuple[str, str]:
    if event.noun == "membership":
        facts = {"person": who, "role": _role_of(event, people)}
        steps: dict[str, str] = {
            UnitVerb.GRANT: _("%(person)s was given the seat of %(role)s"),
            UnitVerb.NAME_DEPUTY: _("%(person)s was named as %(role)s"),
            UnitVerb.CHANGE_DATES: _("The dates of the seat of %(person)s as %(role)s were changed"),
            UnitVerb.REMIND: _("The offer of the seat of %(role)s was sent to %(person)s again"),
            UnitVerb.ASK_CONSENT: _("The seat of %(person)s as %(role)s needs a second person’s consent now"),
            UnitVerb.ACCEPT: _("%(person)s accepted the seat of %(role)s"),
            UnitVerb.CONSENT: _("A second person consented to the seat of %(person)s as %(role)s"),
            UnitVerb.REFUSE: _("A second person refused the seat of %(person)s as %(role)s"),
            UnitVerb.DECLINE: _("%(person)s declined the seat of %(role)s"),
            UnitVerb.LEAVE: _("%(person)s left the seat of %(role)s"),
            UnitVerb.END: _("%(person)s is no longer %(role)s"),
        }
        if event.verb in steps:
            return steps[event.verb] % facts, event.data.get("reason", "")
    elif event.verb == UnitVerb.INVITE:
        return _("%(person)s was invited") % {"person": who}, ""
    elif event.verb == UnitVerb.CORRECT and "name" in event.data:
        former, now = event.data["name"]
        return event.words, _("from “%(old)s” to “%(new)s”") % {"old": former, "new": now}
    elif event.verb == UnitVerb.CHANGE_PROFILE:
        return _("The account of %(person)s was changed") % {"person": who}, ""
    return f"{who}: {event.words}", event.data.get("reason", "")
