"""A seat may stand in for another: a deputy's, for a time, of the same unit and role, of somebody else, and no chain of them.

What concerns two rows no constraint can say; a trigger does. A later migration that makes `units_membership` anew on SQLite
(a constraint, a changed column) loses the triggers there, and runs `guard_deputies` again at its end.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

_WRONG = """EXISTS (
  SELECT 1 FROM units_membership giver WHERE giver.id = NEW.deputy_for_id AND (
    giver.unit_id <> NEW.unit_id OR giver.role <> NEW.role OR giver.person_id = NEW.person_id
    OR giver.deputy_for_id IS NOT NULL)
) OR (NEW.deputy_for_id IS NOT NULL AND EXISTS (SELECT 1 FROM units_membership d WHERE d.deputy_for_id = NEW.id))
OR EXISTS (
  SELECT 1 FROM units_membership d WHERE d.deputy_for_id = NEW.id AND (
    d.unit_id <> NEW.unit_id OR d.role <> NEW.role OR d.person_id = NEW.person_id)
)"""
_SAID = "a deputy stands in for somebody else in the same role of the same unit, and for no deputy"


def _install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"""
            CREATE FUNCTION units_membership_deputies() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF {_WRONG} THEN
                RAISE EXCEPTION '{_SAID}' USING ERRCODE = 'check_violation';
              END IF;
              RETURN NEW;
            END $$;
            CREATE TRIGGER units_membership_deputies
              BEFORE INSERT OR UPDATE OF deputy_for_id, unit_id, role, person_id ON units_membership
              FOR EACH ROW EXECUTE FUNCTION units_membership_deputies();
            """
        )
        return
    for event, name in (("INSERT", "insert"), ("UPDATE OF deputy_for_id, unit_id, role, person_id", "update")):
        schema_editor.execute(
            f"CREATE TRIGGER units_membership_deputies_{name} BEFORE {event} ON units_membership WHEN {_WRONG} "
            f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
        )


def _remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION units_membership_deputies() CASCADE")
        return
    for name in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS units_membership_deputies_{name}")


def guard_deputies() -> migrations.RunPython:
    return migrations.RunPython(_install, _remove)


class Migration(migrations.Migration):
    dependencies = [("units", "0006_consents")]
    operations = [
        migrations.AddField(
            "membership",
            "deputy_for",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deputies",
                to="units.membership",
            ),
        ),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                name="membership_deputy_for_a_time",
                condition=Q(deputy_for__isnull=True) | Q(ends_at__isnull=False, role__in=("head", "reviewer")),
            ),
        ),
        guard_deputies(),
    ]
