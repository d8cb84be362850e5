"""Totals under other weights and other standards, for many units at once (numpy arrays), and how far a rank hangs on them.

Shapes: n units, k indicators. `shares` (n, k): the part of its weight that each indicator earned, 0 to 1. `applies` (n, k):
False where an indicator does not apply. `asked` (n, k): False where it is for other kinds of units and its weight is left out; all of
them where it is not given. `weights` (k,). `sections` (k,): the number of each indicator's section.
The weight of what does not apply is shared as `scoring.share_weights` shares it; a unit where nothing applies gets nan.
"""

from dataclasses import dataclass

import numpy as np

# Each weight is drawn from ±25 percent of itself: the sensitivity analysis of OECD/JRC, "Handbook on Constructing
# Composite Indicators: Methodology and User Guide", 2008, step 7. A seed makes the same intervals of the same results.
SPREAD, DRAWS, SEED = 0.25, 1000, 1381
LOWER, UPPER = 0.05, 0.95
# So many draws at a time: of ten thousand units, some megabytes.
_AT_ONCE = 50
# Totals that differ by rounding only share a place.
_DIGITS = 8


def totals(
    shares: np.ndarray, applies: np.ndarray, weights: np.ndarray, sections: np.ndarray, *, asked: np.ndarray | None = None
) -> np.ndarray:  # fmt: skip
    """The total of each unit, out of 100, in its (n,) array."""
    return _totals(shares, applies, weights[:, np.newaxis], sections, asked)[:, 0]


def _totals(
    shares: np.ndarray, applies: np.ndarray, weights: np.ndarray, sections: np.ndarray, asked: np.ndarray | None
) -> np.ndarray:
    """(n, m) totals under m weightings, the columns of `weights` (k, m)."""
    earned, counts = np.where(applies, shares, 0.0), applies.astype(float)
    points = np.zeros((shares.shape[0], weights.shape[1]))
    counting = np.zeros_like(points)
    for section in np.unique(sections):
        of = sections == section
        whole = weights[of].sum(axis=0)
        mine = earned[:, of] @ weights[of]
        if applies[:, of].all():
            points += mine
            counting += whole
            continue
        if asked is not None and not asked[:, of].all():
            whole = asked[:, of].astype(float) @ weights[of]
        left = counts[:, of] @ weights[of]
        live = left > 0
        points += np.where(live, mine / np.where(live, left, 1.0) * whole, 0.0)
        counting += np.where(live, whole, 0.0)
    return np.where(counting > 0, 100 * points / np.where(counting > 0, counting, 1.0), np.nan)


def ranks(values: np.ndarray) -> np.ndarray:
    """Competition ranks (1, 2, 2, 4), the highest first; all values are numbers."""
    order = np.argsort(-values, kind="stable")
    ordered = values[order]
    place = np.arange(1, len(values) + 1)
    first = np.maximum.accumulate(np.where(np.concatenate(([True], ordered[1:] != ordered[:-1])), place, 0))
    found = np.empty(len(values), dtype=np.int32)
    found[order] = first
    return found


@dataclass(frozen=True)
class Intervals:
    """Between which ranks each unit lies in nine draws of ten; nan totals have 0 and 0."""

    best: np.ndarray
    worst: np.ndarray


def rank_intervals(
    shares: np.ndarray, applies: np.ndarray, weights: np.ndarray, sections: np.ndarray,
    *, asked: np.ndarray | None = None, draws: int = DRAWS, seed: int = SEED, spread: float = SPREAD,
) -> Intervals:  # fmt: skip
    """The 5th and 95th percentile (nearest rank) of each unit's rank when every weight varies by ±`spread` on its own."""
    scored = ~np.isnan(totals(shares, applies, weights, sections, asked=asked))
    best, worst = np.zeros(len(shares), dtype=np.int32), np.zeros(len(shares), dtype=np.int32)
    if not scored.any():
        return Intervals(best, worst)
    shares, applies, asked = shares[scored], applies[scored], None if asked is None else asked[scored]
    factors = np.random.default_rng(seed).uniform(1 - spread, 1 + spread, size=(draws, len(weights)))
    found = np.empty((len(shares), draws), dtype=np.int32)
    for start in range(0, draws, _AT_ONCE):
        some = factors[start : start + _AT_ONCE]
        values = np.round(_totals(shares, applies, (some * weights).T, sections, asked), _DIGITS)
        for column in range(values.shape[1]):
            found[:, start + column] = ranks(values[:, column])
    low, high = (max(0, int(np.ceil(share * draws)) - 1) for share in (LOWER, UPPER))
    found.partition((low, high), axis=1)
    best[scored], worst[scored] = found[:, low], found[:, high]
    return Intervals(best, worst)


@dataclass(frozen=True)
class Rule:
    """How one indicator turns a value into a share. `bands`: (reach, share) pairs, sorted by reach."""

    formula: str
    standard: float | None = None
    floor: float | None = None
    bands: tuple[tuple[float, float], ...] = ()
    down: bool = False


def shares_by(rule: Rule, values: np.ndarray, given: np.ndarray) -> np.ndarray:
    """The shares that values (n,) earn by the rule; nan values earn nothing. `given`: the shares as they stand, which a
    reviewer's own judgement keeps. The functions are those of `score_functions`, over arrays."""
    if rule.formula in ("manual", "rubric"):
        return given
    known = ~np.isnan(values)
    value = np.where(known, values, 0.0)
    return np.where(known, np.clip(_earned(rule, value), 0.0, 1.0), 0.0)


def _earned(rule: Rule, value: np.ndarray) -> np.ndarray:
    standard, floor = rule.standard, rule.floor
    if rule.formula == "timeliness":
        return value
    if rule.formula == "levels":
        return value / 100
    if rule.formula == "bands":
        found = np.zeros_like(value)
        for reach, share in reversed(rule.bands) if rule.down else rule.bands:
            found = np.where(value <= reach if rule.down else value >= reach, share, found)
        return found
    if rule.formula == "linear":
        if standard is None:
            return np.zeros_like(value)
        span = 0.0 if floor is None else (floor - standard if rule.down else standard - floor)
        if span <= 0:
            return (value <= standard if rule.down else value >= standard).astype(float)
        return (floor - value if rule.down else value - floor) / span
    if rule.down:
        return np.where(value <= 0, 1.0, (standard or 0.0) / np.where(value > 0, value, 1.0))
    return value / standard if standard and standard > 0 else np.zeros_like(value)
