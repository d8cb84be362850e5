"""Places and orders: kinds of answers that a phone takes from its screen, and a page as text or from lists.

A place is stored as XForms stores it, "latitude longitude 0 0"; a line or a shape is places with "; " between them. An order is the
names of all choices, the first place first.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import format_number, local_digits, plain
from sajad_portal.lib.text import latin_digits, normalise

from .answer_kinds import MANY, AnswerKind, Asked
from .labels import Choice, chosen_labels

MAX_POINTS = 500
_DEGREES = re.compile(r"^[+-]?\d{1,3}(\.\d{1,12})?$", re.ASCII)
_HEIGHT = re.compile(r"^-?\d{1,6}(\.\d{1,6})?$", re.ASCII)
_BETWEEN = re.compile(r"[\s,،/]+")


def _refused_place() -> Refused:
    return Refused(
        _("Write the latitude and then the longitude in degrees, such as 35.6892, 51.3890."), code="not-a-place"
    )


def _clean_place(question: Asked, raw: str) -> str:
    text = latin_digits(normalise(raw)).replace("٫", ".").replace("−", "-").strip(" ,،/()")
    parts = _BETWEEN.split(text)
    if not 2 <= len(parts) <= 4 or not all(_DEGREES.match(part) for part in parts[:2]):
        raise _refused_place()
    latitude, longitude = (Decimal(part) for part in parts[:2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Refused(
            _("A latitude is from -90 to 90, a longitude from -180 to 180. Write the latitude first."),
            code="not-a-place",
        )
    rest = parts[2:] if all(_HEIGHT.match(part) for part in parts[2:]) else []
    return " ".join([plain(latitude), plain(longitude), *([*rest, "0", "0"])[:2]])


def _clean_line(question: Asked, raw: str) -> str:
    parts = [part for part in re.split(r"[;؛\n]+", raw) if part.strip()]
    if len(parts) > MAX_POINTS:
        message = _("At most %(n)s points are kept. Leave out those that lie close together.")
        raise Refused(message % {"n": local_digits(MAX_POINTS)}, code="too-long")
    return "; ".join(_clean_place(question, part) for part in parts)


def _parts(value: str) -> list[tuple[Decimal, Decimal]] | None:
    """Latitude and longitude of each place; None where one of them is none."""
    found = []
    for point in value.strip().rstrip(";").split(";"):
        parts = point.split()
        if len(parts) < 2 or not all(_DEGREES.match(part) for part in parts[:2]):
            return None
        found.append((Decimal(parts[0]), Decimal(parts[1])))
    return found


def _told(value: str, between: str, language: str) -> str:
    found = _parts(value)
    if found is None:
        return value
    comma = "، " if language == "fa" else ", "
    return between.join(comma.join(format_number(part, language=language) for part in place) for place in found)


def _wrong_place(question: Asked, value: str, offered: Sequence[Choice], language: str) -> str:
    if question.calculation or _parts(value) is not None:
        return ""
    return _("A place is needed here: latitude and longitude in degrees.")


def _typed(value: str, between: str) -> str:
    found = _parts(value)
    if found is None:
        return value
    return between.join(f"{plain(latitude)}, {plain(longitude)}" for latitude, longitude in found)


PLACE = AnswerKind(
    "place", clean=_clean_place, wrong=_wrong_place, control=lambda question, offered: "place", inputmode="text",
    show=lambda question, value, language: _told(value, "؛ " if language == "fa" else "; ", language),
    typed=lambda question, value, language: _typed(value, "; "),
    note=gettext_lazy("Latitude, longitude in degrees, altitude and accuracy in metres"),
)  # fmt: skip
LINE = replace(
    PLACE, name="line", clean=_clean_line, control=lambda question, offered: "places",
    typed=lambda question, value, language: _typed(value, "\n"),
    note=gettext_lazy("Places with a semicolon between them; each as latitude, longitude, altitude and accuracy"),
)  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- orders
def _clean_order(question: Asked, raw: str) -> str:
    chosen = raw.split()
    known = {choice.name for choice in question.choices}
    if set(chosen) - known:
        raise Refused(_("Choose from the answers offered."), code="not-a-choice")
    if len(set(chosen)) < len(chosen):
        twice = next(name for name in chosen if chosen.count(name) > 1)
        label = chosen_labels([twice], question.choices, "fa")
        raise Refused(_("“%(name)s” has two places. Give each answer one.") % {"name": label}, code="twice")
    return " ".join(chosen)


def _wrong_order(question: Asked, value: str, offered: Sequence[Choice], language: str) -> str:
    names = value.split()
    known = {choice.name for choice in offered or question.choices}
    if not known.issuperset(names):
        return _("The chosen answer is no longer offered here. Choose again.")
    return "" if known == set(names) else _("Give every answer a place.")


RANK = replace(
    MANY, name="order", clean=_clean_order, wrong=_wrong_order, control=lambda question, offered: "order",
    note=gettext_lazy("The codes of the answers in their order, with a space between them"),
)  # fmt: skip
