"""The reports of a call rolled up by the tree of its units, as it stood when the call was published."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sajad_portal.lib.text import sort_key
from units.models import Unit
from units.queries import ancestor_ids

from .models import Call, Report
from .queries_calls import ORDER, Numbers, reports_of

# A branch of a thousand units is a table of its own; here the first of them stand.
LEAVES = 100


@dataclass
class Node:
    """A unit with the reports of itself and of everything below it."""

    path: str
    name: str
    report: Report | None = None  # its own, where it was asked
    numbers: Numbers = field(default_factory=Numbers)

    @property
    def key(self) -> str:
        return self.path.rstrip(".").rpartition(".")[2]

    @property
    def is_leaf(self) -> bool:
        """Nothing but its own report."""
        return self.report is not None and self.numbers.all == 1


@dataclass(frozen=True)
class Branch:
    """One unit of the tree and what lies directly below it; `above` leads back to the top."""

    here: Node
    above: list[Node]
    nodes: list[Node]
    hidden: int = 0  # units without others below that the page leaves to the table of reports


def branch_of(call: Call, person, at: datetime, under: str = "") -> Branch:
    """The branch at the unit with id `under`, or at the lowest unit that covers every report the person may see.

    Frozen paths and names decide; a unit that was not asked itself is named as it is called today. Two queries.
    """
    reports = list(reports_of(call, person, at).order_by("unit__sort_key", "pk"))
    by_path = {report.unit_path: report for report in reports}
    top = _common(list(by_path))
    # A unit's own report at the top is a row below it, so the top may lie beside its units.
    root = next((path for path in _prefixes(by_path) if path.rstrip(".").rpartition(".")[2] == under), top)
    names = _names(by_path)
    groups: dict[str, list[Report]] = defaultdict(list)
    for path, report in by_path.items():
        if path.startswith(root):
            groups[_child(root, path)].append(report)
    nodes = [_node(path, names, by_path.get(path), rows) for path, rows in groups.items()]
    nodes.sort(key=lambda node: (node.path != root, sort_key(node.name), node.path))
    here = _node(root, names, by_path.get(root), [row for rows in groups.values() for row in rows])
    above = [_node(path, names, None, []) for path in _steps(root) if path.startswith(top) and path != root]
    leaves = [node for node in nodes if node.is_leaf]
    left_out = {id(node) for node in leaves[LEAVES:]}
    return Branch(here, above, [node for node in nodes if id(node) not in left_out], len(left_out))


def _common(paths: list[str]) -> str:
    """The longest path that all have in common, ending with a dot ("" where they share none)."""
    if not paths:
        return ""
    split = [path.split(".")[:-1] for path in paths]
    common = []
    for parts in zip(*split, strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return "".join(f"{part}." for part in common)


def _steps(path: str) -> list[str]:
    """`1.5.9.` → `1.`, `1.5.`, `1.5.9.`"""
    parts = path.split(".")[:-1]
    return ["".join(f"{part}." for part in parts[: end + 1]) for end in range(len(parts))]


def _prefixes(paths) -> set[str]:
    return {step for path in paths for step in _steps(path)}


def _child(root: str, path: str) -> str:
    """The path directly below `root` on the way to `path`; the unit's own report stands for itself."""
    rest = path[len(root) :]
    return root if not rest else root + rest.split(".")[0] + "."


def _names(by_path: dict[str, Report]) -> dict[str, str]:
    ids = {pk for path in by_path for pk in ancestor_ids(path)}
    today = dict(Unit.objects.filter(pk__in=ids).values_list("pk", "name"))
    names = {step: today.get(ancestor_ids(step)[-1], "") for step in _prefixes(by_path)}
    return names | {path: report.unit_name for path, report in by_path.items()}


def _node(path: str, names: dict[str, str], report: Report | None, rows: list[Report]) -> Node:
    states: dict[str, int] = defaultdict(int)
    standings: dict[str, int] = defaultdict(int)
    for row in rows:
        states[row.status] += 1
        if row.standing and row.status not in ("excused", "cancelled"):
            standings[row.standing] += 1
    ordered = {status.value: states[status] for status in ORDER if states.get(status)}
    return Node(path, names.get(path, ""), report, Numbers(ordered, dict(standings)))
