"""A revision keeps what was asked about its figures when it was submitted: null for those that were there before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0011_claims")]
    operations = [migrations.AddField("revision", "doubts", models.JSONField(null=True))]
