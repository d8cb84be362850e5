"""What was published, accepted, paid, said and filed stays as it was; nothing is added to what has ended."""

from django.db import migrations

from sajad_portal.lib.triggers import append_only

DRAFT = "(SELECT state FROM sla_agreementversion WHERE id = OLD.agreement_id) = 'draft'"
NOT_DRAFT = "(SELECT state FROM sla_agreementversion WHERE id = NEW.agreement_id) <> 'draft'"

# Fixed at filing: everything but how it ended.
FILED = " AND ".join(
    f"NEW.{column} = OLD.{column}"
    for column in (
        "request_id", "agreement_id", "unit_id", "subject", "subject_noun", "subject_key", "title", "filed_at",
        "filed_by_id", "filed_side", "rule", "last_day", "final_at", "calendar",
    )
) + " AND COALESCE(NEW.call_id, 0) = COALESCE(OLD.call_id, 0)"  # fmt: skip
OFFERED = " AND ".join(
    f"NEW.{column} = OLD.{column}"
    for column in ("dispute_id", "number", "side", "text", "act_noun", "act_key", "at", "by_id")
)

RECORDED = "(d.outcome <> '' OR d.recorded_at IS NOT NULL)"
STATED = "EXISTS (SELECT 1 FROM sla_position p WHERE p.dispute_id = d.id)"
OF_MESSAGE = "(SELECT m.dispute_id FROM sla_disputemessage m WHERE m.id = NEW.message_id)"
# Table → when a row comes after the end. Only the view that the provider still owes may come later.
LATE = {
    "sla_disputemessage": f"d.id = NEW.dispute_id AND ({RECORDED} OR NEW.at >= d.final_at)",
    "sla_offer": f"d.id = NEW.dispute_id AND ({RECORDED} OR NEW.at >= d.final_at)",
    "sla_position": (
        f"d.id = NEW.dispute_id AND (d.outcome <> '' OR ({RECORDED} OR NEW.at >= d.final_at) AND {STATED})"
    ),
    "sla_disputefile": f"d.id = {OF_MESSAGE} AND {RECORDED}",
}


def close_ended(apps, schema_editor):
    for table, late in LATE.items():
        found = f"EXISTS (SELECT 1 FROM sla_dispute d WHERE {late})"  # noqa: S608  only the constants above
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"""
                CREATE FUNCTION {table}_not_late() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF {found} THEN RAISE EXCEPTION 'the dispute has ended: {table} takes no row'; END IF;
                  RETURN NEW;
                END $$;
                CREATE TRIGGER {table}_not_late BEFORE INSERT ON {table}
                  FOR EACH ROW EXECUTE FUNCTION {table}_not_late();
                """
            )
        else:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_not_late BEFORE INSERT ON {table} WHEN {found} "
                f"BEGIN SELECT RAISE(ABORT, 'the dispute has ended: {table} takes no row'); END"
            )


def open_ended(apps, schema_editor):
    for table in LATE:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION {table}_not_late() CASCADE")
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_not_late")


def no_new_sections(apps, schema_editor):
    """The append-only triggers stop changes; a section put into a published version is stopped here."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"""
            CREATE FUNCTION sla_agreementsection_no_late() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF {NOT_DRAFT} THEN RAISE EXCEPTION 'a published agreement takes no section'; END IF;
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
            f"WHEN {NOT_DRAFT} BEGIN SELECT RAISE(ABORT, 'a published agreement takes no section'); END"
        )


def allow_new_sections(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION sla_agreementsection_no_late() CASCADE")
        return
    for event in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER sla_agreementsection_no_late_{event}")


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_tables")]
    operations = [
        append_only("sla_acceptance"),
        append_only("sla_agreementversion", updates_allowed_when="OLD.state = 'draft'"),
        append_only("sla_agreementsection", updates_allowed_when=DRAFT, deletes_allowed_when=DRAFT),
        migrations.RunPython(no_new_sections, allow_new_sections),
        append_only("sla_document", updates_allowed_when="OLD.published_at IS NULL"),
        append_only("sla_tarifftable"),
        append_only("sla_tariffrow"),
        append_only("sla_ledgerentry"),
        append_only("sla_reconciliation"),
        append_only("sla_position"),
        append_only("sla_disputemessage"),
        append_only("sla_disputefile"),
        append_only("sla_dispute", updates_allowed_when=FILED),
        append_only("sla_offer", updates_allowed_when=OFFERED),
        migrations.RunPython(close_ended, open_ended),
    ]
