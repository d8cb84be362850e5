"""Scores with their explanation: values and weights in, points out. Pure functions over exact fractions.

Sources. W weight, S standard, AP actual performance, F floor:

- ``default`` ↑ ``min(W, AP/S·W)``: the Cabinet's form for evaluating executive bodies, 1381. ↓ ``min(W, S/AP·W)``: our
  inference for measures that should fall; the form gives none. ↓ with AP ≤ 0 earns W.
- ``linear`` ``(AP − F)/(S − F)·W``: none at the floor, all at the standard, in either direction.
- ``bands`` steps such as ``90=100; 75=60``: a value that reaches 90 earns 100 % of W, one that reaches 75 earns 60 %.
- ``manual`` the reviewer's points by a rubric.
- ``timeliness`` W for a report sent on time or within its extension, 0 in grace or missed.

All are clamped to [0, W]. A missing value and a refused «not applicable» earn 0. The weight of an accepted «not
applicable» is shared in proportion within its area, and over all other areas only when its whole area is not
applicable; where everything is, there is no score. Total = 100·Σpoints/Σweights, exact; rounded half-up for display.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, Protocol

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import format_number

from .score_functions import band_share, clamped, decimal_text, default_share, exact, linear_share, read_bands

ACCEPTED, REFUSED = "accepted", "refused"

# What became of an indicator.
SCORED = "scored"
MISSING = "missing"
NOT_APPLICABLE = "not-applicable"
NOT_APPLICABLE_REFUSED = "not-applicable-refused"
ZERO_DENOMINATOR = "zero-denominator"
NOT_YET_JUDGED = "not-yet-judged"


class IndicatorLike(Protocol):
    """What scoring needs of a form's indicator (`reports.xlsform.Indicator` has it). Numbers are decimal strings."""

    code: str
    section: str
    inputs: Mapping[str, str]
    weight: str
    standard: str
    floor: str
    direction: str
    score: str
    bands: str
    scale: str
    source: str


@dataclass(frozen=True)
class IndicatorScore:
    """One indicator's points, and why. Amounts are exact fractions; `value` is None where there is none."""

    code: str
    section: str
    state: str
    formula: str  # "default-up", "default-down", "linear", "bands", "manual", "timeliness"
    weight: Fraction  # as the form gives it
    effective_weight: Fraction  # with the weight it took over from what is not applicable; 0 where itself is not
    points: Fraction
    value: Fraction | None = None
    standard: Fraction | None = None
    floor: Fraction | None = None
    direction: str = "up"
    numerator: Fraction | None = None
    denominator: Fraction | None = None

    @property
    def share(self) -> Fraction:
        """The part of its weight that it earned, 0 to 1."""
        return self.points / self.effective_weight if self.effective_weight else Fraction(0)

    def to_json(self) -> dict:
        """Strings: decimals of at most PLACES places, and the exact points as a fraction."""
        return {
            "code": self.code,
            "section": self.section,
            "state": self.state,
            "formula": self.formula,
            "direction": self.direction,
            "points_exact": str(self.points),
            **{
                name: decimal_text(getattr(self, name))
                for name in (
                    "weight", "effective_weight", "points", "share", "value", "standard", "floor", "numerator", "denominator",
                )
            },
        }  # fmt: skip


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
    weight = max(exact(indicator.weight) or Fraction(0), Fraction(0))
    effective = weight if effective_weight is None else effective_weight
    standard, floor = exact(indicator.standard), exact(indicator.floor)
    direction = indicator.direction if indicator.direction == "down" else "up"
    numerator, denominator, value = _performance(indicator, inputs, on_time)
    formula = formula_of(indicator)
    if not_applicable == ACCEPTED:
        state, share, effective = NOT_APPLICABLE, Fraction(0), Fraction(0)
    elif not_applicable == REFUSED:
        state, share = NOT_APPLICABLE_REFUSED, Fraction(0)
    elif formula == "manual":
        given = exact(manual_points)
        state = NOT_YET_JUDGED if given is None else SCORED
        share = clamped(given / weight) if given is not None and weight else Fraction(0)
    elif value is None:
        state, share = (ZERO_DENOMINATOR if denominator == 0 else MISSING), Fraction(0)
    else:
        state, share = SCORED, _share(indicator, formula, value, standard, floor, direction)
    return IndicatorScore(
        code=indicator.code,
        section=indicator.section,
        state=state,
        formula=formula,
        weight=weight,
        effective_weight=effective,
        points=share * effective,
        value=value,
        standard=standard,
        floor=floor,
        direction=direction,
        numerator=numerator,
        denominator=denominator,
    )


def formula_of(indicator: IndicatorLike) -> str:
    """The name of what turns its value into points; `IndicatorScore.formula`."""
    direction = "down" if indicator.direction == "down" else "up"
    if indicator.source == "timeliness":
        return "timeliness"
    return indicator.score if indicator.score in ("linear", "bands", "manual") else f"default-{direction}"


def _performance(indicator: IndicatorLike, inputs: Mapping[str, str], on_time: bool | None):
    """(numerator, denominator, actual performance), None where not given."""
    if indicator.source == "timeliness":
        return None, None, None if on_time is None else Fraction(int(on_time))
    if "numerator" not in indicator.inputs and "denominator" not in indicator.inputs:
        return None, None, exact(inputs.get("value"))
    numerator, denominator = exact(inputs.get("numerator")), exact(inputs.get("denominator"))
    if numerator is None or not denominator:
        return numerator, denominator, None
    scale = exact(indicator.scale)
    return numerator, denominator, numerator / denominator * (Fraction(1) if scale is None else scale)


