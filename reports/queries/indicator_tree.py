"""Indicators up the tree of a call: sums in the database, divided at last. What is outside a person's reach enters nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.db.models import Count, DecimalField, F, Q, Sum
from django.http import Http404

from units.models import Unit
from units.queries import ancestor_ids

from ..analysis.rollup import RolledUp, Sums, UnitFigure, child_of, gather, roll_up
from ..enums import FactState
from ..models import IndicatorFact, ResultFact
from ..scoring.functions import exact
from ..xlsform.definition import Indicator
from .analysis import LEAST_PEERS
from .facts_cache import Facts, cached
from .parts import SeenPart, seen_part

SCORED = Q(state=FactState.SCORED, value__isnull=False)
RATIO = SCORED & Q(numerator__isnull=False, denominator__isnull=False) & ~Q(denominator=0)
WEIGHING = SCORED & Q(weightby__gt=0)
# Single units shown under a node; all of them stand in the league table.
SHOWN = 100
_AMOUNT = DecimalField(max_digits=60, decimal_places=10)


# -------------------------------------------------------------------------------------------------------- the node
@dataclass(frozen=True)
class TreePlace:
    """A place in the call's tree: `path` down to it, as frozen for the call ("" above everything). `part`: what is seen there."""

    part: SeenPart
    path: str
    unit: Unit | None
    above: list[Unit]


def rows_of(part: SeenPart) -> list[tuple[str, Decimal | None, bool]]:
    """(frozen path, total, whether it was missed) of each result of the part."""
    rows = part.results.order_by().values_list("unit_path", "total", "missed")
    return cached(part.facts, f"paths {part.key}", lambda: list(rows))


def node_of(person, facts: Facts, wanted: str) -> TreePlace:
    """The node that `wanted` (a unit's number) names; "" is where the visible tree first branches. Http404 for a stranger's."""
    part = seen_part(person, facts)
    paths = [path for path, _total, _missed in rows_of(part)]
    if wanted:
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
            raise Http404
        path = next((prefix for p in paths if (prefix := _down_to(p, wanted))), None)
        if path is None:
            raise Http404
    else:
        path = common_path(paths)
    ids = ancestor_ids(path)
    units = Unit.objects.in_bulk(ids)
    chain = [units[pk] for pk in ids if pk in units]
    first = common_path(paths)
    above = [unit for unit in chain[:-1] if len(_down_to(path, str(unit.pk))) >= len(first)]
    return TreePlace(part, path, chain[-1] if chain else None, above)


def _down_to(path: str, pk: str) -> str:
    """The part of a path that ends with the unit; "" where it does not lead through it."""
    steps = path.split(".")[:-1]
    return ".".join(steps[: steps.index(pk) + 1]) + "." if pk in steps else ""


def common_path(paths: Iterable[str]) -> str:
    """The longest path that all share."""
    steps = [path.split(".")[:-1] for path in paths]
    if not steps:
        return ""
    first, last = min(steps), max(steps)
    shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return "".join(f"{step}." for step in first[:shared])


# ------------------------------------------------------------------------------------------------------ rolling up
def rolled_up(node: TreePlace, indicators: Iterable[Indicator]) -> dict[str, RolledUp]:
    """{indicator: its figure for the node's subtree}."""
    name = f"rolled {node.path} {node.part.key}"
    sums = cached(node.part.facts, name, lambda: _sums(_rows_below(node)))
    return {i.code: roll_indicator(i, sums.get(i.code, Sums())) for i in indicators}


def _rows_below(node: TreePlace) -> Q:
    """The facts of the node's subtree without a join: four hundred thousand rows must not depend on how a planner sees it."""
    call = node.part.call
    ids = list(node.part.results.filter(unit_path__startswith=node.path).order_by().values_list("pk", flat=True))
    whole = ResultFact.objects.filter(call=call).count() == len(ids)
    return Q(call=call) if whole else Q(result__in=ids)


def roll_indicator(indicator: Indicator, sums: Sums) -> RolledUp:
    scale = exact(indicator.scale)
    whole = None if scale is None else Decimal(scale.numerator) / scale.denominator
    return roll_up(indicator.aggregate, whole, bool(indicator.weightby), sums)


