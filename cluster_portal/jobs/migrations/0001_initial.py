import cluster_portal.common.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('audit', '0001_squashed_0005_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(max_length=60)),
                ('params', models.JSONField(default=dict)),
                ('dedup_key', models.CharField(blank=True, max_length=64)),
                ('state', models.CharField(choices=[('queued', 'In the queue'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=9, verbose_name='state')),
                ('organization_id', models.UUIDField(null=True)),
                ('shared_with', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('language', models.CharField(default='ru', max_length=2)),
                ('time_zone', models.CharField(default='UTC', max_length=40)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('started_at', models.DateTimeField(null=True, verbose_name='started')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('worker', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('rows', models.PositiveBigIntegerField(default=0, verbose_name='rows')),
                ('total', models.PositiveBigIntegerField(null=True, verbose_name='rows expected')),
                ('error_code', models.CharField(blank=True, max_length=40)),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('result', models.JSONField(blank=True, default=dict)),
                ('file', models.CharField(blank=True, max_length=200)),
                ('file_name', models.CharField(blank=True, max_length=200, verbose_name='file')),
                ('content_type', models.CharField(blank=True, max_length=100)),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='size')),
                ('file_until', models.DateTimeField(null=True, verbose_name='kept until')),
                ('client', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'background job',
                'verbose_name_plural': 'background jobs',
                'indexes': [models.Index(condition=models.Q(('state', 'queued')), fields=['due_at'], name='job_queue'), models.Index(condition=models.Q(('state', 'running')), fields=['lease_until'], name='job_leases'), models.Index(fields=['user', '-created_at', '-id'], name='job_user'), models.Index(fields=['client', '-created_at', '-id'], name='job_client'), models.Index(condition=models.Q(('file', ''), _negated=True), fields=['file_until'], name='job_files')],
                'constraints': [models.UniqueConstraint(condition=models.Q(models.Q(('dedup_key', ''), _negated=True), ('state__in', ['queued', 'running'])), fields=('dedup_key',), name='job_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'running'), _negated=True), models.Q(('lease_until__isnull', False), ('worker__isnull', False)), _connector='OR'), name='job_running_has_worker')],
                'triggers': [pgtrigger.compiler.Trigger(name='job_states', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{cancelled:queued,failed:queued,queued:cancelled,queued:running,running:cancelled,running:done,running:failed,running:queued}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='ae0597ead00051091a18e0c526008e92390b520b', operation='UPDATE', pgid='pgtrigger_job_states_9ebd0', table='jobs_job', when='BEFORE'))],
            },
        ),
    ]
