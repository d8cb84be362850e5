"""Whether a call shows its reviewers' names to the units after the announcement; not, for every call that is stored."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0005_announcement_orders'),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='shows_reviewers',
            field=models.BooleanField(default=False, verbose_name='reviewers’ names are shown to the unit'),
        ),
    ]
