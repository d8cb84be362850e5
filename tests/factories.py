"""Makers of rows for tests, straight into the tables: quick, and without the verbs under test.

Everybody adds the maker of their own noun. A maker takes what matters to the test and fills in the rest.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import count

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile

from reports.demo.kinds import KINDS
from reports.demo.people import ORGANISATION
from sajad_portal.lib.clock import database_now
from sajad_portal.lib.national_code import encrypt, keyed_hash, valid_national_code
from sla.demo.first_service import SERVICE
from sla.enums import PINNED_SLOTS, AgreementState, Slot
from sla.models import (
    AgreementSection,
    AgreementVersion,
    Document,
    Holiday,
    RequestType,
    Service,
    TariffRow,
    TariffTable,
)
from sla.models.headers import HEADER_FIELDS, Header
from sla.queries.tariffs import fiscal_year
from sla.text.canonical import text_hash
from sla.text.first_terms import REQUEST_TYPES, SECTIONS
from units.enums import Role
from units.models import Membership, Organisation, Person, Unit, UnitKind
from units.queries.organisation import forget, organisation

# Long before any call, so that a membership is valid at every instant a test asks about.
LONG_AGO = datetime(2015, 3, 21, tzinfo=UTC)
PASSWORD = "namak-o-felfel-1405"

_numbers = count(1)


# ------------------------------------------------------------------------------- people and units
def national_code(number: int) -> str:
    """A valid national code for each number from 1 up, always the same one."""
    body = f"{number * 7919 % 10**9:09d}"
    return next(code for last in range(10) if valid_national_code(code := f"{body}{last}"))


def build_person(username: str, name: str = "", **fields) -> Person:
    """A person not yet stored; `name` is “first last”. Signs in with PASSWORD."""
    first, _space, last = (name or f"کاربر {username}").partition(" ")
    person = Person(
        username=username, first_name=first, last_name=last, created_at=LONG_AGO,
        password=make_password(PASSWORD), **{"email": f"{username}@example.ir", **fields},
    )  # fmt: skip
    person.refresh_keys()
    return person


def make_person(username: str = "", name: str = "", *, code: str = "", **fields) -> Person:
    """A stored person. `code` is a national code."""
    person = build_person(username or f"person{next(_numbers)}", name, **fields)
    if code:
        person.national_code_cipher, person.national_code_hash = encrypt(code), keyed_hash(code)
    person.save()
    return person


def make_organisation(**fields) -> Organisation:
    """Whose portal the tests' is. It is asked once, so that no page under test pays for it."""
    row = Organisation.objects.create(**{"pk": 1, "updated_at": LONG_AGO, **ORGANISATION, **fields})
    forget()
    organisation()
    return row


def make_kind(code: str | UnitKind) -> UnitKind:
    """The kind of this code, with the demo's words where the demo has it."""
    if isinstance(code, UnitKind):
        return code
    name, name_en = next(((name, english) for known, name, english in KINDS if known == code), (code, ""))
    return UnitKind.objects.get_or_create(code=code, defaults={"name": name, "name_en": name_en})[0]


def make_kinds() -> None:
    """The fourteen of the demo, straight into the table."""
    kinds = [UnitKind(code=code, name=name, name_en=english) for code, name, english in KINDS]
    for kind in kinds:
        kind.refresh_keys()
    UnitKind.objects.bulk_create(kinds, ignore_conflicts=True)


def make_unit(
    code: str = "", name: str = "", *, parent: Unit | None = None, kind: str | UnitKind = "department", **fields
) -> Unit:
    code = code or f"U{next(_numbers)}"
    unit = Unit(code=code, name=name or f"واحد {code}", kind=make_kind(kind), parent=parent, **fields)
    unit.depth = parent.depth + 1 if parent else 0
    unit.save()
    unit.path = f"{parent.path if parent else ''}{unit.pk}."
    unit.save(update_fields=["path"])
    return unit


def make_membership(person: Person, unit: Unit, role: Role, **fields) -> Membership:
    """A seat that is accepted, from its start; `accepted_at=None` is one that still waits."""
    for kept in (
        "_memberships",
        "_memberships_at",
        "_namings",
    ):  # for the length of a request; a test's person lives longer
        person.__dict__.pop(kept, None)
    start = fields.pop("starts_at", LONG_AGO)
    return Membership.objects.create(
        person=person, unit=unit, role=role, starts_at=start, **{"accepted_at": start, **fields}
    )


# --------------------------------------------------------------------------------------- the service agreement
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def make_holiday(day: date, title: str = "تعطیل رسمی", *, source: str = "calendar") -> Holiday:
    return Holiday.objects.create(day=day, title=title, source=source, added_at=LONG_AGO)


def make_agreement(service: Service, number: int = 1, *, published: bool = True, **fields) -> AgreementVersion:
    """A version with the nine sections of the demo's text; published by nobody in particular, long ago."""
    edited_on = fields.pop("edited_on", date(2026, 5, 13))
    agreement = AgreementVersion.objects.create(service=service, number=number, edited_on=edited_on, **fields)
    AgreementSection.objects.bulk_create(
        AgreementSection(agreement=agreement, position=place, **section._asdict())
        for place, section in enumerate(SECTIONS, 1)
    )
    if published:
        header = Header.of(service).as_list()
        for name, text in zip(HEADER_FIELDS, header, strict=True):
            setattr(agreement, name, text)
        agreement.text_hash = text_hash(number, edited_on, agreement.dispute_rule, header, agreement.sections.all())
        agreement.state, agreement.published_at = AgreementState.PUBLISHED, LONG_AGO
        agreement.save()
    return agreement


def make_document(service: Service, slot: str, number: int = 1, *, published: bool = True, content: bytes = PDF):
    document = Document(
        service=service, slot=slot, number=number, title=str(Slot(slot).label), media_type="application/pdf",
        size=len(content), sha256=sha256(content).hexdigest(), uploaded_at=LONG_AGO,
        published_at=LONG_AGO if published else None,
    )  # fmt: skip
    document.file.save(f"{slot}-{number}.pdf", ContentFile(content), save=True)
    return document


def make_service(
    cast, *, slug: str = "performance", documents: bool = True, card: dict | None = None, **agreement
) -> Service:
    """A service of the cast's provider: three request types, version 1 in force, workflow, directive and bylaw published."""
    service = Service.objects.create(
        **{**SERVICE, "slug": slug, "code": slug, "provider": cast.provider, **(card or {})}, updated_at=LONG_AGO
    )
    RequestType.objects.bulk_create(
        RequestType(service=service, code=code, kind=kind, title=title, title_en=title_en, target_working_days=target)
        for code, kind, title, title_en, target in REQUEST_TYPES
    )
    make_agreement(service, **agreement)
    for slot in PINNED_SLOTS if documents else ():
        make_document(service, slot)
    return service


def make_tariffs(service: Service, year: int | None = None, **rials: int) -> TariffTable:
    """The next version of a year's tariffs (this year's), straight into the tables: `periodic_report=2_500_000`."""
    year = year or fiscal_year(database_now())
    number = service.tariff_tables.filter(year=year).count() + 1
    table = TariffTable.objects.create(
        service=service, year=year, number=number, source_name=f"tariffs-{year}.csv", published_at=LONG_AGO,
        sha256=sha256(f"{year}-{number}".encode()).hexdigest(), published_by=make_person(),
    )  # fmt: skip
    TariffRow.objects.bulk_create(
        TariffRow(table=table, request_type=service.request_types.get(kind=kind), rials=amount, line=line)
        for line, (kind, amount) in enumerate(rials.items(), 2)
    )
    return table
