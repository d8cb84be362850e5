"""What stands above every page of analysis: the call it is about, its tabs, and which other calls there are."""

from collections.abc import Sequence

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from sajad_portal.lib import periods
from units.enums import Role
from units.pages.frame import SignedInRequest
from units.queries import has_role

from ...models import Call
from ...pages.analysis.services import are_of_several, title_beside
from ...queries.analysis import analysed_calls, sees_the_field
from ...queries.facts_cache import facts_of

MOST_CALLS = 40


def period_of(call: Call) -> str:
    return periods.label(call.period_kind, call.period_starts, call.period_ends)


def analysed_call(person, pk: int) -> Call:
    """The call with results that the person may see. Http404 for others: what you may not see you cannot fetch."""
    found = analysed_calls(person).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def may_try_weights(person) -> bool:
    """What-if is for who defines forms and calls; it stores nothing, so any coordinator may."""
    return has_role(person, Role.COORDINATOR)


def may_order_report(person) -> bool:
    return sees_the_field(person)


def analysis_frame(request: SignedInRequest, call: Call, tab: str) -> dict:
    """The context that templates/reports/analysis/_head.html reads, and `facts`, with which figures are asked."""
    person = request.user
    return {
        "call": call,
        "period": period_of(call),
        "facts": facts_of(call),
        "tabs": _tabs(person, call, tab),
        "calls": call_choices(person),
        "field_seen": sees_the_field(person),
    }


def call_choices(person) -> list[tuple[int, str]]:
    """(id, title) of the calls with results, the newest period first."""
    calls = list(analysed_calls(person)[:MOST_CALLS])
    several = are_of_several(calls)
    return [(call.pk, title_beside(call, several)) for call in calls]


def _tabs(person, call: Call, current: str) -> list[dict]:
    every: Sequence[tuple[str, str, bool]] = [
        ("league", _("League table"), True),
        ("indicators", _("Indicators"), True),
        ("tree", _("By the tree"), True),
        ("compare", _("Comparing units"), True),
        ("against", _("Against another period"), True),
        ("what_if", _("What if"), may_try_weights(person)),
        ("period_report", _("Report of the period"), may_order_report(person)),
    ]
    return [
        {
            "url": reverse(f"reports:analysis_{name}", args=[call.pk]),
            "label": label,
            "count": None,
            "current": name == current,
        }
        for name, label, shown in every
        if shown
    ]


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Analysis"), reverse("reports:analysis")), *more]
