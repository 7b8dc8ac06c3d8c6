"""Referrals that wait already get their place on the list; any time suits them until somebody says otherwise."""

from django.db import migrations

from cluster_portal.common.ids import uuid7

RANKS = {"emergency": 0, "urgent": 1, "planned": 2}


def enter(apps, schema_editor):
    referral = apps.get_model("patients", "Referral")
    entry = apps.get_model("patients", "WaitlistEntry")
    waiting = referral.objects.filter(state="waitlisted", service_type__isnull=False).order_by("id")
    entry.objects.bulk_create(
        (
            entry(
                id=uuid7(), referral_id=row.pk, patient_id=row.patient_id, service_type_id=row.service_type_id,
                source_organization_id=row.source_organization_id, rank=RANKS[row.priority],
                due_order=row.due_order, since=row.state_since,
            )
            for row in waiting.iterator(chunk_size=500)
        ),
        batch_size=500,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_waiting_list")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
