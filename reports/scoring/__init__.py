"""Scores with their explanation: values and weights in, points out. Pure functions over exact fractions.

Sources. W weight, S standard, AP actual performance, F floor:

- ``default`` ↑ ``min(W, AP/S·W)``: the Cabinet's form for evaluating executive bodies, 1381. ↓ ``min(W, S/AP·W)``: our
  inference for measures that should fall; the form gives none. ↓ with AP ≤ 0 earns W.
- ``linear`` ``(AP − F)/(S − F)·W``: none at the floor, all at the standard, in either direction.
- ``bands`` steps such as ``90=100; 75=60``: a value that reaches 90 earns 100 % of W, one that reaches 75 earns 60 %.
- ``levels`` a chosen answer earns its level, such as ``full=100; part=50; none=0``; a yes or no is two of them. The value is the
  level's percent.
- ``manual`` the reviewer's points; ``rubric`` the same by described levels, over a figure, a choice or a text.
- ``timeliness`` W for a report sent on time or within its extension, 0 in grace or missed.

All are clamped to [0, W]. A missing value and a refused «not applicable» earn 0. The weight of an accepted «not
applicable» is shared in proportion within its area, and over all other areas only when its whole area is not
applicable; where everything is, there is no score. Total = 100·Σpoints/Σweights, exact; rounded half-up for display.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import NamedTuple

from sajad_portal.lib.errors import Refused

from .functions import (
    ONE,
    ZERO,
    band_share,
    clamped,
    decimal_text,
    default_share,
    exact,
    level_percent,
    linear_share,
    ratio,
    read_bands,
)
from .indicator import IndicatorLike

# Where the points are the reviewer's own.
JUDGED = ("manual", "rubric")
ACCEPTED, REFUSED = "accepted", "refused"

# What became of an indicator.
SCORED = "scored"
MISSING = "missing"
NOT_APPLICABLE = "not-applicable"
NOT_APPLICABLE_REFUSED = "not-applicable-refused"
ZERO_DENOMINATOR = "zero-denominator"
NOT_YET_JUDGED = "not-yet-judged"


class Terms(NamedTuple):
    """What of an indicator is the same for every report, with its texts."""

    formula: str  # "default-up", "default-down", "linear", "bands", "levels", "manual", "rubric", "timeliness"
    direction: str
    weight: Fraction
    standard: Fraction | None
    floor: Fraction | None
    scale: Fraction
    bands: list[tuple[Fraction, Fraction]] | None  # None where they cannot be read
    levels: str
    weight_text: str
    standard_text: str | None
    floor_text: str | None


class IndicatorScore(NamedTuple):
    """One indicator's points, and why. Amounts are exact fractions; `value` is None where there is none."""

    code: str
    section: str
    state: str
    terms: Terms
    effective_weight: Fraction  # with the weight it took over from what is not applicable; 0 where itself is not
    points: Fraction
    share: Fraction  # the part of its weight that it earned, 0 to 1
    value: Fraction | None = None
    numerator: Fraction | None = None
    denominator: Fraction | None = None

    @property
    def formula(self) -> str:
        return self.terms.formula

    @property
    def weight(self) -> Fraction:
        """As the form gives it."""
        return self.terms.weight

    @property
    def standard(self) -> Fraction | None:
        return self.terms.standard

    @property
    def floor(self) -> Fraction | None:
        return self.terms.floor

    def to_json(self) -> dict:
        """Strings: decimals of at most PLACES places, and the exact points as a fraction."""
        terms, effective = self.terms, self.effective_weight
        return {
            "code": self.code,
            "section": self.section,
            "state": self.state,
            "formula": terms.formula,
            "direction": terms.direction,
            "points_exact": str(self.points),
            "weight": terms.weight_text,
            "effective_weight": terms.weight_text if effective is terms.weight else decimal_text(effective),
            "points": decimal_text(self.points),
            "share": decimal_text(self.share),
            "value": decimal_text(self.value),
            "standard": terms.standard_text,
            "floor": terms.floor_text,
            "numerator": decimal_text(self.numerator),
            "denominator": decimal_text(self.denominator),
        }


@dataclass(frozen=True)
class AreaScore:
    """A section's subtotal. `percent` is None where nothing in it counts."""

    section: str
    weight: Fraction
    effective_weight: Fraction
    points: Fraction
    not_applicable: bool

    @property
    def percent(self) -> Fraction | None:
        return 100 * self.points / self.effective_weight if self.effective_weight else None

    def to_json(self) -> dict:
        return {
            "section": self.section,
            "not_applicable": self.not_applicable,
            **{name: decimal_text(getattr(self, name)) for name in ("weight", "effective_weight", "points", "percent")},
        }


