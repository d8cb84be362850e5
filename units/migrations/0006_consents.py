"""Some seats need the consent of a second person before they can be accepted. What is stored was given without."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("units", "0005_one_link")]
    operations = [
        migrations.AddField("membership", "consent_needed", models.BooleanField(default=False)),
        migrations.AddField("membership", "consented_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "membership",
            "consented_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                name="membership_consented_by_somebody",
                condition=Q(consented_at__isnull=True, consented_by__isnull=True)
                | Q(consented_at__isnull=False, consented_by__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                name="membership_accepted_after_consent",
                condition=Q(accepted_at__isnull=True)
                | Q(consent_needed=False)
                | Q(consented_at__isnull=False, accepted_at__gte=F("consented_at")),
            ),
        ),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                name="membership_consent_of_another",
                condition=Q(consented_by__isnull=True)
                | (~Q(consented_by=F("person")) & (Q(granted_by__isnull=True) | ~Q(consented_by=F("granted_by")))),
            ),
        ),
        migrations.AddIndex(
            "membership",
            models.Index(
                name="membership_awaits_consent",
                fields=["unit"],
                condition=Q(consent_needed=True, consented_at__isnull=True),
            ),
        ),
    ]