def _sums(where: Q) -> dict[str, Sums]:
    """One query: the sums of each indicator over the rows."""
    rows = (
        IndicatorFact.objects.filter(where)
        .values("indicator")
        .order_by()
        .annotate(
            numerators=Sum("numerator", filter=RATIO), denominators=Sum("denominator", filter=RATIO),
            values_sum=Sum("value", filter=SCORED), weights=Sum("weightby", filter=WEIGHING),
            products=Sum(F("value") * F("weightby"), filter=WEIGHING, output_field=_AMOUNT),
            ratios=Count("pk", filter=RATIO), counted=Count("pk", filter=SCORED), weighing=Count("pk", filter=WEIGHING),
            excluded=Count("pk", filter=Q(state=FactState.NOT_APPLICABLE)), every=Count("pk"),
        )
    )  # fmt: skip
    zero = Decimal(0)
    return {
        row["indicator"]: Sums(
            numerator=row["numerators"] or zero, denominator=row["denominators"] or zero, value=row["values_sum"] or zero,
            product=row["products"] or zero, weight=row["weights"] or zero, ratios=row["ratios"], counted=row["counted"],
            weighing=row["weighing"], not_applicable=row["excluded"], missing=row["every"] - row["counted"] - row["excluded"],
        )
        for row in rows
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------- children
@dataclass(frozen=True)
class TreeBranch:
    """A branch under the node. `median`: of the totals under it, because totals do not add, from LEAST_PEERS on: one of fewer
    tells of single units. `is_leaf`: the branch is one report, `total` its own, `unit_code` its unit; `key` leads further down."""

    name: str
    key: str
    units: int
    missed: int
    median: Decimal | None
    total: Decimal | None
    rolled: RolledUp | None
    is_leaf: bool
    unit_code: str


def children_of(node: TreePlace, indicator: Indicator | None) -> tuple[list[TreeBranch], int]:
    """(the branches under the node by name, those that lead further first; how many single units were left out)."""
    branches: dict[str, list[tuple]] = {}
    for row in rows_of(node.part):
        if row[0].startswith(node.path):
            branches.setdefault(child_of(row[0], node.path), []).append(row)
    single = [path for path, members in branches.items() if _is_leaf(path, members, node)]
    left_out = single[SHOWN:]
    for path in left_out:
        del branches[path]
    sums: dict[str, Sums] = {}
    if indicator is not None:
        _whole, sums = gather(_figures(node, indicator), node.path)
    ids = {path: ancestor_ids(path)[-1] for path in branches if path}
    units = Unit.objects.in_bulk(list(ids.values()))
    found = [
        (
            units.get(ids.get(path)),
            _child(path, units.get(ids.get(path)), members, sums.get(path, Sums()), node, indicator),
        )
        for path, members in branches.items()
    ]
    found.sort(key=lambda pair: (pair[1].is_leaf, pair[0].sort_key if pair[0] else ""))
    return [child for _unit, child in found], len(left_out)


def _is_leaf(path: str, members: list[tuple], node: TreePlace) -> bool:
    return path == node.path or all(own == path for own, _total, _missed in members)


def _child(
    path: str, unit: Unit | None, members: list[tuple], sums: Sums, node: TreePlace, indicator: Indicator | None
):
    totals = [total for _path, total, missed in members if total is not None and not missed]
    is_leaf = _is_leaf(path, members, node)
    return TreeBranch(
        name=unit.name if unit else "", key=str(unit.pk) if unit else "", units=len(members),
        missed=sum(missed for _path, _total, missed in members),
        median=median(totals) if len(totals) >= LEAST_PEERS else None, total=totals[0] if is_leaf and totals else None,
        rolled=roll_indicator(indicator, sums) if indicator else None, is_leaf=is_leaf, unit_code=unit.code if unit else "",
    )  # fmt: skip


def _figures(node: TreePlace, indicator: Indicator) -> Iterable[UnitFigure]:
    below = Q(result__unit_path__startswith=node.path)
    rows = IndicatorFact.objects.filter(node.part.where, below, indicator=indicator.code).order_by()
    for path, state, value, top, bottom, weight in rows.values_list(
        "result__unit_path", "state", "value", "numerator", "denominator", "weightby"
    ):
        yield UnitFigure(path, state, value, top, bottom, weight)
