"""The views for BI tools: the columns of the files, the figures of the facts, and a role that sees nothing else (PostgreSQL)."""

from contextlib import suppress

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.db.models import Q

from reports.queries.facts_columns import FACT_COLUMNS, RESULT_COLUMNS, fact_rows, result_rows
from tests.reviews import announced_report
from tests.test_architecture import BASE

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def views():
    """Within the test's transaction, which takes the role and the schema away again."""
    text = (BASE / "deploy" / "bi-views.sql").read_text("utf-8")
    with connection.cursor() as cursor:
        for _turn in range(2):  # it may be run again
            cursor.execute(text)


def asked(sql: str) -> tuple[list[str], list[tuple]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [column.name for column in cursor.description], cursor.fetchall()


def test_they_show_what_the_files_show(views, cast, call):

    announced_report(cast, call)

    results, facts = asked("SELECT * FROM bi.results"), asked("SELECT * FROM bi.facts")

    assert results[0] == [column.name for column in RESULT_COLUMNS]
    assert facts[0] == [column.name for column in FACT_COLUMNS]
    assert sorted(map(str, results[1])) == sorted(map(str, result_rows(call, Q())))
    assert sorted(map(str, facts[1])) == sorted(map(str, fact_rows(call, Q())))
    assert len(facts[1]) > 1


def test_the_role_reads_the_views_and_nothing_else(views, cast, call):
    announced_report(cast, call)
    tables = [
        name for name in connection.introspection.table_names() if name.startswith(("units_", "sla_", "reports_"))
    ]
    open_to_it = []

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE portal_bi")
        cursor.execute("SELECT count(*) FROM bi.facts")
        assert cursor.fetchone()[0] > 1
        for table in [*tables, "django_session"]:
            with suppress(ProgrammingError), transaction.atomic():
                cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')
                open_to_it.append(table)
        with pytest.raises(OperationalError, match="cannot delete from view"), transaction.atomic():
            cursor.execute("DELETE FROM bi.results")
        cursor.execute("RESET ROLE")

    assert (len(tables) > 40, open_to_it) == (True, [])
