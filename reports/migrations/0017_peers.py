"""A call says who is ranked with whom, and a result in analysis keeps its group. Until now: all together, medians by kind."""

from importlib import import_module

from django.db import migrations, models
from django.db.models import F

# SQLite makes the table of calls anew, and its trigger with it.
ONE_SERVICE = import_module("reports.migrations.0009_one_service").Migration.operations[0]


def group(apps, schema_editor):
    apps.get_model("reports", "ResultFact").objects.update(peers=F("kind"))


class Migration(migrations.Migration):
    dependencies = [("reports", "0016_asked_sections")]
    operations = [
        migrations.RunPython(ONE_SERVICE.reverse_code, ONE_SERVICE.code),
        migrations.AddField("call", "peers", models.CharField(blank=True, default="", max_length=80, verbose_name="peers")),
        migrations.RunPython(ONE_SERVICE.code, ONE_SERVICE.reverse_code),
        migrations.AddField("resultfact", "peers", models.CharField(default="", max_length=300)),
        migrations.RunPython(group, migrations.RunPython.noop),
    ]
