"""Which parts of a form are for some units only, told for whoever reads the form."""

from collections.abc import Iterator
from dataclasses import dataclass

from units.queries.kinds import kind_names

from ..models import FormVersion
from ..xlsform import FormDefinition, engine_for
from ..xlsform.definition import Group, Question
from ..xlsform.references import as_written, paths_in
from ..xlsform.sheets import KIND
from . import form_of


@dataclass(frozen=True)
class ForSome:
    """A section, a group or a question under a condition about the unit. `kinds`: by name, those of the portal that are asked it,
    where their kind alone decides; None where something else of the unit does too."""

    row: int
    label: str
    condition: str
    kinds: list[str] | None


def parts_for_some(version: FormVersion, language: str) -> list[ForSome]:
    """In the order of the sheet; [] of a form that asks every unit the same."""
    definition = form_of(version)
    if not definition.sources:
        return []
    kinds = _kinds_asked(version, definition) if definition.sources == (KIND,) else None
    found = []
    for part in _under_conditions(definition):
        names = None if kinds is None else [name for name, paths in kinds if part.path in paths]
        label = part.label_in(language) or part.name
        found.append(ForSome(part.row, label, as_written(part.relevant, definition.root), names))
    return sorted(found, key=lambda part: part.row)


def _under_conditions(definition: FormDefinition) -> Iterator[Group | Question]:
    of_unit = {question.name for question in definition.questions if question.source}
    names = of_unit | definition.dependents(of_unit)
    paths = {question.path for question in definition.questions if question.name in names}
    parts: list[Group | Question] = [*definition.groups, *definition.questions]
    for part in parts:
        if not paths.isdisjoint(paths_in(part.relevant, definition.root)):
            yield part


def _kinds_asked(version: FormVersion, definition: FormDefinition) -> list[tuple[str, set[str]]]:
    """[(name of a kind, paths of what it is asked)] of the portal's kinds, in the order of their names."""
    engine = engine_for(definition, key=version.pk)
    found: list[tuple[str, set[str]]] = []
    for code, name in kind_names().items():
        asked = engine.of_unit({KIND: code}).asked
        found.append((name, {group.path for group in asked.groups} | {question.path for question in asked.questions}))
    return found
