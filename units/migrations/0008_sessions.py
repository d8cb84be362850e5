"""Sessions have a row that says whose they are, on what device, and whether they are over. Those that go on get theirs when
they are used next."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("units", "0007_deputies")]
    operations = [
        migrations.AddField("person", "session_number", models.PositiveIntegerField(default=0, editable=False)),
        migrations.CreateModel(
            name="AccountSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                ("agent", models.CharField(blank=True, default="", max_length=300)),
                ("started_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField(db_index=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "accountsession",
            models.CheckConstraint(name="session_seen_after_start", condition=Q(last_seen_at__gte=F("started_at"))),
        ),
        migrations.AddConstraint(
            "accountsession",
            models.CheckConstraint(
                name="session_ends_after_start", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at"))
            ),
        ),
    ]
