"""What a file of units would do: the tree as it will be, what changes in each unit, and what is wrong. Reads only: the preview shows it, and `actions.imports` stores it."""

import hashlib
import itertools
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.tables import FileProblem
from sajad_portal.lib.text import search_key

from ..enums import UnitVerb
from ..files.units import UnitFile, UnitRow
from ..models import Unit
from ..models.codes import checked_code
from .import_kinds import Answers, FileKinds, NewAttribute, NewKind
from .kinds import changed_values

MAX_DEPTH = 20


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
    was_below: str = ""  # the code of the unit above today
    attributes: dict[str, str] = field(default_factory=dict)
    changes: dict[UnitVerb, dict] = field(default_factory=dict)


@dataclass
class ImportPlan:
    """`nodes`: every unit by casefolded code. `depths`: how deep each will stand. Nothing is stored while there are problems."""

    nodes: dict[str, PlannedUnit]
    depths: dict[str, int]
    problems: list[FileProblem]
    new_kinds: list[NewKind]
    new_attributes: list[NewAttribute]
    passed_over: list[str]

    @property
    def brings(self) -> bool:
        return bool(self.new_kinds or self.new_attributes)

    def with_verb(self, verb: UnitVerb) -> list[PlannedUnit]:
        return [node for node in self.nodes.values() if verb in node.changes]

    @property
    def unchanged(self) -> int:
        return sum(1 for node in self.nodes.values() if node.row and not node.changes)

    @property
    def counts(self) -> Counter:
        return Counter(verb for node in self.nodes.values() for verb in node.changes)

    @property
    def fingerprint(self) -> str:
        """The same for two plans that change the same: whoever looked at one may store the other. A kind that the file brings
        counts by the word in the file, whatever code it is to have."""
        words = {kind.code: f"new {kind.key}" for kind in self.new_kinds}
        told = [
            (
                node.key,
                node.parent_key,
                words.get(node.kind, node.kind),
                sorted(map(str, node.changes)),
                node.name,
                node.attributes,
            )
            for node in self.nodes.values()
            if node.changes
        ]
        return hashlib.sha256(json.dumps(sorted(told), ensure_ascii=False).encode()).hexdigest()


def plan_import(
    file: UnitFile, *, under: Unit | None = None, retire_missing: bool = False, answers: Answers | None = None
) -> ImportPlan:
    """`under`: where rows without a parent hang. `retire_missing`: what the file leaves out below `under`, or below the
    file's own roots, is retired. Five queries, whatever the size."""
    units = {unit.pk: unit for unit in Unit.objects.order_by("pk")}
    described = FileKinds(file, answers or Answers())
    nodes, problems = _nodes(file.rows, units, under, described)
    problems += described.problems
    if not problems and retire_missing:
        _mark_missing(nodes, units, under)
    problems += _impossible(nodes)
    depths, rings = _depths(nodes)
    problems += _misplaced(nodes, depths, rings)
    if not problems:
        for node in nodes.values():
            node.changes = _changes(node, nodes)
    return ImportPlan(nodes, depths, problems, described.new_kinds, described.new_attributes, file.passed_over)


# ------------------------------------------------------------------------------------- the tree as it will be
def _nodes(
    rows: list[UnitRow], units: dict[int, Unit], under: Unit | None, described: FileKinds
) -> tuple[dict[str, PlannedUnit], list[FileProblem]]:
    """The tree as it will be, by casefolded code, and what is wrong in single rows."""
    nodes = {}
    for unit in units.values():
        above = units[unit.parent_id].code if unit.parent_id else ""
        key = unit.code.casefold()
        nodes[key] = PlannedUnit(
            key, unit.code, unit.name, unit.kind_id, unit.name_en, above.casefold(), unit, None,
            active=unit.retired_at is None, was_below=above, attributes=unit.attributes,
        )  # fmt: skip
    top = under.code.casefold() if under else ""
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
        above = row.parent_key or (top if top != row.key else "")
        if under and top == row.key and not row.parent_key and old:
            above = old.parent_key  # the top itself stays where it is
        kind = "" if row.problems else described.kind_of(row, old.kind if old else "")
        nodes[row.key] = PlannedUnit(
            row.key, old.code if old else row.code, row.name, kind, row.name_en or (old.name_en if old else ""), above,
            old.unit if old else None, row, was_below=old.was_below if old else "",
            attributes={} if row.problems else described.values_of(row, old.attributes if old else {}),
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
    too_long = _("The name is longer than 200 letters.")
    named = ("name", "name_en", "kind", "kind_name", "kind_name_en")
    found += [FileProblem(row.number, column, too_long) for column in named if len(getattr(row, column)) > 200]
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
    """What is wrong with the tree as a whole: unknown or retired parents, and names that recur in one place."""
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


def _misplaced(nodes: dict[str, PlannedUnit], depths: dict[str, int], rings: list[list[str]]) -> list[FileProblem]:
    """Each circle once, at its first row; and units that would stand too deep."""
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


def outside(plan: ImportPlan, under: Unit) -> list[FileProblem]:
    """Rows that name a unit outside of `under`: whoever coordinates that one alone cannot change them."""
    said = _("This unit lies outside of %(unit)s; you cannot change it.") % {"unit": under.name}
    return [
        FileProblem(node.row.number, "code", said)
        for node in plan.nodes.values()
        if node.row and node.unit and not node.unit.path.startswith(under.path)
    ]


# ------------------------------------------------------------------------------------- what changes
def _changes(node: PlannedUnit, nodes: dict[str, PlannedUnit]) -> dict[UnitVerb, dict]:
    """What is told of the unit, by verb. Where only its path moves, because one above it does, nothing is."""
    unit = node.unit
    if unit is None:
        told: dict = {"code": node.code, "name": node.name, "kind": node.kind}
        return {UnitVerb.CREATE: told | ({"attributes": node.attributes} if node.attributes else {})}
    changes: dict[UnitVerb, dict] = {}
    renamed: dict = {
        name: [old, new]
        for name, old, new in (
            ("name", unit.name, node.name), ("kind", unit.kind_id, node.kind), ("name_en", unit.name_en, node.name_en)
        )
        if old != new
    }  # fmt: skip
    if node.attributes != unit.attributes:
        renamed["attributes"] = changed_values(unit.attributes, node.attributes)
    if renamed:
        changes[UnitVerb.RENAME] = renamed
    if node.was_below.casefold() != node.parent_key:
        above = nodes[node.parent_key].code if node.parent_key else ""
        changes[UnitVerb.MOVE] = {"parent": [node.was_below, above]}
    if node.active and unit.retired_at:
        changes[UnitVerb.REINSTATE] = {}
    elif not node.active and unit.retired_at is None:
        changes[UnitVerb.RETIRE] = {"reason": "importunits", "successor": ""}
    return changes
