"""One list for every page: filtered, searched, sorted, its columns chosen, in pages; all of that stands in the address.

CALLS = Listing(
    Column("title", _("Call"), by=("title",), fixed=True),
    Column("closes", _("Closes"), by=("closes_at",), falls=True),
    Column("opens", _("Opens"), by=("opens_at",), falls=True, optional=True),
    sort="-closes",
)
listed = CALLS.of(request)
words = listed.search(_("Title or period code"))
phase = listed.choose("phase", _("Phase"), [("", _("All"), 7), ("open", _("Open"), 2)])
page = listed.page(calls.filter(…), size=20)

What the address says and the list does not know (a column that is gone, a filter mistyped) is passed over, never an
error. The templates are components/list_*.html; docs/guide/components.md shows a page.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from .paging import AFTER, BEFORE, SIZE, Page, page_of
from .text import search_key

SORT, COLUMNS, WORDS = "sort", "cols", "q"
# Where a moment is missing: beyond every moment that a row has, in either direction.
NEVER = (datetime(2199, 1, 1, tzinfo=UTC), datetime(1901, 1, 1, tzinfo=UTC))
ASCENDING, DESCENDING = "ascending", "descending"


@dataclass(frozen=True)
class Column:
    """`by`: what sorting by it orders by, the fields after the first staying as they are written; () is not sortable.

    `falls`: sorted falling at first (the newest, the most). `fixed`: always shown. `optional`: shown when asked for.
    `adds`: annotations that `by` names, worked out only when they are sorted by.
    `blank`: the first field of `by` is a moment that may be missing; rows without it stand last in either direction.
    """

    key: str
    label: Any
    by: Sequence[str] = ()
    fixed: bool = False
    optional: bool = False
    falls: bool = False
    blank: bool = False
    adds: Mapping[str, Any] = field(default_factory=dict)
    css: str = ""


def matching(rows: QuerySet, words: str, *fields: str) -> QuerySet:
    """Each word somewhere in these fields, in any spelling: for nouns of which there are hundreds at most (forms, calls), and
    which therefore have no stored search key. Asks once for their keys and texts, and only where there are words."""
    wanted = search_key(words).split()
    if not wanted:
        return rows
    texts = rows.order_by().values_list("pk", *fields)
    keys = [(pk, search_key(" ".join(found))) for pk, *found in texts]
    return rows.filter(pk__in=[pk for pk, key in keys if all(word in key for word in wanted)])


@dataclass(frozen=True)
class Head:
    """A column that is shown. `url` sorts by it (the other way round where it is sorted by already), "" if it cannot."""

    key: str
    label: Any
    css: str
    url: str
    direction: str  # for aria-sort


@dataclass(frozen=True)
class Narrowing:
    """One thing that narrows the list, and the address without it."""

    label: Any
    value: Any
    url: str


@dataclass
class Filter:
    """`choices`: {url, value, label, count, current}; as pills, or with `menu` in a select."""

    key: str
    label: Any
    value: str
    menu: bool
    choices: list[dict]


class Listing:
    """`sort`: the order at first, a column's key, "-" in front for falling. `prefix` tells two lists on one page apart."""

    def __init__(self, *columns: Column, sort: str, prefix: str = ""):
        self.columns, self.sort, self.prefix = columns, sort, prefix
        self.known = {column.key: column for column in columns}

    def of(self, request: HttpRequest, *, also: Collection[str] = ()) -> "Listed":
        """`also`: optional columns that are shown at first here."""
        return Listed(self, request, also)

    def excerpt(self) -> "Excerpt":
        """The columns as they are at first, for the same table on another page: a few rows, neither sorted nor searched."""
        shown = [column for column in self.columns if not column.optional]
        heads = [Head(column.key, column.label, column.css, "", "") for column in shown]
        return Excerpt(heads, {column.key: column in shown for column in self.columns})


@dataclass(frozen=True)
class Excerpt:
    """What the head and the cells of a table ask of a `listing`."""

    heads: list[Head]
    shows: dict[str, bool]


