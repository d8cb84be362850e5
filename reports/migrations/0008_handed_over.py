"""A report keeps the kind and the attributes that its unit had when it was asked, as it keeps name and place.

For what is stored: the kind that its result was announced with, else the kind that the unit has today. Attributes there were none.
"""

from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce


def freeze_kinds(apps, schema_editor):
    Report, ResultFact = apps.get_model("reports", "Report"), apps.get_model("reports", "ResultFact")
    Unit = apps.get_model("units", "Unit")
    announced = ResultFact.objects.filter(report=OuterRef("pk")).values("kind")[:1]
    today = Unit.objects.filter(pk=OuterRef("unit")).values(of=F("kind_id"))[:1]
    Report.objects.update(unit_kind=Coalesce(Subquery(announced), Subquery(today)))


class Migration(migrations.Migration):
    dependencies = [("units", "0011_kinds"), ("reports", "0007_quotas")]
    operations = [
        migrations.AddField("report", "unit_kind", models.CharField(default="", editable=False, max_length=60)),
        migrations.AddField("report", "unit_attributes", models.JSONField(default=dict, editable=False)),
        migrations.AlterField("resultfact", "kind", models.CharField(max_length=60)),
        migrations.RunPython(freeze_kinds, migrations.RunPython.noop),
    ]
