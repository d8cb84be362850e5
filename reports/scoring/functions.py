"""What a share of the weight is: the score functions, and exact numbers in and out. See `scoring` for their sources."""

import re
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import parse_number

# Digits after the point in stored decimals; the exact fraction stands beside them.
PLACES = 10
ZERO, ONE = Fraction(0), Fraction(1)


def exact(value: object) -> Fraction | None:
    """A decimal string (or Decimal, int, Fraction) as a fraction; None where it is no finite number."""
    if value is None or isinstance(value, Fraction):
        return value
    return _read(value if type(value) is str else str(value))


@lru_cache(maxsize=20_000)
def _read(text: str) -> Fraction | None:
    """Weights, standards and most figures come again and again: a fraction is made once of each text."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    # A hostile exponent would make an integer of a million digits.
    return Fraction(number) if number.is_finite() and abs(number.adjusted()) < 400 else None


def decimal_text(value: Fraction | None, places: int = PLACES) -> str | None:
    """A fraction as a plain decimal, rounded half-up (away from zero) to `places`; None stays None."""
    if value is None:
        return None
    top, bottom = value.as_integer_ratio()
    if bottom == 1:
        return str(top)
    # Whole numbers all the way: some hundred of these are written for every result.
    unit = 10**places
    whole = (2 * abs(top) * unit + bottom) // (2 * bottom)
    text = f"{whole // unit}.{whole % unit:0{places}}".rstrip("0").rstrip(".")
    return f"-{text}" if top < 0 and whole else text


def clamped(share: Fraction) -> Fraction:
    return ratio_within(share.numerator, share.denominator)


def ratio_within(top: int, bottom: int) -> Fraction:
    """top/bottom within [0, 1]; `bottom` > 0. Most shares are one of the two ends, and need no lowest terms."""
    if top <= 0:
        return ZERO
    return ONE if top >= bottom else Fraction(top, bottom)


def ratio(numerator: Fraction, denominator: Fraction, scale: Fraction) -> Fraction:
    """numerator / denominator · scale, brought to lowest terms once; `denominator` is not 0."""
    return Fraction(
        numerator.numerator * denominator.denominator * scale.numerator,
        numerator.denominator * denominator.numerator * scale.denominator,
    )


def read_bands(text: str, direction: str = "up") -> list[tuple[Fraction, Fraction]]:
    """`90=100; 75=60` as [(75, 60), (90, 100)]: value reached → percent of the weight.

    Raises Refused, also where a better value would earn less.
    """
    bands: dict[Fraction, Fraction] = {}
    for part in re.split(r"[;؛\n]", text):
        if not part.strip():
            continue
        reach, sign, percent = part.partition("=")
        if not sign:
            raise Refused(
                _("Write the bands as “90=100; 75=60”: the value reached = the percent of the weight."),
                code="bad-bands",
            )
        at, share = Fraction(parse_number(reach)), Fraction(parse_number(percent))
        if not 0 <= share <= 100:
            raise Refused(_("A band gives from 0 to 100 percent of the weight."), code="bad-bands")
        if at in bands:
            raise Refused(_("Two bands begin at the same value."), code="bad-bands")
        bands[at] = share
    if not bands:
        raise Refused(
            _("Write the bands as “90=100; 75=60”: the value reached = the percent of the weight."), code="bad-bands"
        )
    found = sorted(bands.items())
    shares = [share for _at, share in found]
    if shares != sorted(shares, reverse=direction == "down"):
        raise Refused(_("A better value cannot earn fewer points; check the order of the bands."), code="bad-bands")
    return found


class Level(NamedTuple):
    """What an answer earns, in percent of the weight, and in which words it is described."""

    percent: Fraction
    words: str


def read_levels(text: str) -> dict[str, Level]:
    """`full=100|every paper seen; part=50; none=0` as {name: Level}, in the order in which they are written. Raises Refused."""
    levels: dict[str, Level] = {}
    for part in re.split(r"[;؛\n]", text):
        if not part.strip():
            continue
        name, sign, told = (piece.strip() for piece in part.partition("="))
        percent, _bar, words = (piece.strip() for piece in told.partition("|"))
        if not sign or not name:
            raise Refused(_how_levels(), code="bad-levels")
        share = Fraction(parse_number(percent))
        if not 0 <= share <= 100:
            raise Refused(_("A level gives from 0 to 100 percent of the weight."), code="bad-levels")
        if name in levels:
            raise Refused(_("The level “%(name)s” is written twice.") % {"name": name}, code="bad-levels")
        levels[name] = Level(share, words)
    if len(levels) < 2:
        raise Refused(_how_levels(), code="bad-levels")
    return levels


def _how_levels() -> str:
    return _("Write the levels as “full=100|what it means; part=50; none=0”: the answer = the percent of the weight.")


@lru_cache(maxsize=500)
def levels_of(text: str) -> dict[str, Level]:
    """The same, {} where it cannot be read: a form was refused at its import, and scoring never raises."""
    with suppress(Refused):
        return read_levels(text) if text else {}
    return {}


class RubricLevel(NamedTuple):
    """A level as a reviewer chooses it: its points out of the weight, to four places."""

    points: str
    name: str
    words: str


def rubric_levels(levels: str, weight: str) -> list[RubricLevel]:
    whole = exact(weight) or ZERO
    return [
        RubricLevel(decimal_text(whole * level.percent / 100, 4) or "0", name, level.words)
        for name, level in levels_of(levels).items()
    ]


def level_percent(levels: str, answer: str) -> Fraction | None:
    """The percent that an answer stands for; None for one that is no level."""
    found = levels_of(levels).get(answer)
    return None if found is None else found.percent


# ---------------------------------------------------------- the score functions
def default_share(value: Fraction, standard: Fraction | None, direction: str) -> Fraction:
    """AP/S for ↑, S/AP for ↓, within [0, 1]. An import refuses S ≤ 0; should one come, ↑ earns nothing."""
    if direction == "down":
        if value.numerator <= 0:
            return ONE
        value, standard = standard or ZERO, value
    elif not standard or standard.numerator < 0:
        return ZERO
    return ratio_within(value.numerator * standard.denominator, value.denominator * standard.numerator)


def linear_share(value: Fraction, standard: Fraction | None, floor: Fraction | None, direction: str) -> Fraction:
    """(AP − F)/(S − F) within [0, 1]. Where floor and standard do not run in the direction: all or nothing at S."""
    if standard is None:
        return ZERO
    span = None if floor is None else (standard - floor if direction == "up" else floor - standard)
    if span is None or span <= 0:
        return Fraction(int(value >= standard if direction == "up" else value <= standard))
    return clamped((value - floor if direction == "up" else floor - value) / span)  # type: ignore[operator]


def band_share(value: Fraction, bands: list[tuple[Fraction, Fraction]], direction: str) -> Fraction:
    """The best band the value reaches (↑ from below, ↓ from above); 0 below all."""
    reached = [share for at, share in bands if (value >= at if direction == "up" else value <= at)]
    return clamped(max(reached, default=ZERO) / 100)
