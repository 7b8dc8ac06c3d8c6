"""Type-ahead: by code in any shape, by words in any language, with typing errors."""

import pytest
from django.utils import translation

from clinics.states import ClinicStatus
from patients.models import Diagnosis
from patients.selectors.dictionaries import (
    code_of,
    diagnosis_name,
    find_diagnoses,
    find_service_types,
    find_services,
)
from tests.factories import clinics

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def dictionary():
    for code, ru, en in (
        ("I48.0", "Пароксизмальная фибрилляция предсердий", "Paroxysmal atrial fibrillation"),
        ("I20.0", "Нестабильная стенокардия", "Unstable angina"),
        ("M54.5", "Боль внизу спины", "Low back pain"),
    ):
        Diagnosis.objects.update_or_create(code=code, defaults={"name_ru": ru, "name_en": en})


@pytest.mark.parametrize(
    ("typed", "code"),
    [("i48.0", "I48.0"), ("I480", "I48.0"), ("М54.5", "M54.5"), ("м54,5", "M54.5"), ("I48", "I48")],
)
def test_a_code_in_any_shape(typed, code):
    assert code_of(typed) == code


def test_by_the_beginning_of_a_code():
    assert find_diagnoses("i48")[0][0] == "I48.0"
    # What the cluster's own list lacks comes from the WHO's.
    assert "I48.2" in [code for code, _name in find_diagnoses("I48")]
    assert find_diagnoses("М54.5") == [("M54.5", "Боль внизу спины")]


@pytest.mark.parametrize("typed", ["стенокардия", "нестаб стенок", "unstable", "стинокардия"])
def test_by_words_in_any_language_with_errors(typed):
    assert find_diagnoses(typed)[0][0] == "I20.0"


def test_the_name_is_in_the_readers_language():
    assert diagnosis_name("I20.0") == "Нестабильная стенокардия"
    with translation.override("en"):
        assert diagnosis_name("I20.0") == "Unstable angina"
    assert diagnosis_name("I48.2") != ""
    assert diagnosis_name("Z99.99") == ""
    assert find_diagnoses("") == []


def test_only_services_that_an_open_clinic_offers():
    clinics.make_service(clinics.make_clinic(status=ClinicStatus.PLANNED), "neurologist")
    clinics.make_service(None, "cardiologist")
    clinics.make_service(None, "cardiologist")
    found = find_service_types("")
    assert [(row.code, row.clinics) for row in found] == [("cardiologist", 2)]
    for typed in ("кардиолог", "консультация кардиол", "кордиолог", "Кардиология", "cardiologist"):
        assert [row.code for row in find_service_types(typed)] == ["cardiologist"], typed
    assert find_service_types("стоматолог") == []


def test_services_by_the_clinic_and_the_town():
    service = clinics.make_service(clinics.make_clinic(short_name_ru="Островная", city_ru="Холмск"))
    clinics.make_service()
    assert find_services("островная кардиолог") == [service]
    assert find_services("холмск") == [service]
    assert service not in find_services("", but=service.pk)
