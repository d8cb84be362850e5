"""Levels of answers: what each choice of a question earns. Refuses what does not fit the choices; a yes or no needs no levels."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import listed

from ..scoring.functions import read_levels
from .definition import Indicator
from .labels import Choice
from .survey import SurveyItem
from .workbook import Problems

YES = frozenset({"yes", "y", "true", "1", "بله", "بلی", "آری"})


def with_levels(
    indicators: list[Indicator], items: list[SurveyItem], lists: Mapping[str, tuple[Choice, ...]], problems: Problems
) -> list[Indicator]:
    """The indicators; of a yes or no with its levels. Problems are added, never raised."""
    by_name = {item.key: item for item in items}
    return [_checked(each, by_name.get(each.inputs.get("value", "")), lists, problems) for each in indicators]


def _checked(
    indicator: Indicator, item: SurveyItem | None, lists: Mapping[str, tuple[Choice, ...]], problems: Problems
) -> Indicator:
    if item is None or indicator.score not in ("levels", "yes_no", "rubric"):
        return indicator
    if indicator.score != "rubric" and not item.kind.list_name:
        return indicator  # refused for what it is already
    names = list(dict.fromkeys(choice.name for choice in lists.get(item.kind.list_name, ())))
    try:
        if indicator.score == "yes_no":
            return replace(indicator, score="levels", levels=_yes_or_no(names, down=indicator.direction == "down"))
        levels = read_levels(indicator.levels)
        if indicator.score == "levels":
            _fit(set(levels), names)
    except Refused as error:
        key = "sajad:score" if indicator.score == "yes_no" else "sajad:levels"
        problems.add("survey", indicator.row, item.headers.get(key, f"bind::{key}"), str(error))
    return indicator


def _yes_or_no(names: list[str], *, down: bool) -> str:
    yes = [name for name in names if name.lower() in YES]
    if len(names) != 2 or len(yes) != 1:
        raise Refused(
            _("A yes or no needs a list of two choices, one of them called yes. For others write levels."),
            code="bad-levels",
        )
    return "; ".join(f"{name}={100 if (name in yes) != down else 0}" for name in names)


def _fit(levels: set[str], names: list[str]) -> None:
    if without := [name for name in names if name not in levels]:
        raise Refused(_("These choices have no level: %(names)s.") % {"names": listed(without)}, code="bad-levels")
    if unknown := sorted(levels - set(names)):
        raise Refused(_("These levels are no choices: %(names)s.") % {"names": listed(unknown)}, code="bad-levels")
