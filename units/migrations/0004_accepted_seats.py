"""A seat takes effect when its person accepts it. What is stored was in effect from its start, and stays so."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


def accept_what_is_stored(apps, schema_editor):
    apps.get_model("units", "Membership").objects.update(accepted_at=F("starts_at"))


class Migration(migrations.Migration):
    dependencies = [("units", "0003_heartbeat")]
    operations = [
        migrations.AddField("membership", "accepted_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "membership",
            "replaces",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="units.membership",
            ),
        ),
        migrations.RunPython(accept_what_is_stored, migrations.RunPython.noop),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                condition=Q(("accepted_at__isnull", True), ("ends_at__isnull", True), ("ends_at__gte", F("accepted_at")), _connector="OR"),
                name="membership_accepted_before_end",
            ),
        ),
    ]
