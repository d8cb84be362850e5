"""Lists of reports are read off an index: the newest call first, its units in Persian order."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def take_from_units(apps, schema_editor):
    units = apps.get_model("units", "Unit").objects.filter(pk=OuterRef("unit"))
    apps.get_model("reports", "Report").objects.update(unit_sort_key=Subquery(units.values("sort_key")[:1]))


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_guards"), ("units", "0001_tables")]
    operations = [
        migrations.AddField(
            "report", "unit_sort_key", models.CharField(default="", editable=False, max_length=250), preserve_default=True
        ),
        migrations.RunPython(take_from_units, migrations.RunPython.noop),
        migrations.AddIndex(
            "report", models.Index(fields=["-call", "unit_sort_key", "id"], name="report_in_order")
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["-call", "unit_sort_key", "id"],
                name="report_without_result",
                condition=models.Q(("state", "announced"), _negated=True),
            ),
        ),
    ]
