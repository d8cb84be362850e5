"""Two roles on PostgreSQL: one owns the tables and migrates, the other runs the portal and owns nothing.

Who runs the portal then cannot drop a trigger, alter a table or empty one, and has no UPDATE and no DELETE on what only grows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from .triggers import tables_that_only_grow

WHO = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def owner_of_tables(owner: dict[str, Any]) -> Iterator[None]:
    """Inside, the portal's connection is the owner's; `owner`: as `DATABASES` has it."""
    runs = {key: connection.settings_dict[key] for key in WHO}
    connection.close()
    connection.settings_dict.update({key: owner.get(key, "") for key in WHO})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(runs)


def grant_to_runner(role: str) -> None:
    """As the owner, after migrating: the role that runs the portal may read and write rows, and only add where only is added."""
    named = connection.ops.quote_name(role)
    growing = ", ".join(connection.ops.quote_name(table) for table in tables_that_only_grow())
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {named}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {named}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {named}")
        cursor.execute(f"REVOKE UPDATE, DELETE ON {growing} FROM {named}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {named}")
