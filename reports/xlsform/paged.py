"""What a form's definition says of its pages."""

from functools import cached_property
from typing import Any, cast

from .page_sources import AsForm
from .pages import FormPage, Paging
from .tables import ROW, TABLE, bare


class Paged:
    """Of a definition: on which pages it is filled in."""

    @cached_property
    def shown(self) -> tuple[Any, ...]:
        """What entry pages show. Up to the second edition a calculation with a label was shown beside the questions; a form says
        what it has worked out in the words of a note."""
        form: Any = self
        working = form.reader < 3
        return tuple(q for q in form.questions if q.is_shown and (working or q.indicator or not q.kind.is_calculated))

    @cached_property
    def paging(self) -> Paging:
        return Paging(cast(AsForm, self))

    @property
    def pages(self) -> tuple[FormPage, ...]:
        """On which it is filled in, in the author's order."""
        return self.paging.pages

    def page(self, key: str) -> FormPage | None:
        return self.paging.by_key.get(key)

    def page_of(self, name: str) -> str:
        """The key of the page on which a question, all of an indicator, a table or a row stands; of what is shown nowhere the first of
        its section."""
        form: Any = self
        kind, _colon, key = bare(name).rpartition(":")
        table = form.table(key) if f"{kind}:" in (TABLE, ROW) else None
        return self.paging.place_of_table(table.path) if table else self.paging.place_of(bare(name))
