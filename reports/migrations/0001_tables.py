"""Calls, reports, reviews, results and their facts: every table made once and whole."""

import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("sla", "0002_guards"),
        ("units", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Form",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=100, unique=True, verbose_name="form id")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "form",
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="FormVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="reports.form"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("workbook", models.FileField(upload_to="forms/%Y/")),
                ("workbook_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("definition", models.JSONField()),
                ("summary", models.JSONField()),
                ("indicator_count", models.PositiveSmallIntegerField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("uploaded_at", models.DateTimeField()),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "form version",
                "constraints": [
                    models.UniqueConstraint(fields=("form", "number"), name="form_version_once"),
                    models.UniqueConstraint(fields=("form", "sha256"), name="form_workbook_once"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "period_kind",
                    models.CharField(
                        choices=[
                            ("month", "Month"),
                            ("quarter", "Quarter"),
                            ("half", "Half-year"),
                            ("year", "Year"),
                            ("academic", "Academic year"),
                            ("free", "Free dates"),
                        ],
                        max_length=10,
                        verbose_name="period",
                    ),
                ),
                ("period_code", models.CharField(db_index=True, max_length=20, verbose_name="period code")),
                ("period_starts", models.DateField()),
                ("period_ends", models.DateField()),
                (
                    "form_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="reports.formversion",
                        verbose_name="form version",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="sla.agreementversion",
                        verbose_name="agreement version",
                    ),
                ),
                (
                    "request_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="sla.requesttype",
                        verbose_name="request type",
                    ),
                ),
                ("audience", models.JSONField(default=dict)),
                ("opens_at", models.DateTimeField(verbose_name="opens")),
                ("closes_at", models.DateTimeField(verbose_name="closes")),
                ("grace", models.DurationField(default=datetime.timedelta(0), verbose_name="grace")),
                ("correction_days", models.PositiveSmallIntegerField(default=5, verbose_name="days for correction")),
                ("correction_rounds", models.PositiveSmallIntegerField(default=2, verbose_name="rounds of correction")),
                ("objection_days", models.PositiveSmallIntegerField(default=10, verbose_name="days for objection")),
                ("review_until", models.DateTimeField(verbose_name="review until")),
                ("needs_sign_off", models.BooleanField(default=True, verbose_name="the head signs off")),
                (
                    "reviewers_per_section",
                    models.PositiveSmallIntegerField(default=1, verbose_name="reviewers a section"),
                ),
                ("price_rials", models.PositiveBigIntegerField(default=0)),
                (
                    "tariff",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="sla.tariffrow",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("cancelled", "Cancelled")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("closed_early_at", models.DateTimeField(blank=True, null=True)),
                ("first_announced_at", models.DateTimeField(blank=True, null=True)),
                ("opening_recorded_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "call",
                "verbose_name_plural": "calls",
                "indexes": [models.Index(fields=["state", "closes_at"], name="call_by_closing")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("opens_at"))), name="call_closes_after_opening"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period_ends__gte", models.F("period_starts"))), name="call_period_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grace__gte", datetime.timedelta(0))), name="call_grace_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("review_until__gte", models.F("closes_at"))),
                        name="call_review_after_closing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "draft"), _negated=True), ("published_at__isnull", True), _connector="OR"
                        ),
                        name="call_draft_unpublished",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "draft"), ("published_at__isnull", False), _connector="OR"),
                        name="call_published_has_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancelled_at__isnull", False), ("state", "cancelled")),
                            models.Q(models.Q(("state", "cancelled"), _negated=True), ("cancelled_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="call_cancelled_has_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                            models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="call_cancelled_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pinned", to="reports.call"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sla.document"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("call", "document"), name="pinned_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="snapshots", to="reports.call"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("as_of", models.DateTimeField()),
                ("taken_at", models.DateTimeField()),
                ("submitted", models.JSONField()),
                ("missed", models.JSONField()),
                ("open", models.JSONField()),
            ],
            options={
                "ordering": ["number"],
                "constraints": [models.UniqueConstraint(fields=("call", "number"), name="snapshot_number_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, unique=True)),
                ("kind", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=250)),
                ("parameters", models.JSONField(default=dict)),
                ("language", models.CharField(max_length=5)),
                ("fingerprint", models.CharField(max_length=64)),
                ("scope", models.JSONField(default=list)),
                ("requested_at", models.DateTimeField()),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exports", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("beat_at", models.DateTimeField(blank=True, null=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("ready_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.TextField(blank=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("file", models.FileField(blank=True, upload_to="exports/")),
                ("name", models.CharField(blank=True, max_length=200)),
                ("media_type", models.CharField(blank=True, max_length=100)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
                "indexes": [
                    models.Index(fields=["requested_by", "-requested_at"], name="export_of_person"),
                    models.Index(
                        condition=models.Q(("failed_at__isnull", True), ("ready_at__isnull", True)),
                        fields=["requested_at"],
                        name="export_to_make",
                    ),
                    models.Index(
                        condition=models.Q(("ready_at__isnull", False), ("removed_at__isnull", True)),
                        fields=["expires_at"],
                        name="export_to_remove",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expires_at__isnull", True), ("ready_at__isnull", True)),
                            models.Q(("expires_at__isnull", False), ("ready_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="export_ready_expires",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ready_at__isnull", True), ("failed_at__isnull", True), _connector="OR"),
                        name="export_ready_or_failed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ready_at__isnull", True), ("expires_at__gt", models.F("ready_at")), _connector="OR"
                        ),
                        name="export_expires_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ready_at__isnull", True),
                            ("removed_at__isnull", False),
                            models.Q(("file", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="export_ready_has_file",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("failed_at__isnull", True), ("ready_at__isnull", True)),
                        fields=("requested_by", "fingerprint"),
                        name="export_asked_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="reports.call"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="units.unit"
                    ),
                ),
                ("unit_name", models.CharField(max_length=200)),
                ("unit_path", models.CharField(db_index=True, max_length=250)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="report", to="sla.servicerequest"
                    ),
                ),
                ("tracking_code", models.CharField(max_length=40, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("not_started", "Not started"),
                            ("draft", "Draft"),
                            ("awaiting_sign_off", "Awaiting the head’s sign-off"),
                            ("submitted", "Submitted"),
                            ("under_review", "Under review"),
                            ("returned", "Returned for correction"),
                            ("announced", "Initial result announced"),
                            ("excused", "Excused"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="not_started",
                        max_length=20,
                    ),
                ),
                ("extension_until", models.DateTimeField(blank=True, null=True)),
                ("closed_for", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("last_saved_at", models.DateTimeField(blank=True, null=True)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("review_started_at", models.DateTimeField(blank=True, null=True)),
                ("correction_round", models.PositiveSmallIntegerField(default=0)),
                ("correction_due_at", models.DateTimeField(blank=True, null=True)),
                ("announced_at", models.DateTimeField(blank=True, null=True)),
                ("objection_until", models.DateTimeField(blank=True, null=True)),
                ("final_at", models.DateTimeField(blank=True, null=True)),
                ("excused_at", models.DateTimeField(blank=True, null=True)),
                (
                    "excused_by",
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
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "indexes": [
                    models.Index(fields=["call", "state"], name="report_of_call_by_state"),
                    models.Index(fields=["unit", "-call"], name="report_of_unit"),
                    models.Index(
                        condition=models.Q(("correction_due_at__isnull", False)),
                        fields=["correction_due_at"],
                        name="report_correction_due",
                    ),
                    models.Index(
                        condition=models.Q(("final_at__isnull", True), ("state", "announced")),
                        fields=["objection_until"],
                        name="report_not_final",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("call", "unit"), name="one_report_a_unit_and_call"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "not_started",
                                    "draft",
                                    "awaiting_sign_off",
                                    "submitted",
                                    "under_review",
                                    "returned",
                                    "announced",
                                    "excused",
                                    "cancelled",
                                ],
                            )
                        ),
                        name="report_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["submitted", "under_review", "returned"]), _negated=True),
                            ("submitted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="report_submitted_has_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("announced_at__isnull", False),
                                ("objection_until__isnull", False),
                                ("state", "announced"),
                            ),
                            models.Q(models.Q(("state", "announced"), _negated=True), ("announced_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="report_announced_has_instants",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("correction_due_at__isnull", False), ("state", "returned")),
                            models.Q(
                                models.Q(("state", "returned"), _negated=True), ("correction_due_at__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="report_returned_has_deadline",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("objection_until__isnull", True),
                            ("objection_until__gte", models.F("announced_at")),
                            _connector="OR",
                        ),
                        name="report_objection_after_result",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("final_at__isnull", True), ("final_at__gte", models.F("announced_at")), _connector="OR"
                        ),
                        name="report_final_after_result",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("excused_at__isnull", False), ("state", "excused")),
                            models.Q(models.Q(("state", "excused"), _negated=True), ("excused_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="report_excused_has_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("excused_at__isnull", True), ("excused_by__isnull", True)),
                            models.Q(("excused_at__isnull", False), ("excused_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="report_excused_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftSection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="draft_sections", to="reports.report"
                    ),
                ),
                ("section", models.CharField(max_length=100)),
                ("version", models.PositiveIntegerField(default=0)),
                ("answers", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("report", "section"), name="draft_section_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="reports.report"
                    ),
                ),
                ("indicator", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=200)),
                ("file", models.FileField(upload_to="evidence/%Y/%m/")),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("uploaded_at", models.DateTimeField()),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "removed_by",
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
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="evidence_removed_by_somebody",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="SignOffRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sign_offs", to="reports.report"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("answers", models.JSONField()),
                ("requested_at", models.DateTimeField()),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("signed", models.BooleanField(null=True)),
                ("reply", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="sign_off_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)), fields=("report",), name="one_open_sign_off"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True), ("decided_by__isnull", True), ("signed__isnull", True)
                            ),
                            models.Q(
                                ("decided_at__isnull", False), ("decided_by__isnull", False), ("signed__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="sign_off_decided_whole",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="reports.report"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("correction_round", models.PositiveSmallIntegerField(default=0)),
                ("answers", models.JSONField()),
                ("values", models.JSONField()),
                ("evidence", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("receipt_code", models.CharField(max_length=40, unique=True)),
                ("submitted_at", models.DateTimeField()),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.membership"
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("on_time", "On time"),
                            ("extended", "Within the extension"),
                            ("in_grace", "In the grace period"),
                        ],
                        max_length=10,
                    ),
                ),
                ("deadline", models.DateTimeField()),
                ("rule", models.JSONField()),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="revision_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("submitted_at__lt", models.F("deadline"))), name="revision_before_deadline"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ReturnRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="reports.report"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("remarks", models.JSONField()),
                ("note", models.TextField(blank=True)),
                ("returned_at", models.DateTimeField()),
                (
                    "returned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("lapsed_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "withdrawn_by",
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
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="return_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("answered_at__isnull", True), ("lapsed_at__isnull", True), ("withdrawn_at__isnull", True)
                        ),
                        fields=("report",),
                        name="one_open_return",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("returned_at"))), name="return_due_after_return"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_at__isnull", True), ("answered_at__lt", models.F("due_at")), _connector="OR"
                        ),
                        name="return_answered_in_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("lapsed_at__isnull", True)),
                            models.Q(("answered_at__isnull", True), ("withdrawn_at__isnull", True)),
                            models.Q(("lapsed_at__isnull", True), ("withdrawn_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="return_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="return_withdrawn_by_somebody",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ExtensionRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extension_requests",
                        to="reports.report",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extension_request",
                        to="sla.servicerequest",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("asked_until", models.DateTimeField()),
                ("reason", models.TextField()),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("granted", "Granted"), ("partly", "Granted in part"), ("refused", "Refused")],
                        max_length=10,
                    ),
                ),
                ("granted_until", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decision_reason", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)),
                        fields=("report",),
                        name="one_open_extension_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="extension_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision__in", ["", "refused"]), ("granted_until__isnull", True)),
                            models.Q(("decision__in", ["granted", "partly"]), ("granted_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="extension_granted_has_instant",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ResultVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="results", to="reports.report"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("initial", "Initial result"),
                            ("revised", "Revised result"),
                            ("offer", "Result offered in a dispute"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reports.revision",
                    ),
                ),
                ("score", models.JSONField()),
                ("total", models.DecimalField(blank=True, decimal_places=8, max_digits=12, null=True)),
                ("missed", models.BooleanField(default=False)),
                ("reason", models.TextField(blank=True)),
                (
                    "dispute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sla.dispute",
                    ),
                ),
                ("prepared_at", models.DateTimeField()),
                (
                    "prepared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("announced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "announced_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="units.membership",
                    ),
                ),
                ("verification_code", models.CharField(max_length=40, unique=True)),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "result version",
                "ordering": ["number"],
                "indexes": [models.Index(fields=["report", "-announced_at"], name="result_of_report")],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="result_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("total__isnull", True), models.Q(("total__gte", 0), ("total__lte", 100)), _connector="OR"
                        ),
                        name="result_total_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("missed", False), models.Q(("revision__isnull", True), ("total", 0)), _connector="OR"
                        ),
                        name="result_missed_is_zero",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("announced_at__isnull", True), ("announced_by__isnull", True)),
                            models.Q(("announced_at__isnull", False), ("announced_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="result_announced_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="objections", to="reports.report"
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="reports.resultversion",
                    ),
                ),
                (
                    "dispute",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="objection", to="sla.dispute"
                    ),
                ),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="FactStamp",
            fields=[
                (
                    "call",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="fact_stamp",
                        serialize=False,
                        to="reports.call",
                    ),
                ),
                ("stamp", models.CharField(max_length=16)),
                ("intervals_for", models.CharField(blank=True, default="", max_length=16)),
                ("intervals", models.BinaryField(blank=True, default=b"")),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ResultFact",
            fields=[
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="fact",
                        serialize=False,
                        to="reports.report",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="reports.resultversion"
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="reports.call"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="units.unit"
                    ),
                ),
                ("unit_path", models.CharField(max_length=250)),
                ("kind", models.CharField(max_length=20)),
                ("period_code", models.CharField(max_length=20)),
                ("period_starts", models.DateField()),
                ("total", models.DecimalField(decimal_places=8, max_digits=12, null=True)),
                ("sort_total", models.DecimalField(decimal_places=8, max_digits=12)),
                ("missed", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "result in analysis",
                "indexes": [
                    models.Index(fields=["call", "-sort_total", "report"], name="result_fact_league"),
                    models.Index(fields=["unit", "-period_starts"], name="result_fact_of_unit"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="IndicatorFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "result",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="indicators",
                        to="reports.resultfact",
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="reports.call",
                    ),
                ),
                ("indicator", models.CharField(max_length=100)),
                ("section", models.CharField(max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[("scored", "Scored"), ("not_applicable", "Not applicable"), ("missing", "Missing")],
                        max_length=15,
                    ),
                ),
                ("claimed_numerator", models.DecimalField(decimal_places=10, max_digits=60, null=True)),
                ("claimed_denominator", models.DecimalField(decimal_places=10, max_digits=60, null=True)),
                ("claimed_value", models.DecimalField(decimal_places=10, max_digits=60, null=True)),
                ("numerator", models.DecimalField(decimal_places=10, max_digits=60, null=True)),
                ("denominator", models.DecimalField(decimal_places=10, max_digits=60, null=True)),
                ("value", models.DecimalField(decimal_places=10, max_digits=60, null=True)),
                ("points", models.DecimalField(decimal_places=10, max_digits=20)),
                ("weight", models.DecimalField(decimal_places=10, max_digits=20)),
                ("standard", models.DecimalField(decimal_places=10, max_digits=60, null=True)),
                ("direction", models.CharField(max_length=4)),
                ("aggregate", models.CharField(max_length=5)),
                ("scale", models.DecimalField(decimal_places=10, max_digits=60, null=True)),
                ("weightby", models.DecimalField(decimal_places=10, max_digits=60, null=True)),
            ],
            options={
                "verbose_name": "indicator in analysis",
                "indexes": [models.Index(fields=["call", "indicator"], name="indicator_fact_of_call")],
                "constraints": [
                    models.UniqueConstraint(fields=("result", "indicator"), name="indicator_fact_once"),
                    models.CheckConstraint(
                        condition=models.Q(("points__gte", 0), ("weight__gte", 0)),
                        name="indicator_fact_points_within_weight",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="reports.call"
                    ),
                ),
                ("section", models.CharField(blank=True, max_length=100)),
                (
                    "unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.unit"),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review_assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("lead", models.BooleanField(default=False)),
                ("assigned_at", models.DateTimeField()),
                (
                    "assigned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("call", "section", "unit", "reviewer"),
                        name="assignment_once",
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="reports.report"
                    ),
                ),
                ("section", models.CharField(blank=True, max_length=100)),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("lead", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("assigned", "Assigned"), ("handed_in", "Handed in"), ("released", "Released")],
                        default="assigned",
                        max_length=10,
                    ),
                ),
                ("assigned_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("handed_in_at", models.DateTimeField(blank=True, null=True)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "indexes": [models.Index(fields=["reviewer", "state", "report"], name="review_queue")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "released"), _negated=True),
                        fields=("report", "section", "reviewer"),
                        name="review_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handed_in_at__isnull", False), ("state", "handed_in")),
                            models.Q(("state", "handed_in"), _negated=True),
                            _connector="OR",
                        ),
                        name="review_handed_in_has_instant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="reports.review"
                    ),
                ),
                ("indicator", models.CharField(max_length=100)),
                ("revision", models.PositiveSmallIntegerField(default=0)),
                ("verified", models.JSONField(default=dict)),
                ("not_applicable", models.BooleanField(null=True)),
                ("points", models.DecimalField(blank=True, decimal_places=4, max_digits=9, null=True)),
                ("reason", models.TextField(blank=True)),
                ("note", models.TextField(blank=True)),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("review", "indicator"), name="review_item_once")],
                "indexes": [],
            },
        ),
    ]
