"""`importunits`: the tree out of one file. It creates, renames, moves, retires and brings back; history is not touched."""

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.locks import hold_tree
from sajad_portal.lib.text import search_key

from ..enums import UnitVerb
from ..files.units import FileProblem, FileRefused, UnitRow, read_kind, read_rows
from ..models import Event, Person, Unit
from ..rules import can_manage_unit
from .events import record_many
from .units import checked_code

MAX_DEPTH = 20
STORED = [
    "name", "name_en", "kind", "parent", "path", "depth", "search_key", "sort_key", "retired_at", "successor"
]  # fmt: skip


@dataclass
class PlannedUnit:
    """One unit as it will be. `row` is None for a unit that the file does not name."""

    key: str
    code: str
    name: str
    kind: str
    name_en: str
    parent_key: str
    unit: Unit | None
    row: UnitRow | None
    active: bool = True
    was_below: str = ""
    is_new: bool = False


@dataclass(frozen=True)
class ImportOutcome:
    created: int
    renamed: int
    moved: int
    retired: int
    reinstated: int
    unchanged: int


@transaction.atomic
def import_units(
    *, data: bytes, by: Person | None, under: Unit | None = None, retire_missing: bool = False
) -> ImportOutcome:
    """Bring the tree in step with the file (`code,name,kind,parent_code`, rows in any order).

    `under`: where rows without a parent hang. `retire_missing`: what the file leaves out below `under`, or below the
    file's own roots, is retired. Raises FileRefused with every problem at once, and then stores nothing.
    `by=None` is the command; a person must manage `under`, and touches nothing outside of it.
    """
    rows = read_rows(data)
    hold_tree()
    at = database_now()
    units = {unit.pk: unit for unit in Unit.objects.all()}
    if under is not None and under.pk not in units:
        raise Refused(_("The unit under which the file is to hang no longer exists."), code="no-unit")
    if by is not None and not by.is_superuser and (under is None or not can_manage_unit(by, under, at)):
        raise Forbidden(
            _("Only a coordinator of the unit at the top imports the units below it."), code="may-not-import"
        )
    nodes, problems = _plan(rows, units, under)
    if not problems and retire_missing:
        _mark_missing(nodes, units, under)
    problems += _impossible(nodes)
    if by is not None and not by.is_superuser and under is not None:
        problems += _outside(nodes, under)
    if problems:
        raise FileRefused(problems)
    return _apply(nodes, at, by)


# ------------------------------------------------------------------------------------- planning
def _plan(
    rows: list[UnitRow], units: dict[int, Unit], under: Unit | None
) -> tuple[dict[str, PlannedUnit], list[FileProblem]]:
    """The tree as it will be, by casefolded code, and what is wrong in single rows."""
    nodes = {}
    for unit in units.values():
        above = units[unit.parent_id].code.casefold() if unit.parent_id else ""
        key = unit.code.casefold()
        nodes[key] = PlannedUnit(
            key,
            unit.code,
            unit.name,
            unit.kind,
            unit.name_en,
            above,
            unit,
            None,
            active=unit.retired_at is None,
            was_below=units[unit.parent_id].code if unit.parent_id else "",
        )
    problems: list[FileProblem] = []
    first: dict[str, int] = {}
    for row in rows:
        problems += row.problems or _row_problems(row)
        if row.key in first:
            said = _("The code %(code)s stands in row %(row)s already.") % {"code": row.code, "row": first[row.key]}
            problems.append(FileProblem(row.number, "code", said))
            continue
        first[row.key] = row.number
        old = nodes.get(row.key)
        above = row.parent_key or (under.code.casefold() if under and under.code.casefold() != row.key else "")
        if under and under.code.casefold() == row.key and not row.parent_key and old:
            above = old.parent_key  # the top itself stays where it is
        nodes[row.key] = PlannedUnit(
            row.key, old.code if old else row.code, row.name, read_kind(row.kind) or "",
            row.name_en or (old.name_en if old else ""), above, old.unit if old else None, row,
            was_below=old.was_below if old else "",
        )  # fmt: skip
    return nodes, problems


