import cluster_portal.common.ids
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
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
            name='Schedule',
            fields=[
                ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('report', models.CharField(max_length=60)),
                ('parameters', models.JSONField(blank=True, default=dict)),
                ('file_format', models.CharField(max_length=5)),
                ('language', models.CharField(default='ru', max_length=2)),
                ('organization_id', models.UUIDField()),
                ('recipients', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None, verbose_name='colleagues')),
                ('frequency', models.CharField(choices=[('daily', 'every day'), ('weekly', 'every week'), ('monthly', 'every month')], max_length=7, verbose_name='how often')),
                ('weekday', models.PositiveSmallIntegerField(null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(7)], verbose_name='day of the week')),
                ('day', models.PositiveSmallIntegerField(null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(31)], verbose_name='day of the month')),
                ('hour', models.PositiveSmallIntegerField(default=7, validators=[django.core.validators.MaxValueValidator(23)], verbose_name='hour')),
                ('time_zone', models.CharField(max_length=40)),
                ('next_at', models.DateTimeField(verbose_name='next run')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('stopped', models.CharField(blank=True, max_length=200, verbose_name='why it was stopped')),
                ('last_job_id', models.UUIDField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'scheduled report',
                'verbose_name_plural': 'scheduled reports',
                'indexes': [models.Index(condition=models.Q(('is_active', True)), fields=['next_at'], name='report_schedule_due'), models.Index(fields=['user', '-created_at', '-id'], name='report_schedule_user')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(models.Q(('frequency', 'weekly'), _negated=True), ('weekday__isnull', False), _connector='OR'), models.Q(models.Q(('frequency', 'monthly'), _negated=True), ('day__isnull', False), _connector='OR')), name='report_schedule_day')],
                'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW) - 'next_at' - 'last_job_id' - 'updated_at');\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD) - 'next_at' - 'last_job_id' - 'updated_at', to_jsonb(NEW) - 'next_at' - 'last_job_id' - 'updated_at');\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD) - 'next_at' - 'last_job_id' - 'updated_at', NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='31e479aee4734f0a89b7b9b033c76070bfc1df26', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_a50e5', table='reports_schedule', when='AFTER'))],
            },
        ),
    ]
