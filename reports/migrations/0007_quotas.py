"""Room for evidence: of a unit, of a call; what takes another's place beyond it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0006_reviewers_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceTotal',
            fields=[
                ('call', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='evidence_total', serialize=False, to='reports.call')),
                ('size', models.PositiveBigIntegerField(default=0)),
                ('files', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='call',
            name='quota_files',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='call',
            name='quota_mb',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='call',
            name='unit_quota_files',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='call',
            name='unit_quota_mb',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='evidence',
            name='replaces',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replacement', to='reports.evidence'),
        ),
        migrations.AddField(
            model_name='report',
            name='quota_files',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='quota_mb',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='quota_reached_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('quota_reached_at__isnull', False)), fields=['call'], name='report_without_room'),
        ),
    ]
