"""The dictionaries that every portal has: loaded at each start, kept where administrators changed them."""

import pytest
from django.core.management import call_command

from clinics.models import ServiceType, Specialty
from cluster_portal.audit.models import Entry
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.dictionaries import read_csv
from patients.models import Diagnosis
from patients.services.dictionaries import DATA, load_dictionaries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_dictionaries():
    for model in (Diagnosis, ServiceType, Specialty):
        model.objects.all().delete()


def test_a_start_loads_them_and_the_next_one_writes_nothing(capsys):
    call_command("load_dictionaries")
    codes = {row["code"] for row in read_csv(DATA / "icd10.csv")}
    assert set(Diagnosis.objects.values_list("code", flat=True)) == codes
    assert ServiceType.objects.get(code="cardiologist").specialty_id == "cardiology"
    assert ServiceType.objects.filter(is_active=True).count() >= 60
    written = Entry.objects.count()
    call_command("load_dictionaries")
    call_command("load_dictionaries", "--refresh")
    assert Entry.objects.count() == written
    assert f"{len(codes)} diagnoses" in capsys.readouterr().out


def test_what_administrators_changed_stays_unless_the_texts_are_refreshed():
    load_dictionaries(SYSTEM)
    ServiceType.objects.filter(code="cardiologist").update(name_ru="Приём кардиолога", is_active=False)
    ServiceType.objects.create(code="own", name_ru="Своя услуга", specialty_id="cardiology")
    Diagnosis.objects.filter(code="A09.9").delete()
    load_dictionaries(SYSTEM)
    changed = ServiceType.objects.get(code="cardiologist")
    assert (changed.name_ru, changed.is_active) == ("Приём кардиолога", False)
    assert Diagnosis.objects.filter(code="A09.9").exists()
    load_dictionaries(SYSTEM, refresh=True)
    changed.refresh_from_db()
    assert (changed.name_ru, changed.is_active) == ("Консультация кардиолога", False)
    assert ServiceType.objects.filter(code="own").exists()


def test_preparing_a_portal_brings_them():
    call_command("prepare_portal", "--database-only")
    assert Diagnosis.objects.exists() and Specialty.objects.exists()
