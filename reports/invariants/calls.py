"""What must be true of calls: what publishing froze and every instant that was moved since is what their Events tell.

An Event of an earlier release does not carry every value; what it does not carry is not compared.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from units.models import Event

from ..enums import CallState, ReportVerb
from ..models import Call, CallDocument, FormVersion, ResultVersion, Snapshot
from ..queries.terms import definition_hash, identity_of, unmoved_terms
from .saying import Check, holds, instant_of

MOVING = (ReportVerb.PUBLISH, ReportVerb.OPEN_EARLY, ReportVerb.EXTEND, ReportVerb.CLOSE_EARLY)


@holds(_("A call opens, closes and ends its review when its Events say, and was brought forward only by one of them."))
def calls_open_and_close_as_told() -> Iterator[str]:
    told: dict[str, dict] = defaultdict(dict)
    events = Event.objects.filter(noun="call", verb__in=MOVING).order_by("id")
    for verb, key, at, data in events.values_list("verb", "key", "at", "data").iterator():
        known = told[key]
        if verb == ReportVerb.PUBLISH:
            known |= {
                name: instant_of(data[name]) for name in ("opens_at", "closes_at", "review_until") if name in data
            }
            known["closed_early_at"] = None
        elif verb == ReportVerb.OPEN_EARLY:
            known["opens_at"] = at
        else:
            before, after = datetime.fromisoformat(data["before"]), datetime.fromisoformat(data["after"])
            extended = verb == ReportVerb.EXTEND
            if extended and "review_until" in known:
                known["review_until"] += after - before
            known |= {"closes_at": after, "closed_early_at": None if extended else at}
    for call in Call.objects.filter(pk__in=[int(key) for key in told]).order_by("pk"):
        for name, value in told[str(call.pk)].items():
            if getattr(call, name) != value:
                yield f"call {call.pk}: {name} is {getattr(call, name)}, its events say {value}"


@holds(
    _(
        "A published call has the form, the agreement, the price, the documents and the terms with which it was published."
    )
)
def calls_keep_what_publishing_froze() -> Iterator[str]:
    pinned: dict[int, list[int]] = defaultdict(list)
    for call_id, document in CallDocument.objects.order_by("document").values_list("call", "document"):
        pinned[call_id].append(document)
    calls = {str(call.pk): call for call in Call.objects.select_related("agreement").exclude(state=CallState.DRAFT)}
    events = Event.objects.filter(noun="call", verb=ReportVerb.PUBLISH).order_by("id")
    for key, told in events.values_list("key", "data"):
        if (call := calls.get(key)) is None:
            yield f"call {key}: published, and there is no such call any more"
            continue
        stored = {
            "form_version": call.form_version_id, "agreement": call.agreement.number, "price_rials": call.price_rials,
            "tariff": call.tariff_id, "documents": pinned[call.pk], **unmoved_terms(call),
        }  # fmt: skip
        for name, value in stored.items():
            expected = sorted(told[name]) if name == "documents" and name in told else told.get(name)
            if name in told and value != expected:
                yield f"call {key}: {name} is {value}, it was published with {expected}"


@holds(_("The workbook and the definition of a form are what was imported."))
def forms_are_what_was_imported() -> Iterator[str]:
    told = dict(
        Event.objects.filter(noun="form_version", verb=ReportVerb.IMPORT_FORM).order_by("id").values_list("key", "data")
    )
    for version in FormVersion.objects.prefetch_related("files").order_by("pk").iterator(chunk_size=20):
        said = told.get(str(version.pk), {})
        if said.get("sha256", version.sha256) != version.sha256:
            yield f"form version {version.pk}: names another workbook than was imported"
        if "definition" in said and said["definition"] != definition_hash(version):
            yield f"form version {version.pk}: its definition is not what was read from the workbook"
        files = {file.name: file.sha256 for file in version.files.all()}
        if version.identity != identity_of(version.sha256, files, version.reader):
            yield f"form version {version.pk}: is not told by its workbook, its files and its reader"
        if version.definition_sha256 != definition_hash(version):
            yield f"form version {version.pk}: is kept by the hash of another definition"


@holds(_("A call keeps the instant of its first announcement, which is that of one of its results."))
def first_announcements_are_kept() -> Iterator[str]:
    announced = ResultVersion.objects.filter(report__call=OuterRef("pk"), announced_at__isnull=False)
    for pk in (
        Call.objects.filter(Exists(announced), first_announced_at=None).order_by("pk").values_list("pk", flat=True)
    ):
        yield f"call {pk}: has announced results, and no instant of the first"
    then = announced.filter(announced_at=OuterRef("first_announced_at"))
    moved = Call.objects.filter(~Exists(then), first_announced_at__isnull=False)
    for pk in moved.order_by("pk").values_list("pk", flat=True):
        yield f"call {pk}: none of its results was announced when its first was"


@holds(_("Each closing that an Event tells of has its snapshot with the same figures, and each snapshot its Event."))
def snapshots_are_told_of() -> Iterator[str]:
    told: dict[tuple, list[dict]] = defaultdict(list)
    for key, data in Event.objects.filter(noun="call", verb=ReportVerb.CLOSE).order_by("id").values_list("key", "data"):
        told[int(key), instant_of(data.get("as_of"))].append(data)
    for shot in Snapshot.objects.order_by("pk").iterator(chunk_size=100):
        said = told[shot.call_id, shot.as_of]
        figures = {"submitted": len(shot.submitted), "missed": len(shot.missed), "open": len(shot.open)}
        fitting = next((data for data in said if all(data.get(name, n) == n for name, n in figures.items())), None)
        if fitting is None:
            yield f"snapshot {shot.pk}: no event tells of these figures"
        else:
            said.remove(fitting)
    for (call, at), left in told.items():
        if left and at is not None:
            yield f"call {call}: the snapshot of its closing at {at} is gone or changed"


CALL_CHECKS: tuple[Check, ...] = (
    calls_open_and_close_as_told,
    calls_keep_what_publishing_froze,
    forms_are_what_was_imported,
    first_announcements_are_kept,
    snapshots_are_told_of,
)
