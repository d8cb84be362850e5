"""A call's league under other weights and standards. Nothing is stored; the numbers are those of the page that asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from sajad_portal.lib.numbers import parse_number, plain

from ...analysis.places import Place, places, places_by
from ...analysis.weighing import shares_by, totals
from ...models import ResultFact
from ...queries import form_of
from ...queries.analysis import matrix, rule_of, standings, visible_results
from ...queries.facts_cache import Facts
from ...scoring import formula_of
from ...scoring.functions import exact
from ...xlsform.definition import Indicator

SHOWN = 100
PLACES = Decimal("1e-8")
# Whose standard enters its points.
BY_STANDARD = ("default-up", "default-down", "linear")


@dataclass
class WhatIfLine:
    """An indicator's weight and standard as the form has them, as typed, and what is wrong with what was typed."""

    indicator: Indicator
    label: str
    weight: str
    standard: str
    typed_weight: str
    typed_standard: str
    opens: str = ""  # the section that begins with this line
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def has_standard(self) -> bool:
        return formula_of(self.indicator) in BY_STANDARD

    @property
    def is_changed(self) -> bool:
        return (self.typed_weight, self.typed_standard) != (self.weight, self.standard)


@dataclass(frozen=True)
class Tried:
    """One unit's place as it is and as it would be. `rise`: places won (negative: lost)."""

    fact: ResultFact
    place: Place
    now: Place
    total: Decimal
    now_total: Decimal

    @property
    def change(self) -> Decimal:
        return self.total - self.now_total

    @property
    def rise(self) -> int:
        return self.now.rank - self.place.rank


def what_if_lines(facts: Facts, typed: Mapping[str, str], language: str) -> list[WhatIfLine]:
    """`typed`: `weight-CODE` and `standard-CODE`; what is not there is as the form has it."""
    lines: list[WhatIfLine] = []
    form = form_of(facts.call.form_version)
    sections = {section.name: section.label_in(language) for section in form.sections}
    for indicator in form.indicators:
        line = WhatIfLine(
            indicator, indicator.label_in(language), indicator.weight, indicator.standard,
            _read(typed, f"weight-{indicator.code}", indicator.weight), _read(typed, f"standard-{indicator.code}", indicator.standard),
        )  # fmt: skip
        if not lines or lines[-1].indicator.section != indicator.section:
            line.opens = sections.get(indicator.section, "")
        _check(line)
        lines.append(line)
    return lines


def _read(typed: Mapping[str, str], name: str, own: str) -> str:
    """The canonical number, or what was typed where it is none."""
    text = typed.get(name)
    if text is None:
        return own
    try:
        return plain(parse_number(text))
    except Refused:
        return text


def _check(line: WhatIfLine) -> None:
    for name, text in (("weight", line.typed_weight), ("standard", line.typed_standard)):
        if name == "standard" and not line.has_standard:
            continue
        try:
            number = parse_number(text)
        except Refused as refusal:
            line.errors[name] = str(refusal)
            continue
        if name == "weight" and number < 0:
            line.errors[name] = _("A weight cannot be negative.")
        if name == "standard" and number <= 0:
            line.errors[name] = _("A standard is greater than zero.")


def try_out(person, facts: Facts, lines: list[WhatIfLine]) -> list[Tried]:
    """Every ranked unit that the person may see, in its new place. The lines have no errors."""
    field_, base = matrix(facts), standings(facts)
    weights = np.array([float(exact(line.typed_weight) or 0) for line in lines])
    shares = np.empty_like(field_.values)
    for column, line in enumerate(lines):
        standard = exact(line.typed_standard) if line.has_standard else None
        rule = rule_of(line.indicator, None if standard is None else float(standard))
        shares[:, column] = shares_by(rule, field_.values[:, column], field_.shares[:, column])
    found = totals(shares, field_.applies, weights, field_.sections, asked=field_.asked)
    new = {
        report: Decimal(repr(total)).quantize(PLACES)
        for report, total in zip(field_.reports.tolist(), found.tolist(), strict=True)
        if not np.isnan(total)
    }
    ranked = places_by(new, base.groups) if base.apart else places(new)
    visible = visible_results(person).filter(call=facts.call, missed=False)
    rows = [
        Tried(fact, ranked[fact.pk], base.places[fact.pk], new[fact.pk], base.totals[fact.pk])
        for fact in visible
        if fact.pk in ranked and fact.pk in base.places
    ]
    return sorted(rows, key=lambda row: (row.place.rank, row.fact.pk))
