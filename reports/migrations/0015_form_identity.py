"""A form version is told by its workbook, the files beside it and the edition that read it, so that a better reader may read the
same workbook again; what is stored was read from a workbook alone."""

import django.db.models.deletion
from django.db import migrations, models

from sajad_portal.lib.canonical import canonical_json, sha256_of


def tell(apps, schema_editor):
    versions = apps.get_model("reports", "FormVersion").objects
    for pk in versions.order_by("pk").values_list("pk", flat=True):
        version = versions.get(pk=pk)  # one at a time: a definition may be large
        reader = version.definition.get("reader", 1)
        identity = {"workbook": version.sha256, "files": {}, "reader": reader}
        versions.filter(pk=pk).update(
            reader=reader,
            identity=sha256_of(canonical_json(identity)),
            definition_sha256=sha256_of(canonical_json(version.definition)),
        )


class Migration(migrations.Migration):
    dependencies = [("reports", "0014_seats_of_extensions")]
    operations = [
        migrations.AddField("formversion", "reader", models.PositiveSmallIntegerField(default=1), preserve_default=False),
        migrations.AddField(
            "formversion", "identity", models.CharField(max_length=64, default=""), preserve_default=False
        ),
        migrations.AddField(
            "formversion", "definition_sha256", models.CharField(max_length=64, default=""), preserve_default=False
        ),
        migrations.AddField(
            "formversion",
            "base",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="overlaid",
                to="reports.formversion",
                verbose_name="laid over",
            ),
        ),
        migrations.AddField("formversion", "overlay", models.JSONField(blank=True, default=dict)),
        migrations.RunPython(tell, migrations.RunPython.noop),
        migrations.RemoveConstraint("formversion", "form_workbook_once"),
        migrations.AddConstraint(
            "formversion", models.UniqueConstraint(name="form_identity_once", fields=["form", "identity"])
        ),
        migrations.CreateModel(
            name="FormFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("file", models.FileField(upload_to="forms/%Y/")),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="reports.formversion"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(name="form_file_once", fields=["version", "name"])],
            },
        ),
    ]
