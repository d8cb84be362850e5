"""People, units and what is recorded of them: every table made once and whole."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("username", models.CharField(max_length=60, unique=True, verbose_name="user name")),
                ("first_name", models.CharField(max_length=80, verbose_name="first name")),
                ("last_name", models.CharField(max_length=80, verbose_name="last name")),
                ("national_code_cipher", models.TextField(blank=True, default="")),
                ("national_code_hash", models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ("mobile", models.CharField(blank=True, max_length=15, verbose_name="mobile")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "language",
                    models.CharField(
                        choices=[("fa", "Persian"), ("en", "English")],
                        default="fa",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                ("search_key", models.CharField(db_index=True, editable=False, max_length=200)),
                ("sort_key", models.CharField(db_index=True, editable=False, max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("is_staff", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("organization", "Organization"),
                            ("deputy", "Deputy"),
                            ("directorate", "Directorate"),
                            ("office", "Office"),
                            ("department", "Department"),
                            ("section", "Section"),
                            ("fund", "Fund"),
                            ("public", "Public university"),
                            ("medical", "University of medical sciences"),
                            ("private", "Private institute"),
                            ("islamic-azad", "Islamic Azad University"),
                            ("applied-science", "University of applied science"),
                            ("distance", "Distance university"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="units.unit",
                    ),
                ),
                ("path", models.CharField(db_index=True, editable=False, max_length=250)),
                ("depth", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("search_key", models.CharField(db_index=True, editable=False, max_length=250)),
                ("sort_key", models.CharField(db_index=True, editable=False, max_length=250)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "successor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="predecessors",
                        to="units.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "unit",
                "verbose_name_plural": "units",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="unit_not_own_parent",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="units.unit"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("reporter", "Unit expert"),
                            ("head", "Head of unit"),
                            ("reviewer", "Reviewer"),
                            ("coordinator", "Coordinator"),
                            ("auditor", "Auditor"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "granted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                        ),
                        name="membership_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["reporter", "head", "reviewer", "coordinator", "auditor"])),
                        name="membership_role_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ends_at__isnull", True)),
                        fields=("person", "unit", "role"),
                        name="membership_once",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                ("verb", models.CharField(max_length=60)),
                ("noun", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=80)),
                ("path", models.CharField(blank=True, db_index=True, default="", max_length=250)),
                ("unit_id", models.BigIntegerField(null=True)),
                ("call_id", models.BigIntegerField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.membership"
                    ),
                ),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["noun", "key", "id"], name="event_of_thing"),
                    models.Index(fields=["call_id", "id"], name="event_of_call"),
                    models.Index(fields=["verb", "at"], name="event_by_verb"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="units.event"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("portal", "In the portal"), ("email", "E-mail")], max_length=10),
                ),
                ("subject", models.CharField(max_length=300)),
                ("body", models.TextField(blank=True)),
                ("url", models.CharField(blank=True, max_length=300)),
                ("urgent", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "channel", "-id"], name="notice_of_person"),
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)),
                        fields=["channel", "urgent", "next_attempt_at"],
                        name="notice_to_send",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("event", "person", "channel"), name="notice_once")],
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("day", models.DateField()),
                ("sent_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "day"), name="digest_once_a_day")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Throttle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=100)),
                ("window_starts_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "window_starts_at"), name="throttle_once_a_window")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Once",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200, unique=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
