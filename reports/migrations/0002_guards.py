"""What was submitted, counted and announced stays as it was."""

from django.db import migrations

from sajad_portal.lib.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_tables")]
    operations = [
        append_only("reports_revision"),
        append_only("reports_snapshot"),
        append_only("reports_resultversion", updates_allowed_when="OLD.announced_at IS NULL"),
    ]