def _share(indicator: IndicatorLike, formula: str, value: Fraction, standard, floor, direction: str) -> Fraction:
    if formula == "timeliness":
        return clamped(value)
    if formula == "linear":
        return linear_share(value, standard, floor, direction)
    if formula == "bands":
        try:
            return band_share(value, read_bands(indicator.bands, direction), direction)
        except Refused:
            return Fraction(0)
    return default_share(value, standard, direction)


# ---------------------------------------------------------------- a whole report
class _Weighing(NamedTuple):
    code: str
    section: str
    weight: str


def share_weights(indicators: Iterable[IndicatorLike], not_applicable: Iterable[str]) -> dict[str, Fraction]:
    """{code: effective weight}. What is not applicable gives its weight to its area, a whole area to all others.

    The sum stays what it was; {} of zeros where nothing that weighs is applicable.
    """
    return dict(_shared(tuple((i.code, i.section, i.weight) for i in indicators), frozenset(not_applicable)))


@lru_cache(maxsize=500)
def _shared(weighing: tuple[tuple[str, str, str], ...], excluded: frozenset[str]) -> Mapping[str, Fraction]:
    """Of (code, section, weight). Most reports on a form leave out the same: nothing."""
    indicators = [_Weighing(*each) for each in weighing]
    weights = {each.code: max(exact(each.weight) or Fraction(0), Fraction(0)) for each in indicators}
    whole: dict[str, Fraction] = {}
    applicable: dict[str, Fraction] = {}
    for each in indicators:
        whole[each.section] = whole.get(each.section, Fraction(0)) + weights[each.code]
        if each.code not in excluded:
            applicable[each.section] = applicable.get(each.section, Fraction(0)) + weights[each.code]
    counting = sum((whole[section] for section, left in applicable.items() if left), Fraction(0))
    total = sum(whole.values(), Fraction(0))
    shared = {}
    for each in indicators:
        left = applicable.get(each.section, Fraction(0))
        if each.code in excluded or not left:
            shared[each.code] = Fraction(0)
        else:
            shared[each.code] = weights[each.code] * whole[each.section] / left * total / counting
    return shared


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
    weights = share_weights(indicators, [code for code, verdict in claims.items() if verdict == ACCEPTED])
    scores = tuple(
        score_indicator(
            each,
            inputs={role: values.get(name, "") for role, name in each.inputs.items()},
            not_applicable=claims.get(each.code, ""),
            on_time=on_time,
            manual_points=manual.get(each.code),
            effective_weight=weights[each.code],
        )
        for each in indicators
    )
    points = sum((score.points for score in scores), Fraction(0))
    weight = sum(weights.values(), Fraction(0))
    sections = dict.fromkeys(score.section for score in scores)
    areas = tuple(_area(section, [score for score in scores if score.section == section]) for section in sections)
    return ReportScore(100 * points / weight if weight else None, points, weight, scores, areas)


def _area(section: str, scores: list[IndicatorScore]) -> AreaScore:
    return AreaScore(
        section=section,
        weight=sum((score.weight for score in scores), Fraction(0)),
        effective_weight=sum((score.effective_weight for score in scores), Fraction(0)),
        points=sum((score.points for score in scores), Fraction(0)),
        not_applicable=all(score.state == NOT_APPLICABLE for score in scores),
    )


# --------------------------------------------------------------- for the reader
def explain(score: Mapping[str, str | None], language: str = "fa") -> str:
    """One sentence, in the active language, for a stored indicator score (`IndicatorScore.to_json()`)."""

    def amount(name: str, places: int | None = None) -> str:
        text = score.get(name)
        number = None if text is None else Decimal(text)
        if number is not None and places is None and number != number.quantize(Decimal("0.01")):
            places = 2
        return format_number(number, places, language=language)

    facts = {
        name: amount(name)
        for name in ("value", "standard", "floor", "points", "effective_weight", "numerator", "denominator")
    }
    state, formula = score["state"], score["formula"]
    if state == NOT_APPLICABLE:
        return _("Not applicable; its weight is shared among the others.")
    if state == NOT_APPLICABLE_REFUSED:
        return _("“Not applicable” was not accepted: 0 of %(effective_weight)s points.") % facts
    if state == ZERO_DENOMINATOR:
        return (
            _("The denominator is zero and “not applicable” has not been accepted: 0 of %(effective_weight)s points.")
            % facts
        )
    if state == MISSING:
        return _("No value was given: 0 of %(effective_weight)s points.") % facts
    if state == NOT_YET_JUDGED:
        return _("The reviewer has not given points yet.")
    if formula == "timeliness":
        if Decimal(score["value"] or "0"):
            return _("Sent on time: all of %(effective_weight)s points.") % facts
        return _("Not sent on time: 0 of %(effective_weight)s points.") % facts
    if formula == "manual":
        return _("By the reviewer's judgement: %(points)s of %(effective_weight)s points.") % facts
    if formula == "linear":
        return (
            _(
                "Value %(value)s between the floor %(floor)s and the standard %(standard)s: %(points)s of %(effective_weight)s points."
            )
            % facts
        )
    if formula == "bands":
        return _("Value %(value)s in its band: %(points)s of %(effective_weight)s points.") % facts
    if formula == "default-down":
        return (
            _("Value %(value)s against a standard of at most %(standard)s: %(points)s of %(effective_weight)s points.")
            % facts
        )
    return (
        _("Value %(value)s against a standard of at least %(standard)s: %(points)s of %(effective_weight)s points.")
        % facts
    )
