"""Holds migrations to what a running portal bears: docs/how-to/change-the-schema.md has the rules and their reasons.

A migration that must do otherwise says why, in its module: `BECAUSE = {"remove reports.call.grace": "read by no release since …"}`.
No database is asked.
"""

import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
# Up to these no release had gone out: what they do, nobody ran under.
BEFORE_THE_RULE = {"units": 11, "sla": 7, "reports": 15}
CONTRACT = "one release later than the last one that reads it"
INDEXES = ("AddIndex", "AddIndexWhileInUse", "AddIndexConcurrently")  # Django's last one breaks on SQLite
EXPAND = "the release that still runs does not fill it: null=True, or db_default="
BESIDE = "a build locks the table: AddIndexWhileInUse, in a migration of its own with atomic = False"
SCAN = "the whole table is read under a lock that stops everybody"
ADDS_INDEX_BY_HAND = re.compile(r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)", re.IGNORECASE)
CONTRACTS_BY_HAND = re.compile(
    r"DROP\s+(?:TABLE|COLUMN)|RENAME\s+(?:TO|COLUMN)|SET\s+NOT\s+NULL|ALTER\s+COLUMN\s+\S+\s+(?:SET\s+DATA\s+)?TYPE",
    re.IGNORECASE,
)


def faults_of(migration, state, because: dict[str, str] | None = None) -> Iterator[str]:
    """A sentence for each step that a running portal does not bear and nobody gave a reason for. `state`: the project's before
    the migration; it is moved on."""
    because, used = because or {}, set()
    made: set[str] = set()
    for operation in _steps(migration.operations):
        for what, why in _faults(operation, migration, state, made):
            used.add(what)
            if not because.get(what, "").strip():
                yield f"{migration.app_label}.{migration.name}: {what}: {why}"
        if type(operation).__name__ == "CreateModel":
            made.add(operation.name_lower)
        operation.state_forwards(migration.app_label, state)
    for what in sorted(set(because) - used):
        yield f"{migration.app_label}.{migration.name}: BECAUSE names {what}, which is not done"


def _steps(operations) -> Iterator:
    for operation in operations:
        if type(operation).__name__ == "SeparateDatabaseAndState":
            yield from _steps(operation.database_operations)
        else:
            yield operation


def _faults(operation, migration, state, made: set[str]) -> Iterator[tuple[str, str]]:
    """(what is done, why it is refused)."""
    app, kind = migration.app_label, _kind(operation)
    model = (getattr(operation, "model_name_lower", None) or getattr(operation, "old_name_lower", "") or getattr(operation, "name_lower", ""))  # fmt: skip
    table = f"{app}.{model}"
    if kind in ("DeleteModel", "AlterModelTable") or (kind == "RenameModel" and model not in made):
        yield f"{'remove' if kind == 'DeleteModel' else 'rename'} {table}", CONTRACT
    elif kind == "RunSQL":
        yield from _by_hand(operation)
    elif kind == "RunPython" and _changes_used_tables(migration):
        yield "rows with schema", "rows are changed while the schema's lock is held: two migrations"
    elif model in made:
        return
    elif kind == "RemoveField":
        yield f"remove {table}.{operation.name_lower}", CONTRACT
    elif kind == "RenameField":
        yield f"rename {table}.{operation.old_name_lower}", CONTRACT
    elif kind == "AddField":
        yield from _added(operation, table)
    elif kind == "AlterField":
        yield from _altered(operation, app, table, state)
    elif kind in INDEXES and not (kind == "AddIndexWhileInUse" and _stands_alone(migration)):
        yield f"index {table} {operation.index.name}", BESIDE
    elif kind == "AddConstraint":
        yield f"constraint {table} {operation.constraint.name}", SCAN


def _stands_alone(migration) -> bool:
    return not migration.atomic and len(migration.operations) == 1


def _kind(operation) -> str:
    """The name of Django's operation that it is, or of ours."""
    names = [each.__name__ for each in type(operation).__mro__]
    return next((name for name in names if name not in ("Operation", "object")), names[0])


def _by_hand(operation) -> Iterator[tuple[str, str]]:
    said = operation.sql if isinstance(operation.sql, str) else " ".join(
        part if isinstance(part, str) else part[0] for part in operation.sql
    )  # fmt: skip
    if ADDS_INDEX_BY_HAND.search(said):
        yield "index by hand", BESIDE
    if CONTRACTS_BY_HAND.search(said):
        yield "contract by hand", CONTRACT


def _changes_used_tables(migration) -> bool:
    made = {each.name_lower for each in _steps(migration.operations) if _kind(each) == "CreateModel"}
    changing = ("AddField", "AlterField", "RemoveField", "RenameField", "AddIndex", "AddConstraint", "RemoveConstraint")
    return any(_kind(each) in changing and each.model_name_lower not in made for each in _steps(migration.operations))


def _added(operation, table: str) -> Iterator[tuple[str, str]]:
    field = operation.field
    if field.many_to_many or getattr(field, "generated", False):
        return
    if not field.null and not field.has_db_default():
        yield f"not null {table}.{operation.name_lower}", EXPAND
    if field.db_index or field.unique:
        yield f"index {table}.{operation.name_lower}", BESIDE


def _altered(operation, app: str, table: str, state) -> Iterator[tuple[str, str]]:
    before = state.models[app, operation.model_name_lower].fields[operation.name]
    after, name = operation.field, f"{table}.{operation.name_lower}"
    if before.null and not after.null:
        yield f"not null {name}", f"{EXPAND}; and {SCAN}"
    if not (before.db_index or before.unique) and (after.db_index or after.unique):
        yield f"index {name}", BESIDE
    if _type(before) != _type(after) or _shorter(before, after):
        yield (
            f"type {name}",
            "the table is written anew under a lock that stops everybody, and the earlier release writes the old type",
        )


def _type(field) -> tuple:
    return field.get_internal_type(), getattr(field, "max_digits", None), getattr(field, "decimal_places", None)


def _shorter(before, after) -> bool:
    return (after.max_length or 10**9) < (before.max_length or 10**9)


def main() -> int:
    sys.path.insert(0, str(BASE))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sajad_portal.settings")
    import django

    django.setup()
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    said, looked = [], 0
    for app, name in sorted(loader.disk_migrations):
        if app not in BEFORE_THE_RULE or int(name[:4]) <= BEFORE_THE_RULE[app]:
            continue
        looked += 1
        migration = loader.disk_migrations[app, name]
        because = getattr(import_module(f"{app}.migrations.{name}"), "BECAUSE", {})
        said += faults_of(migration, loader.project_state((app, name), at_end=False), because)
    for line in said:
        print(line)
    print(f"{looked} migrations since the rule, {len(said)} faults")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