@dataclass(frozen=True)
class ReportScore:
    """A report's score. `total` is out of 100, exact, and None where nothing is applicable."""

    total: Fraction | None
    points: Fraction
    weight: Fraction
    indicators: tuple[IndicatorScore, ...]
    areas: tuple[AreaScore, ...]

    def indicator(self, code: str) -> IndicatorScore | None:
        return next((score for score in self.indicators if score.code == code), None)

    def to_json(self) -> dict:
        """The stored explanation. `total` has two places, half-up; `total_exact` is the fraction, both None without score."""
        return {
            "total": None if self.total is None else decimal_text(self.total, 2),
            "total_exact": None if self.total is None else str(self.total),
            "points": decimal_text(self.points),
            "weight": decimal_text(self.weight),
            "indicators": [score.to_json() for score in self.indicators],
            "areas": [area.to_json() for area in self.areas],
        }


# ---------------------------------------------------------------- one indicator
def score_indicator(
    indicator: IndicatorLike,
    *,
    inputs: Mapping[str, str],
    not_applicable: str = "",
    on_time: bool | None = None,
    manual_points: str | None = None,
    effective_weight: Fraction | None = None,
) -> IndicatorScore:
    """The points of one indicator.

    `inputs`: {role: decimal string} as verified. `not_applicable`: "accepted", "refused" or "" (not claimed); a
    denominator of 0 counts as a claim that the reviewer has not agreed to: 0 points until it is accepted. `on_time`
    matters to timeliness only. `manual_points` are out of the indicator's own weight. `effective_weight` comes from
    `share_weights`; without it, the indicator's own. Never raises.
    """
    terms = _terms_of(indicator)
    weight = terms.weight
    effective = weight if effective_weight is None else effective_weight
    numerator, denominator, value = _performance(indicator, terms, inputs, on_time)
    share = ZERO
    if not_applicable == ACCEPTED:
        state, effective = NOT_APPLICABLE, ZERO
    elif not_applicable == REFUSED:
        state = NOT_APPLICABLE_REFUSED
    elif terms.formula in JUDGED:
        given = exact(manual_points)
        state = NOT_YET_JUDGED if given is None else SCORED
        if given is not None and weight:
            share = clamped(given / weight)
    elif value is None:
        state = ZERO_DENOMINATOR if denominator == 0 else MISSING
    else:
        state, share = SCORED, _share(terms, value)
    return IndicatorScore(
        code=indicator.code,
        section=indicator.section,
        state=state,
        terms=terms,
        effective_weight=effective,
        points=effective if share is ONE else share if share is ZERO else share * effective,
        share=share if effective else ZERO,
        value=value,
        numerator=numerator,
        denominator=denominator,
    )


def formula_of(indicator: IndicatorLike) -> str:
    """The name of what turns its value into points; `IndicatorScore.formula`."""
    return _terms_of(indicator).formula


def _terms_of(indicator: IndicatorLike) -> Terms:
    return _terms(
        indicator.source, indicator.score, indicator.direction, indicator.weight, indicator.standard, indicator.floor,
        indicator.scale, indicator.bands, indicator.levels,
    )  # fmt: skip


@lru_cache(maxsize=5_000)
def _terms(
    source: str, score: str, direction: str, weight: str, standard: str, floor: str, scale: str, bands: str, levels: str
) -> Terms:
    """The same texts come back with every report on a form: they are read once."""
    direction = "down" if direction == "down" else "up"
    if source == "timeliness":
        formula = "timeliness"
    else:
        formula = score if score in ("linear", "bands", "levels", *JUDGED) else f"default-{direction}"
    steps = None
    if formula == "bands":
        with suppress(Refused):
            steps = read_bands(bands, direction)
    factor, whole, target, least = exact(scale), _weight(weight), exact(standard), exact(floor)
    return Terms(
        formula, direction, whole, target, least, ONE if factor is None else factor, steps, levels,
        decimal_text(whole) or "0", decimal_text(target), decimal_text(least),
    )  # fmt: skip


@lru_cache(maxsize=500)
def _weight(text: str) -> Fraction:
    """One object for each text: where an effective weight is the form's own, it is this one."""
    return max(exact(text) or ZERO, ZERO)


def _performance(indicator: IndicatorLike, terms: Terms, inputs: Mapping[str, str], on_time: bool | None):
    """(numerator, denominator, actual performance), None where not given."""
    if terms.formula == "timeliness":
        return None, None, None if on_time is None else ONE if on_time else ZERO
    if terms.formula == "levels":
        return None, None, level_percent(terms.levels, inputs.get("value", ""))
    if "numerator" not in indicator.inputs and "denominator" not in indicator.inputs:
        return None, None, exact(inputs.get("value"))
    numerator, denominator = exact(inputs.get("numerator")), exact(inputs.get("denominator"))
    if numerator is None or not denominator:
        return numerator, denominator, None
    return numerator, denominator, ratio(numerator, denominator, terms.scale)


