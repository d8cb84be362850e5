"""The chain of hashes over what must not be rewritten; it only grows itself."""

from django.db import migrations, models

from sajad_portal.lib.triggers import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0012_doubts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('table', models.CharField(choices=[('event', 'Audit trail'), ('revision', 'Submitted revisions'), ('snapshot', 'Completeness at closing'), ('result', 'Announced results'), ('acceptance', 'Acceptances of the agreement'), ('message', 'Messages of disputes'), ('position', 'Positions in disputes'), ('ledger', 'Ledger'), ('restored', 'Restored from a backup')], max_length=20)),
                ('rows', models.PositiveIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('leaves', models.BinaryField()),
                ('said', models.JSONField(default=dict)),
                ('previous', models.CharField(blank=True, max_length=64)),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('at', models.DateTimeField(db_index=True)),
            ],
            options={
                'ordering': ['number'],
                'indexes': [models.Index(fields=['table', '-number'], name='seal_of_table')],
                'constraints': [models.CheckConstraint(condition=models.Q(('number', 1), models.Q(('previous', ''), _negated=True), _connector='XOR'), name='seal_first_has_no_previous'), models.CheckConstraint(condition=models.Q(('table__in', ['event', 'revision', 'snapshot', 'result', 'acceptance', 'message', 'position', 'ledger', 'restored'])), name='seal_table_known')],
            },
        ),
        append_only("reports_seal"),
    ]
