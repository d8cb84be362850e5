"""Many tables made at once. Used in squashed migrations."""

from importlib import import_module

from django.db import migrations
from django.db.migrations.operations.base import Operation


class CreateTables(Operation):
    """Run `CreateModel`s as one operation.

    Django draws every model that is related to a new one again for each `CreateModel`; where all tables lead to persons and
    units that is every model, once a table: 25 of the 31 seconds of processor time that an empty database took.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, tables: list[migrations.CreateModel]):
        self.tables = tables

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # drawn once, when it is asked for next
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.tables)} tables"


def guards_of(app: str, *names: str) -> migrations.RunPython:
    """The triggers that these migrations of `app` install, as one operation; what they do to rows is not for an empty database."""
    found = [
        operation
        for name in names
        for operation in import_module(f"{app}.migrations.{name}").Migration.operations
        if isinstance(operation, migrations.RunPython) and operation.reverse_code is not migrations.RunPython.noop
    ]

    def install(apps, schema_editor):
        for operation in found:
            operation.code(apps, schema_editor)

    def remove(apps, schema_editor):
        for operation in reversed(found):
            operation.reverse_code(apps, schema_editor)

    return migrations.RunPython(install, remove)
