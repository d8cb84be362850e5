"""What must be true of reviews: done by who was given them, and what was found is what was announced."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext_lazy as _

from sajad_portal.lib.errors import Refused
from units.models import Event

from ..enums import ReportVerb, ResultKind
from ..models import Report, ResultVersion, Review, ReviewAssignment, ReviewItem, Revision
from ..queries import asked_of
from ..queries.findings import Items, reviews_with_items
from ..queries.result_findings import StoredFinding, settled_findings
from ..xlsform.indicator import ALONE
from ..xlsform.tables import ROW, TABLE
from .facts import UNREAD
from .saying import Check, holds

BATCH = 500
DONE = (ReportVerb.HAND_IN, ReportVerb.SETTLE, ReportVerb.TAKE_LEAD)


@holds(_("Whoever reviews was assigned, was handed the review, or took its lead."))
def reviewers_were_given_their_reviews() -> Iterator[str]:
    given = ReviewAssignment.objects.filter(
        call=OuterRef("report__call"), section=OuterRef("section"), reviewer=OuterRef("reviewer")
    )
    handed = {
        (key, data["section"], data["to"])
        for key, data in Event.objects.filter(noun="report", verb=ReportVerb.REASSIGN_REVIEW).values_list("key", "data")
    }
    led = {
        (data["review"], person)
        for person, data in Event.objects.filter(noun="report", verb=ReportVerb.TAKE_LEAD).values_list("person", "data")
    }
    others = Review.objects.filter(~Exists(given)).order_by("pk")
    for pk, code, section, person in others.values_list("pk", "report__tracking_code", "section", "reviewer"):
        if (code, section, person) not in handed and (pk, person) not in led:
            yield f"review {pk}: person {person} reviews report {code}, and nobody gave it to them"


@holds(_("A review was handed in, settled or led by its reviewer or by a deputy in the reviewer’s seat."))
def reviews_are_done_by_their_reviewers() -> Iterator[str]:
    reviewers = dict(Review.objects.values_list("pk", "reviewer").iterator(chunk_size=5000))
    acts = Event.objects.filter(noun="report", verb__in=DONE).order_by("id")
    rows = acts.values_list("verb", "key", "data", "person", "membership__deputy_for__person")
    for verb, code, data, person, giver in rows.iterator(chunk_size=5000):
        if reviewers.get(data["review"]) not in (person, giver):
            yield f"review {data['review']}: {verb} over report {code} by person {person}, whose review it is not"


@holds(_("What reviewers found is what the first announced result says, and nothing was written after it."))
def findings_are_what_was_announced() -> Iterator[str]:
    late = ReviewItem.objects.filter(saved_at__gt=F("review__report__call__first_announced_at")).filter(
        Exists(ResultVersion.objects.filter(report=OuterRef("review__report"), announced_at__lt=OuterRef("saved_at")))
    )
    for pk in late.order_by("pk").values_list("pk", flat=True):
        yield f"review item {pk}: written after its result was announced"
    initial = ResultVersion.objects.filter(kind=ResultKind.INITIAL, announced_at__isnull=False, missed=False)
    ids = list(initial.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        yield from _compare(ids[start : start + BATCH])


def _compare(ids: list[int]) -> Iterator[str]:
    told = dict(ResultVersion.objects.filter(pk__in=ids).values_list("report", "score__findings"))
    reports = list(Report.objects.filter(pk__in=list(told)).prefetch_related("call__form_version").order_by("pk"))
    reviews, items = reviews_with_items(reports)
    revisions: dict[int, list[Revision]] = defaultdict(list)
    for revision in Revision.objects.filter(report__in=list(told)).defer(*UNREAD).order_by("number"):
        revisions[revision.report_id].append(revision)
    for report in reports:
        for code in _changed(report, told[report.pk], reviews.get(report.pk, []), revisions[report.pk], items):
            yield f"report {report.tracking_code}: what was found for {code} is not what was announced"


def _changed(report: Report, told: dict, reviews: list[Review], revisions: list[Revision], items: Items) -> list[str]:
    """Indicators that the version did not itself change. Names are left out: people are renamed."""
    try:
        found = settled_findings(asked_of(report), reviews, revisions, items)
    except Refused:
        return ["all"]
    said = {code: StoredFinding.from_json(data) for code, data in told.items()}
    if not any(code.startswith(ALONE) for code in said):  # announced before questions of no indicator were reviewed
        found = {code: finding for code, finding in found.items() if not code.startswith(ALONE)}
    if not any(code.startswith((ROW, TABLE)) for code in said):  # announced before tables were reviewed
        found = {code: finding for code, finding in found.items() if not code.startswith((ROW, TABLE))}
    return sorted(
        code
        for code in found.keys() | said.keys()
        if not (code in said and said[code].changed)
        and (code not in said or code not in found or said[code]._replace(by=()) != found[code]._replace(by=()))
    )


REVIEW_CHECKS: tuple[Check, ...] = (
    reviewers_were_given_their_reviews,
    reviews_are_done_by_their_reviewers,
    findings_are_what_was_announced,
)