def _row_problems(row: UnitRow) -> list[FileProblem]:
    found = []
    try:
        checked_code(row.code)
    except Refused as refusal:
        found.append(FileProblem(row.number, "code", str(refusal)))
    if not row.name:
        found.append(FileProblem(row.number, "name", _("A unit needs a name.")))
    elif len(row.name) > 200:
        found.append(FileProblem(row.number, "name", _("The name is longer than 200 letters.")))
    if len(row.name_en) > 200:
        found.append(FileProblem(row.number, "name_en", _("The name is longer than 200 letters.")))
    if read_kind(row.kind) is None:
        said = _("“%(kind)s” is no kind of unit. Write one of: %(kinds)s.")
        kinds = "organization, deputy, directorate, office, department, section, fund, public, medical, private, islamic-azad, applied-science, distance, other"
        found.append(FileProblem(row.number, "kind", said % {"kind": row.kind, "kinds": kinds}))
    if row.parent_key == row.key and row.key:
        found.append(FileProblem(row.number, "parent_code", _("A unit cannot stand below itself.")))
    return found


def _mark_missing(nodes: dict[str, PlannedUnit], units: dict[int, Unit], under: Unit | None) -> None:
    """What lies below the top and is not in the file ends."""
    tops = [under] if under else [n.unit for n in nodes.values() if n.row and not n.row.parent_key and n.unit]
    for node in nodes.values():
        unit = node.unit
        if node.row or unit is None or not node.active:
            continue
        if any(unit.path.startswith(top.path) and unit.pk != top.pk for top in tops if top):
            node.active = False


def _impossible(nodes: dict[str, PlannedUnit]) -> list[FileProblem]:
    """What is wrong with the tree as a whole: unknown or retired parents, circles, depth, names that recur in one place."""
    found = []
    for node in nodes.values():
        if node.row is None:
            continue
        above = nodes.get(node.parent_key)
        if node.parent_key and above is None:
            said = _("There is no unit with the code %(code)s, neither in the file nor in the portal.")
            found.append(FileProblem(node.row.number, "parent_code", said % {"code": node.row.parent_code}))
        elif above is not None and not above.active:
            said = _("%(code)s is retired, or would be by this file; nothing can hang there.")
            found.append(FileProblem(node.row.number, "parent_code", said % {"code": above.code}))
    found += _misplaced(nodes)
    places: dict[tuple[str, str], list[PlannedUnit]] = defaultdict(list)
    for node in nodes.values():
        if node.active and node.name:
            places[node.parent_key, search_key(node.name)].append(node)
    for twins in places.values():
        if len(twins) > 1:
            found += _twin_problems(twins)
    return found


def _depths(nodes: dict[str, PlannedUnit]) -> tuple[dict[str, int], list[list[str]]]:
    """How deep each unit stands (0: a root), and the circles that were met on the way."""
    depths: dict[str, int] = {}
    rings = []
    for start in nodes:
        chain: dict[str, int] = {}  # in the order walked
        key = start
        while key in nodes and key not in depths and key not in chain:
            chain[key] = len(chain)
            key = nodes[key].parent_key
        if key in chain:
            rings.append(list(chain)[chain[key] :])
        level = depths.get(key, -1)
        for link in reversed(chain):
            level += 1
            depths[link] = level
    return depths, rings


def _misplaced(nodes: dict[str, PlannedUnit]) -> list[FileProblem]:
    """Each circle once, at its first row; and units that would stand too deep."""
    depths, rings = _depths(nodes)
    found = []
    for ring in rings:
        rows = [row.number for key in ring if (row := nodes[key].row)]
        if len(ring) > 1 and rows:  # a row that names itself has its own problem
            codes = " ← ".join(nodes[key].code for key in [*ring, ring[0]])
            said = _("These units stand above each other in a circle: %(codes)s.") % {"codes": codes}
            found.append(FileProblem(min(rows), "parent_code", said))
    if rings:
        return found
    deep = _("This unit would stand more than %(n)s levels deep.") % {"n": MAX_DEPTH}
    return [
        FileProblem(n.row.number, "parent_code", deep) for n in nodes.values() if n.row and depths[n.key] > MAX_DEPTH
    ]


def _twin_problems(twins: list[PlannedUnit]) -> list[FileProblem]:
    twins = sorted(twins, key=lambda node: node.row.number if node.row else 0)
    found = []
    for other, node in itertools.pairwise(twins):
        if node.row and other.row:
            said = _("Row %(row)s gives the same name in the same place.") % {"row": other.row.number}
        else:
            said = _("There is already a unit of this name in this place: %(code)s.") % {"code": other.code}
        if node.row:
            found.append(FileProblem(node.row.number, "name", said))
    return found


