"""A call says who is ranked with whom, and a result in analysis keeps its group. Until now: all together, medians by kind."""

from importlib import import_module

from django.db import migrations, models

# SQLite makes the table of calls anew, and its trigger with it.
ONE_SERVICE = import_module("reports.migrations.0009_one_service").Migration.operations[0]


BECAUSE = {"rows with schema": "no row is changed: a trigger goes and comes back"}


class Migration(migrations.Migration):
    dependencies = [("reports", "0016_asked_sections")]
    operations = [
        migrations.RunPython(ONE_SERVICE.reverse_code, ONE_SERVICE.code),
        migrations.AddField("call", "peers", models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="peers")),
        migrations.RunPython(ONE_SERVICE.code, ONE_SERVICE.reverse_code),
        migrations.AddField("resultfact", "peers", models.CharField(db_default="", default="", max_length=300)),
    ]
