"""What a running portal bears of a migration: tools/migration_rules.py, tried with one step each."""

import importlib.util
from pathlib import Path

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.state import ModelState, ProjectState

from sajad_portal.lib.operations import AddIndexWhileInUse
from units.models import Once

_spec = importlib.util.spec_from_file_location(
    "migration_rules", Path(__file__).resolve().parent.parent / "tools" / "migration_rules.py"
)
rules = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(rules)


def said(*operations, because: dict | None = None, atomic: bool = True) -> list[str]:
    """The faults of a migration of these steps, after `units.0099: `; the table `box` has rows already."""
    state = ProjectState()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=20)),
        ("note", models.TextField(null=True)),
    ]
    state.add_model(ModelState("units", "Box", fields))
    migration = migrations.Migration("0099", "units")
    migration.operations, migration.atomic = list(operations), atomic
    return [line.removeprefix("units.0099: ").partition(": ")[0] for line in rules.faults_of(migration, state, because)]


INDEX = models.Index(fields=["name"], name="box_by_name")
MADE = migrations.CreateModel("Bag", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())])


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        (migrations.RemoveField("box", "name"), "remove units.box.name"),
        (migrations.RenameField("box", "name", "title"), "rename units.box.name"),
        (migrations.DeleteModel("Box"), "remove units.box"),
        (migrations.RenameModel("Box", "Chest"), "rename units.box"),
        (migrations.AlterModelTable("box", "chests"), "rename units.box"),
        (migrations.AddField("box", "size", models.IntegerField()), "not null units.box.size"),
        (migrations.AddField("box", "size", models.IntegerField(default=1)), "not null units.box.size"),
        (migrations.AddField("box", "size", models.IntegerField(null=True, db_index=True)), "index units.box.size"),
        (migrations.AlterField("box", "note", models.TextField(default="")), "not null units.box.note"),
        (migrations.AlterField("box", "name", models.CharField(max_length=20, db_index=True)), "index units.box.name"),
        (migrations.AlterField("box", "name", models.CharField(max_length=5)), "type units.box.name"),
        (migrations.AlterField("box", "name", models.IntegerField()), "type units.box.name"),
        (migrations.AddIndex("box", INDEX), "index units.box box_by_name"),
        (AddIndexWhileInUse("box", INDEX), "index units.box box_by_name"),
        (
            migrations.AddConstraint("box", models.UniqueConstraint(fields=["name"], name="box_once")),
            "constraint units.box box_once",
        ),
        (migrations.RunSQL("CREATE INDEX x ON units_box (name)"), "index by hand"),
        (migrations.RunSQL("ALTER TABLE units_box DROP COLUMN name"), "contract by hand"),
        (migrations.RunSQL([("ALTER TABLE units_box ALTER COLUMN note SET NOT NULL", None)]), "contract by hand"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_running_portal_does_not_bear_is_named(operation, fault):
    assert said(operation) == [fault]


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("box", "size", models.IntegerField(null=True)),
        migrations.AddField("box", "size", models.IntegerField(db_default=1)),
        migrations.AlterField("box", "name", models.CharField(max_length=40)),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY x ON units_box (name)"),
        migrations.RunPython(migrations.RunPython.noop),
        MADE,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_it_bears_is_not(operation):
    assert said(operation) == []


def test_a_table_that_the_migration_makes_has_no_rows_to_think_of():
    index = models.Index(fields=["name"], name="bag_by_name")

    assert (
        said(MADE, migrations.AddField("bag", "size", models.IntegerField()), migrations.AddIndex("bag", index)) == []
    )


def test_an_index_is_built_while_the_table_is_in_use_alone_and_outside_a_transaction():
    step = AddIndexWhileInUse("box", INDEX)

    assert said(step, atomic=False) == []
    assert said(step, migrations.RunPython(migrations.RunPython.noop), atomic=False) == ["index units.box box_by_name"]


def test_rows_are_not_changed_under_the_lock_of_the_schema():
    change = migrations.AddField("box", "size", models.IntegerField(null=True))

    assert said(change, migrations.RunPython(migrations.RunPython.noop)) == ["rows with schema"]


def test_a_step_hidden_in_database_and_state_is_seen():
    hidden = migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("box", "name")])

    assert said(hidden) == ["remove units.box.name"]


def test_who_gives_a_reason_may_and_a_reason_for_nothing_is_named():
    step = migrations.RemoveField("box", "name")

    assert said(step, because={"remove units.box.name": "no release since 1406.1 reads it"}) == []
    assert said(step, because={"remove units.box.name": " "}) == ["remove units.box.name"]
    assert said(step, because={"remove units.box.name": "x", "remove units.box.note": "x"}) == [
        "BECAUSE names remove units.box.note, which is not done"
    ]


def test_the_migrations_of_the_portal_hold_to_it():
    assert rules.main() == 0


def test_django_s_own_operation_is_no_way_round():
    """On SQLite it breaks; ours does both."""
    assert said(AddIndexConcurrently("box", INDEX), atomic=False) == ["index units.box box_by_name"]


ONCE = models.Index(fields=["at"], name="once_by_instant_of_this_test")


def run(operation: AddIndexWhileInUse, *, back: bool = False) -> None:
    state = ProjectState()
    state.add_model(ModelState.from_model(Once))
    after = state.clone()
    operation.state_forwards("units", after)
    with connection.schema_editor(atomic=False) as editor:
        if back:
            operation.database_backwards("units", editor, after, state)
        else:
            operation.database_forwards("units", editor, state, after)


def indexes() -> list[str]:
    with connection.cursor() as cursor:
        return [name for name in connection.introspection.get_constraints(cursor, "units_once") if name == ONCE.name]


@pytest.mark.django_db(transaction=True)
def test_the_index_is_built_and_taken_away():
    step = AddIndexWhileInUse("once", ONCE)

    run(step)
    there = indexes()
    run(step, back=True)

    assert (there, indexes()) == ([ONCE.name], [])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_an_attempt_left_unfinished_is_built_anew():
    step = AddIndexWhileInUse("once", ONCE)
    run(step)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [ONCE.name])

    run(step)

    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [ONCE.name])
        assert cursor.fetchone() == (True,)
    run(step, back=True)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_it_is_refused():
    state = ProjectState()
    state.add_model(ModelState.from_model(Once))
    step = AddIndexWhileInUse("once", ONCE)

    with connection.schema_editor(atomic=True) as editor, pytest.raises(RuntimeError, match="atomic = False"):
        step.database_forwards("units", editor, state, state)
