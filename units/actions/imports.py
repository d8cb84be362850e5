"""`importunits`: the tree out of one file. It creates, renames, moves, retires and brings back; history is not touched."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.locks import hold_tree
from sajad_portal.lib.tables import FileProblem, FileRefused

from ..enums import AttributeType, UnitVerb
from ..files.units import read_units
from ..models import Event, Person, Succession, Unit, UnitKind
from ..queries.import_kinds import Answers
from ..queries.import_plan import ImportPlan, PlannedUnit, outside, plan_import
from ..rules import can_keep_kinds, can_manage_unit
from .events import record_many
from .kinds import create_attribute, create_kind

STORED = [
    "name", "name_en", "kind", "attributes", "parent", "path", "depth", "search_key", "sort_key", "retired_at", "successor"
]  # fmt: skip


@dataclass(frozen=True)
class ImportOutcome:
    created: int
    renamed: int
    moved: int
    retired: int
    reinstated: int
    unchanged: int
    kinds: int = 0
    attributes: int = 0


def look_at_units(
    *,
    data: bytes,
    by: Person | None,
    under: Unit | None = None,
    retire_missing: bool = False,
    answers: Answers | None = None,
) -> ImportPlan:
    """What `import_units` would do with the file; nothing is stored. Raises FileRefused, Forbidden as that one, but not over
    kinds and attributes that the file brings: the plan lists them."""
    return _planned(data, by, under, retire_missing, answers, may_bring=True)


def _planned(
    data: bytes,
    by: Person | None,
    under: Unit | None,
    retire_missing: bool,
    answers: Answers | None,
    *,
    may_bring: bool,
) -> ImportPlan:
    _may_import(by, under, database_now())
    plan = plan_import(read_units(data), under=under, retire_missing=retire_missing, answers=answers)
    problems = plan.problems + (outside(plan, under) if _is_bound(by) and under is not None else [])
    problems += [] if may_bring else _not_there_yet(plan)
    if problems:
        raise FileRefused(problems)
    return plan


@transaction.atomic
def import_units(
    *,
    data: bytes,
    by: Person | None,
    under: Unit | None = None,
    retire_missing: bool = False,
    create_kinds: bool = False,
    answers: Answers | None = None,
    seen: str = "",
) -> ImportOutcome:
    """Bring the tree in step with the file (`code,name,kind,parent_code`, rows in any order).

    `under`: where rows without a parent hang. `retire_missing`: what the file leaves out below `under`, or below the
    file's own roots, is retired. `create_kinds`: kinds and attributes that the file brings are added, as `answers` name them.
    `seen`: the fingerprint of the preview that was looked at; Refused where the portal has changed since.
    Raises FileRefused with every problem at once, and then stores nothing.
    `by=None` is the command; a person must manage `under`, and touches nothing outside of it.
    """
    hold_tree()
    at = database_now()
    if under is not None and not Unit.objects.filter(pk=under.pk).exists():
        raise Refused(_("The unit under which the file is to hang no longer exists."), code="no-unit")
    plan = _planned(data, by, under, retire_missing, answers, may_bring=create_kinds)
    if seen and plan.fingerprint != seen:
        raise Refused(
            _(
                "The preview is another now: the units have changed since, or what you chose has changed it. Look at it and "
                "confirm it."
            ),
            code="changed",
        )
    if plan.brings:
        _bring(plan, by)
    _apply(plan, at, by)
    counts = plan.counts
    return ImportOutcome(
        created=counts[UnitVerb.CREATE], renamed=counts[UnitVerb.RENAME], moved=counts[UnitVerb.MOVE],
        retired=counts[UnitVerb.RETIRE], reinstated=counts[UnitVerb.REINSTATE], unchanged=plan.unchanged,
        kinds=len(plan.new_kinds), attributes=len(plan.new_attributes),
    )  # fmt: skip


def _is_bound(by: Person | None) -> bool:
    return by is not None and not by.is_superuser


def _may_import(by: Person | None, under: Unit | None, at: datetime) -> None:
    if by is not None and _is_bound(by) and (under is None or not can_manage_unit(by, under, at)):
        raise Forbidden(
            _("Only a coordinator of the unit at the top imports the units below it."), code="may-not-import"
        )


def _not_there_yet(plan: ImportPlan) -> list[FileProblem]:
    """Kinds and attributes that the file names first, each at the first row that does."""
    said = _(
        "“%(word)s” is no kind of unit yet. Write one that is, or say that the file’s kinds are to be added (--create-kinds)."
    )
    problems = [FileProblem(kind.row, "kind", said % {"word": kind.name}) for kind in plan.new_kinds]
    said = _(
        "“%(word)s” is no attribute of units yet. Say that the file’s attributes are to be added (--create-kinds)."
    )
    return problems + [FileProblem(1, new.name, said % {"word": new.name}) for new in plan.new_attributes]


def _bring(plan: ImportPlan, by: Person | None) -> None:
    """Add the kinds and attributes that the file names first."""
    if by is not None and not can_keep_kinds(by):
        raise Forbidden(
            _("This file brings kinds or attributes of units, which an administrator adds. Ask one to add them first."),
            code="may-not-keep-kinds",
        )
    for kind in plan.new_kinds:
        create_kind(code=kind.code, name=kind.name, name_en=kind.name_en, by=by)
    for new in plan.new_attributes:
        choices = new.values if new.type == AttributeType.CHOICE else ()
        create_attribute(code=new.code, name=new.name, type=new.type, choices=choices, by=by)


# ------------------------------------------------------------------------------------- storing
def _apply(plan: ImportPlan, at: datetime, by: Person | None) -> None:
    """Level by level, because a path names the ids above it."""
    kinds = {kind.code: kind for kind in UnitKind.objects.all()}
    levels: dict[int, list[PlannedUnit]] = defaultdict(list)
    for node in plan.nodes.values():
        levels[plan.depths[node.key]].append(node)
    changed: list[Unit] = []
    events: list[Event] = []
    for depth in sorted(levels):
        _create(levels[depth], plan, kinds, depth)
        for node in levels[depth]:
            above = plan.nodes[node.parent_key].unit if node.parent_key else None
            is_new = UnitVerb.CREATE in node.changes
            if not is_new and _settle(node, above, depth, at, kinds):
                changed.append(_stored(node))
            events += [_event(verb, node, at, by, data) for verb, data in node.changes.items()]
    Unit.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["id"], update_fields=STORED, batch_size=1000
    )
    record_many(events)
    back = [_stored(node).pk for node in plan.with_verb(UnitVerb.REINSTATE)]
    if back:  # they act on their own again
        Succession.objects.standing().filter(unit__in=back).update(ended_at=at)


def _stored(node: PlannedUnit) -> Unit:
    if node.unit is None:
        raise RuntimeError("A unit is settled after it was created.")
    return node.unit


def _create(level: list[PlannedUnit], plan: ImportPlan, kinds: dict[str, UnitKind], depth: int) -> None:
    """The new units of one level, and their paths, which name the ids that they have only now: two statements a thousand."""
    fresh = [node for node in level if node.unit is None]
    for node in fresh:
        node.unit = Unit(
            code=node.code, name=node.name, name_en=node.name_en, kind=kinds[node.kind], attributes=node.attributes
        )
        node.unit.parent = plan.nodes[node.parent_key].unit if node.parent_key else None
        node.unit.depth = depth
        node.unit.refresh_keys()
    Unit.objects.bulk_create([_stored(node) for node in fresh], batch_size=1000)
    if fresh:
        above = Unit.objects.filter(pk=OuterRef("parent")).values("path")
        path = Concat(Coalesce(Subquery(above), Value("")), Cast("pk", CharField()), Value("."))
        Unit.objects.filter(path="").update(path=path)
    for node in fresh:
        unit = _stored(node)
        unit.path = f"{unit.parent.path if unit.parent else ''}{unit.pk}."


def _settle(node: PlannedUnit, above: Unit | None, depth: int, at: datetime, kinds: dict[str, UnitKind]) -> bool:
    """Make the unit what the plan says; whether its row is another (its path may move alone)."""
    unit, changes = _stored(node), node.changes
    if UnitVerb.RENAME in changes:
        unit.name, unit.kind, unit.name_en = node.name, kinds[node.kind], node.name_en
        unit.attributes = node.attributes
        unit.refresh_keys()
    if UnitVerb.MOVE in changes:
        unit.parent = above
    if UnitVerb.REINSTATE in changes:
        unit.retired_at = unit.successor = None
    if UnitVerb.RETIRE in changes:
        unit.retired_at = at
    path = f"{above.path if above else ''}{unit.pk}."
    moved = (unit.path, unit.depth) != (path, depth)
    unit.path, unit.depth = path, depth
    return bool(changes) or moved


def _event(verb: UnitVerb, node: PlannedUnit, at: datetime, by: Person | None, data: dict) -> Event:
    unit = _stored(node)
    return Event(
        at=at, verb=verb, noun="unit", key=str(unit.pk), path=unit.path, unit_id=unit.pk, person=by,
        data={**data, "by_import": True},
    )  # fmt: skip
