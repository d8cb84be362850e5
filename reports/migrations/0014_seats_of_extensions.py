"""A request for more time keeps the seat in which it was asked, so that it says “X for Y” where a deputy acted."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0011_kinds"), ("reports", "0013_seals")]
    operations = [
        migrations.AddField(
            "extensionrequest",
            "membership",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.membership"
            ),
        ),
    ]
