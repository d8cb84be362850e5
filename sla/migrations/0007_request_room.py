"""How much room the general requests of a unit have for files, where it was given more, or found none."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0011_kinds"), ("sla", "0006_seats_of_offers")]
    operations = [
        migrations.CreateModel(
            "RequestRoom",
            [
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="request_room",
                        serialize=False, to="units.unit",
                    ),
                ),
                ("mb", models.PositiveIntegerField(blank=True, null=True)),
                ("files", models.PositiveIntegerField(blank=True, null=True)),
                ("reached_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="request_room_given_whole",
                        condition=models.Q(mb__isnull=True, files__isnull=True)
                        | models.Q(mb__isnull=False, files__isnull=False),
                    ),
                    models.CheckConstraint(
                        name="request_room_is_some",
                        condition=models.Q(mb__isnull=True) | models.Q(mb__gt=0, files__gt=0),
                    ),
                ]
            },
        )
    ]  # fmt: skip
