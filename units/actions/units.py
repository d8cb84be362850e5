"""The tree of units: made, renamed, moved, retired, brought back. History keeps the names and paths it was frozen with."""

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.locks import hold_tree
from sajad_portal.lib.text import latin_digits, normalise, search_key

from ..enums import Role, UnitKind, UnitVerb
from ..models import Event, Person, Unit
from ..rules import can_create_unit, can_manage_unit, membership_over
from .events import record

CODE = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,58}[A-Za-z0-9])?$")
PATH_LENGTH = Unit._meta.get_field("path").max_length or 0


def checked_code(typed: str) -> str:
    code = latin_digits(normalise(typed))
    if not CODE.match(code):
        raise Refused(
            _("A unit’s code has up to 60 Latin letters, digits, dots, dashes and underscores, such as KHB-ISK."),
            code="bad-code",
        )
    return code


@transaction.atomic
def create_unit(*, code: str, name: str, kind: str, parent: Unit | None, by: Person | None, name_en: str = "") -> Unit:
    """A new unit below `parent` (None: a new root). Raises Forbidden, and Refused on a bad or taken code or name."""
    hold_tree()
    at = database_now()
    parent = Unit.objects.get(pk=parent.pk) if parent else None
    if by is not None and not can_create_unit(by, parent, at):
        raise Forbidden(_may_not(), code="may-not-manage-unit")
    if parent and parent.retired_at:
        raise Refused(_("The unit above is retired. Choose another place."), code="parent-retired")
    unit = Unit(code=checked_code(code), name=name, name_en=name_en.strip(), kind=UnitKind(kind), parent=parent)
    unit.depth = parent.depth + 1 if parent else 0
    _check_name(unit)
    if Unit.objects.filter(code__iexact=unit.code).exists():
        raise Refused(_("The code %(code)s is taken.") % {"code": unit.code}, code="code-taken")
    try:
        with transaction.atomic():
            unit.save()
    except IntegrityError as error:
        raise Refused(_("The code %(code)s is taken.") % {"code": unit.code}, code="code-taken") from error
    unit.path = f"{parent.path if parent else ''}{unit.pk}."
    unit.save(update_fields=["path"])
    _recorded(UnitVerb.CREATE, unit, by, at, {"code": unit.code, "name": unit.name, "kind": unit.kind})
    return unit


@transaction.atomic
def rename_unit(*, unit: Unit, name: str, kind: str, by: Person | None, name_en: str = "") -> Unit:
    """A new name or kind. Reports keep the name that was frozen when their call was published."""
    unit, at = _held(unit, by)
    before = {"name": unit.name, "kind": unit.kind, "name_en": unit.name_en}
    unit.name, unit.kind, unit.name_en = normalise(name), UnitKind(kind), name_en.strip()
    _check_name(unit)
    changes = {f: [old, str(getattr(unit, f))] for f, old in before.items() if getattr(unit, f) != old}
    if changes:
        unit.save()
        _recorded(UnitVerb.RENAME, unit, by, at, changes)
    return unit


@transaction.atomic
def move_unit(*, unit: Unit, parent: Unit | None, by: Person | None) -> Unit:
    """Hang the unit, with all below it, under another one. Raises Refused where that would close a circle."""
    unit, at = _held(unit, by)
    parent = Unit.objects.get(pk=parent.pk) if parent else None
    if by is not None and not can_create_unit(by, parent, at):
        raise Forbidden(_may_not(), code="may-not-manage-unit")
    if parent and parent.path.startswith(unit.path):
        raise Refused(
            _("%(parent)s is %(unit)s itself or lies below it. Choose a unit outside of it.")
            % {"parent": parent.name, "unit": unit.name},
            code="circle",
        )
    if parent and parent.retired_at:
        raise Refused(_("The unit above is retired. Choose another place."), code="parent-retired")
    if unit.parent_id == (parent.pk if parent else None):
        return unit
    before = unit.parent.code if unit.parent else ""
    unit.parent = parent
    _check_name(unit)
    _move_subtree(unit, parent)
    _recorded(UnitVerb.MOVE, unit, by, at, {"parent": [before, parent.code if parent else ""]})
    return unit