def _share(terms: Terms, value: Fraction) -> Fraction:
    if terms.formula == "timeliness":
        return clamped(value)
    if terms.formula == "levels":
        return clamped(value / 100)
    if terms.formula == "linear":
        return linear_share(value, terms.standard, terms.floor, terms.direction)
    if terms.formula == "bands":
        return ZERO if terms.bands is None else band_share(value, terms.bands, terms.direction)
    return default_share(value, terms.standard, terms.direction)


# ---------------------------------------------------------------- a whole report
class _Weighing(NamedTuple):
    code: str
    section: str
    weight: str


class _Shared(NamedTuple):
    """Of a form and what is left out: each indicator's effective weight, each section's (weight, effective), the sum."""

    weights: Mapping[str, Fraction]
    areas: Mapping[str, tuple[Fraction, Fraction]]
    total: Fraction


def share_weights(indicators: Iterable[IndicatorLike], not_applicable: Iterable[str]) -> dict[str, Fraction]:
    """{code: effective weight}. What is not applicable gives its weight to its area, a whole area to all others.

    The sum stays what it was; {} of zeros where nothing that weighs is applicable.
    """
    return dict(_sharing(indicators, not_applicable).weights)


def _sharing(indicators: Iterable[IndicatorLike], not_applicable: Iterable[str]) -> _Shared:
    return _shared(tuple((i.code, i.section, i.weight) for i in indicators), frozenset(not_applicable))


@lru_cache(maxsize=500)
def _shared(weighing: tuple[tuple[str, str, str], ...], excluded: frozenset[str]) -> _Shared:
    """Of (code, section, weight). Most reports on a form leave out the same: nothing."""
    indicators = [_Weighing(*each) for each in weighing]
    weights = {each.code: _weight(each.weight) for each in indicators}
    whole: dict[str, Fraction] = {}
    applicable: dict[str, Fraction] = {}
    for each in indicators:
        whole[each.section] = whole.get(each.section, ZERO) + weights[each.code]
        if each.code not in excluded:
            applicable[each.section] = applicable.get(each.section, ZERO) + weights[each.code]
    counting = sum((whole[section] for section, left in applicable.items() if left), ZERO)
    total = sum(whole.values(), ZERO)
    shared, effective = {}, dict.fromkeys(whole, ZERO)
    for each in indicators:
        left = applicable.get(each.section, ZERO)
        if each.code in excluded or not left:
            shared[each.code] = ZERO
        else:
            own = weights[each.code]
            taken = own * whole[each.section] / left * total / counting
            shared[each.code] = own if taken == own else taken
        effective[each.section] += shared[each.code]
    areas = {section: (weight, effective[section]) for section, weight in whole.items()}
    return _Shared(shared, areas, sum(shared.values(), ZERO))


def score_report(
    indicators: Iterable[IndicatorLike],
    values: Mapping[str, str],
    *,
    not_applicable: Mapping[str, str] | None = None,
    on_time: bool | None = None,
    manual_points: Mapping[str, str] | None = None,
) -> ReportScore:
    """The score of a report.

    `values`: {question name: decimal string}, verified. `not_applicable`: {code: "accepted" | "refused"}.
    `manual_points`: {code: points}. A missed report is `score_report(indicators, {}, on_time=False)`: 0. Never raises.
    """
    indicators = list(indicators)
    claims, manual = not_applicable or {}, manual_points or {}
    shared = _sharing(indicators, [code for code, verdict in claims.items() if verdict == ACCEPTED])
    scores = tuple(
        score_indicator(
            each,
            inputs={role: values.get(name, "") for role, name in each.inputs.items()},
            not_applicable=claims.get(each.code, ""),
            on_time=on_time,
            manual_points=manual.get(each.code),
            effective_weight=shared.weights[each.code],
        )
        for each in indicators
    )
    of_section: dict[str, list[IndicatorScore]] = {}
    for score in scores:
        of_section.setdefault(score.section, []).append(score)
    areas = tuple(_area(section, shared, own) for section, own in of_section.items())
    points, weight = _sum(area.points for area in areas), shared.total
    return ReportScore(100 * points / weight if weight else None, points, weight, scores, areas)


def _area(section: str, shared: _Shared, scores: list[IndicatorScore]) -> AreaScore:
    weight, effective = shared.areas[section]
    return AreaScore(
        section=section,
        weight=weight,
        effective_weight=effective,
        points=_sum(score.points for score in scores),
        not_applicable=all(score.state == NOT_APPLICABLE for score in scores),
    )


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    """Exact, over one common denominator: added one by one, every step would look for the lowest terms again."""
    parts = [(amount.numerator, amount.denominator) for amount in amounts if amount]
    below = lcm(*{bottom for _top, bottom in parts})
    return Fraction(sum(top * (below // bottom) for top, bottom in parts), below)
