"""Request types and their targets, kept by the provider's coordinators."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Forbidden, Refused
from sajad_portal.lib.jalali import format_date
from sajad_portal.lib.text import normalise
from units.actions.events import record
from units.models import Event, Membership, Person

from .. import rules
from ..enums import ADDED_KINDS, SINGLE_KINDS, AgreementVerb, Filers, RequestKind
from ..models import RequestTarget, RequestType, Service

MOST_DAYS = 365


@dataclass(frozen=True)
class TypeTerms:
    """What a type says beside its title. All but the description are of general requests. `contest_days` None: what is
    decided cannot be contested."""

    description: str = ""
    description_en: str = ""
    filers: str = Filers.HEADS
    needs_files: bool = False
    contest_days: int | None = None

    def checked(self) -> "TypeTerms":
        """Normalised. Refused (`bad-filers`, `bad-contest-days`)."""
        if self.filers not in Filers.values:
            raise Refused(_("Choose who files requests of this type."), code="bad-filers")
        if self.contest_days is not None and not 1 <= self.contest_days <= MOST_DAYS:
            said = _(
                "The days to contest a decision are a number from 1 to %(most)s; leave it empty where it is final."
            )
            raise Refused(said % {"most": MOST_DAYS}, code="bad-contest-days")
        texts = normalise(self.description), normalise(self.description_en)
        return TypeTerms(*texts, str(self.filers), self.needs_files, self.contest_days)


def add_request_type(
    *, service: Service, code: str, title: str, target_working_days: int, by: Person, title_en: str = "",
    kind: str = RequestKind.PERIODIC_REPORT, terms: TypeTerms | None = None,
) -> RequestType:  # fmt: skip
    """Another kind of report that calls may ask for, or of request that units file by themselves. Code and kind stay. Raises
    Forbidden; Refused (`bad-type-code`, `bad-kind`, `no-title`, `type-exists`, `bad-target`, `service-closed`, as `TypeTerms`)."""
    code, title = normalise(code), normalise(title)
    terms = (terms or TypeTerms()).checked()
    if kind not in ADDED_KINDS:
        raise Refused(_("Choose whether it is a report or a general request."), code="bad-kind")
    if kind != RequestKind.GENERAL:
        terms = TypeTerms(terms.description, terms.description_en)
    if not rules.TYPE_CODE.match(code):
        said = _(
            "The code of a request type has lower-case Latin letters, digits and hyphens; for example monthly-report."
        )
        raise Refused(said, code="bad-type-code")
    _need_title(title)
    with transaction.atomic():
        service, membership, at = _keeping(service, by)
        if service.closed_at:
            raise Refused(_("This service is closed; nothing new can be asked of it."), code="service-closed")
        if service.request_types.filter(code=code).exists():
            said = _("This service has a request type with this code already. Choose another.")
            raise Refused(said, code="type-exists")
        made = RequestType.objects.create(
            service=service, kind=kind, code=code, title=title, title_en=normalise(title_en),
            target_working_days=checked_target(target_working_days), **asdict(terms),
        )  # fmt: skip
        facts = {"code": code, "kind": str(kind), "title": title, "target": made.target_working_days, **asdict(terms)}
        _record(AgreementVerb.ADD_TYPE, made, at, by, membership, facts)
        return made


def edit_request_type(
    *, request_type: RequestType, title: str, by: Person, title_en: str = "", terms: TypeTerms | None = None
) -> RequestType:
    """Another title, other terms (None: as they are). What was filed keeps the days that it was filed under; what it is
    called in results that were handed out stays there. The same again changes nothing."""
    title, title_en = normalise(title), normalise(title_en)
    _need_title(title)
    with transaction.atomic():
        kind, membership, at = _locked(request_type, by)
        said = {"title": title, "title_en": title_en, **(asdict(terms.checked()) if terms else {})}
        before = {name: getattr(kind, name) for name in said}
        if before == said:
            return kind
        for name, value in said.items():
            setattr(kind, name, value)
        kind.save(update_fields=list(said))
        _record(AgreementVerb.EDIT_TYPE, kind, at, by, membership, {"before": before, **said})
        return kind


def set_target(*, request_type: RequestType, working_days: int, starts: date, by: Person) -> RequestTarget | None:
    """From `starts` on, today or later, what is opened has this target; what was opened before keeps the one it has.

    None where that target holds from that day already. Raises Forbidden; Refused (`bad-target`, `target-in-the-past`).
    """
    working_days = checked_target(working_days)
    with transaction.atomic():
        kind, membership, at = _locked(request_type, by)
        if kind.target_on(starts) == working_days and not kind.targets.filter(starts__gt=starts).exists():
            return None
        if starts < tehran_date(at):
            said = _("A target holds from today or a later day on: %(day)s has passed.")
            raise Refused(said % {"day": format_date(starts, "long")}, code="target-in-the-past")
        target = RequestTarget.objects.create(
            request_type=kind, working_days=working_days, starts=starts, set_at=at, set_by=by
        )
        facts = {"code": kind.code, "target": working_days, "from": starts.isoformat()}
        _record(AgreementVerb.SET_TARGET, kind, at, by, membership, facts)
        return target


def close_request_type(*, request_type: RequestType, by: Person) -> RequestType:
    """No call is published and no request filed under it any more; what was opened under it goes on. A second time changes nothing."""
    with transaction.atomic():
        kind, membership, at = _locked(request_type, by)
        if kind.kind in SINGLE_KINDS:
            said = _("The portal itself files by this type; it is open as long as the service is.")
            raise Refused(said, code="type-needed")
        if kind.closed_at is None:
            kind.closed_at, kind.closed_by = at, by
            kind.save(update_fields=["closed_at", "closed_by"])
            _record(AgreementVerb.CLOSE, kind, at, by, membership, {"code": kind.code})
        return kind


def reopen_request_type(*, request_type: RequestType, by: Person) -> RequestType:
    with transaction.atomic():
        kind, membership, at = _locked(request_type, by)
        if kind.closed_at is not None:
            kind.closed_at = kind.closed_by = None
            kind.save(update_fields=["closed_at", "closed_by"])
            _record(AgreementVerb.REOPEN, kind, at, by, membership, {"code": kind.code})
        return kind


def checked_target(days: int) -> int:
    if not 1 <= days <= MOST_DAYS:
        said = _("A target is a number of working days from 1 to %(most)s.")
        raise Refused(said % {"most": MOST_DAYS}, code="bad-target")
    return days


def _need_title(title: str) -> None:
    if not title:
        raise Refused(_("Write the title of the request type."), code="no-title")


def _keeping(service: Service, by: Person) -> tuple[Service, Membership, datetime]:
    """The service under lock, the seat that allows it, the instant after the lock."""
    locked = Service.objects.select_for_update(of=("self",), no_key=True).select_related("provider")
    service = locked.get(pk=service.pk)
    at = database_now()
    membership = rules.provider_membership(by, service, at)
    if membership is None:
        raise Forbidden(_("Only a coordinator of the providing unit keeps the request types."))
    return service, membership, at


def _locked(request_type: RequestType, by: Person) -> tuple[RequestType, Membership, datetime]:
    service, membership, at = _keeping(request_type.service, by)
    kind = RequestType.objects.select_for_update(of=("self",), no_key=True).get(pk=request_type.pk)
    kind.service = service
    return kind, membership, at


def _record(
    verb: AgreementVerb, kind: RequestType, at: datetime, by: Person, membership: Membership, data: dict
) -> Event:
    provider = kind.service.provider
    return record(
        verb, noun="request_type", key=kind.pk, at=at, by=by, membership=membership, path=provider.path,
        unit_id=provider.pk, data=data,
    )  # fmt: skip
