"""An offer keeps the seat in which it was made, so that it says “X for Y” where a deputy acted."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0011_kinds"), ("sla", "0005_one_service")]
    operations = [
        migrations.AddField(
            "offer",
            "membership",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.membership"
            ),
        ),
    ]
