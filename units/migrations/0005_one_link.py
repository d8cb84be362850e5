"""One link that sets a password is valid at a time: the newest."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0004_accepted_seats")]
    operations = [
        migrations.AddField("person", "link_number", models.PositiveIntegerField(default=0, editable=False)),
    ]
