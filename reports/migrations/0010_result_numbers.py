"""Announced versions of a result are numbered without gaps: one that is only offered in a dispute takes no number from them.

Versions that were announced before keep the number that stands on their letters.
"""

from django.db import migrations, models
from django.db.models import Q

from sajad_portal.lib.triggers import append_only

GUARD = append_only("reports_resultversion", updates_allowed_when="OLD.announced_at IS NULL")


class Migration(migrations.Migration):
    dependencies = [("reports", "0009_one_service")]
    operations = [
        migrations.RunPython(GUARD.reverse_code, GUARD.code),
        migrations.RemoveConstraint("resultversion", "result_number_once"),
        migrations.AddConstraint(
            "resultversion",
            models.UniqueConstraint(
                fields=["report", "number"], condition=Q(announced_at__isnull=False), name="result_number_once"
            ),
        ),
        migrations.RunPython(GUARD.code, GUARD.reverse_code),
    ]
