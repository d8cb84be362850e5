"""Orders to announce many results: one press, carried out by a worker in portions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0004_awaiting_result'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AnnouncementOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, unique=True)),
                ('requested_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('beat_at', models.DateTimeField(blank=True, null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('trouble', models.TextField(blank=True)),
                ('which', models.CharField(choices=[('ready', 'Ready'), ('missed', 'Missed')], max_length=10)),
                ('reports', models.JSONField(default=list)),
                ('announced', models.PositiveIntegerField(default=0)),
                ('refused', models.JSONField(default=list)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='announcement_orders', to='reports.call')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'order to announce',
                'verbose_name_plural': 'orders to announce',
                'indexes': [models.Index(fields=['call', '-requested_at'], name='announcing_of_call'), models.Index(condition=models.Q(('ended_at__isnull', True), ('failed_at__isnull', True)), fields=['requested_at'], name='announcing_to_do')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('failed_at__isnull', True), _connector='OR'), name='announcing_ended_or_failed'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('done', models.F('total')), _connector='OR'), name='announcing_ended_is_whole'), models.CheckConstraint(condition=models.Q(('announced__lte', models.F('done')), ('done__lte', models.F('total')), ('total__gt', 0)), name='announcing_counts'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('failed_at__isnull', True)), fields=('call', 'which'), name='announcing_ordered_once')],
            },
        ),
    ]
