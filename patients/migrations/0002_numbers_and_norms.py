"""The running number of referrals, and the waiting norms of the Russian state guarantee programme."""

from datetime import date

from django.db import migrations

PROGRAMME = "Программа государственных гарантий 2026–2028, постановление Правительства РФ от 29.12.2025 № 2188"
# (priority, suspicion, working days)
NORMS = [
    ("", "", 14),
    ("", "oncology", 3),
    ("", "cardiovascular", 3),
]
URGENT = [("emergency", "", 0), ("urgent", "", 1)]


def seed(apps, schema_editor):
    norm = apps.get_model("patients", "WaitingNorm")
    rows = [(priority, suspicion, days, PROGRAMME) for priority, suspicion, days in NORMS]
    rows += [(priority, suspicion, days, "Регламент кластера") for priority, suspicion, days in URGENT]
    norm.objects.bulk_create(
        norm(
            country="RU", priority=priority, suspicion=suspicion, days=days, source=source,
            valid_from=date(2020, 1, 1),
        )
        for priority, suspicion, days, source in rows
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE referral_number_seq", "DROP SEQUENCE referral_number_seq"),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
