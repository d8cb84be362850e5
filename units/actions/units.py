"""The tree of units: made, renamed, moved, retired, brought back. History keeps the names and paths it was frozen with."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.locks import hold_tree
from sajad_portal.lib.text import normalise, search_key

from ..enums import Role, UnitVerb
from ..models import Event, Person, Succession, Unit, UnitAttribute, UnitKind
from ..models.codes import checked_code
from ..queries.kinds import changed_values
from ..rules import can_create_unit, can_manage_unit, membership_over
from .events import record

PATH_LENGTH = Unit._meta.get_field("path").max_length or 0


@transaction.atomic
def create_unit(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Unit | None,
    by: Person | None,
    name_en: str = "",
    attributes: Mapping[str, str] | None = None,
) -> Unit:
    """A new unit below `parent` (None: a new root). `kind` by its code; `attributes`: {code: as typed}.

    Raises Forbidden, and Refused on a bad or taken code or name, on a kind or a value that is none.
    """
    hold_tree()
    at = database_now()
    parent = Unit.objects.get(pk=parent.pk) if parent else None
    if by is not None and not can_create_unit(by, parent, at):
        raise Forbidden(_may_not(), code="may-not-manage-unit")
    if parent and parent.retired_at:
        raise Refused(_("The unit above is retired. Choose another place."), code="parent-retired")
    unit = Unit(code=checked_code(code), name=name, name_en=name_en.strip(), kind=_kind(kind), parent=parent)
    unit.attributes = _with_values({}, attributes or {})
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
    told = {"code": unit.code, "name": unit.name, "kind": unit.kind_id}
    _recorded(UnitVerb.CREATE, unit, by, at, told | ({"attributes": unit.attributes} if unit.attributes else {}))
    return unit


@transaction.atomic
def rename_unit(
    *,
    unit: Unit,
    name: str,
    kind: str,
    by: Person | None,
    name_en: str = "",
    attributes: Mapping[str, str] | None = None,
) -> Unit:
    """A new name, kind or attributes ({code: as typed}; those not named stay). Reports keep what was frozen when they were asked."""
    unit, at = _held(unit, by)
    before = {"name": unit.name, "kind": unit.kind_id, "name_en": unit.name_en}
    described = dict(unit.attributes)
    unit.name, unit.kind, unit.name_en = normalise(name), _kind(kind, now=unit.kind_id), name_en.strip()
    unit.attributes = _with_values(described, attributes or {})
    _check_name(unit)
    after = {"name": unit.name, "kind": unit.kind_id, "name_en": unit.name_en}
    changes: dict = {field: [old, after[field]] for field, old in before.items() if after[field] != old}
    if described != unit.attributes:
        changes["attributes"] = changed_values(described, unit.attributes)
    if changes:
        unit.save()
        _recorded(UnitVerb.RENAME, unit, by, at, changes)
    return unit


def _kind(code: str, *, now: str = "") -> UnitKind:
    """The kind of this code. Refused for none, and for a closed one that the unit does not have already."""
    found = UnitKind.objects.filter(code=code).first()
    if found is None:
        raise Refused(_("There is no kind of unit with this code. Choose one from the list."), code="no-kind")
    if found.closed_at and code != now:
        said = _("The kind “%(kind)s” is closed; no unit gets it any more. Choose another.")
        raise Refused(said % {"kind": found.name_here}, code="kind-closed")
    return found


def _with_values(stored: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    known = {attribute.code: attribute for attribute in UnitAttribute.objects.filter(code__in=list(typed))}
    values = dict(stored)
    for code, text in typed.items():
        if code not in known:
            raise Refused(_("There is no attribute of units with this code."), code="no-attribute")
        value = known[code].clean_value(text)
        if value != values.get(code, "") and value and known[code].closed_at:
            said = _("The attribute “%(name)s” is closed; no unit gets a value of it any more.")
            raise Refused(said % {"name": known[code].name_here}, code="attribute-closed")
        values[code] = value
    return {code: value for code, value in values.items() if value}


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
    """A retired unit works again, in the place where it was, and acts on its own matters: what was handed over comes back."""
    unit, at = _held(unit, by)
    if not unit.retired_at:
        raise Refused(_("This unit is active."), code="not-retired")
    if unit.parent and unit.parent.retired_at:
        raise Refused(_("The unit above is retired. Bring that one back first."), code="parent-retired")
    unit.retired_at = unit.successor = None
    _check_name(unit)
    unit.save(update_fields=["retired_at", "successor"])
    Succession.objects.standing().filter(unit=unit).update(ended_at=at)
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
