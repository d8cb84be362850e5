"""Who: people, units, seats, the audit trail, as they stand after `0011_kinds`.

An empty database starts here; one of an earlier release goes on with the migrations that this one replaces. Its name sorts after
`0001_tables`: what depends on the first migration of this app (admin, allauth) depends on that one there."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from sajad_portal.lib.many_tables import CreateTables, guards_of


class Migration(migrations.Migration):
    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    replaces = [
        ("units", "0001_tables"),
        ("units", "0002_guards"),
        ("units", "0003_heartbeat"),
        ("units", "0004_accepted_seats"),
        ("units", "0005_one_link"),
        ("units", "0006_consents"),
        ("units", "0007_deputies"),
        ("units", "0008_sessions"),
        ("units", "0009_links_and_devices"),
        ("units", "0010_organisation"),
        ("units", "0011_kinds"),
    ]
    operations = [
        CreateTables([
            migrations.CreateModel(
                name='Person',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('username', models.CharField(max_length=60, unique=True, verbose_name='user name')),
                    ('first_name', models.CharField(max_length=80, verbose_name='first name')),
                    ('last_name', models.CharField(max_length=80, verbose_name='last name')),
                    ('national_code_cipher', models.TextField(blank=True, default='')),
                    ('national_code_hash', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                    ('mobile', models.CharField(blank=True, max_length=15, verbose_name='mobile')),
                    ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                    ('language', models.CharField(choices=[('fa', 'Persian'), ('en', 'English')], default='fa', max_length=5, verbose_name='language')),
                    ('search_key', models.CharField(db_index=True, editable=False, max_length=200)),
                    ('sort_key', models.CharField(db_index=True, editable=False, max_length=200)),
                    ('is_active', models.BooleanField(default=True)),
                    ('is_staff', models.BooleanField(default=False)),
                    ('created_at', models.DateTimeField()),
                    ('last_seen_at', models.DateTimeField(blank=True, null=True)),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ('link_number', models.PositiveIntegerField(default=0, editable=False)),
                    ('session_number', models.PositiveIntegerField(default=0, editable=False)),
                ],
                options={
                    'verbose_name': 'person',
                    'verbose_name_plural': 'people',
                },
            ),
            migrations.CreateModel(
                name='Digest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('day', models.DateField()),
                    ('sent_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('person', 'day'), name='digest_once_a_day')],
                },
            ),
            migrations.CreateModel(
                name='Throttle',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=100)),
                    ('window_starts_at', models.DateTimeField()),
                    ('count', models.PositiveIntegerField(default=0)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('key', 'window_starts_at'), name='throttle_once_a_window')],
                },
            ),
            migrations.CreateModel(
                name='Once',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=200, unique=True)),
                    ('at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='Heartbeat',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('part', models.CharField(choices=[('worker', 'the worker (portal-worker)'), ('beat', 'the timetable (portal-beat)')], max_length=10, unique=True)),
                    ('at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='AccountSession',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key_hash', models.CharField(max_length=64, unique=True)),
                    ('agent', models.CharField(blank=True, default='', max_length=300)),
                    ('started_at', models.DateTimeField()),
                    ('last_seen_at', models.DateTimeField(db_index=True)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('last_seen_at__gte', models.F('started_at'))), name='session_seen_after_start'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='session_ends_after_start')],
                },
            ),
            migrations.CreateModel(
                name='KnownDevice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=64, unique=True)),
                    ('used_at', models.DateTimeField()),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['person', 'used_at'], name='device_of_person')],
                },
            ),
            migrations.CreateModel(
                name='Organisation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=150, verbose_name='name')),
                    ('name_en', models.CharField(blank=True, max_length=150)),
                    ('ministry', models.CharField(blank=True, max_length=150, verbose_name='ministry')),
                    ('ministry_en', models.CharField(blank=True, max_length=150)),
                    ('portal_name', models.CharField(max_length=40, verbose_name='short name of the portal')),
                    ('portal_name_en', models.CharField(blank=True, max_length=40)),
                    ('portal_title', models.CharField(blank=True, max_length=200, verbose_name='full name of the portal')),
                    ('portal_title_en', models.CharField(blank=True, max_length=200)),
                    ('window', models.CharField(blank=True, max_length=100, verbose_name='single window')),
                    ('phone', models.CharField(blank=True, max_length=100, verbose_name='telephone')),
                    ('hours', models.CharField(blank=True, max_length=200, verbose_name='hours')),
                    ('hours_en', models.CharField(blank=True, max_length=200)),
                    ('address', models.CharField(blank=True, max_length=300, verbose_name='address')),
                    ('address_en', models.CharField(blank=True, max_length=300)),
                    ('logo', models.FileField(blank=True, upload_to='organisation/')),
                    ('logo_sha256', models.CharField(blank=True, max_length=64)),
                    ('mail_from', models.EmailField(blank=True, max_length=254, verbose_name='sender of mails')),
                    ('updated_at', models.DateTimeField()),
                ],
                options={
                    'verbose_name': 'organisation',
                    'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='organisation_is_one'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('portal_name', ''), _negated=True)), name='organisation_has_names'), models.CheckConstraint(condition=models.Q(models.Q(('logo', ''), ('logo_sha256', '')), models.Q(models.Q(('logo', ''), _negated=True), models.Q(('logo_sha256', ''), _negated=True)), _connector='OR'), name='organisation_logo_with_hash')],
                },
            ),
            migrations.CreateModel(
                name='UnitKind',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=60, unique=True, verbose_name='code')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('name_en', models.CharField(blank=True, max_length=200, verbose_name='English name')),
                    ('sort_key', models.CharField(editable=False, max_length=250)),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'verbose_name': 'kind of unit',
                    'verbose_name_plural': 'kinds of units',
                    'ordering': ['sort_key', 'id'],
                    'abstract': False,
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='unit_kind_has_code_and_name')],
                },
            ),
            migrations.CreateModel(
                name='Unit',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=60, unique=True, verbose_name='code')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('name_en', models.CharField(blank=True, max_length=200, verbose_name='English name')),
                    ('kind', models.ForeignKey(db_column='kind', on_delete=django.db.models.deletion.PROTECT, related_name='units', to='units.unitkind', to_field='code', verbose_name='kind')),
                    ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='units.unit')),
                    ('path', models.CharField(db_index=True, editable=False, max_length=250)),
                    ('depth', models.PositiveSmallIntegerField(default=0, editable=False)),
                    ('search_key', models.CharField(db_index=True, editable=False, max_length=250)),
                    ('sort_key', models.CharField(db_index=True, editable=False, max_length=250)),
                    ('retired_at', models.DateTimeField(blank=True, null=True)),
                    ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='units.unit')),
                    ('attributes', models.JSONField(blank=True, default=dict)),
                ],
                options={
                    'verbose_name': 'unit',
                    'verbose_name_plural': 'units',
                    'constraints': [models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='unit_not_own_parent')],
                },
            ),
            migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                    ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='units.unit')),
                    ('role', models.CharField(choices=[('reporter', 'Unit expert'), ('head', 'Head of unit'), ('reviewer', 'Reviewer'), ('coordinator', 'Coordinator'), ('auditor', 'Auditor')], max_length=20, verbose_name='role')),
                    ('starts_at', models.DateTimeField()),
                    ('ends_at', models.DateTimeField(blank=True, null=True)),
                    ('granted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('accepted_at', models.DateTimeField(blank=True, null=True)),
                    ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.membership')),
                    ('consent_needed', models.BooleanField(default=False)),
                    ('consented_at', models.DateTimeField(blank=True, null=True)),
                    ('consented_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('deputy_for', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deputies', to='units.membership')),
                ],
                options={
                    'verbose_name': 'membership',
                    'verbose_name_plural': 'memberships',
                    'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gte', models.F('starts_at')), _connector='OR'), name='membership_ends_after_start'), models.CheckConstraint(condition=models.Q(('role__in', ['reporter', 'head', 'reviewer', 'coordinator', 'auditor'])), name='membership_role_known'), models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True)), fields=('person', 'unit', 'role'), name='membership_once'), models.CheckConstraint(condition=models.Q(('accepted_at__isnull', True), ('ends_at__isnull', True), ('ends_at__gte', models.F('accepted_at')), _connector='OR'), name='membership_accepted_before_end'), models.CheckConstraint(condition=models.Q(models.Q(('consented_at__isnull', True), ('consented_by__isnull', True)), models.Q(('consented_at__isnull', False), ('consented_by__isnull', False)), _connector='OR'), name='membership_consented_by_somebody'), models.CheckConstraint(condition=models.Q(('accepted_at__isnull', True), ('consent_needed', False), models.Q(('accepted_at__gte', models.F('consented_at')), ('consented_at__isnull', False)), _connector='OR'), name='membership_accepted_after_consent'), models.CheckConstraint(condition=models.Q(('consented_by__isnull', True), models.Q(models.Q(('consented_by', models.F('person')), _negated=True), models.Q(('granted_by__isnull', True), models.Q(('consented_by', models.F('granted_by')), _negated=True), _connector='OR')), _connector='OR'), name='membership_consent_of_another'), models.CheckConstraint(condition=models.Q(('deputy_for__isnull', True), models.Q(('ends_at__isnull', False), ('role__in', ('head', 'reviewer'))), _connector='OR'), name='membership_deputy_for_a_time')],
                    'indexes': [models.Index(condition=models.Q(('consent_needed', True), ('consented_at__isnull', True)), fields=['unit'], name='membership_awaits_consent')],
                },
            ),
            migrations.CreateModel(
                name='Event',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(db_index=True)),
                    ('verb', models.CharField(max_length=60)),
                    ('noun', models.CharField(max_length=40)),
                    ('key', models.CharField(max_length=80)),
                    ('path', models.CharField(blank=True, db_index=True, default='', max_length=250)),
                    ('unit_id', models.BigIntegerField(null=True)),
                    ('call_id', models.BigIntegerField(null=True)),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('membership', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.membership')),
                    ('data', models.JSONField(default=dict)),
                ],
                options={
                    'indexes': [models.Index(fields=['noun', 'key', 'id'], name='event_of_thing'), models.Index(fields=['call_id', 'id'], name='event_of_call'), models.Index(fields=['verb', 'at'], name='event_by_verb')],
                },
            ),
            migrations.CreateModel(
                name='Notice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='units.event')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
                    ('channel', models.CharField(choices=[('portal', 'In the portal'), ('email', 'E-mail')], max_length=10)),
                    ('subject', models.CharField(max_length=300)),
                    ('body', models.TextField(blank=True)),
                    ('url', models.CharField(blank=True, max_length=300)),
                    ('urgent', models.BooleanField(default=False)),
                    ('created_at', models.DateTimeField()),
                    ('read_at', models.DateTimeField(null=True)),
                    ('sent_at', models.DateTimeField(null=True)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('next_attempt_at', models.DateTimeField(null=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['person', 'channel', '-id'], name='notice_of_person'), models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['channel', 'urgent', 'next_attempt_at'], name='notice_to_send')],
                    'constraints': [models.UniqueConstraint(fields=('event', 'person', 'channel'), name='notice_once')],
                },
            ),
            migrations.CreateModel(
                name='UnitAttribute',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=60, unique=True, verbose_name='code')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('name_en', models.CharField(blank=True, max_length=200, verbose_name='English name')),
                    ('sort_key', models.CharField(editable=False, max_length=250)),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('type', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('choice', 'One of some values')], max_length=10, verbose_name='type')),
                    ('choices', models.JSONField(blank=True, default=list)),
                ],
                options={
                    'verbose_name': 'attribute of units',
                    'verbose_name_plural': 'attributes of units',
                    'ordering': ['sort_key', 'id'],
                    'abstract': False,
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='unit_attribute_has_code_and_name'), models.CheckConstraint(condition=models.Q(('type__in', ['text', 'number', 'choice'])), name='unit_attribute_type_known'), models.CheckConstraint(condition=models.Q(models.Q(('type', 'choice'), models.Q(('choices', []), _negated=True)), models.Q(models.Q(('type', 'choice'), _negated=True), ('choices', [])), _connector='OR'), name='unit_attribute_choices_of_choice')],
                },
            ),
            migrations.CreateModel(
                name='Succession',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('call_id', models.BigIntegerField(blank=True, null=True)),
                    ('reason', models.CharField(max_length=500, verbose_name='reason')),
                    ('at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='units.unit')),
                    ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inherited', to='units.unit')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'succession',
                    'constraints': [models.CheckConstraint(condition=models.Q(('successor__isnull', True), models.Q(('successor', models.F('unit')), _negated=True), _connector='OR'), name='succession_to_another_unit'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='succession_has_reason'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('at')), _connector='OR'), name='succession_ends_after_start'), models.UniqueConstraint(condition=models.Q(('call_id__isnull', False), ('ended_at__isnull', True)), fields=('unit', 'call_id'), name='one_succession_a_unit_and_call'), models.UniqueConstraint(condition=models.Q(('call_id__isnull', True), ('ended_at__isnull', True)), fields=('unit',), name='one_succession_outside_calls')],
                    'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['successor'], name='succession_of_successor')],
                },
            )
        ]),
        guards_of("units", "0002_guards", "0007_deputies"),
    ]
