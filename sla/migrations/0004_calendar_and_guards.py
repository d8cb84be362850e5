"""Holidays in both languages; published texts and documents closed in the database as well."""

from django.db import migrations, models

from sajad_portal.lib.triggers import append_only

STATE = "(SELECT state FROM sla_agreementversion WHERE id = NEW.agreement_id)"


def no_new_sections(apps, schema_editor):
    """The append-only triggers stop changes; a section put into a published version is stopped here."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"""
            CREATE FUNCTION sla_agreementsection_no_late() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF {STATE} <> 'draft' THEN RAISE EXCEPTION 'a published agreement takes no section'; END IF;
              RETURN NEW;
            END $$;
            CREATE TRIGGER sla_agreementsection_no_late BEFORE INSERT OR UPDATE ON sla_agreementsection
              FOR EACH ROW EXECUTE FUNCTION sla_agreementsection_no_late();
            """
        )
        return
    for event in ("INSERT", "UPDATE"):
        schema_editor.execute(
            f"CREATE TRIGGER sla_agreementsection_no_late_{event.lower()} BEFORE {event} ON sla_agreementsection "
            f"WHEN {STATE} <> 'draft' BEGIN SELECT RAISE(ABORT, 'a published agreement takes no section'); END"
        )


def allow_new_sections(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION sla_agreementsection_no_late() CASCADE")
        return
    for event in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER sla_agreementsection_no_late_{event}")


class Migration(migrations.Migration):
    dependencies = [("sla", "0003_append_only")]
    operations = [
        migrations.AddField(
            model_name="holiday",
            name="title_en",
            field=models.CharField(blank=True, max_length=150, verbose_name="English title"),
        ),
        migrations.RunPython(no_new_sections, allow_new_sections),
        append_only("sla_document", updates_allowed_when="OLD.published_at IS NULL"),
    ]
