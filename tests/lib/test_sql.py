"""Which statements PostgreSQL plans once a connection, that what they find does not depend on it, and `Among`."""

import pytest
from django.db import connection

from sajad_portal.lib.sql import InSubquery, prepared
from tests.factories import make_kind
from units.models import Unit

pytestmark = pytest.mark.django_db
postgres = pytest.mark.postgres


@pytest.fixture
def units():
    make_kind("department")
    return [Unit.objects.create(code=f"U{n}", name=f"واحد {n}", kind_id="department", path=f"{n}.") for n in range(8)]


def prepared_statements() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%units_unit%'")
        return [statement for (statement,) in cursor.fetchall()]


def names(units) -> list[str]:
    return [Unit.objects.get(code=unit.code).name for unit in units]


@postgres
def test_a_statement_inside_is_planned_once_and_finds_what_each_value_asks_for(units):
    with prepared():
        assert names(units) == [unit.name for unit in units]
    assert len(prepared_statements()) == 1


@postgres
def test_a_statement_outside_is_planned_anew(units):
    assert names(units) == [unit.name for unit in units]
    assert prepared_statements() == []


@postgres
def test_after_a_refusal_inside_nothing_more_is_prepared(units):
    @prepared()
    def refuse():
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        refuse()
    names(units)
    assert prepared_statements() == []


@postgres
def test_a_pooler_that_cannot_carry_them_gets_none(units, settings):
    settings.PREPARE_STATEMENTS = False
    with prepared():
        names(units)
    assert prepared_statements() == []


def test_among_finds_what_in_finds_and_nothing_among_nothing(units):
    some = Unit.objects.filter(code__in=["U2", "U5"])
    assert set(Unit.objects.filter(InSubquery("pk", some.values("pk")))) == set(some) == {units[2], units[5]}
    assert not Unit.objects.filter(InSubquery("pk", Unit.objects.none().values("pk"))).exists()
    assert Unit.objects.exclude(InSubquery("pk", some.values("pk"))).count() == 6
