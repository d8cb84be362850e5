"""Services are made in the portal: weeks, targets and request types are data, each from its day on.

A request keeps the target that its type had when it was opened.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, OuterRef, Q, Subquery

from sajad_portal.lib.triggers import append_only

PERSON = settings.AUTH_USER_MODEL
KEPT = "NEW.slug = OLD.slug AND NEW.code = OLD.code AND NEW.provider_id = OLD.provider_id AND NEW.id = OLD.id"


def keep_targets(apps, schema_editor):
    types = apps.get_model("sla", "RequestType").objects.filter(pk=OuterRef("request_type"))
    requests = apps.get_model("sla", "ServiceRequest").objects
    requests.update(target_working_days=Subquery(types.values("target_working_days")[:1]))


def person(**more):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=PERSON, **more)


def closed(name, model):
    none, both = Q(closed_at__isnull=True, closed_by__isnull=True), Q(closed_at__isnull=False, closed_by__isnull=False)
    return [
        migrations.AddField(model, "closed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(model, "closed_by", person(blank=True, null=True)),
        migrations.AddConstraint(model, models.CheckConstraint(name=name, condition=none | both)),
    ]


ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_guards"), ("units", "0010_organisation")]
    operations = [
        migrations.AlterField(
            "service", "window", models.CharField(max_length=100, verbose_name="single window")
        ),
        *closed("service_closed_by_somebody", "service"),
        *closed("request_type_closed_by_somebody", "requesttype"),
        migrations.AddConstraint(
            "requesttype",
            models.UniqueConstraint(
                name="one_type_of_a_single_kind",
                fields=["service", "kind"],
                condition=Q(kind__in=("extension", "objection")),
            ),
        ),
        migrations.CreateModel(
            name="RequestTarget",
            fields=[
                ("id", ID),
                ("working_days", models.PositiveSmallIntegerField(verbose_name="target, working days")),
                ("starts", models.DateField(verbose_name="holds from")),
                ("set_at", models.DateTimeField()),
                (
                    "request_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="targets", to="sla.requesttype"
                    ),
                ),
                ("set_by", person()),
            ],
            options={
                "verbose_name": "target",
                "ordering": ["starts", "id"],
                "constraints": [models.CheckConstraint(name="target_is_a_time", condition=Q(working_days__gte=1))],
            },
        ),
        migrations.CreateModel(
            name="WorkingWeek",
            fields=[
                ("id", ID),
                ("starts", models.DateField(verbose_name="holds from")),
                ("weekend", models.CharField(blank=True, max_length=6, verbose_name="weekend")),
                ("opens", models.PositiveSmallIntegerField(verbose_name="from")),
                ("closes", models.PositiveSmallIntegerField(verbose_name="to")),
                ("set_at", models.DateTimeField()),
                ("set_by", person(null=True)),
            ],
            options={
                "verbose_name": "working week",
                "ordering": ["starts", "id"],
                "constraints": [
                    models.CheckConstraint(
                        name="working_hours_of_a_day", condition=Q(closes__lte=24) & Q(opens__lt=F("closes"))
                    ),
                    models.CheckConstraint(name="weekend_of_days", condition=Q(weekend__regex=r"^0?1?2?3?4?5?6?$")),
                ],
            },
        ),
        migrations.AddField("servicerequest", "target_working_days", models.PositiveSmallIntegerField(default=0)),
        migrations.RunPython(keep_targets, migrations.RunPython.noop),
        migrations.AlterField("servicerequest", "target_working_days", models.PositiveSmallIntegerField()),
        append_only("sla_requesttarget"),
        append_only("sla_workingweek"),
        append_only("sla_service", updates_allowed_when=KEPT),
    ]