@dataclass
class Listed:
    """A listing as one address asks for it; what templates call `listing`."""

    listing: Listing
    request: HttpRequest
    also: Collection[str] = ()
    filters: list[Filter] = field(default_factory=list)
    narrowings: list[Narrowing] = field(default_factory=list)
    words: str = ""
    search_label: Any = ""
    pages: Page | None = None

    def __post_init__(self):
        self.prefix = self.listing.prefix
        self.sort = self._sort()
        self.shows = self._shows()
        self._keys: list[str] = []  # of the address: what narrows,
        self._typed: list[str] = []  # and of that, what is typed into the list's form

    # ------------------------------------------------------------------------------- what the address asks for
    def _sort(self) -> str:
        asked = self.request.GET.get(self.prefix + SORT, "")
        column = self.listing.known.get(asked.removeprefix("-"))
        return asked if column and column.by else self.listing.sort

    def _shows(self) -> dict[str, bool]:
        """{key: shown?}. The form names the fixed columns too, so that "none but these" can be said."""
        asked = set(self.request.GET.getlist(self.prefix + COLUMNS)) & set(self.listing.known)
        at_first = {c.key for c in self.listing.columns if not c.optional or c.key in self.also}
        return {c.key: c.fixed or c.key in (asked or at_first) for c in self.listing.columns}

    def search(self, label: Any) -> str:
        key = self.prefix + WORDS
        self.search_label, self.words = label, self.request.GET.get(key, "").strip()[:100]
        self.narrowed_by(label, self.words, key)
        return self.words

    def choose(
        self,
        key: str,
        label: Any,
        options: Iterable[tuple],
        *,
        menu: bool = False,
        default: str = "",
        narrows: bool = True,
    ) -> str:
        """The value asked for, of `options` (value, label) or (value, label, count); `default` where it is none of them.

        Not `narrows`: the values part the list among them, and "show all" leaves the part that is shown.
        """
        key = self.prefix + key
        known = [(*option, None)[:3] for option in options]
        labels = {value: words for value, words, _count in known}
        chosen = self.request.GET.get(key, default)
        chosen = chosen if chosen in labels else default
        found = [
            {
                "url": self._url(**{key: value}),
                "value": value,
                "label": words,
                "count": count,
                "current": value == chosen,
            }
            for value, words, count in known
        ]
        self.filters.append(Filter(key, label, chosen, menu, found))
        if menu:
            self._typed.append(key)
        if narrows:
            self._narrow(label, labels[chosen] if chosen != default else "", key)
        return chosen

    def narrowed_by(self, label: Any, value: Any, *keys: str, typed: bool = True) -> None:
        """Says what narrows the list besides: what a form of the page's own asks under these keys. Not `typed`: what a link
        to the list asks, which searching keeps."""
        if typed:
            self._typed += keys
        self._narrow(label, value, *keys)

    def _narrow(self, label: Any, value: Any, *keys: str) -> None:
        self._keys += keys
        if value:
            self.narrowings.append(Narrowing(label, value, self._url(*keys)))

    # ------------------------------------------------------------------------------------------------- the rows
    def order(self) -> tuple[str, ...]:
        """The fields of the sort, ended by the key, so that a page's first and last row are found again."""
        column = self.listing.known[self.sort.removeprefix("-")]
        first = "listed_by" if column.blank else column.by[0]
        order = (f"-{first}" if self.falling else first, *column.by[1:])
        if order[-1] == "pk":
            return order
        return (*order, "-pk" if order[-1].startswith("-") else "pk")

    @property
    def falling(self) -> bool:
        return self.sort.startswith("-")

    def page(self, rows: QuerySet, *, size: int = SIZE) -> Page:
        """One page of `rows`, in one query."""
        found = self._sortable(rows)
        self.pages = page_of(found, self.request, by=self.order(), size=size, prefix=self.prefix)
        return self.pages

    def ordered(self, rows: QuerySet) -> QuerySet:
        """All of them in the list's order, for a file."""
        return self._sortable(rows).order_by(*self.order())

    def _sortable(self, rows: QuerySet) -> QuerySet:
        column = self.listing.known[self.sort.removeprefix("-")]
        rows = rows.annotate(**column.adds)
        if column.blank:
            edge = Value(NEVER[self.falling], DateTimeField())
            rows = rows.annotate(listed_by=Coalesce(F(column.by[0]), edge, output_field=DateTimeField()))
        return rows

    # --------------------------------------------------------------------------------------- what templates read
    @property
    def narrowed(self) -> bool:
        return bool(self.narrowings)

    @property
    def whole(self) -> str:
        """The address of the list that nothing narrows, sorted and laid out as it is."""
        return self._url(*self._keys)

    @property
    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.listing.columns if self.shows[column.key]]

    def _head(self, column: Column) -> Head:
        if not column.by:
            return Head(column.key, column.label, column.css, "", "")
        falls = column.falls
        direction = ""
        if self.sort.removeprefix("-") == column.key:
            direction = DESCENDING if self.falling else ASCENDING
            falls = not self.falling
        return Head(column.key, column.label, column.css, self._sorted_url(column, falls), direction)

    def _sorted_url(self, column: Column, falls: bool) -> str:
        sort = f"-{column.key}" if falls else column.key
        return self._url(**{self.prefix + SORT: "" if sort == self.listing.sort else sort})

    @property
    def sorts(self) -> list[tuple[str, Any, bool, bool]]:
        """For a select: (value, the column's words, falling?, chosen?)."""
        keys = [(c, falls) for c in self.listing.columns if c.by for falls in (c.falls, not c.falls)]
        values = [(f"-{c.key}" if falls else c.key, c.label, falls) for c, falls in keys]
        return [(value, label, falls, value == self.sort) for value, label, falls in values]

    @property
    def optional(self) -> list[tuple[str, Any, bool]]:
        """Columns that may be left out: (key, label, shown?)."""
        return [(c.key, c.label, self.shows[c.key]) for c in self.listing.columns if not c.fixed]

    @property
    def fixed(self) -> list[str]:
        return [column.key for column in self.listing.columns if column.fixed]

    @property
    def menus(self) -> list[Filter]:
        return [found for found in self.filters if found.menu]

    @property
    def pills(self) -> list[Filter]:
        return [found for found in self.filters if not found.menu]

    @property
    def kept_by_search(self) -> list[tuple[str, str]]:
        return self._kept(*self._typed)

    @property
    def kept_by_layout(self) -> list[tuple[str, str]]:
        return self._kept(self.prefix + SORT, self.prefix + COLUMNS)

    @property
    def _place(self) -> tuple[str, str]:
        """What the address says of the page that is shown: another order or part of the list begins at its first page."""
        return self.prefix + AFTER, self.prefix + BEFORE

    def _kept(self, *without: str) -> list[tuple[str, str]]:
        """What a form of the list carries along, beginning at the first page again."""
        left_out = {*without, *self._place}
        return [(k, v) for k, values in self.request.GET.lists() if k not in left_out for v in values if v]

    def _url(self, *drop: str, **change: str) -> str:
        params = self.request.GET.copy()
        for key in (*drop, *change, *self._place):
            params.pop(key, None)
        for key, value in change.items():
            if value:
                params[key] = value
        return f"?{params.urlencode()}"
