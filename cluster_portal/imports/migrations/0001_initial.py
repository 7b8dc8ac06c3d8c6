import cluster_portal.common.ids
import django.contrib.postgres.fields
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
            name='ImportRun',
            fields=[
                ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('code', models.CharField(max_length=60)),
                ('state', models.CharField(choices=[('draft', 'Uploaded'), ('checked', 'Checked'), ('applied', 'Taken in'), ('dropped', 'Dropped')], default='draft', max_length=8, verbose_name='state')),
                ('organization_id', models.UUIDField()),
                ('file', models.CharField(blank=True, max_length=200)),
                ('file_name', models.CharField(max_length=200, verbose_name='file')),
                ('file_until', models.DateTimeField(verbose_name='kept until')),
                ('size', models.PositiveBigIntegerField(verbose_name='size')),
                ('digest', models.CharField(max_length=64)),
                ('sheet', models.CharField(blank=True, max_length=100)),
                ('sheets', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), default=list, size=None)),
                ('head_line', models.PositiveIntegerField()),
                ('headings', models.JSONField(default=list)),
                ('samples', models.JSONField(default=list)),
                ('expected', models.PositiveIntegerField()),
                ('mapping', models.JSONField(default=dict)),
                ('counts', models.JSONField(default=dict)),
                ('leave_out', models.BooleanField(default=False)),
                ('answer', models.CharField(blank=True, choices=[('new', 'They are others: make new records'), ('skip', 'Leave these rows out')], max_length=4)),
                ('answers', models.JSONField(default=dict)),
                ('check_job', models.UUIDField(null=True)),
                ('apply_job', models.UUIDField(null=True)),
                ('checked_at', models.DateTimeField(null=True, verbose_name='checked')),
                ('applied_at', models.DateTimeField(null=True, verbose_name='taken in')),
                ('client', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'indexes': [models.Index(fields=['user', 'code', '-created_at', '-id'], name='import_user'), models.Index(fields=['client', '-created_at', '-id'], name='import_client'), models.Index(condition=models.Q(('file', ''), _negated=True), fields=['file_until'], name='import_files')],
                'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW) - 'samples');\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD) - 'samples', to_jsonb(NEW) - 'samples');\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD) - 'samples', NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='e5f5bf77d82e1674ae974b0e192b535c82b176da', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_a6de5', table='imports_importrun', when='AFTER')), pgtrigger.compiler.Trigger(name='import_states', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{checked:applied,checked:draft,checked:dropped,draft:checked,draft:dropped}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='dd614b84f1297704ffc1c99a71350ccbdaa081c2', operation='UPDATE', pgid='pgtrigger_import_states_0ad44', table='imports_importrun', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ImportFinding',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('line', models.PositiveIntegerField()),
                ('verdict', models.CharField(choices=[('new', 'new'), ('changed', 'changed'), ('unchanged', 'unchanged'), ('asked', 'to be confirmed'), ('refused', 'refused'), ('skipped', 'left out')], max_length=9)),
                ('column', models.CharField(blank=True, max_length=60)),
                ('value', models.CharField(blank=True, max_length=100)),
                ('text', models.TextField()),
                ('choices', models.JSONField(default=list)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='imports.importrun')),
            ],
            options={
                'indexes': [models.Index(fields=['run', 'verdict', 'line', 'id'], name='import_finding_rows')],
            },
        ),
        migrations.CreateModel(
            name='ImportMemory',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('organization_id', models.UUIDField()),
                ('code', models.CharField(max_length=60)),
                ('columns', models.JSONField(default=dict)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization_id', 'code'), name='import_memory_once')],
            },
        ),
    ]
