from django.db import migrations

from cluster_portal.audit.triggers import FUNCTION


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
