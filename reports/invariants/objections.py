"""What must be true of contested indicators, and of what submissions keep of their claims."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ..models import ObjectionLine, Revision
from ..scoring.claims import ClaimedScore
from .saying import holds

CLOSE = Decimal("0.000001")  # ten places are stored of each part


@holds(_("A contested indicator is one of the contested result, and its file one of the dispute."))
def contested_indicators_are_those_of_their_result() -> Iterator[str]:
    for line in ObjectionLine.objects.select_related("objection__result").iterator(chunk_size=500):
        result = line.objection.result
        known = {each["code"] for each in result.score["indicators"]} | result.score.get("findings", {}).keys()
        if line.indicator not in known or result.revision_id is None:
            yield f"objection line {line.pk}: its result says nothing of {line.indicator}"
    strange = ~Q(file=None) & ~Q(file__message__dispute=F("objection__dispute"))
    for line in ObjectionLine.objects.filter(strange):
        yield f"objection line {line.pk}: its file is of another dispute"


@holds(_("Contested indicators are answered while their dispute goes on."))
def lines_are_answered_while_their_dispute_goes_on() -> Iterator[str]:
    ends = Coalesce("objection__dispute__ended_at", "objection__dispute__final_at")
    late = Q(answered_at__lt=F("objection__dispute__filed_at")) | Q(answered_at__gt=F("ends"))
    for line in ObjectionLine.objects.annotate(ends=ends).filter(late):
        yield f"objection line {line.pk}: answered {line.answered_at}, outside its dispute"


@holds(_("The claimed total of a submission is the sum of its parts."))
def claims_add_up() -> Iterator[str]:
    """The total that a submission keeps is the sum of the points that it keeps."""
    kept = Revision.objects.exclude(claimed_score=None).only("pk", "claimed_score")
    for revision in kept.iterator(chunk_size=500):
        claim = ClaimedScore.from_json(revision.claimed_score or {})
        weights = sum((Decimal(each.weight) for each in claim.indicators.values()), Decimal(0))
        points = sum((Decimal(each.points) for each in claim.indicators.values()), Decimal(0))
        total = 100 * points / weights if weights else None
        if (total is None) != (claim.total is None):
            yield f"revision {revision.pk}: its claim has a total where nothing applies, or none where something does"
        elif total is not None and claim.total is not None and abs(total - Decimal(claim.total)) > CLOSE:
            yield f"revision {revision.pk}: its claim keeps {claim.total}, its parts make {total}"


OBJECTION_CHECKS = (
    contested_indicators_are_those_of_their_result,
    lines_are_answered_while_their_dispute_goes_on,
    claims_add_up,
)
