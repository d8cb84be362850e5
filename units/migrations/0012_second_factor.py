"""The day from which a second factor is needed, and proposals to remove a lost one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('units', '0011_kinds'),
    ]

    operations = [
        migrations.AddField(
            model_name='organisation',
            name='factor_from',
            field=models.DateField(blank=True, null=True, verbose_name='second factor from'),
        ),
        migrations.CreateModel(
            name='FactorReset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proposed_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=500)),
                ('ended_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='factor_resets', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('person',), name='factor_reset_open_once'), models.CheckConstraint(condition=models.Q(('person', models.F('proposed_by')), _negated=True), name='factor_reset_not_by_oneself'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), models.Q(('confirmed_by', models.F('person')), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='factor_reset_by_two')],
            },
        ),
    ]
