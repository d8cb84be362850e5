"""The tree of units, and one unit with its people."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from sajad_portal.lib.access import access
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.lists import Column, Listed, Listing
from sajad_portal.lib.paging import Page, page_of

from ..enums import Role
from ..models import Membership, Person, Unit
from ..pages.frame import SignedInRequest
from ..pages.history import told
from ..queries import known_people, memberships_of
from ..queries.events import events_of_unit
from ..queries.kinds import described_values
from ..queries.tree import ancestors_of, branches, heads_of, seats_on, top_units, visible_units, with_counts
from ..rules import can_bring_people, can_import_units, can_manage_unit, can_name_deputy, grantable_roles

BRANCH = 100  # children that a tree shows before it sends you to the unit's page
OPEN_TOPS = 3  # with more places to begin, all stay folded
IN_ORDER = ("sort_key", "pk")
_UNIT = Column("unit", gettext_lazy("Unit"), by=("sort_key",), fixed=True)
_KIND = Column("kind", gettext_lazy("Kind"), by=("kind__sort_key", "sort_key"))
_HEAD = Column("head", gettext_lazy("Head"))
_CODE = Column("code", gettext_lazy("Code"), by=("code",))
_PEOPLE = Column("people", gettext_lazy("People"), by=("people_count", "sort_key"), falls=True, css="num")
_BELOW = Column("below", gettext_lazy("Units below"), by=("child_count", "sort_key"), falls=True, css="num")
FOUND = Listing(_UNIT, Column("above", pgettext_lazy("unit", "Below")), _HEAD, _CODE, _PEOPLE, sort="unit")
BELOW = Listing(_UNIT, _KIND, _HEAD, _PEOPLE, _BELOW, sort="unit")
PEOPLE = Listing(
    Column("name", gettext_lazy("Name"), by=("person__sort_key",), fixed=True),
    Column("role", gettext_lazy("Role"), by=("role_place", "person__sort_key")),
    Column("valid", gettext_lazy("Valid"), by=("starts_at", "person__sort_key"), falls=True),
    Column("seen", gettext_lazy("Last seen"), by=("person__last_seen_at",), falls=True, blank=True),
    sort="role",
    prefix="people_",
)
LISTED = 30  # people of a unit on a page


def unit_for(person: Person, code: str) -> Unit:
    """The unit, if the person's reach holds it; Http404 otherwise."""
    return get_object_or_404(visible_units(person).select_related("kind", "parent", "successor"), code__iexact=code)


@access("visible_units")
@require_safe
def units(request: SignedInRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    return _found(request) if words else _tree(request)


def _found(request: SignedInRequest) -> HttpResponse:
    at = database_now()
    listed = FOUND.of(request)
    words = listed.search(_("Name or code of a unit"))
    page = listed.page(with_counts(visible_units(request.user).matching(words), at))
    above, heads = ancestors_of(page.items), heads_of(page.items, at)
    found = [{"unit": unit, "above": above[unit.pk], "heads": heads.get(unit.pk, [])} for unit in page]
    return render(request, "units/found.html", {"listing": listed, "page": page, "found": found, "words": words})


def _tree(request: SignedInRequest) -> HttpResponse:
    at = database_now()
    page = page_of(with_counts(top_units(request.user).select_related("kind"), at), request, by=IN_ORDER)
    opened = page.items if len(page) <= OPEN_TOPS else []
    below = branches(opened, at, BRANCH)
    heads = heads_of([*page, *(unit for rows in below.values() for unit in rows)], at)
    nodes = [_node(unit, heads, [_node(child, heads) for child in below.get(unit.pk, [])]) for unit in page]
    context = {"page": page, "nodes": nodes, "may_add_root": request.user.is_superuser}
    context["may_import"] = can_import_units(request.user, at)
    context["may_bring"] = can_bring_people(request.user, at)
    return render(request, "units/tree.html", context)


def _node(unit: Unit, heads: dict[int, list[Person]], children: list | None = None) -> dict:
    return {
        "unit": unit,
        "heads": heads.get(unit.pk, []),
        "children": children or [],
        "more": unit.child_count > BRANCH,  # annotated by with_counts
    }


@access("visible_units")
@require_safe
def branch(request: SignedInRequest, code: str) -> HttpResponse:
    """What lies right below a unit, for the tree to unfold."""
    at = database_now()
    parent = unit_for(request.user, code)
    rows = branches([parent], at, BRANCH + 1).get(parent.pk, [])
    heads = heads_of(rows[:BRANCH], at)
    nodes = [_node(unit, heads) for unit in rows[:BRANCH]]
    return render(request, "units/branch.html", {"nodes": nodes, "parent": parent, "more": len(rows) > BRANCH})


@access("visible_units")
@require_safe
def unit(request: SignedInRequest, code: str) -> HttpResponse:
    at = database_now()
    found = unit_for(request.user, code)
    below, people = BELOW.of(request), PEOPLE.of(request)
    words = below.search(_("Name or code of a unit"))
    children = below.page(
        with_counts(Unit.objects.select_related("kind").filter(parent=found).active_at(at).matching(words), at)
    )
    waiting, hidden = _waiting(request.user, found, at)
    manages = can_manage_unit(request.user, found, at)
    own = [seat for seat in memberships_of(request.user, at) if seat.unit_id == found.pk]
    may_invite = bool(grantable_roles(request.user, found, at)) and not found.retired_at
    context = {
        "unit": found,
        "above": ancestors_of([found])[found.pk],
        "people": people,
        "members": _members(people, found, hidden, at),
        "waiting": waiting if may_invite else [],
        "hidden": hidden,
        "below": below,
        "children": [{"unit": c, "heads": h} for c, h in _with_heads(children.items, at)],
        "may_invite": may_invite,
        "may_manage": manages,
        "own_seats": [seat for seat in own if can_name_deputy(request.user, seat, at)],
        "told": told(events_of_unit(found)[:12], request.user, at, manages=manages),
        "described": described_values(found.attributes),
    }
    return render(request, "units/unit.html", context)


def _waiting(reader: Person, unit: Unit, at: datetime) -> tuple[list[Membership], set[int]]:
    """(the seats that wait to be accepted, the keys of those whose person the reader may not know)."""
    seats = list(seats_on(unit, at).filter(accepted_at=None))
    known = known_people(reader, {seat.person_id for seat in seats}, at)
    return seats, {seat.pk for seat in seats if seat.person_id not in known}


def _members(people: Listed, unit: Unit, hidden: set[int], at: datetime) -> Page:
    words = people.search(_("Name of the person"))
    role = people.choose("role", _("Role"), [("", _("Every role")), *Role.choices], menu=True)
    found = seats_on(unit, at).exclude(pk__in=hidden).matching(words)
    return people.page(found.filter(role=role) if role else found, size=LISTED)


def _with_heads(rows: list[Unit], at) -> list[tuple[Unit, list[Person]]]:
    heads = heads_of(rows, at)
    return [(row, heads.get(row.pk, [])) for row in rows]


@access("visible_units")
@require_safe
def unit_history(request: SignedInRequest, code: str) -> HttpResponse:
    """Everything that happened to the unit and its people."""
    found = unit_for(request.user, code)
    page = page_of(events_of_unit(found), request, by=("-id",))
    if request.GET and not page.items:
        raise Http404
    at = database_now()
    lines = told(page.items, request.user, at, manages=can_manage_unit(request.user, found, at))
    return render(request, "units/history.html", {"unit": found, "page": page, "told": lines})
