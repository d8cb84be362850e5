"""Operations for migrations that run while the portal does."""

from django.db.migrations.operations import AddIndex


class AddIndexWhileInUse(AddIndex):
    """An index on a table that has rows: PostgreSQL builds it while others write (the migration is then `atomic = False`);
    SQLite, where one process writes anyway, in the usual way. An unfinished one of an earlier try is thrown away first."""

    atomic = False

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        if schema_editor.connection.vendor != "postgresql":
            schema_editor.add_index(model, self.index)
            return
        self._insist_on_no_transaction(schema_editor)
        self._remove_unfinished(schema_editor)
        schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        if schema_editor.connection.vendor != "postgresql":
            schema_editor.remove_index(model, self.index)
            return
        self._insist_on_no_transaction(schema_editor)
        schema_editor.remove_index(model, self.index, concurrently=True)

    def _insist_on_no_transaction(self, schema_editor) -> None:
        if schema_editor.connection.in_atomic_block:
            raise RuntimeError(f"{self.index.name}: a migration with AddIndexWhileInUse says `atomic = False`.")

    def _remove_unfinished(self, schema_editor) -> None:
        """A build that was broken off leaves an index that is written to and never read."""
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid", [self.index.name]
            )
            if cursor.fetchone():
                schema_editor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(self.index.name)}")
