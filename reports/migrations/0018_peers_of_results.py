"""Results in analysis that are there already are of the group of their kind."""

from django.db import migrations
from django.db.models import F


def group(apps, schema_editor):
    apps.get_model("reports", "ResultFact").objects.filter(peers="").update(peers=F("kind"))


class Migration(migrations.Migration):
    dependencies = [("reports", "0017_peers")]
    operations = [migrations.RunPython(group, migrations.RunPython.noop)]
