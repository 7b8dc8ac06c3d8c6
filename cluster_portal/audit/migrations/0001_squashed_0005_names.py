import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from cluster_portal.audit.triggers import FUNCTION, GUARD
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('audit', '0001_initial'), ('audit', '0002_rows_of_dictionaries'), ('audit', '0003_failed_access'), ('audit', '0004_access_by_organization_and_time'), ('audit', '0005_names')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Access',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor_kind', models.CharField(blank=True, max_length=10)),
                ('user_id', models.UUIDField(null=True)),
                ('client_id', models.UUIDField(null=True)),
                ('organization_id', models.UUIDField(null=True)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('ip', models.GenericIPAddressField(null=True)),
                ('subject_type', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField(null=True)),
                ('purpose', models.CharField(blank=True, max_length=40)),
                ('reason', models.TextField(blank=True)),
            ],
            options={
                'verbose_name': 'look at a record',
                'verbose_name_plural': 'journal of access',
                'indexes': [models.Index(fields=['subject_type', 'subject_id', '-at'], name='access_subject'), models.Index(fields=['organization_id', 'at'], name='access_organization'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='access_time')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor_kind', models.CharField(blank=True, max_length=10)),
                ('user_id', models.UUIDField(null=True)),
                ('client_id', models.UUIDField(null=True)),
                ('organization_id', models.UUIDField(null=True)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('ip', models.GenericIPAddressField(null=True)),
                ('action', models.CharField(blank=True, help_text='the service that did it', max_length=80)),
                ('table_name', models.CharField(max_length=63)),
                ('row_id', models.CharField(max_length=40, null=True)),
                ('operation', models.CharField(choices=[('INSERT', 'Insert'), ('UPDATE', 'Update'), ('DELETE', 'Delete')], max_length=6)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'journal of changes',
                'indexes': [models.Index(fields=['table_name', 'row_id', 'at'], name='audit_row'), models.Index(condition=models.Q(('user_id__isnull', False)), fields=['user_id', 'at'], name='audit_user')],
            },
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION audit_write(text, text, jsonb, jsonb)"),
        migrations.RunSQL(GUARD, "DROP FUNCTION audit_refuse() CASCADE"),
    ]
