"""An indicator up the tree. Each way of aggregating is its own: a ratio is never the mean of ratios.

`ratio`: Σ numerators / Σ denominators · scale. `sum`: Σ values. `mean`: Σ value·weight / Σ weight by the question that the
form names; without one it is not rolled up. `none` is not rolled up. What does not apply and what is missing enter
nothing, and are counted beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

SCORED, NOT_APPLICABLE = "scored", "not_applicable"
RATIO, SUM, MEAN, NONE = "ratio", "sum", "mean", "none"
# Why there is no figure.
NO_WEIGHT, NOT_ADDED, NOTHING = "no-weight", "not-added", "nothing"


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """One unit's part. `path`: the ids from the root down to the unit, each followed by a dot."""

    path: str
    state: str
    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    weight: Decimal | None = None  # of a mean


@dataclass
class Sums:
    """What a roll-up is made of. `weighing` counts the values that have a weight of a mean."""

    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    product: Decimal = Decimal(0)
    weight: Decimal = Decimal(0)
    ratios: int = 0
    counted: int = 0
    weighing: int = 0
    missing: int = 0
    not_applicable: int = 0

    def add(self, figure: UnitFigure) -> None:
        if figure.state == NOT_APPLICABLE:
            self.not_applicable += 1
        elif figure.state != SCORED or figure.value is None:
            self.missing += 1
        else:
            self.counted += 1
            self.value += figure.value
            if figure.numerator is not None and figure.denominator:
                self.ratios += 1
                self.numerator += figure.numerator
                self.denominator += figure.denominator
            if figure.weight is not None and figure.weight > 0:
                self.weighing += 1
                self.weight += figure.weight
                self.product += figure.value * figure.weight

    @property
    def units(self) -> int:
        return self.counted + self.missing + self.not_applicable


@dataclass(frozen=True)
class RolledUp:
    """`why` names the reason where there is no value. `left_out`: values that a mean could not weigh."""

    value: Decimal | None
    why: str
    sums: Sums
    left_out: int = 0


def roll_up(aggregate: str, scale: Decimal | None, weighs: bool, sums: Sums) -> RolledUp:
    """`weighs`: the form names a question that weighs the mean."""
    if aggregate not in (RATIO, SUM, MEAN):
        return RolledUp(None, NOT_ADDED, sums)
    if aggregate == MEAN and not weighs:
        return RolledUp(None, NO_WEIGHT, sums)
    if aggregate == SUM and sums.counted:
        return RolledUp(sums.value, "", sums)
    if aggregate == RATIO and sums.denominator:
        whole = sums.numerator / sums.denominator * (Decimal(1) if scale is None else scale)
        return RolledUp(whole, "", sums, sums.counted - sums.ratios)
    if aggregate == MEAN and sums.weight:
        return RolledUp(sums.product / sums.weight, "", sums, sums.counted - sums.weighing)
    return RolledUp(None, NOTHING, sums)


def gather(figures: Iterable[UnitFigure], node: str) -> tuple[Sums, dict[str, Sums]]:
    """(what lies in the node's subtree, the same apart by the path of each child). A unit's own figures, where the node
    itself reported, stand under the node's own path."""
    whole = Sums()
    apart: dict[str, Sums] = {}
    for figure in figures:
        if not figure.path.startswith(node):
            continue
        whole.add(figure)
        apart.setdefault(child_of(figure.path, node), Sums()).add(figure)
    return whole, apart


def child_of(path: str, node: str) -> str:
    """The path of the node's child through which `path` leads; the node itself for its own path."""
    step, _dot, _rest = path[len(node) :].partition(".")
    return f"{node}{step}." if step else node
