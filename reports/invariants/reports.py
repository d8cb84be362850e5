"""What must be true of the columns of a report that verbs set: each is what the verb's Event, its revision or its return says.

An Event of an earlier release does not carry every value; what it does not carry is not compared.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from sla.enums import Answer
from sla.models import Acceptance
from units.models import Event

from ..enums import NOT_ASKED, ReportState, ReportVerb
from ..models import ExtensionRequest, Report, ResultVersion, ReturnRound, Revision, Snapshot
from .saying import Check, apart, holds, instant_of

S = ReportState
CHUNK = 5000


def _told(*verbs: ReportVerb):
    """The Events of these verbs over reports, in their order."""
    return Event.objects.filter(noun="report", verb__in=verbs).order_by("id")


def _codes(reports) -> Iterator[str]:
    return reports.order_by("pk").values_list("tracking_code", flat=True).iterator(chunk_size=CHUNK)


@holds(_("A report was submitted when its last revision was."))
def submissions_are_their_revisions() -> Iterator[str]:
    last = Revision.objects.filter(report=OuterRef("pk")).order_by("-number").values("submitted_at")[:1]
    for code in _codes(Report.objects.annotate(last=Subquery(last)).filter(apart("submitted_at", "last"))):
        yield f"report {code}: submitted at another instant than its last revision"


@holds(_("A returned report is due when its open return is, counts its returns, and each is due when its Event says."))
def corrections_are_their_returns() -> Iterator[str]:
    due = ReturnRound.objects.filter(ReturnRound.OPEN, report=OuterRef("pk")).values("due_at")[:1]
    moved = (
        Report.objects.filter(state=S.RETURNED).annotate(due=Subquery(due)).filter(apart("correction_due_at", "due"))
    )
    for code in _codes(moved):
        yield f"report {code}: its correction is due at another instant than its return"
    counted = (
        Report.objects.annotate(last=Max("returns__number")).exclude(last=None).exclude(correction_round=F("last"))
    )
    for code in _codes(counted):
        yield f"report {code}: counts other returns than there are"
    told = {(key, data["round"]): data for key, data in _told(ReportVerb.RETURN).values_list("key", "data")}
    rounds = ReturnRound.objects.order_by("pk").values_list("pk", "report__tracking_code", "number", "due_at")
    for pk, code, number, at in rounds.iterator(chunk_size=CHUNK):
        said = told.get((code, number), {})
        if "due_at" in said and instant_of(said["due_at"]) != at:
            yield f"return {pk}: due {at}, its event says {said['due_at']}"


@holds(_("A report has the extension that the last Event of one gave it."))
def extensions_are_told_of() -> Iterator[str]:
    told: dict[str, datetime | None] = {}
    for verb, key, data in _told(ReportVerb.EXTEND, ReportVerb.ASK_LATE).values_list("verb", "key", "data"):
        told[key] = instant_of(data.get("after" if verb == ReportVerb.EXTEND else "until"))
    stored = Report.objects.exclude(extension_until=None) | Report.objects.filter(tracking_code__in=list(told))
    for code, until in stored.order_by("pk").values_list("tracking_code", "extension_until"):
        if until != told.get(code):
            yield f"report {code}: extended until {until}, its events say {told.get(code)}"


@holds(_("What was decided on a request for more time is what its Event says, and the report has at least that time."))
def decisions_on_extensions_are_told_of() -> Iterator[str]:
    short = ExtensionRequest.objects.filter(granted_until__isnull=False).filter(
        Q(report__extension_until__isnull=True) | Q(report__extension_until__lt=F("granted_until"))
    )
    for pk in short.order_by("pk").values_list("pk", flat=True):
        yield f"extension request {pk}: grants more time than its report has"
    told = {
        data["request"]: (data["decision"], instant_of(data.get("until")), at)
        for at, data in _told(ReportVerb.DECIDE_EXTENSION).values_list("at", "data")
    }
    decided = ExtensionRequest.objects.order_by("pk").values_list("pk", "decision", "granted_until", "decided_at")
    for pk, *stored in decided:
        if tuple(stored) != told.get(pk, ("", None, None)):
            yield f"extension request {pk}: decided otherwise than its event says"


@holds(_("A report was excused when, and by whom, its Event says."))
def excuses_are_told_of() -> Iterator[str]:
    told = {key: rest for key, *rest in _told(ReportVerb.EXCUSE).values_list("key", "at", "person")}
    excused = Report.objects.filter(state=S.EXCUSED).order_by("pk")
    for code, *stored in excused.values_list("tracking_code", "excused_at", "excused_by"):
        if stored != told.get(code):
            yield f"report {code}: excused at another instant, or by another person, than its event says"


@holds(_("A report keeps the unit and the place in the tree that its Event of being asked tells of."))
def frozen_paths_are_as_asked() -> Iterator[str]:
    told = dict(_told(ReportVerb.ASK).values_list("key", "path").iterator(chunk_size=CHUNK))
    units = dict(_told(ReportVerb.ASK).values_list("key", "unit_id").iterator(chunk_size=CHUNK))
    rows = Report.objects.order_by("pk").values_list("tracking_code", "unit_path", "unit_id")
    for code, path, unit in rows.iterator(chunk_size=CHUNK):
        if code in told and (path, unit) != (told[code], units[code]):
            yield f"report {code}: its frozen unit or path is not that with which it was asked"


@holds(_("A report whose last moment a snapshot records is latched closed for it."))
def closings_are_latched() -> Iterator[str]:
    """Of those that the snapshot names: what is asked later is not of it."""
    open_ = Report.objects.with_last_moment().filter(Q(closed_for=None) | Q(closed_for__lt=F("last_moment")))
    loose = {
        code: (call, moment)
        for code, call, moment in open_.filter(call__snapshots__isnull=False)
        .exclude(state__in=NOT_ASKED)
        .values_list("tracking_code", "call", "last_moment")
        .distinct()
        .iterator(chunk_size=CHUNK)
    }
    if not loose:
        return
    calls = {call for call, _moment in loose.values()}
    for shot in Snapshot.objects.filter(call__in=calls).order_by("pk").iterator(chunk_size=100):
        for code in [*dict(shot.submitted), *shot.missed]:
            if code in loose and loose[code][1] <= shot.as_of:
                loose.pop(code)
                yield f"report {code}: its last moment is recorded, and it is not latched closed"


@holds(
    _(
        "An announced report has the instant of one of its results, and the end of the objection days that its Event tells."
    )
)
def objections_end_as_told() -> Iterator[str]:
    then = ResultVersion.objects.filter(report=OuterRef("pk"), announced_at=OuterRef("announced_at"))
    for code in _codes(Report.objects.filter(~Exists(then), announced_at__isnull=False)):
        yield f"report {code}: none of its results was announced when it was"
    told: dict[str, datetime | None] = {}
    for key, data in _told(ReportVerb.ANNOUNCE).values_list("key", "data").iterator(chunk_size=CHUNK):
        if "objection_until" in data:
            told[key] = instant_of(data["objection_until"])
    rows = Report.objects.filter(state=S.ANNOUNCED).order_by("pk").values_list("tracking_code", "objection_until")
    for code, until in rows.iterator(chunk_size=CHUNK):
        if code in told and told[code] != until:
            yield f"report {code}: may be contested until {until}, its event says {told[code]}"


@holds(_("A report became final when its Event says, and none without one."))
def final_instants_are_told_of() -> Iterator[str]:
    rows = _told(ReportVerb.FINAL).values_list("key", "data").iterator(chunk_size=CHUNK)
    told = {key: instant_of(data["final_at"]) for key, data in rows}
    stored = Report.objects.order_by("pk").values_list("tracking_code", "final_at")
    for code, final in stored.iterator(chunk_size=CHUNK):
        if told.get(code) != final:
            yield f"report {code}: final {final}, its event says {told.get(code)}"


@holds(_("Whoever submitted had accepted the agreement of the call."))
def submitters_had_accepted() -> Iterator[str]:
    accepted = Acceptance.objects.filter(
        unit=OuterRef("unit"), agreement=OuterRef("call__agreement"), answer=Answer.ACCEPTED
    )
    for code in _codes(Report.objects.filter(~Exists(accepted), submitted_at__isnull=False)):
        yield f"report {code}: submitted, and its unit has not accepted the agreement of the call"


REPORT_CHECKS: tuple[Check, ...] = (
    submissions_are_their_revisions,
    corrections_are_their_returns,
    extensions_are_told_of,
    decisions_on_extensions_are_told_of,
    excuses_are_told_of,
    frozen_paths_are_as_asked,
    closings_are_latched,
    objections_end_as_told,
    final_instants_are_told_of,
    submitters_had_accepted,
)
