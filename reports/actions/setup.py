"""`setup FILE.yaml`: the steps of the first day by the same verbs as the pages, all of them or none.

A second run with the same file changes nothing. What a coordinator does is done in the name of the one whom the file names,
and only once that person has accepted the seat: a run before leaves it out, says so, and a later run does it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from sajad_portal.lib.clock import database_now, tehran_date
from sajad_portal.lib.errors import Refused
from sajad_portal.lib.tables import FileProblem, FileRefused
from sla.actions.agreements import draft_agreement, publish_agreement
from sla.actions.calendar import import_days_off, seed_holidays, set_working_week
from sla.actions.documents import publish_document, upload_document
from sla.actions.request_types import TypeTerms, add_request_type, edit_request_type, set_target
from sla.actions.services import create_service, edit_service
from sla.actions.tariffs import declare_free, publish_tariffs
from sla.enums import AgreementState
from sla.models import RequestType, Service
from sla.queries import current_agreement
from sla.queries.tariffs import fiscal_year
from sla.queries.weeks import earliest_start
from sla.rules import is_provider_coordinator
from units.actions.imports import import_units
from units.actions.kinds import change_attribute, change_kind, create_attribute, create_kind
from units.actions.organisation import describe_organisation, marked_organisation
from units.actions.people import NewPerson, create_person, find_person, invite_person
from units.actions.people_file import Came, bring_people
from units.models import Membership, Person, Unit, UnitAttribute, UnitKind
from units.queries.organisation import stored_organisation
from units.rules import can_set_up_portal

from ..files.setup import At, CallRow, DescribedRow, PersonRow, ServiceRow, SetupPlan, TypeRow
from ..models import Call, FormVersion
from ..xlsform import WorkbookRefused
from ..xlsform.sample_form import build
from .calls import create_call, publish_call
from .forms import import_form
from .locking import require

SAMPLE, FREE = "sample", "free"


@dataclass
class SetupOutcome:
    """`done`: what was changed, in words; `links`: (user name, address) of new people without e-mail, to be handed over;
    `waiting`: what a later run does, and what it waits for."""

    done: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def set_up(*, plan: SetupPlan, by: Person, folder: Path) -> SetupOutcome:
    """Everything the plan says, in one transaction. `folder`: what its files' names are relative to.

    Raises Forbidden to anybody but an administrator; FileRefused with the line at which a verb said no.
    """
    require(can_set_up_portal(by) or None, _("The portal is set up from a file by an administrator."))
    with transaction.atomic():
        return _SetUp(by, folder).run(plan)


class _SetUp:
    def __init__(self, by: Person, folder: Path) -> None:
        self.by, self.folder, self.outcome = by, folder, SetupOutcome()
        self.at: datetime = database_now()

    def run(self, plan: SetupPlan) -> SetupOutcome:
        if plan.organisation:
            self.organisation(plan.organisation)
        self.calendar(plan)
        for row in plan.kinds:
            with _line(row.line):
                self.kind_of_units(row)
        for row in plan.attributes:
            with _line(row.line):
                self.attribute(row)
        if plan.units:
            self.units(plan.units)
        if plan.people_file:
            self.people(plan.people_file)
        for person in plan.people:
            self.person(person)
        for service in plan.services:
            self.service(service)
        return self.outcome

    def told(self, words: str) -> None:
        self.outcome.done.append(words)

    def read(self, name: At) -> bytes:
        try:
            return (self.folder / name.value).read_bytes()
        except OSError as error:
            told = _("The file %(path)s cannot be read: %(reason)s")
            raise Refused(told % {"path": name.value, "reason": error.strerror}) from error

    def unit(self, code: str) -> Unit:
        found = Unit.objects.active_at(self.at).filter(code__iexact=code).first()
        if found is None:
            raise Refused(_("There is no unit with the code %(code)s.") % {"code": code})
        return found

    # --------------------------------------------------------------------------------------------- the portal
    def organisation(self, given: At) -> None:
        fields = dict(given.value)
        with _line(given.line):
            logo = fields.pop("logo", "")
            picture = ContentFile(self.read(At(given.line, logo)), name=Path(logo).name) if logo else None
            before = marked_organisation(stored_organisation())
            row = describe_organisation(by=self.by, logo=picture, **fields)
            if marked_organisation(row) != before:
                self.told(_("organization: %(name)s") % {"name": row.name})

    def calendar(self, plan: SetupPlan) -> None:
        if plan.week:
            with _line(plan.week.line):
                week = dict(plan.week.value)
                week["starts"] = week["starts"] or earliest_start(self.at)
                if set_working_week(by=self.by, **week):
                    self.told(_("calendar: weekend and hours"))
        if plan.official_years:
            with _line(plan.official_years.line):
                if count := seed_holidays(years=plan.official_years.value, by=self.by):
                    self.told(_("calendar: %(n)s days off") % {"n": count})
        if plan.days_off:
            with _line(plan.days_off.line):
                if count := import_days_off(data=self.read(plan.days_off), by=self.by):
                    self.told(_("calendar: %(n)s days off") % {"n": count})

    def kind_of_units(self, row: DescribedRow) -> None:
        names = {"name": row.name, "name_en": row.name_en}
        kind = UnitKind.objects.filter(code=row.code).first()
        if kind is None:
            kind = create_kind(code=row.code, by=self.by, **names)
            self.told(_("kind of units: %(code)s") % {"code": kind.code})
        else:
            change_kind(kind=kind, by=self.by, **names)

    def attribute(self, row: DescribedRow) -> None:
        about: dict[str, Any] = {"name": row.name, "name_en": row.name_en, "choices": row.choices}
        attribute = UnitAttribute.objects.filter(code=row.code).first()
        if attribute is None:
            attribute = create_attribute(code=row.code, type=row.type, by=self.by, **about)
            self.told(_("attribute of units: %(code)s") % {"code": attribute.code})
        elif attribute.type != row.type:
            said = _("The attribute %(code)s stands with the type “%(type)s”; it does not change.")
            raise Refused(said % {"code": row.code, "type": attribute.type})
        else:
            change_attribute(attribute=attribute, by=self.by, **about)

    def units(self, given: At) -> None:
        with _line(given.line):
            outcome = import_units(data=self.read(given), by=self.by, create_kinds=True)  # whoever runs it says yes
            figures = {name: n for name, n in vars(outcome).items() if isinstance(n, int) and n and name != "unchanged"}
            if figures:
                self.told(_("units: %(figures)s") % {"figures": " ".join(f"{name}={n}" for name, n in figures.items())})

    def people(self, given: At) -> None:
        with _line(given.line):
            brought = bring_people(data=self.read(given), by=self.by)
        for row in brought.rows:
            if row.came != Came.UNCHANGED:
                self.told(_("seat: %(name)s, %(role)s of %(unit)s") % {"name": row.username, "role": row.role, "unit": row.unit.code})  # fmt: skip
        self.outcome.links += [(row.username, row.link) for row in brought.links]

    def person(self, row: PersonRow) -> None:
        with _line(row.line):
            new = NewPerson(**row.about)
            person = find_person(new.username, new.national_code)
            if person is None and not row.seats:
                person = create_person(new=new, by=self.by)
                self.told(_("person: %(name)s") % {"name": person.username})
        for seat in row.seats:
            with _line(seat.line):
                unit = self.unit(seat.unit)
                held = Membership.objects.not_ended_at(self.at).filter(person=person, unit=unit, role=seat.role)
                if person is not None and held.exists():
                    continue
                invitation = invite_person(unit=unit, role=seat.role, new=new, by=self.by)
                person = invitation.person
                self.told(_("seat: %(name)s, %(role)s of %(unit)s") % {"name": person.username, "role": seat.role, "unit": unit.code})  # fmt: skip
                if invitation.link:
                    self.outcome.links.append((person.username, invitation.link))

    # ------------------------------------------------------------------------------------------------ a service
    def service(self, row: ServiceRow) -> None:
        service = Service.objects.filter(slug=row.slug).select_related("provider").first()
        with _line(row.line):
            if service is None:
                targets = {code: given.value for code, given in row.targets.items()}
                service = create_service(
                    provider=self.unit(row.provider.value), slug=row.slug, code=row.code, by=self.by, targets=targets,
                    **row.card,
                )  # fmt: skip
                self.told(_("service: %(slug)s") % {"slug": service.slug})
            if service.provider.code.casefold() != row.provider.value.casefold() or service.code != row.code:
                said = _("This service stands with the provider %(provider)s and the id %(code)s; neither changes.")
                raise Refused(said % {"provider": service.provider.code, "code": service.code})
        if row.coordinator is None:
            return
        with _line(row.coordinator.line):
            person = find_person(row.coordinator.value)
            if person is None:
                raise Refused(_("There is no account %(name)s.") % {"name": row.coordinator.value})
        if not is_provider_coordinator(person, service, self.at):
            said = _("%(service)s: the rest waits until %(name)s has accepted the seat of a coordinator of %(unit)s.")
            self.outcome.waiting.append(
                said % {"service": service.slug, "name": person.username, "unit": service.provider.code}
            )
            return
        self.keep(row, service, person)

    def keep(self, row: ServiceRow, service: Service, by: Person) -> None:
        """What its coordinator does."""
        with _line(row.line):
            stamp = service.updated_at
            if edit_service(service=service, by=by, **row.card).updated_at != stamp:
                self.told(_("service: the card of %(slug)s") % {"slug": service.slug})
        for code, given in row.targets.items():
            with _line(given.line):
                self.target(service.request_types.get(code=code), given.value, by)
        for kind in row.types:
            with _line(kind.line):
                self.type(kind, service, by)
        steps: list[tuple[At | None, Callable[[At, Service, Person], None]]] = [
            (row.agreement, self.agreement), (row.form, self.form), (row.tariffs, self.tariffs)
        ]  # fmt: skip
        for slot, given in row.documents.items():
            with _line(given.line):
                self.document(slot, given, service, by)
        for given_or_none, step in steps:
            if given_or_none:
                with _line(given_or_none.line):
                    step(given_or_none, service, by)
        if row.call:
            with _line(row.call.line):
                self.call(row.call, row.form, service, by)

    def target(self, kind: RequestType, days: int, by: Person) -> None:
        if set_target(request_type=kind, working_days=days, starts=tehran_date(self.at), by=by):
            self.told(_("target: %(code)s, %(days)s working days") % {"code": kind.code, "days": days})

    def type(self, row: TypeRow, service: Service, by: Person) -> None:
        kind = service.request_types.filter(code=row.code).first()
        if kind is None:
            add_request_type(
                service=service,
                code=row.code,
                title=row.title,
                title_en=row.title_en,
                target_working_days=row.target,
                kind=row.kind,
                terms=TypeTerms(**row.terms),
                by=by,
            )
            self.told(_("request type: %(code)s") % {"code": row.code})
            return
        kept = {item.name: getattr(kind, item.name) for item in fields(TypeTerms)}
        edit_request_type(
            request_type=kind, title=row.title, title_en=row.title_en, terms=TypeTerms(**kept | row.terms), by=by
        )
        self.target(kind, row.target, by)

    def agreement(self, given: At, service: Service, by: Person) -> None:
        if current_agreement(service):
            return
        draft = service.agreement_versions.filter(state=AgreementState.DRAFT).first()
        if draft is None:
            draft = draft_agreement(service=service, by=by)
            self.told(_("agreement: version %(n)s drafted") % {"n": draft.number})
        if given.value == "publish":
            publish_agreement(agreement=draft, by=by)
            self.told(_("agreement: version %(n)s published") % {"n": draft.number})

    def document(self, slot: str, given: At, service: Service, by: Person) -> None:
        try:
            file = ContentFile(self.read(given), name=Path(given.value).name)
            document = upload_document(service=service, slot=slot, title="", file=file, by=by)
        except Refused as refusal:
            if refusal.code != "same-file":
                raise
            return
        publish_document(document=document, by=by)
        self.told(_("document: %(slot)s") % {"slot": slot})

    def form(self, given: At, service: Service, by: Person) -> None:
        before = FormVersion.objects.count()
        version = self.form_version(given, by)
        if FormVersion.objects.count() > before:
            self.told(_("form: %(code)s, version %(n)s") % {"code": version.form.code, "n": version.number})

    def form_version(self, given: At, by: Person) -> FormVersion:
        data = build() if given.value == SAMPLE else self.read(given)
        name = "student-services.xlsx" if given.value == SAMPLE else Path(given.value).name
        return import_form(data=data, name=name, by=by)

    def tariffs(self, given: At, service: Service, by: Person) -> None:
        year = fiscal_year(self.at)
        before = service.tariff_tables.count()
        if given.value == FREE:
            declare_free(service=service, year=year, by=by)
        else:
            try:
                publish_tariffs(service=service, year=year, data=self.read(given), name=Path(given.value).name, by=by)
            except Refused as refusal:
                if refusal.code != "same-file":
                    raise
        if service.tariff_tables.count() > before:
            self.told(_("tariffs: %(year)s") % {"year": year})

    def call(self, row: CallRow, form: At | None, service: Service, by: Person) -> None:
        there = Call.objects.filter(agreement__service=service, period_code=row.period.code, title=row.fields["title"])
        if there.exists():
            return
        agreement = current_agreement(service)
        if agreement is None:
            raise Refused(_("A call needs an agreement in force: write “agreement: publish”, or publish the draft."))
        kind = service.request_types.filter(code=row.request_type).first()
        if kind is None:
            raise Refused(_("There is no request type %(code)s.") % {"code": row.request_type})
        usable = FormVersion.objects.filter(confirmed_at__isnull=False).order_by("-uploaded_at")
        version = self.form_version(form, by) if form else usable.first()
        if version is None:
            raise Refused(_("A call needs a form: write “form: sample”, or the name of a workbook."))
        audience = {
            "subtree": self.unit(row.subtree.value).pk if row.subtree else service.provider_id,
            "kinds": row.kinds,
            "units": [self.unit(unit.value).pk for unit in row.units],
        }
        call = create_call(
            by=by, period_kind=row.period.kind, period_code=row.period.code, period_starts=row.period.starts,
            period_ends=row.period.ends, form_version=version, agreement=agreement, request_type=kind, audience=audience,
            **row.fields,
        )  # fmt: skip
        publish_call(call=call, by=by)
        self.told(_("call: %(title)s") % {"title": call.title})


@contextmanager
def _line(number: int) -> Iterator[None]:
    """What a verb refuses becomes a problem of that line."""
    try:
        yield
    except FileRefused as refusal:
        raise FileRefused([FileProblem(number, "", str(problem)) for problem in refusal.problems]) from refusal
    except WorkbookRefused as refusal:
        rows = [FileProblem(number, "", _workbook_words(error)) for error in refusal.errors]
        raise FileRefused(rows) from refusal
    except (Refused, ValidationError) as refusal:
        words = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
        raise FileRefused([FileProblem(number, "", words)]) from refusal


def _workbook_words(error: dict) -> str:
    place = " ".join(str(error[name]) for name in ("sheet", "row", "column") if error.get(name))
    return f"{place}: {error['message']}" if place else error["message"]
