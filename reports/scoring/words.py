"""A stored score in words."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from sajad_portal.lib.numbers import format_number

from . import MISSING, NOT_APPLICABLE, NOT_APPLICABLE_REFUSED, NOT_YET_JUDGED, ZERO_DENOMINATOR


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
    if formula == "levels":
        return _("The answer stands for %(value)s percent: %(points)s of %(effective_weight)s points.") % facts
    if formula == "rubric":
        return _("By the reviewer’s judgement, by described levels: %(points)s of %(effective_weight)s points.") % facts
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
