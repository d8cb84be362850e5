"""What a reviewer finds of a question that belongs to no indicator: the answer is accepted as reported, or a remark stands on it."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from sajad_portal.lib.text import normalise

from ..models import Report, Review, ReviewItem
from ..queries import asked_of
from ..queries.findings import Claim, claim_of, is_unanswered, reviewed_indicators

SHORTEST = 3


def answer_item(claim: Claim, *, accepted: bool, reason: str, note: str = "") -> tuple[dict, str]:
    """(the fields of an item, what is wrong with them or ""). What is accepted is kept as verified; on a remark nothing is."""
    reason = normalise(reason)
    wrong = "" if accepted or len(reason) >= SHORTEST else _("Write the remark; the unit reads it.")
    return {
        "verified": dict(claim.inputs) if accepted else {},
        "not_applicable": None,
        "points": None,
        "reason": reason,
        "note": normalise(note),
    }, wrong


def accept_unanswered(review: Review, report: Report, at: datetime, *, but: Collection[str] = ()) -> None:
    """Part of handing in: where the unit answered nothing and the reviewer remarked on nothing, that stands as it is. `but`: codes
    of which others have spoken."""
    revision = report.revisions.latest("number")
    has = set(review.items.filter(revision=revision.number).values_list("indicator", flat=True))
    found = reviewed_indicators(asked_of(report), review.section)
    left = [i for i in found if is_unanswered(i, revision) and i.code not in has and i.code not in but]
    own = {item.indicator: item for item in review.items.filter(indicator__in=[i.code for i in left])}
    made = []
    for indicator in left:
        item = own.get(indicator.code)
        if item is not None and not item.verified:
            continue  # a remark that the unit has not answered stands
        fields, _wrong = answer_item(claim_of(revision, indicator), accepted=True, reason="")
        made.append(
            ReviewItem(
                pk=item and item.pk, review=review, indicator=indicator.code, revision=revision.number, saved_at=at, **fields
            )
        )  # fmt: skip
    ReviewItem.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["review", "indicator"],
        update_fields=["revision", "verified", "not_applicable", "points", "reason", "note", "saved_at"],
    )  # fmt: skip
