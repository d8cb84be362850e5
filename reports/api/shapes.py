"""What many answers are made of: pages of lists, problems, moments. Descriptions are English msgids; `description.py` translates."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Field, Schema

from sajad_portal.lib.paging import page_of

Item = TypeVar("Item")
MOST = 200


class ListAsked(Schema):
    """Lists are paged by key: follow `next`."""

    after: str = Field("", max_length=2000, description=_("Where the page begins, as `next` says it."))
    before: str = Field("", max_length=2000, description=_("Where the page ends, as `previous` says it."))
    limit: int = Field(50, ge=1, le=MOST, description=_("How many a page has at most."), examples=[50])


class ListPage(Schema, Generic[Item]):
    items: list[Item]
    next: str | None = Field(description=_("The address of the next page; null on the last one."))
    previous: str | None = Field(description=_("The address of the page before; null on the first one."))


class ProblemItem(Schema):
    name: str = Field(description=_("Which field, or which question of the form."), examples=["q101"])
    detail: str = Field(description=_("What is wrong with it, and what to do."))


class Problem(Schema):
    """RFC 9457."""

    type: str = Field(examples=["urn:problem:closed"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    code: str = Field(description=_("A short word that stays, for programs."), examples=["closed"])
    detail: str = Field(description=_("A sentence for people, in the language asked for."))
    errors: list[ProblemItem] = Field([], description=_("What is wrong one by one, where that is known."))


def paged(
    request: HttpRequest, paging: ListAsked, rows: QuerySet, *, by: Sequence[str], make: Callable[[Any], dict]
) -> dict:
    """One page of `rows`, as `ListPage` says it."""
    found = page_of(rows, request, by=by, size=paging.limit)
    return {
        "items": [make(row) for row in found],
        "next": request.path + found.next if found.next else None,
        "previous": request.path + found.previous if found.previous else None,
    }
