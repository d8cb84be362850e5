"""What a claim would earn is kept beside its revision; an objection names the indicators it is about, and each has an answer."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from sajad_portal.lib.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0005_one_service"),
        ("reports", "0010_result_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        # Without a default in the database: no row of this append-only table is touched, and SQLite does not make it anew.
        migrations.AddField("revision", "claimed_score", models.JSONField(blank=True, default=None, null=True)),
        migrations.CreateModel(
            name="ObjectionLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("indicator", models.CharField(max_length=100)),
                ("figures", models.JSONField(default=dict)),
                ("points", models.CharField(blank=True, max_length=40)),
                ("not_applicable", models.BooleanField(default=False)),
                ("reason", models.TextField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accepted", "Accepted"),
                            ("partly", "Accepted in part"),
                            ("refused", "Not accepted"),
                        ],
                        max_length=10,
                    ),
                ),
                ("answered_figures", models.JSONField(default=dict)),
                ("answered_points", models.CharField(blank=True, max_length=40)),
                ("answer_reason", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sla.disputefile",
                    ),
                ),
                (
                    "objection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="reports.objection"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("objection", "indicator"), name="objection_line_once"),
                    models.CheckConstraint(
                        condition=Q(("answered_at__isnull", True), ("answered_by__isnull", True))
                        | Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                        name="objection_line_answered_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=Q(("answer", ""), ("answered_at__isnull", True))
                        | (~Q(("answer", "")) & Q(("answered_at__isnull", False))),
                        name="objection_line_answered_whole",
                    ),
                ],
            },
        ),
        append_only("reports_objectionline", updates_allowed_when="OLD.answered_at IS NULL"),
    ]
