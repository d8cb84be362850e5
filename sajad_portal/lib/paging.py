"""Lists in pages by key: as quick on page a thousand as on the first, and a row that comes or goes shifts nothing.

page = page_of(reports, request, by=("unit__sort_key", "pk"))
{{ components_pagination(previous=page.previous, next=page.next) }}
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db import DataError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

AFTER, BEFORE = "after", "before"
SIZE = 50


@dataclass(frozen=True)
class Page:
    """`previous` and `next` are addresses (query strings that keep the list's filters), "" where there is none."""

    items: list
    previous: str
    next: str

    def __iter__(self) -> Iterator:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def page_of(rows: QuerySet, request: HttpRequest, *, by: Sequence[str], size: int = SIZE, prefix: str = "") -> Page:
    """One page of `rows`, ordered by the fields `by` ("-" in front: falling), in one query.

    Together they name a row for good (end with the key) and none of them is null; annotations and fields of related
    rows are welcome. `prefix` tells two lists on one page apart. A key that was tampered with gives the first page.
    """
    after, before = request.GET.get(prefix + AFTER), request.GET.get(prefix + BEFORE)
    backwards = bool(before) and not after
    order = tuple(_turned(name) for name in by) if backwards else tuple(by)
    values = _decoded(after or before or "", len(by))
    found = None
    if values is not None:
        try:
            found = list(rows.filter(_beyond(order, values)).order_by(*order)[: size + 1])
        except (ValueError, TypeError, OverflowError, ValidationError, FieldError, DataError):
            values = None
    if found is None:
        backwards, order = False, tuple(by)
        found = list(rows.order_by(*order)[: size + 1])
    more, items = len(found) > size, found[:size]
    if backwards:
        items.reverse()
    came_from_somewhere = values is not None
    has_previous = more if backwards else came_from_somewhere
    has_next = came_from_somewhere if backwards else more
    return Page(
        items,
        _address(request, prefix, BEFORE, items[0], by) if items and has_previous else "",
        _address(request, prefix, AFTER, items[-1], by) if items and has_next else "",
    )


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], values: list) -> Q:
    """(a, b) lies beyond (x, y): a beyond x, or a is x and b beyond y.

    That a is not before x follows from it; said on its own, it lets an index begin there.
    """
    where, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        plain = name.removeprefix("-")
        where |= same & Q(**{f"{plain}__{'lt' if name.startswith('-') else 'gt'}": value})
        same &= Q(**{plain: value})
    first = order[0]
    return Q(**{f"{first.removeprefix('-')}__{'lte' if first.startswith('-') else 'gte'}": values[0]}) & where


def _address(request: HttpRequest, prefix: str, word: str, row: Any, by: Sequence[str]) -> str:
    params = request.GET.copy()
    for key in (AFTER, BEFORE):
        params.pop(prefix + key, None)
    params[prefix + word] = _encoded([_value(row, name.removeprefix("-")) for name in by])
    return f"?{params.urlencode()}"


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = row[part] if isinstance(row, dict) else getattr(row, part)
    return row


def _moment(text: str) -> datetime:
    """Years that no row has are refused here: PostgreSQL would abort the page's transaction over them."""
    moment = datetime.fromisoformat(text)
    if not 1900 <= moment.year <= 2200:
        raise ValueError(text)
    return moment


# What JSON cannot say carries its type in front.
_READ: dict[str, Callable[[str], Any]] = {"s": str, "t": _moment, "d": date.fromisoformat, "n": Decimal}


def _encoded(values: list) -> str:
    def tagged(value):
        if isinstance(value, datetime):
            return f"t{value.isoformat()}"
        if isinstance(value, date):
            return f"d{value.isoformat()}"
        if isinstance(value, Decimal):
            return f"n{value}"
        return f"s{value}" if isinstance(value, str) else value

    text = json.dumps([tagged(value) for value in values], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(text: str, count: int) -> list | None:
    try:
        raw = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        values = [_READ[item[0]](item[1:]) if isinstance(item, str) else item for item in raw]
    except (ValueError, TypeError, KeyError, IndexError, binascii.Error, InvalidOperation, RecursionError):
        return None
    known = all(isinstance(value, str | int | datetime | date | Decimal) for value in values)
    return (
        values
        if len(values) == count and known and not any("\x00" in v for v in values if isinstance(v, str))
        else None
    )
