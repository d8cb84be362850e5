"""A reviewer's verb over the questions that belong to no indicator: many are accepted, or remarked on, at once."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.errors import Refused
from units.models import Person

from ..enums import ReportVerb
from ..models import Review, ReviewItem
from ..queries import asked_of
from ..queries.findings import claim_of, covers
from .answer_items import answer_item
from .review import lock_review, mark_started, record_review


class RemarksRefused(Refused):
    """Remarks that cannot be stored. `errors`: {code: message}."""

    def __init__(self, errors: dict[str, str]):
        super().__init__(next(iter(errors.values())), code="remarks-refused")
        self.errors = errors


@transaction.atomic
def judge_answers(*, review: Review, remarks: Mapping[str, str | None], by: Person) -> int:
    """Store what the reviewer found of these questions, {code: remark}, over the revision they looked at; None accepts the answer as
    reported. How many were stored.

    RemarksRefused (nothing stored) for a remark that says nothing; refused for what is no question of the review's own.
    """
    report, review, membership, at = lock_review(review, by)
    definition, revision = asked_of(report), report.revisions.latest("number")
    errors: dict[str, str] = {}
    items = []
    for code, remark in remarks.items():
        found = definition.judged_as(code)
        if found is None or not found.is_alone or not covers(review.section, found):
            raise Refused(_("This question is not part of your review."), code="no-such-question")
        fields, wrong = answer_item(claim_of(revision, found), accepted=remark is None, reason=remark or "")
        if wrong:
            errors[code] = wrong
        items.append(ReviewItem(review=review, indicator=code, revision=revision.number, saved_at=at, **fields))
    if errors:
        raise RemarksRefused(errors)
    if not items:
        return 0
    mark_started(review, at)
    ReviewItem.objects.bulk_create(
        items, update_conflicts=True, unique_fields=["review", "indicator"],
        update_fields=["revision", "verified", "reason", "saved_at"],
    )  # fmt: skip
    # As with an indicator: what was found stays with the items.
    data = {"review": review.pk, "questions": sorted(remarks), "revision": revision.number}
    record_review(ReportVerb.REVIEW_ANSWERS, report, at=at, by=by, membership=membership, data=data)
    return len(items)
