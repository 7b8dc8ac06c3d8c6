"""A portal that has worked for a while is upgraded: what stands in its database goes through the later migrations."""

from datetime import date, timedelta

import pytest
from django.apps import apps as present
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.migrated import empty_database

pytestmark = pytest.mark.slow
#: Where the older portal stood: the first states that are still told apart.
BEFORE = [("clinics", "0001_squashed_0015_quotas"), ("patients", "0001_squashed_0022_quotas_of_bookings")]
SAMPLES = {
    models.CharField: "текст", models.TextField: "текст", models.DateField: date(2026, 1, 1),
    models.DateTimeField: timezone.now(), models.FloatField: 46.9, models.PositiveSmallIntegerField: 1,
}  # fmt: skip


def _row(apps, label, **own):
    """A row as that state had it; what it must have and nobody says is a sample."""
    model = apps.get_model(label)
    must = {
        field.name: SAMPLES[type(field)]
        for field in model._meta.concrete_fields
        if type(field) in SAMPLES
        and not (field.null or field.blank or field.has_default() or field.generated)
    }
    return model.objects.create(**must | own)


def _fill(apps):
    owner = _row(
        apps, "clinics.Organization", country="RU", ownership="state", sector="healthcare", status="member"
    )
    clinic = _row(
        apps, "clinics.Clinic", organization=owner, type="hospital", country="RU", time_zone="Asia/Sakhalin",
        name_ru="Клиника «Маяк»",
    )  # fmt: skip
    _row(apps, "clinics.Room", clinic=clinic, number="112")
    kind = _row(apps, "clinics.EquipmentType", code="ct")
    for number, room in enumerate(("112", "подвал")):
        _row(
            apps, "clinics.Equipment", organization=owner, clinic=clinic, type=kind, room=room, country="RU",
            inventory_number=f"И-{number}", state="commissioned",
        )  # fmt: skip
    specialty = _row(apps, "clinics.Specialty", code="cardiology")
    kind = _row(apps, "clinics.ServiceType", code="cardiologist", specialty=specialty, direction="clinical")
    service = _row(apps, "clinics.Service", clinic=clinic, service_type=kind, mode="visit", payments=["oms"])
    now = timezone.now()
    slot = _row(
        apps, "clinics.Slot", clinic=clinic, organization=owner, service=service, service_type=kind, room="112",
        start=now + timedelta(days=1), end=now + timedelta(days=1, hours=1), state="published",
    )  # fmt: skip
    patient = _row(apps, "patients.Patient", sex="f", family="Ковалёва", given="Мария", registered_by=owner)
    _row(
        apps, "patients.Referral", patient=patient, number="SKH-1", state="submitted", source_clinic=clinic,
        source_organization=owner, target_clinic=clinic, target_organization=owner, service=service,
        service_type=kind, submitted_at=now,
    )  # fmt: skip
    return clinic.pk, slot.pk


@pytest.mark.django_db(transaction=True)
def test_rows_of_an_older_portal_go_through_the_later_migrations(request):
    if not request.config.getoption("full_size"):
        pytest.skip("migrates twice: only with --full-size")
    with empty_database("upgraded"):
        executor = MigrationExecutor(connection)
        state = executor.migrate(BEFORE)
        clinic, slot = _fill(state.apps)
        before = {
            model._meta.label: model._base_manager.count()
            for model in state.apps.get_models()
            if model._meta.app_label in ("clinics", "patients")
        }
        call_command("migrate", verbosity=0, interactive=False)
        for label, number in before.items():
            assert present.get_model(label)._base_manager.count() >= number, label
        units = present.get_model("clinics.Equipment").objects.order_by("inventory_number")
        assert [(unit.room and unit.room.number, unit.place) for unit in units] == [
            ("112", ""),
            (None, "подвал"),
        ]
        word = present.get_model("clinics.SearchWord").objects
        assert word.filter(word="маяк").exists() and word.filter(word="cardiology").count() == 0
        assert present.get_model("clinics.Slot").objects.get(pk=slot).room == "112"
        referral = present.get_model("patients.Referral").objects.get()
        assert (referral.state, referral.target_clinic_id) == ("submitted", clinic)
