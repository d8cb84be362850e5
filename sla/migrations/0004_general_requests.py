"""General requests: what a unit asks by a type that a coordinator made, and what of it stays as it was."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from sajad_portal.lib.triggers import append_only

# Fixed at filing: all but where it stands.
FILED = "OLD.state = 'draft' OR OLD.state <> 'withdrawn' AND " + " AND ".join(
    f"NEW.{column} = OLD.{column}"
    for column in (
        "unit_id", "request_type_id", "request_id", "reason", "drafted_at", "drafted_by_id", "filed_at", "filed_by_id",
        "membership_id",
    )
) + " AND COALESCE(NEW.contest_days, 0) = COALESCE(OLD.contest_days, 0)"  # fmt: skip
DRAFT = "(SELECT state FROM sla_generalrequest WHERE id = OLD.general_id) = 'draft'"


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0003_services"),
        ("units", "0011_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GeneralRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("filed", "Filed"),
                            ("decided", "Decided"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("drafted_at", models.DateTimeField()),
                ("filed_at", models.DateTimeField(blank=True, null=True)),
                ("contest_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "general request",
            },
        ),
        migrations.CreateModel(
            name="RequestDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "decision",
                    models.CharField(
                        choices=[("granted", "Granted"), ("partly", "Granted in part"), ("refused", "Refused")],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("at", models.DateTimeField()),
                ("contest_until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="RequestFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("file", models.FileField(upload_to="requests/%Y/")),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="RequestMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(choices=[("recipient", "Recipient"), ("provider", "Provider")], max_length=10),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="requesttype",
            name="contest_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="days to contest"),
        ),
        migrations.AddField(
            model_name="requesttype",
            name="description",
            field=models.TextField(blank=True, verbose_name="description"),
        ),
        migrations.AddField(
            model_name="requesttype",
            name="description_en",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="requesttype",
            name="filers",
            field=models.CharField(
                choices=[
                    ("heads", "Heads of units"),
                    ("experts", "Experts of units"),
                    ("both", "Heads and experts of units"),
                ],
                default="heads",
                max_length=10,
                verbose_name="who files",
            ),
        ),
        migrations.AddField(
            model_name="requesttype",
            name="needs_files",
            field=models.BooleanField(default=False, verbose_name="files are required"),
        ),
        migrations.AlterField(
            model_name="dispute",
            name="subject",
            field=models.CharField(
                choices=[
                    ("interpretation", "Interpretation of the agreement"),
                    ("result", "Result"),
                    ("extension", "Refused extension"),
                    ("return", "Return for correction"),
                    ("fee", "Fee"),
                    ("miss", "Missed report"),
                    ("request", "Decision on a request"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="requesttype",
            name="kind",
            field=models.CharField(
                choices=[
                    ("periodic_report", "Periodic report"),
                    ("extension", "Extension request"),
                    ("objection", "Objection"),
                    ("general", "General request"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="requesttype",
            constraint=models.CheckConstraint(
                condition=models.Q(("filers__in", ["heads", "experts", "both"])), name="request_type_filers_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="requesttype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("contest_days__isnull", True),
                    models.Q(("contest_days__gte", 1), ("contest_days__lte", 365)),
                    _connector="OR",
                ),
                name="request_type_contest_is_a_time",
            ),
        ),
        migrations.AddField(
            model_name="generalrequest",
            name="drafted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="generalrequest",
            name="filed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="generalrequest",
            name="membership",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="units.membership",
            ),
        ),
        migrations.AddField(
            model_name="generalrequest",
            name="request",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="general",
                to="sla.servicerequest",
            ),
        ),
        migrations.AddField(
            model_name="generalrequest",
            name="request_type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="general_requests", to="sla.requesttype"
            ),
        ),
        migrations.AddField(
            model_name="generalrequest",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="general_requests", to="units.unit"
            ),
        ),
        migrations.AddField(
            model_name="generalrequest",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="requestdecision",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="requestdecision",
            name="dispute",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decision",
                to="sla.dispute",
            ),
        ),
        migrations.AddField(
            model_name="requestdecision",
            name="general",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="sla.generalrequest"
            ),
        ),
        migrations.AddField(
            model_name="requestdecision",
            name="membership",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="units.membership",
            ),
        ),
        migrations.AddField(
            model_name="requestfile",
            name="added_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="requestfile",
            name="general",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="files", to="sla.generalrequest"
            ),
        ),
        migrations.AddField(
            model_name="requestmessage",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="requestmessage",
            name="general",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="sla.generalrequest"
            ),
        ),
        migrations.AddField(
            model_name="requestmessage",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.membership"
            ),
        ),
        migrations.AddField(
            model_name="requestfile",
            name="message",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="files",
                to="sla.requestmessage",
            ),
        ),
        migrations.AddIndex(
            model_name="generalrequest",
            index=models.Index(fields=["unit", "-id"], name="general_of_unit"),
        ),
        migrations.AddIndex(
            model_name="generalrequest",
            index=models.Index(fields=["-drafted_at", "-id"], name="general_newest"),
        ),
        migrations.AddIndex(
            model_name="generalrequest",
            index=models.Index(condition=models.Q(("state", "filed")), fields=["filed_at"], name="general_to_decide"),
        ),
        migrations.AddConstraint(
            model_name="generalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True),
                        ("filed_at__isnull", True),
                        ("state", "draft"),
                        ("withdrawn_at__isnull", True),
                    ),
                    models.Q(
                        ("decided_at__isnull", True),
                        ("filed_at__isnull", False),
                        ("state", "filed"),
                        ("withdrawn_at__isnull", True),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("filed_at__isnull", False),
                        ("state", "decided"),
                        ("withdrawn_at__isnull", True),
                    ),
                    models.Q(("decided_at__isnull", True), ("state", "withdrawn"), ("withdrawn_at__isnull", False)),
                    _connector="OR",
                ),
                name="general_state_has_instants",
            ),
        ),
        migrations.AddConstraint(
            model_name="generalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("filed_at__isnull", True),
                        ("filed_by__isnull", True),
                        ("membership__isnull", True),
                        ("request__isnull", True),
                    ),
                    models.Q(
                        ("filed_at__isnull", False),
                        ("filed_by__isnull", False),
                        ("membership__isnull", False),
                        ("request__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="general_filed_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="generalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="general_withdrawn_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="generalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("filed_at__isnull", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="general_filed_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="generalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_at__isnull", True), ("state", "filed"), _connector="OR"),
                name="general_asked_while_filed",
            ),
        ),
        migrations.AddConstraint(
            model_name="generalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("filed_at__isnull", True), ("filed_at__gte", models.F("drafted_at")), _connector="OR"),
                    models.Q(("decided_at__isnull", True), ("decided_at__gte", models.F("filed_at")), _connector="OR"),
                ),
                name="general_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestdecision",
            constraint=models.UniqueConstraint(fields=("general", "number"), name="decision_number_once"),
        ),
        migrations.AddConstraint(
            model_name="requestdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["granted", "partly", "refused"])), name="decision_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="requestdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="decision_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="requestdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dispute__isnull", True), ("number", 1)),
                    models.Q(("contest_until__isnull", True), ("dispute__isnull", False), ("number__gt", 1)),
                    _connector="OR",
                ),
                name="decision_anew_by_agreement",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("contest_until__isnull", True),
                    models.Q(("contest_until__gt", models.F("at")), ("decision__in", ("partly", "refused"))),
                    _connector="OR",
                ),
                name="decision_contested_afterwards",
            ),
        ),
        append_only("sla_generalrequest", updates_allowed_when=FILED),
        append_only("sla_requestdecision"),
        append_only("sla_requestmessage"),
        append_only("sla_requestfile", deletes_allowed_when=DRAFT),
    ]
