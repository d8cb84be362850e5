"""The cast that every other test stands on."""

import pytest

from sajad_portal.lib.national_code import valid_national_code
from tests.factories import PASSWORD, national_code
from units.enums import Role
from units.models import Person
from units.queries import memberships_of

pytestmark = pytest.mark.django_db


def test_each_of_the_cast_holds_the_role_that_the_story_gives_them(cast):
    held = {p.username: [(m.role, m.unit.code) for m in memberships_of(p)] for p in Person.objects.all()}

    assert held == {
        "sara": [(Role.REPORTER, "KHB")],
        "reza": [(Role.HEAD, "KHB")],
        "mina": [(Role.REPORTER, "TGZ")],
        "kamran": [(Role.HEAD, "TGZ")],
        "omid": [(Role.REVIEWER, "ORG")],
        "laleh": [(Role.COORDINATOR, "ORG")],
        "nader": [(Role.AUDITOR, "ORG")],
        "pouya": [],
        "admin": [],
    }


def test_paths_lead_from_the_provider_down(cast):
    assert cast.a_child.path == f"{cast.provider.pk}.{cast.a.pk}.{cast.a_child.pk}."
    assert [unit.depth for unit in cast.units] == [0, 1, 2, 1]


def test_the_cast_signs_in_with_the_common_password(cast):
    assert cast.sara.check_password(PASSWORD)


def test_made_national_codes_are_valid_and_differ():
    codes = {national_code(n) for n in range(1, 200)}

    assert len(codes) == 199
    assert all(valid_national_code(code) for code in codes)
