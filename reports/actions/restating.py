"""What the provider does about an act in dispute is its view from then on: the new act becomes the standing position.

Parts of verbs: the call and the report are locked, so that the disputes come last in the order of locks.
"""

from collections.abc import Iterable
from datetime import datetime

from sla.actions.disputes import replace_position
from sla.enums import Subject
from sla.models import Dispute
from units.models import Membership, Person

from ..models import Call, Report
from ..queries.lines import barred_in

# What more time answers; what leaving the call answers.
TIME = (Subject.EXTENSION, Subject.MISS)
ALL = (*TIME, Subject.RETURN, Subject.FEE)


def restate(
    over: Report | Call, subjects: Iterable[str], *, act_noun: str, act_key: str, text: str, at: datetime, by: Person,
    membership: Membership | None,
) -> None:  # fmt: skip
    """Put the act into every open dispute over one of `subjects` of the report, or of any report of the call that `by` may
    decide about: in the others somebody else states what it means for them.

    One whose month ends while this waits for its row is refused as a whole (`dispute-ended`): nothing is half done.
    """
    found = Dispute.objects.filter(outcome="", recorded_at__isnull=True, final_at__gt=at, subject__in=list(subjects))
    if isinstance(over, Report):
        found = found.filter(call_id=over.call_id, unit_id=over.unit_id)
    else:
        barred = barred_in(over, by, at).values("unit_id")
        found = found.filter(call_id=over.pk).exclude(unit__in=barred)
    for dispute in found.order_by("pk"):
        replace_position(
            dispute, act_noun=act_noun, act_key=act_key, text=text, at=at, by=by, membership=membership
        )  # fmt: skip
