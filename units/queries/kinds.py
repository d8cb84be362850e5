"""Kinds and attributes of units as they are stored: in the order of their names, which is Persian on both databases."""

from collections import Counter
from collections.abc import Mapping

from django.db.models import Count, Q, QuerySet

from ..models import Unit, UnitAttribute, UnitKind


def kind_names() -> dict[str, str]:
    """{code: name in the active language}, in the order of names, closed ones among them: results of earlier years name them."""
    return {kind.code: kind.name_here for kind in UnitKind.objects.all()}


def kind_name(names: Mapping[str, str], code: str) -> str:
    """What a stored code is called; the code itself where no kind of it is known."""
    return names.get(code, code)


def open_kinds(now: str = "") -> list[UnitKind]:
    """Those that a unit may get; with the code of one, that one too."""
    return list(UnitKind.objects.filter(Q(closed_at__isnull=True) | Q(code=now)))


def open_attributes(now=()) -> list[UnitAttribute]:
    """Those that a unit may get a value of, and those of these codes."""
    return list(UnitAttribute.objects.filter(Q(closed_at__isnull=True) | Q(code__in=list(now))))


def kinds_with_counts() -> QuerySet[UnitKind]:
    """Annotates `unit_count`: units that have the kind and are not retired."""
    counted = Count("units", filter=Q(units__retired_at__isnull=True))
    return UnitKind.objects.annotate(**{"unit_count": counted}).order_by("sort_key", "id")


def attributes_with_counts() -> list[UnitAttribute]:
    """Each with `unit_count`: units that have a value of it and are not retired."""
    stored = Unit.objects.filter(retired_at=None).exclude(attributes={}).values_list("attributes", flat=True)
    counts = Counter(code for values in stored.iterator() for code in values)
    found = list(UnitAttribute.objects.all())
    for attribute in found:
        attribute.unit_count = counts[attribute.code]
    return found


def described_values(attributes: dict[str, str]) -> list[tuple[str, str]]:
    """[(name of the attribute, value)] in the order of names, of a unit's or a report's stored values."""
    if not attributes:
        return []
    return [
        (attribute.name_here, attributes[attribute.code])
        for attribute in UnitAttribute.objects.filter(code__in=list(attributes))
    ]


def changed_values(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, list[str]]:
    """{attribute: [before, after]} of those that differ; "" for none."""
    codes = sorted({*old, *new})
    return {code: [old.get(code, ""), new.get(code, "")] for code in codes if old.get(code) != new.get(code)}
