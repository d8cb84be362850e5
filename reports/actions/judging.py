"""A reviewer's verb over the questions that belong to no indicator and over tables: many are accepted, or remarked on, at once."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from units.models import Person

from ..enums import ReportVerb, ReviewState
from ..models import Review, ReviewItem, Revision
from ..queries import asked_of
from ..queries.findings import claim_of, covers, is_fresh, revisions_of
from ..queries.judged_rows import judged_rows, judged_table, outermost_rows
from ..xlsform import FormDefinition
from ..xlsform.indicator import JudgedRows
from ..xlsform.tables import ROW, TABLE
from .answer_items import answer_item
from .review import lock_review, mark_started, record_review


class RemarksRefused(Refused):
    """Remarks that cannot be stored. `errors`: {code: message}."""

    def __init__(self, errors: dict[str, str]):
        super().__init__(next(iter(errors.values())), code="remarks-refused")
        self.errors = errors


@transaction.atomic
def judge_answers(*, review: Review, remarks: Mapping[str, str | None], by: Person) -> int:
    """Store what the reviewer found of these questions, tables and rows, {code: remark}, over the revision they looked at; None
    accepts what is reported. How many were stored.

    A table is accepted as long as no remark of theirs stands on one of its rows. A table whose rows have a finding each needs none
    of its own. RemarksRefused (nothing stored) for a remark that says nothing; refused for what is not of the review.
    """
    report, review, membership, at = lock_review(review, by)
    definition, revisions = asked_of(report), revisions_of(report)
    revision, errors, fields = revisions[-1], dict[str, str](), dict[str, dict]()
    rows = {row.code for row in judged_rows(definition, remarks, revisions)}
    for code, remark in remarks.items():
        found = definition.judged_as(code)
        if found is None or not found.is_alone or not covers(review.section, found):
            raise Refused(_("This question is not part of your review."), code="no-such-question")
        if code.startswith(ROW) and code not in rows:
            raise Refused(_("The unit’s last submission has no such row. Open the page again."), code="no-such-row")
        fields[code], wrong = answer_item(claim_of(revision, found), accepted=remark is None, reason=remark or "")
        if wrong:
            errors[code] = wrong
    if errors:
        raise RemarksRefused(errors)
    if not fields:
        return 0
    fields |= _tables(review, definition, revisions, fields)
    mark_started(review, at)
    ReviewItem.objects.bulk_create(
        [
            ReviewItem(review=review, indicator=code, revision=revision.number, saved_at=at, **clean)
            for code, clean in fields.items()
        ],
        update_conflicts=True, unique_fields=["review", "indicator"],
        update_fields=["revision", "verified", "reason", "saved_at"],
    )  # fmt: skip
    # As with an indicator: what was found stays with the items.
    data = {"review": review.pk, "questions": sorted(remarks), "revision": revision.number}
    record_review(ReportVerb.REVIEW_ANSWERS, report, at=at, by=by, membership=membership, data=data)
    return len(remarks)


def _tables(
    review: Review, definition: FormDefinition, revisions: list[Revision], given: Mapping[str, dict]
) -> dict[str, dict]:
    """{code: fields} of the tables whose finding follows from what is found of their rows: one that was decided, or whose outermost
    rows all are, is accepted where no remark stands on a row, else it is not. A remark on the table itself stays."""
    touched = {
        code if code.startswith(TABLE) else _around(definition, code) for code in given if code.startswith((ROW, TABLE))
    }
    if not touched:
        return {}
    stored, found = {item.indicator: item for item in review.items.all()}, dict[str, dict]()
    revision = revisions[-1]
    for table in (each for each in definition.judged_tables if each.code in touched):
        remarked, decided = _rows_found(definition, table, revisions, stored, given)
        own = stored.get(table.code)
        fresh = own if is_fresh(own, table, revisions) else None
        reason = given[table.code]["reason"] if table.code in given else fresh.reason if fresh else ""
        every = outermost_rows(definition, table, revision)
        if table.code not in given and fresh is None and not (every and decided.issuperset(every)):
            continue
        accepted = not reason and not remarked
        claim = claim_of(revision, table)
        found[table.code], _wrong = answer_item(claim, accepted=accepted, reason=reason)
        found |= _named_by_others(review, definition, table, revision, decided) if review.lead else {}
    return found


def _rows_found(
    definition: FormDefinition, table: JudgedRows, revisions: list[Revision], stored: Mapping[str, ReviewItem],
    given: Mapping[str, Mapping],
) -> tuple[set[str], set[str]]:  # fmt: skip
    """(rows of the table with a remark, rows with a finding at all): what a reviewer's items say that still speak of what is claimed,
    and over them what is `given` now, as the fields of an item."""
    remarked, decided = set[str](), set[str]()
    for row in judged_rows(definition, {*stored, *given}, revisions):
        if judged_table(definition, row).code != table.code:
            continue
        item = stored.get(row.code)
        if row.code in given:
            verified = given[row.code]["verified"]
        elif item is not None and is_fresh(item, row, revisions):
            verified = item.verified
        else:
            continue
        decided.add(row.code)
        if not verified:
            remarked.add(row.code)
    return remarked, decided


def _named_by_others(
    review: Review, definition: FormDefinition, table: JudgedRows, revision: Revision, decided: set[str]
) -> dict[str, dict]:
    """Rows that other reviewers have named and the lead has not: with the table the lead accepts them."""
    theirs = ReviewItem.objects.filter(review__report=review.report_id).exclude(review__state=ReviewState.RELEASED)
    codes = set(theirs.exclude(review=review).values_list("indicator", flat=True)) - decided
    rows = (
        row for row in judged_rows(definition, codes, [revision]) if judged_table(definition, row).code == table.code
    )
    return {row.code: answer_item(claim_of(revision, row), accepted=True, reason="")[0] for row in rows}


def _around(definition: FormDefinition, code: str) -> str:
    row = definition.judged_row(code)
    return judged_table(definition, row).code if row else ""
