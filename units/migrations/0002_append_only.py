from django.db import migrations

from sajad_portal.lib.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("units", "0001_initial")]
    operations = [append_only("units_event")]
