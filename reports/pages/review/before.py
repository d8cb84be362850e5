"""The submission before the one that is reviewed, and what changed since: under what it is reviewed as."""

from collections.abc import Sequence
from functools import cached_property

from ...models import Report, Revision
from ...queries import engine_of
from ...queries.judged_rows import judged_table
from ...xlsform import FormDefinition
from ..report.summary import AnswerChange, changes_by_indicator


class SubmissionBefore:
    def __init__(self, report: Report, definition: FormDefinition, revisions: Sequence[Revision]):
        self._report, self._definition, self._now = report, definition, revisions[-1]
        self._then = revisions[-2] if len(revisions) > 1 else None

    @property
    def number(self) -> int | None:
        return self._then.number if self._then else None

    @cached_property
    def changed(self) -> dict[str, list[AnswerChange]]:
        """{indicator, question or row: what changed}, in the order of the form."""
        if self._then is None:
            return {}
        return changes_by_indicator(self._definition, self._then, self._now, engine_of(self._report))

    @property
    def codes(self) -> set[str]:
        """What changed; of a row its table too."""
        rows = (row for row in map(self._definition.judged_row, self.changed) if row is not None)
        return {*self.changed, *(judged_table(self._definition, row).code for row in rows)}
