"""A report keeps in which sections nothing of its unit is reviewed. Of what is stored there are none: no form read its unit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0015_form_identity")]
    operations = [
        migrations.AddField("report", "not_reviewed", models.TextField(blank=True, db_default="", default="", editable=False)),
    ]