def _outside(nodes: dict[str, PlannedUnit], under: Unit) -> list[FileProblem]:
    said = _("This unit lies outside of %(unit)s; you cannot change it.") % {"unit": under.name}
    return [
        FileProblem(node.row.number, "code", said)
        for node in nodes.values()
        if node.row and node.unit and not node.unit.path.startswith(under.path)
    ]


# ------------------------------------------------------------------------------------- storing
def _apply(nodes: dict[str, PlannedUnit], at: datetime, by: Person | None) -> ImportOutcome:
    """Level by level, because a path names the ids above it."""
    depths, _rings = _depths(nodes)
    levels: dict[int, list[PlannedUnit]] = defaultdict(list)
    for node in nodes.values():
        levels[depths[node.key]].append(node)
    changed: list[Unit] = []
    events: list[Event] = []
    counts: Counter = Counter()
    for depth in sorted(levels):
        _create(levels[depth], nodes)
        for node in levels[depth]:
            above = nodes[node.parent_key].unit if node.parent_key else None
            told, is_other = _settle(node, above, depth, at)
            if is_other:
                changed.append(_stored(node))
            events += [_event(verb, node, at, by, data) for verb, data in told.items()]
            counts.update(told.keys() or ({"unchanged"} if node.row else ()))
    Unit.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["id"], update_fields=STORED, batch_size=1000
    )
    record_many(events)
    return ImportOutcome(
        created=counts[UnitVerb.CREATE], renamed=counts[UnitVerb.RENAME], moved=counts[UnitVerb.MOVE], retired=counts[UnitVerb.RETIRE],
        reinstated=counts[UnitVerb.REINSTATE], unchanged=counts["unchanged"],
    )  # fmt: skip


def _stored(node: PlannedUnit) -> Unit:
    if node.unit is None:
        raise RuntimeError("A unit is settled after it was created.")
    return node.unit


def _create(level: list[PlannedUnit], nodes: dict[str, PlannedUnit]) -> None:
    """Rows for the new units of one level, so that they have ids."""
    fresh = [node for node in level if node.unit is None]
    for node in fresh:
        node.is_new = True
        node.unit = Unit(code=node.code, name=node.name, name_en=node.name_en, kind=node.kind)
        node.unit.parent = nodes[node.parent_key].unit if node.parent_key else None
        node.unit.refresh_keys()
    Unit.objects.bulk_create([_stored(node) for node in fresh], batch_size=1000)


def _settle(node: PlannedUnit, above: Unit | None, depth: int, at: datetime) -> tuple[dict[UnitVerb, dict], bool]:
    """Make the unit what the plan says: what is told of it, by verb, and whether its row is another (its path may move alone)."""
    unit = _stored(node)
    changes: dict[UnitVerb, dict] = {}
    if node.is_new:
        changes[UnitVerb.CREATE] = {"code": unit.code, "name": unit.name, "kind": unit.kind}
    renamed = {
        field: [getattr(unit, field), value]
        for field, value in (("name", node.name), ("kind", node.kind), ("name_en", node.name_en))
        if getattr(unit, field) != value
    }
    if renamed:
        changes[UnitVerb.RENAME] = renamed
        unit.name, unit.kind, unit.name_en = node.name, node.kind, node.name_en
        unit.refresh_keys()
    if unit.parent_id != (above.pk if above else None):
        changes[UnitVerb.MOVE] = {"parent": [node.was_below, above.code if above else ""]}
        unit.parent = above
    if node.active and unit.retired_at:
        changes[UnitVerb.REINSTATE] = {}
        unit.retired_at = unit.successor = None
    elif not node.active and unit.retired_at is None:
        changes[UnitVerb.RETIRE] = {"reason": "importunits", "successor": ""}
        unit.retired_at = at
    path = f"{above.path if above else ''}{unit.pk}."
    moved = (unit.path, unit.depth) != (path, depth)
    unit.path, unit.depth = path, depth
    return changes, bool(changes) or moved


def _event(verb: UnitVerb, node: PlannedUnit, at: datetime, by: Person | None, data: dict) -> Event:
    unit = _stored(node)
    return Event(
        at=at, verb=verb, noun="unit", key=str(unit.pk), path=unit.path, unit_id=unit.pk, person=by,
        data={**data, "by_import": True},
    )  # fmt: skip