def _move_subtree(unit: Unit, parent: Unit | None) -> None:
    old, new = unit.path, f"{parent.path if parent else ''}{unit.pk}."
    shift = (parent.depth + 1 if parent else 0) - unit.depth
    subtree = list(Unit.objects.under(unit))
    for below in subtree:
        below.path, below.depth = new + below.path.removeprefix(old), below.depth + shift
        if len(below.path) > PATH_LENGTH:
            raise Refused(_("The tree would become too deep there. Choose a place further up."), code="too-deep")
    Unit.objects.bulk_update(subtree, ["path", "depth"], batch_size=500)
    unit.path, unit.depth = new, unit.depth + shift
    unit.save(update_fields=["parent", "path", "depth"])


@transaction.atomic
def retire_unit(*, unit: Unit, by: Person | None, reason: str, successor: Unit | None = None) -> Unit:
    """The unit ends. With a successor it is merged: what lies below moves there. Open reports and history stay.

    Raises Refused without a reason, where units below it go on without a successor, and for a retired successor.
    """
    unit, at = _held(unit, by)
    if unit.retired_at:
        raise Refused(_("This unit is retired already."), code="already-retired")
    if not reason.strip():
        raise Refused(_("Write why the unit ends: its page and the audit trail say it."), code="no-reason")
    below = list(unit.children.filter(retired_at__isnull=True))
    if successor is None and below:
        raise Refused(
            _("There are active units below this one. Move or retire them first, or name the unit that takes over."),
            code="has-children",
        )
    if successor is not None:
        successor = Unit.objects.get(pk=successor.pk)
        if successor.retired_at or successor.path.startswith(unit.path):
            raise Refused(
                _("The unit that takes over must be active and lie outside of this one."), code="bad-successor"
            )
        for child in below:
            move_unit(unit=child, parent=successor, by=by)
    unit.retired_at, unit.successor = at, successor
    unit.save(update_fields=["retired_at", "successor"])
    data = {"reason": reason.strip(), "successor": successor.code if successor else ""}
    _recorded(UnitVerb.MERGE if successor else UnitVerb.RETIRE, unit, by, at, data)
    return unit


@transaction.atomic
def reinstate_unit(*, unit: Unit, by: Person | None) -> Unit:
    """A retired unit works again, in the place where it was."""
    unit, at = _held(unit, by)
    if not unit.retired_at:
        raise Refused(_("This unit is active."), code="not-retired")
    if unit.parent and unit.parent.retired_at:
        raise Refused(_("The unit above is retired. Bring that one back first."), code="parent-retired")
    unit.retired_at = unit.successor = None
    _check_name(unit)
    unit.save(update_fields=["retired_at", "successor"])
    _recorded(UnitVerb.REINSTATE, unit, by, at, {})
    return unit


def _held(unit: Unit, by: Person | None) -> tuple[Unit, datetime]:
    """The unit re-read under the tree's lock, and the instant of the verdict."""
    hold_tree()
    unit = Unit.objects.select_related("parent").get(pk=unit.pk)
    at = database_now()
    if by is not None and not can_manage_unit(by, unit, at):
        raise Forbidden(_may_not(), code="may-not-manage-unit")
    return unit, at


def _may_not() -> str:
    return _("The tree of units is changed by a coordinator of the unit or of one above it.")


def _check_name(unit: Unit) -> None:
    unit.name = normalise(unit.name)
    if not unit.name:
        raise Refused(_("A unit needs a name."), code="no-name")
    key = search_key(unit.name)
    siblings = Unit.objects.filter(parent=unit.parent, retired_at__isnull=True).exclude(pk=unit.pk)
    if any(search_key(name) == key for name in siblings.values_list("name", flat=True)):
        raise Refused(_("There is already a unit “%(name)s” in this place.") % {"name": unit.name}, code="name-taken")


def _recorded(verb: UnitVerb, unit: Unit, by: Person | None, at: datetime, data: dict) -> Event:
    membership = membership_over(by, unit.path, {Role.COORDINATOR}, at) if by else None
    return record(
        verb, noun="unit", key=unit.pk, at=at, by=by, membership=membership, path=unit.path, unit_id=unit.pk, data=data
    )
