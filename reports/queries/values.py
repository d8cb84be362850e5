"""What an indicator's own figures make, wherever they stand: in a draft, a revision, a finding. Pure."""

from collections.abc import Mapping
from fractions import Fraction

from ..scoring import decimal_text, exact
from ..scoring.functions import level_percent
from ..xlsform.definition import Indicator


def performance_of(indicator: Indicator, figures: Mapping[str, str]) -> Fraction | None:
    """Of `figures` {role: number as text}: the value, or numerator / denominator · scale; None where they make none."""
    if indicator.score == "levels":
        return level_percent(indicator.levels, figures.get("value", ""))
    if "value" in indicator.inputs:
        return exact(figures.get("value"))
    top, bottom = exact(figures.get("numerator")), exact(figures.get("denominator"))
    if top is None or not bottom:
        return None
    scale = exact(indicator.scale)
    return top / bottom * (Fraction(1) if scale is None else scale)


def value_text(indicator: Indicator, values: Mapping[str, str | None]) -> str:
    """Of `values` {question: text}: what the form's own row says; a ratio without a row that calculates it is worked out here, as
    it is scored."""
    if indicator.value_question:
        return str(values.get(indicator.value_question) or "")
    figures = {role: str(values.get(name) or "") for role, name in indicator.inputs.items()}
    return decimal_text(performance_of(indicator, figures)) or ""
