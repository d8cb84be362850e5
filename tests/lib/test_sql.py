"""Which statements PostgreSQL plans once a connection, and that what they find does not depend on it."""

import pytest
from django.db import connection

from sajad_portal.lib.sql import prepared
from units.models import Unit

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def units():
    return [Unit.objects.create(code=f"U{n}", name=f"واحد {n}", kind="department", path=f"{n}.") for n in range(8)]


def prepared_statements() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%units_unit%'")
        return [statement for (statement,) in cursor.fetchall()]


def names(units) -> list[str]:
    return [Unit.objects.get(code=unit.code).name for unit in units]


def test_a_statement_inside_is_planned_once_and_finds_what_each_value_asks_for(units):
    with prepared():
        assert names(units) == [unit.name for unit in units]
    assert len(prepared_statements()) == 1


def test_a_statement_outside_is_planned_anew(units):
    assert names(units) == [unit.name for unit in units]
    assert prepared_statements() == []


def test_after_a_refusal_inside_nothing_more_is_prepared(units):
    @prepared()
    def refuse():
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        refuse()
    names(units)
    assert prepared_statements() == []


def test_a_pooler_that_cannot_carry_them_gets_none(units, settings):
    settings.PREPARE_STATEMENTS = False
    with prepared():
        names(units)
    assert prepared_statements() == []
