"""The reason for which the portal returns referrals, where a clinic closes."""

from django.db import migrations

CODE = "clinic_closed"
NAMES = {"name_ru": "клиника закрывается", "name_en": "the clinic closes", "name_kk": "клиника жабылады"}


def sow(apps, schema_editor):
    reason = apps.get_model("patients", "Reason")
    for kind in ("return_for_info", "hand_back"):
        reason.objects.get_or_create(kind=kind, code=CODE, defaults={**NAMES, "position": 90})


class Migration(migrations.Migration):
    dependencies = [("patients", "0024_merges_by_time")]

    operations = [migrations.RunPython(sow, migrations.RunPython.noop)]
