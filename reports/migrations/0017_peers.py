"""A call says who is ranked with whom, and a result in analysis keeps its group. Until now: all together, medians by kind."""

from django.db import migrations, models
from django.db.models import F


def group(apps, schema_editor):
    apps.get_model("reports", "ResultFact").objects.update(peers=F("kind"))


class Migration(migrations.Migration):
    dependencies = [("reports", "0016_asked_sections")]
    operations = [
        migrations.AddField("call", "peers", models.CharField(blank=True, default="", max_length=80, verbose_name="peers")),
        migrations.AddField("resultfact", "peers", models.CharField(default="", max_length=300)),
        migrations.RunPython(group, migrations.RunPython.noop),
    ]
