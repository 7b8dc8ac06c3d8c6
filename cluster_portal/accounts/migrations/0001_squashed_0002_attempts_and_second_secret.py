import cluster_portal.common.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import oauth2_provider.generators
import oauth2_provider.models
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('accounts', '0001_initial'), ('accounts', '0002_attempts_and_second_secret')]

    initial = True

    dependencies = [
        ('audit', '0001_squashed_0005_names'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('common', '0001_squashed_0002_summaries'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('position', models.CharField(blank=True, max_length=200, verbose_name='position')),
                ('language', models.CharField(blank=True, max_length=2, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_staff', models.BooleanField(default=False, verbose_name='may open the admin site')),
                ('is_demo', models.BooleanField(default=False, verbose_name='invented for the demo')),
                ('date_joined', models.DateTimeField(auto_now_add=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_unique')],
                'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW) - 'password' - 'last_login');\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD) - 'password' - 'last_login', to_jsonb(NEW) - 'password' - 'last_login');\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD) - 'password' - 'last_login', NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='be36034d9bf1c57d6dca749d0a4600405009585c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_32a16', table='accounts_user', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ApiClient',
            fields=[
                ('client_id', models.CharField(db_index=True, default=oauth2_provider.generators.generate_client_id, max_length=255, unique=True, verbose_name='client ID')),
                ('redirect_uris', models.TextField(blank=True, help_text='Allowed URIs list, space separated', verbose_name='redirect URIs')),
                ('post_logout_redirect_uris', models.TextField(blank=True, default='', help_text='Allowed Post Logout URIs list, space separated', verbose_name='post logout redirect URIs')),
                ('client_type', models.CharField(choices=[('confidential', 'Confidential'), ('public', 'Public')], max_length=32, verbose_name='client type')),
                ('authorization_grant_type', models.CharField(choices=[('authorization-code', 'Authorization code'), ('urn:ietf:params:oauth:grant-type:device_code', 'Device Code'), ('implicit', 'Implicit'), ('password', 'Resource owner password-based'), ('client-credentials', 'Client credentials'), ('openid-hybrid', 'OpenID connect hybrid')], max_length=44, verbose_name='authorization grant type')),
                ('client_secret', oauth2_provider.models.ClientSecretField(blank=True, db_index=True, default=oauth2_provider.generators.generate_client_secret, help_text='Client secret for authentication', max_length=255, verbose_name='client secret')),
                ('hash_client_secret', models.BooleanField(default=True, verbose_name='hash client secret')),
                ('name', models.CharField(blank=True, max_length=255, verbose_name='name')),
                ('skip_authorization', models.BooleanField(default=False, verbose_name='skip authorization')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('algorithm', models.CharField(blank=True, choices=[('', 'No OIDC support'), ('RS256', 'RSA with SHA-2 256'), ('HS256', 'HMAC with SHA-2 256')], default='', max_length=5, verbose_name='algorithm')),
                ('allowed_origins', models.TextField(blank=True, default='', help_text='Allowed origins list to enable CORS, space separated', verbose_name='allowed origins')),
                ('registration_source', models.CharField(choices=[('manual', 'Manual'), ('dcr', 'Dynamic Client Registration'), ('cimd', 'Client ID Metadata Document')], default='manual', help_text='How this application was registered (manual, DCR per RFC 7591, or CIMD)', max_length=32, verbose_name='registration source')),
                ('cimd_expires_at', models.DateTimeField(blank=True, default=None, help_text='When the cached Client ID Metadata Document should be re-fetched', null=True, verbose_name='CIMD expires at')),
                ('id', models.UUIDField(default=cluster_portal.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('allowed_scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('previous_secret', models.CharField(blank=True, editable=False, max_length=255)),
                ('previous_secret_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'API client',
                'verbose_name_plural': 'API clients',
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='journal', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF TG_OP = 'INSERT' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, NULL, to_jsonb(NEW) - 'client_secret' - 'previous_secret');\n        ELSIF TG_OP = 'UPDATE' THEN\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD) - 'client_secret' - 'previous_secret', to_jsonb(NEW) - 'client_secret' - 'previous_secret');\n        ELSE\n            PERFORM audit_write(TG_TABLE_NAME, TG_OP, to_jsonb(OLD) - 'client_secret' - 'previous_secret', NULL);\n        END IF;\n        RETURN NULL;\n    ", hash='388f37bab23e63c254e80595c6d8b4201435dfff', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_journal_e3411', table='accounts_apiclient', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField()),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(models.F('expires_at'), name='attempt_sweep')],
            },
        ),
    ]
