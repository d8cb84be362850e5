"""What a file of units would do, for reading: how much, what in each unit, and what hangs on those that change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sajad_portal.lib.numbers import listed, local_number
from units.enums import UnitVerb
from units.models import UnitAttribute
from units.queries.import_plan import ImportPlan, PlannedUnit
from units.queries.kinds import kind_name, kind_names

from ...queries.open_matters import Hanging, hanging_on

SHOWN = 50  # lines of a group that a page shows


@dataclass(frozen=True)
class ChangedUnit:
    """One unit that changes. `words`: from what to what; `hangs`: the people, open reports and requests that are concerned."""

    row: int
    code: str
    name: str
    words: str
    hangs: str


@dataclass(frozen=True)
class ChangeGroup:
    """Units to which the same happens. `danger`: what deserves a look before it is stored."""

    verb: str
    title: str
    icon: str
    lines: list[ChangedUnit]
    danger: bool = False

    @property
    def shown(self) -> list[ChangedUnit]:
        return self.lines[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.lines) - SHOWN)


@dataclass
class UnitsPreview:
    plan: ImportPlan
    hanging: dict[int, Hanging]
    kinds: dict[str, str]
    attributes: dict[str, str]

    @property
    def figures(self) -> dict[str, int]:
        counts = self.plan.counts
        return {
            "created": counts[UnitVerb.CREATE], "renamed": counts[UnitVerb.RENAME], "moved": counts[UnitVerb.MOVE],
            "retired": counts[UnitVerb.RETIRE], "reinstated": counts[UnitVerb.REINSTATE], "unchanged": self.plan.unchanged,
            "kinds": len(self.plan.new_kinds), "attributes": len(self.plan.new_attributes),
        }  # fmt: skip

    @property
    def changes_something(self) -> bool:
        return bool(self.plan.counts) or self.plan.brings

    @cached_property
    def groups(self) -> list[ChangeGroup]:
        """What ends or moves first: that is what must not be missed."""
        told = [
            (UnitVerb.RETIRE, _("Retired"), "archive", True),
            (UnitVerb.MOVE, _("Moved"), "diagram-3", False),
            (UnitVerb.RENAME, _("Renamed or described anew"), "pencil", False),
            (UnitVerb.REINSTATE, _("Working again"), "arrow-counterclockwise", False),
            (UnitVerb.CREATE, _("New"), "plus-circle", False),
        ]
        groups = [ChangeGroup(verb, title, icon, self._lines(verb), danger) for verb, title, icon, danger in told]
        return [group for group in groups if group.lines]

    def _lines(self, verb: UnitVerb) -> list[ChangedUnit]:
        nodes = sorted(self.plan.with_verb(verb), key=lambda node: node.row.number if node.row else 0)
        return [
            ChangedUnit(
                node.row.number if node.row else 0,
                node.code,
                node.name,
                self._words(verb, node),
                self._hangs(verb, node),
            )
            for node in nodes
        ]

    def _words(self, verb: UnitVerb, node: PlannedUnit) -> str:
        if verb == UnitVerb.CREATE:
            above = self.plan.nodes[node.parent_key].name if node.parent_key else _("the top")
            facts = {"kind": kind_name(self.kinds, node.kind), "unit": above}
            return _("%(kind)s, below %(unit)s") % facts
        if verb == UnitVerb.MOVE:
            old, new = node.changes[verb]["parent"]
            top = _("the top")
            return _("from %(old)s to %(new)s") % {"old": old or top, "new": new or top}
        if verb == UnitVerb.RENAME:
            return " · ".join(self._renamed(node.changes[verb]))
        return ""

    def _renamed(self, data: dict[str, Any]) -> Iterable[str]:
        pairs = {"name": _("name"), "kind": _("kind"), "name_en": _("English name")}
        told = [
            (pairs[f], *(kind_name(self.kinds, value) if f == "kind" else value for value in data[f]))
            for f in pairs
            if f in data
        ]
        told += sorted((self.attributes.get(code, code), *pair) for code, pair in data.get("attributes", {}).items())
        for what, old, new in told:
            yield _("%(what)s: from “%(old)s” to “%(new)s”") % {"what": what, "old": old or "—", "new": new or "—"}

    def _hangs(self, verb: UnitVerb, node: PlannedUnit) -> str:
        found = self.hanging.get(node.unit.pk) if node.unit and verb != UnitVerb.CREATE else None
        if found is None:
            return ""
        parts = []
        if found.people:
            parts.append(ngettext("%(n)s person", "%(n)s people", found.people) % {"n": local_number(found.people)})
        if found.reports:
            words = ngettext("%(n)s open report", "%(n)s open reports", found.reports)
            parts.append(words % {"n": local_number(found.reports)})
        if found.requests:
            words = ngettext("%(n)s open general request", "%(n)s open general requests", found.requests)
            parts.append(words % {"n": local_number(found.requests)})
        return listed(parts)

    def as_json(self) -> dict[str, Any]:
        """For scripts; in the words of the command's language."""
        return {
            **self.figures,
            "new_kinds": [
                {"code": k.code, "name": k.name, "row": k.row, "units": k.units} for k in self.plan.new_kinds
            ],
            "new_attributes": [{"code": a.code, "name": a.name, "type": a.type} for a in self.plan.new_attributes],
            "passed_over": self.plan.passed_over,
            "changes": [
                {"what": str(group.verb), "code": line.code, "row": line.row, "words": line.words, "hangs": line.hangs}
                for group in self.groups
                for line in group.lines
            ],
        }


def preview_of(plan: ImportPlan, at: datetime) -> UnitsPreview:
    """Seven queries, however many units."""
    touched = {node.unit.pk for node in plan.nodes.values() if node.changes and node.unit}
    kinds = kind_names() | {kind.code: kind.name for kind in plan.new_kinds}
    attributes = {a.code: a.name_here for a in UnitAttribute.objects.all()}
    attributes |= {new.code: new.name for new in plan.new_attributes}
    return UnitsPreview(plan, hanging_on(touched, at) if touched else {}, kinds, attributes)
