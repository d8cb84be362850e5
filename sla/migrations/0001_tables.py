"""Terms, money and disputes: every table made once and whole."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("units", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True)),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="service id")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("title_en", models.CharField(blank=True, max_length=200)),
                ("description", models.TextField(verbose_name="definition")),
                ("description_en", models.TextField(blank=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("G2G", "G2G"), ("G2B", "G2B"), ("G2C", "G2C")], max_length=10, verbose_name="kind"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="services", to="units.unit"
                    ),
                ),
                ("recipients", models.CharField(max_length=200, verbose_name="recipients")),
                ("recipients_en", models.CharField(blank=True, max_length=200)),
                ("window", models.CharField(default="my.saorg.ir", max_length=100, verbose_name="single window")),
                (
                    "nature",
                    models.CharField(
                        blank=True,
                        choices=[("governance", "Governance"), ("operation", "Operation")],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                (
                    "begins_with",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("request", "At the recipient’s request"),
                            ("schedule", "At a set time, by a call of the provider"),
                            ("provider", "By the provider’s decision"),
                            ("event", "Upon a certain event"),
                        ],
                        max_length=20,
                        verbose_name="how it starts",
                    ),
                ),
                ("required_documents", models.TextField(blank=True, verbose_name="required documents")),
                ("required_documents_en", models.TextField(blank=True)),
                ("hours", models.CharField(blank=True, max_length=200, verbose_name="hours")),
                ("hours_en", models.CharField(blank=True, max_length=200)),
                ("contact", models.CharField(blank=True, max_length=200, verbose_name="telephone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                ("address_en", models.CharField(blank=True, max_length=300)),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "service",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("nature__in", ["", "governance", "operation"])), name="service_nature_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("begins_with__in", ["", "request", "schedule", "provider", "event"])),
                        name="service_beginning_known",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="RequestType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="request_types", to="sla.service"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("periodic_report", "Periodic report"),
                            ("extension", "Extension request"),
                            ("objection", "Objection"),
                        ],
                        max_length=20,
                    ),
                ),
                ("code", models.SlugField()),
                ("title", models.CharField(max_length=150, verbose_name="title")),
                ("title_en", models.CharField(blank=True, max_length=150)),
                ("target_working_days", models.PositiveSmallIntegerField(verbose_name="target, working days")),
            ],
            options={
                "verbose_name": "request type",
                "constraints": [models.UniqueConstraint(fields=("service", "code"), name="request_type_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="AgreementVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agreement_versions", to="sla.service"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")], default="draft", max_length=10
                    ),
                ),
                ("edited_on", models.DateField(verbose_name="last edit")),
                (
                    "dispute_rule",
                    models.CharField(
                        choices=[("30_clear_days", "Thirty clear days"), ("jalali_month", "One Jalali month")],
                        default="30_clear_days",
                        max_length=20,
                    ),
                ),
                ("service_title", models.CharField(blank=True, max_length=200)),
                ("service_title_en", models.CharField(blank=True, max_length=200)),
                ("definition", models.TextField(blank=True)),
                ("definition_en", models.TextField(blank=True)),
                ("recipients", models.CharField(blank=True, max_length=200)),
                ("recipients_en", models.CharField(blank=True, max_length=200)),
                ("provider_name", models.CharField(blank=True, max_length=200)),
                ("provider_name_en", models.CharField(blank=True, max_length=200)),
                ("window", models.CharField(blank=True, max_length=100)),
                ("text_hash", models.CharField(blank=True, max_length=64)),
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
            ],
            options={
                "verbose_name": "agreement version",
                "constraints": [
                    models.UniqueConstraint(fields=("service", "number"), name="agreement_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", True), ("state", "draft")),
                            models.Q(
                                ("published_at__isnull", False),
                                ("state", "published"),
                                models.Q(("text_hash", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="agreement_published_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("definition", ""),
                                ("definition_en", ""),
                                ("provider_name", ""),
                                ("provider_name_en", ""),
                                ("recipients", ""),
                                ("recipients_en", ""),
                                ("service_title", ""),
                                ("service_title_en", ""),
                                ("state", "draft"),
                                ("window", ""),
                            ),
                            models.Q(
                                ("state", "published"),
                                models.Q(("service_title", ""), _negated=True),
                                models.Q(("definition", ""), _negated=True),
                                models.Q(("recipients", ""), _negated=True),
                                models.Q(("provider_name", ""), _negated=True),
                                models.Q(("window", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="agreement_header_frozen",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="AgreementSection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sections", to="sla.agreementversion"
                    ),
                ),
                ("key", models.SlugField()),
                ("position", models.PositiveSmallIntegerField()),
                ("heading", models.CharField(max_length=150)),
                ("body", models.TextField()),
                ("heading_en", models.CharField(blank=True, max_length=150)),
                ("body_en", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("agreement", "key"), name="section_key_once"),
                    models.UniqueConstraint(fields=("agreement", "position"), name="section_position_once"),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="sla.agreementversion",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="acceptances", to="units.unit"
                    ),
                ),
                ("answer", models.CharField(choices=[("accepted", "Accepted"), ("refused", "Refused")], max_length=10)),
                ("reason", models.TextField(blank=True)),
                ("text_hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.membership"
                    ),
                ),
            ],
            options={
                "verbose_name": "acceptance",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer", "accepted")), fields=("agreement", "unit"), name="accepted_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answer", "accepted"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="refusal_has_reason",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="TariffTable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tariff_tables", to="sla.service"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="fiscal year")),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("source_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64)),
                ("published_at", models.DateTimeField()),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "tariff table",
                "ordering": ["-year", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("service", "year", "number"), name="tariff_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("year__gte", 1300), ("year__lte", 1500)), name="tariff_year_is_jalali"
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="TariffRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="sla.tarifftable"
                    ),
                ),
                (
                    "request_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tariffs", to="sla.requesttype"
                    ),
                ),
                ("rials", models.PositiveBigIntegerField(verbose_name="rials")),
                ("deposit_id", models.CharField(blank=True, max_length=30, verbose_name="deposit id")),
                ("line", models.PositiveSmallIntegerField()),
                ("note", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "tariff",
                "ordering": ["line"],
                "constraints": [
                    models.UniqueConstraint(fields=("table", "request_type"), name="one_tariff_a_request_type")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ServiceRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="service_requests", to="units.unit"
                    ),
                ),
                (
                    "request_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="sla.requesttype"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="sla.agreementversion"
                    ),
                ),
                ("price_rials", models.PositiveBigIntegerField(default=0)),
                (
                    "tariff",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="sla.tariffrow",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("paid_at", models.DateTimeField(blank=True, null=True)),
                ("bank_begun_at", models.DateTimeField(blank=True, null=True)),
                ("bank_settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "service request",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("bank_settled_at__isnull", True),
                            models.Q(
                                ("bank_begun_at__isnull", False), ("bank_settled_at__gte", models.F("bank_begun_at"))
                            ),
                            _connector="OR",
                        ),
                        name="bank_settled_after_begun",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stopped_at__isnull", True), ("stopped_at__gte", models.F("created_at")), _connector="OR"
                        ),
                        name="request_stops_after_creation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("paid_at__isnull", True), ("price_rials__gt", 0), _connector="OR"),
                        name="request_free_is_never_paid",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ClockInterval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="intervals", to="sla.servicerequest"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["starts_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ends_at__isnull", True)), fields=("request",), name="one_open_interval"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                        ),
                        name="interval_ends_after_start",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dispute", to="sla.servicerequest"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="sla.agreementversion"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="units.unit"
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("interpretation", "Interpretation of the agreement"),
                            ("result", "Result"),
                            ("extension", "Refused extension"),
                            ("return", "Return for correction"),
                            ("fee", "Fee"),
                            ("miss", "Missed report"),
                        ],
                        max_length=20,
                    ),
                ),
                ("subject_noun", models.CharField(max_length=40)),
                ("subject_key", models.CharField(max_length=80)),
                ("call_id", models.BigIntegerField(blank=True, null=True)),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("filed_at", models.DateTimeField()),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "filed_side",
                    models.CharField(choices=[("recipient", "Recipient"), ("provider", "Provider")], max_length=10),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[("30_clear_days", "Thirty clear days"), ("jalali_month", "One Jalali month")],
                        max_length=20,
                    ),
                ),
                ("last_day", models.DateField()),
                ("final_at", models.DateTimeField()),
                ("calendar", models.JSONField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("settled", "Settled"),
                            ("withdrawn", "Withdrawn"),
                            ("final", "The provider’s view stands"),
                        ],
                        max_length=10,
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("recorded_at", models.DateTimeField(blank=True, null=True)),
                ("overdue_told_at", models.DateTimeField(blank=True, null=True)),
                ("without_vote", models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "dispute",
                "indexes": [
                    models.Index(condition=models.Q(("outcome", "")), fields=["final_at"], name="dispute_open_by_end")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")),
                        fields=("subject", "subject_noun", "subject_key", "unit"),
                        name="one_open_dispute_a_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("final_at__gt", models.F("filed_at"))), name="dispute_ends_after_filing"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("outcome", "")),
                            models.Q(models.Q(("outcome", ""), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="dispute_outcome_has_instant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="positions", to="sla.dispute"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                ("act_noun", models.CharField(blank=True, max_length=40)),
                ("act_key", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "by",
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
            ],
            options={
                "ordering": ["number"],
                "constraints": [models.UniqueConstraint(fields=("dispute", "number"), name="position_number_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="DisputeMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="sla.dispute"
                    ),
                ),
                (
                    "side",
                    models.CharField(choices=[("recipient", "Recipient"), ("provider", "Provider")], max_length=10),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.membership"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="DisputeFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="sla.disputemessage"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("file", models.FileField(upload_to="disputes/%Y/")),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="sla.dispute"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "side",
                    models.CharField(choices=[("recipient", "Recipient"), ("provider", "Provider")], max_length=10),
                ),
                ("text", models.TextField()),
                ("act_noun", models.CharField(blank=True, max_length=40)),
                ("act_key", models.CharField(blank=True, max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "On the table"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Taken back"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
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
                ("reply", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("dispute", "number"), name="offer_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("dispute", "side"), name="one_open_offer_a_side"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="offer_decided_has_instant",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="sla.service"
                    ),
                ),
                (
                    "slot",
                    models.CharField(
                        choices=[
                            ("user_guide", "User guide"),
                            ("workflow", "Workflow"),
                            ("faq", "Frequent questions"),
                            ("directive", "Directive"),
                            ("bylaw", "Bylaw"),
                            ("general_terms", "General terms of the national exchange"),
                            ("form_guide", "Form guide"),
                        ],
                        max_length=20,
                        verbose_name="slot",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("file", models.FileField(upload_to="documents/%Y/", verbose_name="file")),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
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
            ],
            options={
                "verbose_name": "document",
                "constraints": [
                    models.UniqueConstraint(fields=("service", "slot", "number"), name="document_number_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("title", models.CharField(max_length=150, verbose_name="title")),
                ("title_en", models.CharField(blank=True, max_length=150, verbose_name="English title")),
                (
                    "source",
                    models.CharField(
                        choices=[("calendar", "Official calendar"), ("closure", "Announced closure")], max_length=20
                    ),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "holiday",
                "ordering": ["day"],
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="sla.servicerequest"
                    ),
                ),
                ("order_id", models.CharField(max_length=40, unique=True, verbose_name="order number")),
                ("amount_rials", models.PositiveBigIntegerField(verbose_name="amount")),
                ("gateway", models.CharField(max_length=20)),
                ("terminal", models.CharField(max_length=40)),
                ("token", models.CharField(blank=True, max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("begun", "Being prepared"),
                            ("redirected", "At the bank"),
                            ("unknown", "Awaiting the bank’s word"),
                            ("paid", "Paid"),
                            ("failed", "Not paid"),
                            ("expired", "Expired"),
                            ("surplus", "To be given back"),
                            ("reversed", "Given back by the bank"),
                            ("refunded", "Refunded"),
                        ],
                        default="begun",
                        max_length=12,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_token", "The bank could not be reached; the person was not sent there."),
                            ("never_sent", "The person was not sent to the bank."),
                            ("not_paid", "The bank says that nothing was paid."),
                            ("taken_back", "The bank gave the money back by itself."),
                            ("time_over", "Nothing was paid before the time at the bank ran out."),
                            ("incomplete", "The bank’s answer lacks what it must say; it is asked again."),
                            ("unreadable", "The bank did not answer, or not readably; it is asked again."),
                            ("other_amount", "The bank took another amount than the fee."),
                            ("other_order", "The bank’s answer belongs to another order."),
                            ("other_terminal", "The bank’s answer belongs to another terminal."),
                            ("used_reference", "The bank’s reference has paid another order already."),
                            ("paid_twice", "The fee was paid already by another attempt."),
                            ("voided", "The request was cancelled or excused before the bank’s word came."),
                        ],
                        max_length=20,
                    ),
                ),
                ("begun_at", models.DateTimeField()),
                (
                    "begun_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.membership"
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("redirected_at", models.DateTimeField(blank=True, null=True)),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("received_rials", models.PositiveBigIntegerField(blank=True, null=True)),
                ("reference", models.CharField(blank=True, max_length=80, verbose_name="bank reference")),
                ("card_masked", models.CharField(blank=True, max_length=30)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("reversed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
                "indexes": [
                    models.Index(fields=["request", "-id"], name="payment_of_request"),
                    models.Index(fields=["-begun_at", "-id"], name="payment_newest"),
                    models.Index(
                        condition=models.Q(("next_try_at__isnull", False)),
                        fields=["next_try_at"],
                        name="payment_to_ask",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "begun",
                                    "redirected",
                                    "unknown",
                                    "paid",
                                    "failed",
                                    "expired",
                                    "surplus",
                                    "reversed",
                                    "refunded",
                                ],
                            )
                        ),
                        name="payment_state_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_rials__gt", 0)), name="payment_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("redirected_at__isnull", True), ("state", "begun"), ("token", "")),
                            ("state__in", ("failed", "expired")),
                            models.Q(
                                ("redirected_at__isnull", False),
                                ("state__in", ["redirected", "unknown", "paid", "surplus", "reversed", "refunded"]),
                                models.Q(("token", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="payment_redirected_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("received_rials__gt", 0),
                                ("settled_at__isnull", False),
                                ("state__in", ("paid", "surplus", "reversed", "refunded")),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state__in", ("paid", "surplus", "reversed", "refunded")), _negated=True),
                                ("received_rials__isnull", True),
                                ("reference", ""),
                                ("settled_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="payment_received_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "paid"), _negated=True),
                            ("received_rials", models.F("amount_rials")),
                            _connector="OR",
                        ),
                        name="payment_paid_in_full",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("state__in", ("failed", "expired"))),
                            models.Q(
                                models.Q(("state__in", ("failed", "expired")), _negated=True),
                                ("ended_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="payment_ended_has_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reversed_at__isnull", False), ("state", "reversed")),
                            models.Q(models.Q(("state", "reversed"), _negated=True), ("reversed_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="payment_reversed_has_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["failed", "expired", "surplus", "reversed"]), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="payment_unpaid_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("redirected_at__isnull", True),
                                ("redirected_at__gte", models.F("begun_at")),
                                _connector="OR",
                            ),
                            models.Q(
                                ("settled_at__isnull", True), ("settled_at__gte", models.F("begun_at")), _connector="OR"
                            ),
                        ),
                        name="payment_in_order",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "paid")), fields=("request",), name="one_paid_payment_a_request"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("begun", "redirected", "unknown"))),
                        fields=("request",),
                        name="one_live_payment_a_request",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        fields=("gateway", "reference"),
                        name="payment_reference_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="sla.servicerequest"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="sla.payment"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("credit", "Fee received"),
                            ("surplus", "Received without being owed"),
                            ("reversal", "Given back by the bank"),
                            ("refund", "Refund paid out"),
                        ],
                        max_length=10,
                    ),
                ),
                ("rials", models.PositiveBigIntegerField(verbose_name="rials")),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["-at", "-id"], name="entry_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["credit", "surplus", "reversal", "refund"])),
                        name="entry_kind_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("rials__gt", 0)), name="entry_of_something"),
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ["credit", "surplus"])),
                        fields=("payment",),
                        name="money_comes_in_once_a_payment",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ["reversal", "refund"])),
                        fields=("payment",),
                        name="money_goes_out_once_a_payment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="sla.payment"
                    ),
                ),
                ("rials", models.PositiveBigIntegerField(verbose_name="rials")),
                ("reason", models.TextField(verbose_name="reason")),
                ("proposed_at", models.DateTimeField()),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("consented_at", models.DateTimeField(blank=True, null=True)),
                (
                    "consented_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("paid_out_at", models.DateTimeField(blank=True, null=True)),
                (
                    "paid_out_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=80, verbose_name="reference of the paying out")),
                ("declined_at", models.DateTimeField(blank=True, null=True)),
                (
                    "declined_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decline_reason", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("rials__gt", 0)), name="refund_of_something"),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="refund_has_reason"),
                    models.UniqueConstraint(
                        condition=models.Q(("declined_at__isnull", True)),
                        fields=("payment",),
                        name="one_live_refund_a_payment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("consented_at__isnull", True), ("consented_by__isnull", True)),
                            models.Q(("consented_at__isnull", False), ("consented_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="refund_consented_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("paid_out_at__isnull", True), ("paid_out_by__isnull", True)),
                            models.Q(("paid_out_at__isnull", False), ("paid_out_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="refund_paid_out_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("declined_at__isnull", True), ("declined_by__isnull", True)),
                            models.Q(("declined_at__isnull", False), ("declined_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="refund_declined_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("consented_by__isnull", True),
                            models.Q(("consented_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="refund_needs_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("paid_out_at__isnull", True), ("reference", "")),
                            models.Q(
                                ("consented_at__isnull", False),
                                ("paid_out_at__gte", models.F("consented_at")),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="refund_paid_out_after_consent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decline_reason", ""), ("declined_at__isnull", True)),
                            models.Q(("paid_out_at__isnull", True), models.Q(("decline_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="refund_declined_or_paid_out",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reconciliations", to="sla.service"
                    ),
                ),
                ("gateway", models.CharField(max_length=20)),
                ("day", models.DateField(verbose_name="day")),
                ("source_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("lines", models.PositiveIntegerField()),
                ("matched", models.PositiveIntegerField()),
                ("differences", models.JSONField(default=list)),
                ("references", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
                (
                    "by",
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
                "verbose_name": "reconciliation",
                "verbose_name_plural": "reconciliations",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["service", "-day", "-id"], name="reconciliation_of_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("matched__lte", models.F("lines"))), name="reconciliation_matches_lines"
                    )
                ],
            },
        ),
    ]
