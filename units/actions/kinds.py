"""Kinds and attributes of units: added, renamed, closed and reopened by an administrator. None is deleted: calls, results
and files of earlier years name them."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.text import normalise, search_key

from ..enums import AttributeType, KindVerb
from ..models import Person, Unit, UnitAttribute, UnitKind
from ..models.codes import checked_word, code_for
from ..rules import can_keep_kinds
from .events import record

NOUNS = {UnitKind: "unit_kind", UnitAttribute: "unit_attribute"}


@transaction.atomic
def create_kind(*, name: str, by: Person | None, code: str = "", name_en: str = "") -> UnitKind:
    """A kind of units; without a `code` one is made of the name. Refused on a bad or taken code or name."""
    _keeper(by)
    return _created(UnitKind(name=name, name_en=name_en), code, by)


@transaction.atomic
def create_attribute(
    *, name: str, type: str, by: Person | None, code: str = "", name_en: str = "", choices: Iterable[str] = ()
) -> UnitAttribute:
    """An attribute of units. `choices`: of one to choose from, at least one; nothing for the other types."""
    _keeper(by)
    type = AttributeType(type)
    attribute = UnitAttribute(name=name, name_en=name_en, type=type, choices=_checked_choices(type, choices))
    return _created(attribute, code, by)


@transaction.atomic
def change_kind(*, kind: UnitKind, name: str, by: Person | None, name_en: str = "") -> UnitKind:
    """Another name. The code stays what it is."""
    _keeper(by)
    return _changed(_locked(kind), name, name_en, by, {})


@transaction.atomic
def change_attribute(
    *, attribute: UnitAttribute, name: str, by: Person | None, name_en: str = "", choices: Iterable[str] = ()
) -> UnitAttribute:
    """Another name or other choices. The type stays; a choice that a unit has stays too."""
    _keeper(by)
    attribute = _locked(attribute)
    before, attribute.choices = attribute.choices, _checked_choices(attribute.type, choices)
    gone = set(before) - set(attribute.choices)
    if gone:
        has = Unit.objects.filter(**{f"attributes__{attribute.code}__in": sorted(gone)}).first()
        if has is not None:
            said = _("“%(unit)s” has the value “%(value)s”. Give it another one first, then take the value away.")
            facts = {"unit": has.name, "value": has.attributes[attribute.code]}
            raise Refused(said % facts, code="choice-in-use")
    changes = {} if before == attribute.choices else {"choices": [before, attribute.choices]}
    return _changed(attribute, name, name_en, by, changes)


@transaction.atomic
def close_described(*, described: UnitKind | UnitAttribute, by: Person | None) -> None:
    """No unit gets this kind, or a value of this attribute, any more. Those that have it keep it. A second click changes nothing."""
    _keeper(by)
    row = _locked(described)
    if row.closed_at is None:
        row.closed_at = database_now()
        row.save(update_fields=["closed_at"])
        _recorded(KindVerb.CLOSE, row, by, {})


@transaction.atomic
def reopen_described(*, described: UnitKind | UnitAttribute, by: Person | None) -> None:
    """Units may get it again."""
    _keeper(by)
    row = _locked(described)
    if row.closed_at is not None:
        row.closed_at = None
        row.save(update_fields=["closed_at"])
        _recorded(KindVerb.REOPEN, row, by, {})


def _keeper(by: Person | None) -> None:
    if by is not None and not can_keep_kinds(by):
        raise Forbidden(_("Kinds and attributes of units are kept by an administrator."), code="may-not-keep-kinds")


def _locked(row):
    return type(row).objects.select_for_update().get(pk=row.pk)


def _checked_choices(type: str, choices: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for choice in choices:
        text = " ".join(normalise(choice).split())
        if text:
            found.setdefault(search_key(text), text[:200])
    if type != AttributeType.CHOICE:
        return []
    if not found:
        raise Refused(_("Write the values to choose from, one a line."), code="no-choices")
    return list(found.values())


def _check_name(row: UnitKind | UnitAttribute) -> None:
    row.refresh_keys()
    row.name_en = row.name_en.strip()
    if not row.name:
        raise Refused(_("Write a name."), code="no-name")
    others = type(row).objects.exclude(pk=row.pk)
    taken = {search_key(word) for names in others.values_list("name", "name_en") for word in names if word}
    for word in filter(None, (row.name, row.name_en)):
        if search_key(word) in taken:
            raise Refused(_("There is already one of the name “%(name)s”.") % {"name": word}, code="name-taken")


def _created(row, code: str, by: Person | None):
    taken = set(type(row).objects.values_list("code", flat=True))
    row.code = checked_word(code) if code.strip() else code_for(row.name_en or row.name, taken)
    _check_name(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(_("The code %(code)s is taken.") % {"code": row.code}, code="code-taken") from error
    _recorded(KindVerb.CREATE, row, by, {"name": row.name})
    return row


def _changed(row, name: str, name_en: str, by: Person | None, changes: dict):
    before = {"name": row.name, "name_en": row.name_en}
    row.name, row.name_en = name, name_en
    _check_name(row)
    changes = changes | {f: [old, getattr(row, f)] for f, old in before.items() if old != getattr(row, f)}
    if changes:
        row.save()
        _recorded(KindVerb.CHANGE, row, by, changes)
    return row


def _recorded(verb: KindVerb, row: UnitKind | UnitAttribute, by: Person | None, data: dict) -> None:
    record(verb, noun=NOUNS[type(row)], key=row.code, at=database_now(), by=by, data={"code": row.code, **data})
