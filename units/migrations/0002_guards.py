"""What happened stays as it was recorded."""

from django.db import migrations

from sajad_portal.lib.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("units", "0001_tables")]
    operations = [append_only("units_event")]
