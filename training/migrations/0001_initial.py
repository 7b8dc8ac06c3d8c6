import cluster_portal.common.ids
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import training.models.nomination
from cluster_portal.common.operations import CreateModels
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('audit', '0001_squashed_0005_names'),
        ('clinics', '0016_training_roles'),
        ('common', '0001_squashed_0002_summaries'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Programme',
                fields=[
                    ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('country', models.CharField(max_length=2, verbose_name='country')),
                    ('format', models.CharField(choices=[('internship', 'internship'), ('seminar', 'seminar'), ('conference', 'conference'), ('retraining', 'retraining'), ('simulation', 'simulation course')], max_length=12, verbose_name='format')),
                    ('audience', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('chief', 'chief physician'), ('deputy', 'deputy chief physician'), ('head', 'head of department'), ('doctor', 'doctor'), ('nurse', 'nurse'), ('other', 'other staff')], max_length=8), blank=True, default=list, size=None, verbose_name='audience')),
                    ('specialties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name='specialties')),
                    ('language', models.CharField(default='ru', max_length=3, verbose_name='language')),
                    ('is_interpreted', models.BooleanField(default=False, verbose_name='with an interpreter')),
                    ('hours', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(4000)], verbose_name='academic hours')),
                    ('credits', models.PositiveSmallIntegerField(default=0, verbose_name='CME credits')),
                    ('cost', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='cost of a place')),
                    ('payer', models.CharField(choices=[('cluster', 'the cluster'), ('employer', 'the employer'), ('host', 'the host'), ('federal', 'the federal budget'), ('specialist', 'the specialist')], default='cluster', max_length=10, verbose_name='who pays')),
                    ('required_papers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('passport', 'passport for travel'), ('visa', 'visa'), ('vaccination', 'vaccination certificate'), ('diploma', 'copy of the diploma'), ('consent', 'consent to the processing of data')], max_length=12), blank=True, default=list, size=None, verbose_name='papers that are needed')),
                    ('state', models.CharField(choices=[('draft', 'draft'), ('published', 'published'), ('archived', 'archived')], default='draft', max_length=9, verbose_name='state')),
                    ('title_ru', models.CharField(max_length=200, verbose_name='title')),
                    ('title_en', models.CharField(blank=True, default='', max_length=200, verbose_name='title')),
                    ('title_kk', models.CharField(blank=True, default='', max_length=200, verbose_name='title')),
                    ('summary_ru', models.CharField(blank=True, max_length=400, verbose_name='summary')),
                    ('summary_en', models.CharField(blank=True, default='', max_length=400, verbose_name='summary')),
                    ('summary_kk', models.CharField(blank=True, default='', max_length=400, verbose_name='summary')),
                    ('goals_ru', models.TextField(blank=True, verbose_name='what one learns')),
                    ('goals_en', models.TextField(blank=True, default='', verbose_name='what one learns')),
                    ('goals_kk', models.TextField(blank=True, default='', verbose_name='what one learns')),
                    ('host_ru', models.CharField(max_length=300, verbose_name='host')),
                    ('host_en', models.CharField(blank=True, default='', max_length=300, verbose_name='host')),
                    ('host_kk', models.CharField(blank=True, default='', max_length=300, verbose_name='host')),
                    ('city_ru', models.CharField(max_length=120, verbose_name='city')),
                    ('city_en', models.CharField(blank=True, default='', max_length=120, verbose_name='city')),
                    ('city_kk', models.CharField(blank=True, default='', max_length=120, verbose_name='city')),
                    ('host_organization', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.organization', verbose_name='host in the registry')),
                ],
                options={
                    'verbose_name': 'programme',
                    'verbose_name_plural': 'programmes',
                    'indexes': [models.Index(fields=['title_ru', 'id'], name='programme_by_title')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('credits__lte', models.F('hours'))), name='programme_credits')],
                    'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW));\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW));\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='920c32bcd6ee648c2695899b090fa3a6054770c6', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_f99a9', table='training_programme', when='AFTER')), pgtrigger.compiler.Trigger(name='programme_states', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{archived:published,draft:published,published:archived}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='5ed815baba281324715f33b8e93cc0f3e643405c', operation='UPDATE', pgid='pgtrigger_programme_states_8d374', table='training_programme', when='BEFORE'))],
                },
            ),
            migrations.CreateModel(
                name='Intake',
                fields=[
                    ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('starts_on', models.DateField(verbose_name='first day')),
                    ('ends_on', models.DateField(verbose_name='last day')),
                    ('time_zone', models.CharField(max_length=40, verbose_name='time zone')),
                    ('seats', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='seats')),
                    ('taken', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='taken')),
                    ('per_organization', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='people of one employer at most')),
                    ('nominate_by', models.DateTimeField(verbose_name='nominate by')),
                    ('state', models.CharField(choices=[('planned', 'planned'), ('open', 'open'), ('closed', 'nomination closed'), ('running', 'under way'), ('finished', 'finished'), ('cancelled', 'cancelled')], default='planned', max_length=9, verbose_name='state')),
                    ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was cancelled')),
                    ('place_ru', models.CharField(blank=True, max_length=200, verbose_name='place')),
                    ('place_en', models.CharField(blank=True, default='', max_length=200, verbose_name='place')),
                    ('place_kk', models.CharField(blank=True, default='', max_length=200, verbose_name='place')),
                    ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='intakes', to='training.programme')),
                ],
                options={
                    'verbose_name': 'intake',
                    'verbose_name_plural': 'intakes',
                    'indexes': [models.Index(fields=['programme', '-starts_on'], name='intake_of_programme'), models.Index(fields=['state', 'nominate_by', 'id'], name='intake_open')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('taken__lte', models.F('seats'))), name='intake_seats'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='intake_dates'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'cancelled'), _negated=True), models.Q(('cancel_reason', ''), _negated=True), _connector='OR'), name='intake_cancelled_with_reason')],
                    'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW));\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW));\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='c4aa359b5d3d0098edda03a88b41d520a80c7b2b', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_ba667', table='training_intake', when='AFTER')), pgtrigger.compiler.Trigger(name='intake_states', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{closed:cancelled,closed:open,closed:running,open:cancelled,open:closed,planned:cancelled,planned:open,running:cancelled,running:finished}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='a9245855f79bbefc917b376d1a348913981db509', operation='UPDATE', pgid='pgtrigger_intake_states_ebdba', table='training_intake', when='BEFORE'))],
                },
            ),
            migrations.CreateModel(
                name='IntakeSession',
                fields=[
                    ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('starts', models.DateTimeField(verbose_name='from')),
                    ('ends', models.DateTimeField(verbose_name='until')),
                    ('teacher', models.CharField(blank=True, max_length=200, verbose_name='teacher')),
                    ('room', models.CharField(blank=True, max_length=120, verbose_name='room')),
                    ('is_break', models.BooleanField(default=False, verbose_name='pause')),
                    ('title_ru', models.CharField(max_length=200, verbose_name='title')),
                    ('title_en', models.CharField(blank=True, default='', max_length=200, verbose_name='title')),
                    ('title_kk', models.CharField(blank=True, default='', max_length=200, verbose_name='title')),
                    ('intake', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='training.intake')),
                ],
                options={
                    'verbose_name': 'session',
                    'verbose_name_plural': 'sessions',
                    'ordering': ['starts', 'id'],
                    'indexes': [models.Index(fields=['intake', 'starts'], name='session_of_intake')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('starts__lt', models.F('ends'))), name='session_times')],
                    'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW));\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW));\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='af6ad8befe55eab0a603776b52aa475048a3283d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_a95a3', table='training_intakesession', when='AFTER'))],
                },
            ),
            migrations.CreateModel(
                name='Specialist',
                fields=[
                    ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('family', models.CharField(max_length=100, verbose_name='surname')),
                    ('given', models.CharField(max_length=100, verbose_name='given name')),
                    ('patronymic', models.CharField(blank=True, max_length=100, verbose_name='patronymic')),
                    ('name_latin', models.CharField(blank=True, max_length=200, verbose_name='name in Latin letters')),
                    ('grade', models.CharField(choices=[('chief', 'chief physician'), ('deputy', 'deputy chief physician'), ('head', 'head of department'), ('doctor', 'doctor'), ('nurse', 'nurse'), ('other', 'other staff')], default='doctor', max_length=8, verbose_name='kind of post')),
                    ('position', models.CharField(max_length=200, verbose_name='position')),
                    ('languages', models.JSONField(blank=True, default=dict, verbose_name='languages')),
                    ('cme_number', models.CharField(blank=True, max_length=40, verbose_name='CME number')),
                    ('accredited_until', models.DateField(blank=True, null=True, verbose_name='licence or accreditation until')),
                    ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                    ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                    ('state', models.CharField(choices=[('active', 'works here'), ('left', 'left')], default='active', max_length=6, verbose_name='state')),
                    ('left_on', models.DateField(blank=True, null=True, verbose_name='left on')),
                    ('leave_reason', models.CharField(blank=True, max_length=300, verbose_name='why')),
                    ('search_text', models.GeneratedField(db_persist=True, expression=models.Func(django.db.models.functions.text.Concat('family', models.Value(' '), 'given', models.Value(' '), 'patronymic', models.Value(' '), 'name_latin', models.Value(' '), 'position', models.Value(' '), 'cme_number'), output_field=models.TextField(), template="translate(lower(%(expressions)s), 'ё', 'е')"), output_field=models.TextField())),
                    ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='specialists', to='clinics.organization', verbose_name='employer')),
                    ('specialty', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.specialty', verbose_name='specialty')),
                    ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account')),
                ],
                options={
                    'verbose_name': 'specialist',
                    'verbose_name_plural': 'specialists',
                    'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['search_text'], name='specialist_search', opclasses=['gin_trgm_ops']), models.Index(fields=['family', 'given', 'id'], name='specialist_by_name')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('user__isnull', False)), fields=('organization', 'user'), name='specialist_user_unique'), models.UniqueConstraint(condition=models.Q(models.Q(('cme_number', ''), _negated=True), ('state', 'active')), fields=('cme_number',), name='specialist_cme_unique'), models.CheckConstraint(condition=models.Q(models.Q(('leave_reason', ''), ('left_on__isnull', True), ('state', 'active')), models.Q(('left_on__isnull', False), ('state', 'left'), models.Q(('leave_reason', ''), _negated=True)), _connector='OR'), name='specialist_left_with_reason')],
                    'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW));\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW));\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='2f44365ad4a70b4948424a1ecc298ced48cca4b3', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_39bc6', table='training_specialist', when='AFTER')), pgtrigger.compiler.Trigger(name='specialist_states', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{active:left,left:active}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='27ca45f39a3f412a76f3c729f14b6fa339bead99', operation='UPDATE', pgid='pgtrigger_specialist_states_2c32b', table='training_specialist', when='BEFORE'))],
                },
            ),
            migrations.CreateModel(
                name='Nomination',
                fields=[
                    ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('number', models.CharField(max_length=16, unique=True, verbose_name='number')),
                    ('starts_on', models.DateField(verbose_name='first day')),
                    ('ends_on', models.DateField(verbose_name='last day')),
                    ('choice', models.PositiveSmallIntegerField(default=1, verbose_name='preference')),
                    ('motivation', models.TextField(blank=True, max_length=1000, verbose_name='why this person')),
                    ('state', models.CharField(choices=[('draft', 'draft'), ('nominated', 'nominated'), ('endorsed', 'endorsed by the employer'), ('shortlisted', 'shortlisted'), ('waitlisted', 'on the waiting list'), ('offered', 'seat offered'), ('accepted', 'accepted, papers awaited'), ('confirmed', 'confirmed'), ('in_progress', 'learning'), ('completed', 'completed'), ('certified', 'certified'), ('declined', 'declined'), ('withdrawn', 'withdrawn'), ('rejected', 'rejected'), ('expired', 'expired')], default='draft', max_length=11, verbose_name='state')),
                    ('nominated_at', models.DateTimeField(blank=True, null=True, verbose_name='nominated')),
                    ('waiting_since', models.DateTimeField(blank=True, null=True, verbose_name='waits since')),
                    ('offer_until', models.DateTimeField(blank=True, null=True, verbose_name='answer by')),
                    ('end_reason', models.CharField(blank=True, max_length=300, verbose_name='why it ended')),
                    ('intake', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='nominations', to='training.intake')),
                    ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.organization', verbose_name='employer')),
                    ('specialist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='nominations', to='training.specialist')),
                ],
                options={
                    'verbose_name': 'nomination',
                    'verbose_name_plural': 'nominations',
                    'indexes': [models.Index(fields=['intake', 'state', 'number'], name='nomination_board'), models.Index(condition=models.Q(('state', 'waitlisted')), fields=['intake', 'waiting_since', 'id'], name='nomination_queue'), models.Index(fields=['organization', '-number'], name='nomination_of_employer'), models.Index(fields=['specialist', 'choice'], name='nomination_of_person')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'nominated', 'endorsed', 'shortlisted', 'waitlisted', 'offered', 'accepted', 'confirmed', 'in_progress', 'completed', 'certified'))), fields=('specialist', 'intake'), name='nomination_once'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state__in', ('accepted', 'confirmed', 'in_progress', 'completed', 'certified'))), expressions=[('specialist', '='), (training.models.nomination.DateRange('starts_on', 'ends_on', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True)), '&&')], name='nomination_overlap'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'offered'), _negated=True), ('offer_until__isnull', False), _connector='OR'), name='nomination_offer_ends'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'waitlisted'), _negated=True), ('waiting_since__isnull', False), _connector='OR'), name='nomination_waits_since'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='nomination_dates')],
                    'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW));\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW));\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='cfaff6c9ae9d56aaef84bd80f43792b9899ce85f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_80440', table='training_nomination', when='AFTER')), pgtrigger.compiler.Trigger(name='nomination_states', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{accepted:confirmed,accepted:expired,accepted:withdrawn,completed:certified,confirmed:in_progress,confirmed:withdrawn,draft:expired,draft:nominated,draft:withdrawn,endorsed:expired,endorsed:rejected,endorsed:shortlisted,endorsed:waitlisted,endorsed:withdrawn,in_progress:completed,in_progress:withdrawn,nominated:endorsed,nominated:expired,nominated:rejected,nominated:withdrawn,offered:accepted,offered:declined,offered:expired,offered:withdrawn,shortlisted:expired,shortlisted:offered,shortlisted:rejected,shortlisted:waitlisted,shortlisted:withdrawn,waitlisted:expired,waitlisted:offered,waitlisted:rejected,waitlisted:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='807def7aeefc061c4a64a4b511776de46cc0b220', operation='UPDATE', pgid='pgtrigger_nomination_states_60ea9', table='training_nomination', when='BEFORE'))],
                },
            ),
            migrations.CreateModel(
                name='NominationStep',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('action', models.CharField(max_length=12)),
                    ('from_state', models.CharField(blank=True, choices=[('draft', 'draft'), ('nominated', 'nominated'), ('endorsed', 'endorsed by the employer'), ('shortlisted', 'shortlisted'), ('waitlisted', 'on the waiting list'), ('offered', 'seat offered'), ('accepted', 'accepted, papers awaited'), ('confirmed', 'confirmed'), ('in_progress', 'learning'), ('completed', 'completed'), ('certified', 'certified'), ('declined', 'declined'), ('withdrawn', 'withdrawn'), ('rejected', 'rejected'), ('expired', 'expired')], max_length=11)),
                    ('to_state', models.CharField(choices=[('draft', 'draft'), ('nominated', 'nominated'), ('endorsed', 'endorsed by the employer'), ('shortlisted', 'shortlisted'), ('waitlisted', 'on the waiting list'), ('offered', 'seat offered'), ('accepted', 'accepted, papers awaited'), ('confirmed', 'confirmed'), ('in_progress', 'learning'), ('completed', 'completed'), ('certified', 'certified'), ('declined', 'declined'), ('withdrawn', 'withdrawn'), ('rejected', 'rejected'), ('expired', 'expired')], max_length=11)),
                    ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                    ('actor_name', models.CharField(blank=True, max_length=200)),
                    ('nomination', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='training.nomination')),
                    ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['at', 'id'],
                    'indexes': [models.Index(fields=['nomination', 'at'], name='nominationstep_story')],
                    'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW));\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW));\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='f743dbe57107989e62686a3a0df193152bab9f2a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_facb3', table='training_nominationstep', when='AFTER'))],
                },
            ),
            migrations.CreateModel(
                name='SpecialistPaper',
                fields=[
                    ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('updated_at', models.DateTimeField(auto_now=True)),
                    ('kind', models.CharField(choices=[('passport', 'passport for travel'), ('visa', 'visa'), ('vaccination', 'vaccination certificate'), ('diploma', 'copy of the diploma'), ('consent', 'consent to the processing of data')], max_length=12, verbose_name='paper')),
                    ('number', models.CharField(blank=True, max_length=60, verbose_name='number')),
                    ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                    ('issued_on', models.DateField(blank=True, null=True, verbose_name='issued on')),
                    ('valid_until', models.DateField(blank=True, null=True, verbose_name='valid until')),
                    ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ('specialist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='training.specialist')),
                ],
                options={
                    'verbose_name': 'paper of a specialist',
                    'verbose_name_plural': 'papers of specialists',
                    'indexes': [models.Index(fields=['specialist', 'kind', '-valid_until'], name='specialistpaper_of')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('issued_on__isnull', True), ('valid_until__isnull', True), ('valid_until__gte', models.F('issued_on')), _connector='OR'), name='specialistpaper_dates')],
                    'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW));\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW));\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='ed40fd57f9a70666b52f540d30a486060ddd2c9c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_bc2cb', table='training_specialistpaper', when='AFTER'))],
                },
            ),
        ]),
        migrations.RunSQL('CREATE SEQUENCE training_nomination_number', 'DROP SEQUENCE training_nomination_number'),
    ]
