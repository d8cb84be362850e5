"""Who may: asked under the lock by every verb that decides, with a sentence that says whom to ask instead."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Forbidden
from sajad_portal.lib.numbers import listed
from sla.rules import provider_membership
from units.models import Membership, Person, Unit
from units.queries.lines import in_line_of

from ..models import Call, Report
from ..queries.lines import barred_in, free_of_call, is_barred
from ..queries.namings import deciders_of
from ..rules import deciding_membership

NAMED_AT_MOST = 3


def require_decider(by: Person, report: Report, at: datetime) -> Membership:
    """The membership with which `by` decides about this report. Forbidden with whom to ask."""
    found = deciding_membership(by, report, at)
    if found is None:
        raise why_not_decider(by, report, at)
    return found


def why_not_decider(by: Person, report: Report, at: datetime) -> Forbidden:
    asked = ask_whom(deciders_of(report, at))
    if is_barred(by, report, at):
        said = _(
            "Whoever reports for “%(unit)s”, for a unit above it or one below it, or did while this report was open, "
            "decides nothing about it. %(asked)s"
        )
        return Forbidden(said % {"unit": report.unit_name, "asked": asked}, code="in-line")
    said = _("Only a coordinator of the provider decides about the report of “%(unit)s”. %(asked)s")
    return Forbidden(said % {"unit": report.unit_name, "asked": asked}, code="no-decider")


def ask_whom(people: Iterable[Person]) -> str:
    names = [person.get_full_name() for person in people]
    if not names:
        return _("Nobody can decide now: ask an administrator to name somebody for the unit, on the page of the unit.")
    return _("Ask %(people)s.") % {"people": listed(names[:NAMED_AT_MOST])}


def require_over_call(by: Person, call: Call, at: datetime) -> Membership | None:
    """With which `by` moves the times of a whole call or cancels it, their own unit's among them.

    Forbidden to who is barred from one of its reports, as long as somebody is barred from none; else a call of an
    organisation where every coordinator reports for some unit could never be extended.
    """
    membership = provider_membership(by, call.service, at)
    if membership is None:
        return None
    barred = barred_in(call, by, at).order_by("unit_sort_key").first()
    if barred is None:
        return membership
    others = free_of_call(call, at)
    if others:
        raise Forbidden(
            _(
                "“%(unit)s” is asked in this call, and you report for it, for a unit above it or one below it, or did while "
                "the call was open. %(asked)s"
            )
            % {"unit": barred.unit_name, "asked": ask_whom(others)},
            code="in-line",
        )
    return membership


def require_outside_line(by: Person, unit: Unit, call: Call, at: datetime) -> None:
    """Of a unit that has no report in the call yet. Forbidden to who is in its line."""
    if in_line_of(by, unit.path, at, since=call.opens_at):
        said = _(
            "Whoever reports for “%(unit)s”, for a unit above it or one below it decides nothing about it. "
            "Another coordinator of the provider asks it."
        )
        raise Forbidden(said % {"unit": unit.name}, code="in-line")
