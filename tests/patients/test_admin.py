"""The dictionaries of patients on the admin site."""

import pytest
from django.urls import reverse

from cluster_portal.audit.selectors import history
from patients.models import Diagnosis, WaitingNorm
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    client.force_login(make.make_user(is_staff=True, is_superuser=True))
    return client


def test_the_norms_of_the_law_are_listed(administrator):
    assert WaitingNorm.objects.exists()
    assert administrator.get(reverse("admin:patients_waitingnorm_changelist")).status_code == 200


def test_a_changed_name_of_a_diagnosis_is_journalled(administrator):
    Diagnosis.objects.create(code="I20.8", name_ru="а", name_en="a", name_kk="а")
    address = reverse("admin:patients_diagnosis_change", args=["I20.8"])
    data = {
        "code": "I20.8",
        "name_ru": "Иные формы стенокардии",
        "name_en": "Other angina",
        "name_kk": "Өзге",
    }
    assert administrator.post(address, data).status_code == 302
    assert Diagnosis.objects.get(code="I20.8").name_en == "Other angina"
    assert history(Diagnosis.objects.get(code="I20.8")).last().operation


def test_nothing_is_deleted_there(administrator):
    Diagnosis.objects.create(code="I20.8", name_ru="а", name_en="a", name_kk="а")
    assert administrator.post(reverse("admin:patients_diagnosis_delete", args=["I20.8"])).status_code == 403
