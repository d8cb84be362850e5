"""What the database itself refuses beyond constraints, on SQLite and PostgreSQL: changes to append-only tables, rows that do
not fit the rows they name. Used in migrations."""

from django.db import connection, migrations


def append_only(
    table: str, *, updates_allowed_when: str = "FALSE", deletes_allowed_when: str = "FALSE"
) -> migrations.RunPython:
    """Refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE on `table`.

    `updates_allowed_when`: an SQL condition over OLD and NEW under which an UPDATE passes, such as a latch being set;
    `deletes_allowed_when` over OLD, for what is still a draft.
    A row trigger does not stop TRUNCATE, so PostgreSQL gets a statement trigger as well. A migration that alters such a table
    runs this operation's `reverse_code` before and its `code` after: SQLite makes the table anew and loses its triggers.
    """

    def install(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"""
                CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF TG_OP = 'UPDATE' THEN
                    IF {updates_allowed_when} THEN RETURN NEW; END IF;
                  ELSIF {deletes_allowed_when} THEN RETURN OLD;
                  END IF;
                  RAISE EXCEPTION '{table} is append-only';
                END $$;
                CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
                  FOR EACH ROW EXECUTE FUNCTION {table}_append_only();
                CREATE FUNCTION {table}_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION '{table} is append-only'; END $$;
                CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                  FOR EACH STATEMENT EXECUTE FUNCTION {table}_no_truncate();
                """
            )
        else:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ({updates_allowed_when}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT ({deletes_allowed_when}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )

    def remove(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"DROP FUNCTION {table}_append_only() CASCADE; DROP FUNCTION {table}_no_truncate() CASCADE;"
            )
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_no_update")
            schema_editor.execute(f"DROP TRIGGER {table}_no_delete")

    return migrations.RunPython(install, remove)


def tables_that_only_grow() -> list[str]:
    """On PostgreSQL: those whose guard lets no UPDATE and no DELETE pass, whatever the row says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgname = c.relname || '_no_change' AND p.prosrc LIKE '%%IF FALSE THEN RETURN NEW%%ELSIF FALSE THEN%%'"
            " ORDER BY c.relname"
        )
        return [name for (name,) in cursor.fetchall()]


def refused_when(table: str, name: str, condition: str, said: str, columns: tuple[str, ...]) -> migrations.RunPython:
    """Refuse a row of `table`, new or with one of `columns` changed, where the SQL `condition` over NEW holds: what no
    constraint can say, because it is about the rows that are named. A migration that alters one of the tables concerned runs
    `reverse_code` before and `code` after, as above.
    """
    events = {"insert": "INSERT", "update": f"UPDATE OF {', '.join(columns)}"}

    def install(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"""
                CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF {condition} THEN RAISE EXCEPTION '{said}'; END IF;
                  RETURN NEW;
                END $$;
                CREATE TRIGGER {name} BEFORE {events["insert"]} OR {events["update"]} ON {table}
                  FOR EACH ROW EXECUTE FUNCTION {name}();
                """
            )
            return
        for kind, event in events.items():
            schema_editor.execute(
                f"CREATE TRIGGER {name}_{kind} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )

    def remove(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")
            return
        for kind in events:
            schema_editor.execute(f"DROP TRIGGER {name}_{kind}")

    return migrations.RunPython(install, remove)
