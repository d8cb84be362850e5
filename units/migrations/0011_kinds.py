"""Kinds and attributes of units are rows, no longer an enumeration; and who acts on what a retired unit left open.

A portal that has units gets a row for each of the fourteen old kinds that something of it names; an empty one gets none:
its kinds are those that its own organisation brings.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from sajad_portal.lib.text import sort_key

# What the enumeration held: code, Persian, English.
OLD_KINDS = [
    ("organization", "سازمان", "Organization"),
    ("deputy", "معاونت", "Deputy"),
    ("directorate", "اداره کل", "Directorate"),
    ("office", "دفتر", "Office"),
    ("department", "اداره", "Department"),
    ("section", "بخش", "Section"),
    ("fund", "صندوق", "Fund"),
    ("public", "دانشگاه دولتی", "Public university"),
    ("medical", "دانشگاه علوم پزشکی", "University of medical sciences"),
    ("private", "مؤسسهٔ غیرانتفاعی", "Private institute"),
    ("islamic-azad", "دانشگاه آزاد اسلامی", "Islamic Azad University"),
    ("applied-science", "دانشگاه علمی‌کاربردی", "University of applied science"),
    ("distance", "دانشگاه پیام نور و از راه دور", "Distance university"),
    ("other", "سایر", "Other"),
]


def kinds_in_use(apps, schema_editor):
    """Whatever a unit has been or may be: also what only an event or a call's choice still names."""
    Unit, Event = apps.get_model("units", "Unit"), apps.get_model("units", "Event")
    UnitKind = apps.get_model("units", "UnitKind")
    if not Unit.objects.exists():
        return
    now = set(Unit.objects.order_by().values_list("kind", flat=True).distinct())
    told = Event.objects.filter(noun="unit", verb__in=["create", "rename"]).values_list("data", flat=True)
    for data in told.iterator():
        kind = data.get("kind")
        now |= set(kind) if isinstance(kind, list) else {kind} if kind else set()
    calls = schema_editor.connection.introspection.table_names()
    if "reports_call" in calls:  # this app knows no call; its table is asked as it lies
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT audience FROM reports_call")
            said = " ".join(str(audience) for (audience,) in cursor.fetchall())
        now |= {code for code, _name, _english in OLD_KINDS if f'"{code}"' in said or f"'{code}'" in said}
    words = {code: (name, english) for code, name, english in OLD_KINDS}
    UnitKind.objects.bulk_create(
        UnitKind(code=code, name=name, name_en=english, sort_key=sort_key(name)[:250])
        for code in sorted(now)
        for name, english in [words.get(code, (code, ""))]
    )


def described(*more):
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("code", models.CharField(max_length=60, unique=True, verbose_name="code")),
        ("name", models.CharField(max_length=200, verbose_name="name")),
        ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
        ("sort_key", models.CharField(editable=False, max_length=250)),
        ("closed_at", models.DateTimeField(blank=True, null=True)),
        *more,
    ]


class Migration(migrations.Migration):
    dependencies = [("units", "0010_organisation")]
    operations = [
        migrations.CreateModel(
            name="UnitKind",
            fields=described(),
            options={
                "verbose_name": "kind of unit",
                "verbose_name_plural": "kinds of units",
                "ordering": ["sort_key", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(name="unit_kind_has_code_and_name", condition=~Q(code="") & ~Q(name="")),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitAttribute",
            fields=described(
                (
                    "type",
                    models.CharField(
                        choices=[("text", "Text"), ("number", "Number"), ("choice", "One of some values")],
                        max_length=10,
                        verbose_name="type",
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list)),
            ),
            options={
                "verbose_name": "attribute of units",
                "verbose_name_plural": "attributes of units",
                "ordering": ["sort_key", "id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        name="unit_attribute_has_code_and_name", condition=~Q(code="") & ~Q(name="")
                    ),
                    models.CheckConstraint(
                        name="unit_attribute_type_known", condition=Q(type__in=["text", "number", "choice"])
                    ),
                    models.CheckConstraint(
                        name="unit_attribute_choices_of_choice",
                        condition=Q(type="choice") & ~Q(choices=[]) | ~Q(type="choice") & Q(choices=[]),
                    ),
                ],
            },
        ),
        migrations.RunPython(kinds_in_use, migrations.RunPython.noop),
        migrations.AlterField(
            "unit",
            "kind",
            models.ForeignKey(
                db_column="kind",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="units",
                to="units.unitkind",
                to_field="code",
                verbose_name="kind",
            ),
        ),
        migrations.AddField("unit", "attributes", models.JSONField(blank=True, default=dict)),
        migrations.CreateModel(
            name="Succession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("call_id", models.BigIntegerField(blank=True, null=True)),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="successions", to="units.unit"
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inherited",
                        to="units.unit",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "succession",
                "constraints": [
                    models.CheckConstraint(
                        name="succession_to_another_unit", condition=Q(successor__isnull=True) | ~Q(successor=F("unit"))
                    ),
                    models.CheckConstraint(name="succession_has_reason", condition=~Q(reason="")),
                    models.CheckConstraint(
                        name="succession_ends_after_start", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("at"))
                    ),
                    models.UniqueConstraint(
                        name="one_succession_a_unit_and_call",
                        fields=["unit", "call_id"],
                        condition=Q(ended_at__isnull=True, call_id__isnull=False),
                    ),
                    models.UniqueConstraint(
                        name="one_succession_outside_calls",
                        fields=["unit"],
                        condition=Q(ended_at__isnull=True, call_id__isnull=True),
                    ),
                ],
                "indexes": [
                    models.Index(
                        name="succession_of_successor", fields=["successor"], condition=Q(ended_at__isnull=True)
                    )
                ],
            },
        ),
    ]
