"""The cast. Sara reports for unit A, Reza heads it; Mina reports for unit B, Kamran heads it; Omid reviews, Laleh
coordinates and Nader audits, all three from the provider at the top. Pouya signs in and belongs nowhere."""

from dataclasses import dataclass

import pytest

from units.enums import Role
from units.models import Membership, Person, Unit

from .factories import LONG_AGO, build_person, make_kinds, make_organisation, make_unit


@dataclass(frozen=True)
class Cast:
    provider: Unit  # the organisation, above all: Omid, Laleh and Nader work here
    a: Unit  # «اداره کل خوابگاه‌ها»: Sara and Reza
    a_child: Unit  # below unit A, nobody works there
    b: Unit  # «اداره کل تغذیه»: Mina and Kamran
    sara: Person
    reza: Person
    mina: Person
    kamran: Person
    omid: Person
    laleh: Person
    nader: Person
    stranger: Person  # Pouya: a valid account without a membership
    admin: Person  # a superuser without a membership

    @property
    def units(self) -> list[Unit]:
        return [self.provider, self.a, self.a_child, self.b]

    @property
    def people(self) -> list[Person]:
        return [self.sara, self.reza, self.mina, self.kamran, self.omid, self.laleh, self.nader, self.stranger]

    def membership(self, person: Person) -> Membership:
        """The one membership that the cast gave this person."""
        return Membership.objects.select_related("unit").order_by("id").filter(person=person)[0]


NAMES = {
    "sara": "سارا محمدی",
    "reza": "رضا کریمی",
    "mina": "مینا صادقی",
    "kamran": "کامران یوسفی",
    "omid": "امید رحیمی",
    "laleh": "لاله حسینی",
    "nader": "نادر امینی",
    "pouya": "پویا بیگی",
}


def make_cast() -> Cast:
    """For where a fixture does not reach: a live server's test, a script."""
    make_organisation()
    make_kinds()
    provider = make_unit("ORG", "سازمان امور دانشجویان", kind="organization")
    a = make_unit("KHB", "اداره کل خوابگاه‌ها", kind="directorate", parent=provider)
    a_child = make_unit("KHB-IMN", "اداره بهسازی و ایمنی", parent=a)
    b = make_unit("TGZ", "اداره کل تغذیه", kind="directorate", parent=provider)
    admin = build_person("admin", "راهبر سامانه", is_superuser=True, is_staff=True)
    people = [build_person(username, name) for username, name in NAMES.items()]
    sara, reza, mina, kamran, omid, laleh, nader, pouya = Person.objects.bulk_create([*people, admin])[:-1]
    seats = [
        (sara, a, Role.REPORTER), (reza, a, Role.HEAD), (mina, b, Role.REPORTER), (kamran, b, Role.HEAD),
        (omid, provider, Role.REVIEWER), (laleh, provider, Role.COORDINATOR), (nader, provider, Role.AUDITOR),
    ]  # fmt: skip
    Membership.objects.bulk_create(
        Membership(person=person, unit=unit, role=role, starts_at=LONG_AGO, accepted_at=LONG_AGO)
        for person, unit, role in seats
    )
    return Cast(provider, a, a_child, b, sara, reza, mina, kamran, omid, laleh, nader, pouya, admin)


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()
