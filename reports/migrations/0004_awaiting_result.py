"""What waits for reviewers is read off an index: submitted, and without a result yet."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_report_order")]
    operations = [
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["call"],
                name="report_awaiting_result",
                condition=models.Q(("submitted_at__isnull", False), models.Q(("state", "announced"), _negated=True)),
            ),
        ),
    ]
