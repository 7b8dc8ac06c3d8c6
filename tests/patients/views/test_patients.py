"""Patients: found by one box, masked in lists, open to those who treat them, to others for a stated reason."""

import pytest
from django.utils import timezone

from cluster_portal.accounts.roles import Role
from cluster_portal.audit.models import Access
from cluster_portal.common.identifiers import format_snils
from patients.errors import TooManyFailures
from patients.models import Consent, Patient
from patients.services.emergency import FAILURES
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

FULL = {
    "family": "Тен", "given": "Ирина", "patronymic": "Викторовна", "birth_date": "1961-03-14", "sex": "f",
    "snils": "087-654-309 06", "language": "ko", "phone": "+7 914 000-18-64", "residence_locality": "Корсаков",
    "residence_street": "ул. Портовая", "residence_house": "17", "residence_flat": "46", "allergies": "йод",
}  # fmt: skip


def snils_of(n):
    return format_snils(patients.snils(n))


def test_the_list_masks_and_the_box_finds(pair, referrer):
    other = patients.make_patient(pair.source.organization, family="Ёлкина", given="Зоя")
    page = referrer.get("/patients/").content.decode()
    assert pair.patient.full_name in page and other.full_name in page
    assert pair.patient.snils not in page and format_snils(pair.patient.snils) not in page
    page = referrer.get("/patients/", {"q": "елкина"}).content.decode()
    assert other.full_name in page and pair.patient.full_name not in page
    fragment = referrer.get("/patients/", {"q": "елкина"}, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in fragment and other.full_name in fragment
    assert "Никого не нашлось" in referrer.get("/patients/", {"q": "Сидоренко"}).content.decode()


def test_the_card_is_journalled_and_closed_to_strangers(pair, referrer, sign_in):
    address = f"/patients/{pair.patient.pk}/"
    referral = pair.referral("accepted")
    page = referrer.get(address).content.decode()
    assert format_snils(pair.patient.snils) in page and referral.number in page
    assert Access.objects.filter(subject_id=pair.patient.pk, user_id=pair.referrer.user_id).count() == 1
    for role in (Role.REFERRER, Role.COORDINATOR, Role.MANAGER):
        stranger = sign_in(clinics.make_actor(role))
        for path in (address, address + "edit/", address + "consent/"):
            answer = stranger.get(path)
            assert answer.status_code == 404
            assert pair.patient.family not in answer.content.decode()
    assert sign_in(clinics.make_actor(Role.OFFICE)).get(address).status_code == 403
    assert Access.objects.filter(subject_id=pair.patient.pk).count() == 1


def test_registering_with_everything(pair, referrer):
    answer = referrer.post("/patients/new/", FULL | {"snils": snils_of(900)})
    patient = Patient.objects.get(family="Тен")
    assert answer.url == f"/patients/{patient.pk}/"
    assert patient.residence == {
        "locality": "Корсаков",
        "street": "ул. Портовая",
        "house": "17",
        "flat": "46",
    }
    page = referrer.get(answer.url).content.decode()
    assert "Корсаков, ул. Портовая, 17, кв. 46" in page and "корейский" in page and "йод" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("snils", "087-654-309 07"), ("enp", "1234567890123456"), ("iin", "123"), ("birth_date", "2199-01-01"),
        ("birth_date", "вчера"), ("phone", "звонить вечером"), ("email", "нет"), ("family", ""), ("sex", "x"),
        ("policy_issued_on", "2199-01-01"),
    ],
)  # fmt: skip
def test_errors_stand_at_the_field_and_what_was_typed_stays(pair, referrer, field, value):
    answer = referrer.post("/patients/new/", FULL | {"snils": snils_of(901), field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "ул. Портовая" in answer.content.decode()
    assert not Patient.objects.filter(family="Тен").exists()


def test_changing_a_record(pair, referrer):
    address = f"/patients/{pair.patient.pk}/edit/"
    form = referrer.get(address).content.decode()
    assert format_snils(pair.patient.snils) in form
    data = FULL | {"snils": format_snils(pair.patient.snils), "family": "Новая"}
    assert referrer.post(address, data).status_code == 303
    pair.patient.refresh_from_db()
    assert (pair.patient.family, pair.patient.allergies) == ("Новая", "йод")
    twin = patients.make_patient(pair.source.organization)
    answer = referrer.post(address, data | {"snils": format_snils(twin.snils)})
    assert answer.status_code == 422 and str(twin.pk) in answer.content.decode()


def test_breaking_the_glass(pair, sign_in):
    actor = clinics.make_actor()
    stranger = sign_in(actor)
    data = {
        "identifier": format_snils(pair.patient.snils),
        "birth_date": "1970-05-17",
        "reason": "Без сознания, нужны аллергии",
    }
    address = "/patients/emergency/"
    assert stranger.get(address).status_code == 200
    short = stranger.post(address, data | {"reason": "надо"})
    assert short.status_code == 422 and short.context["form"].errors["reason"]
    wrong = stranger.post(address, data | {"birth_date": "1970-05-18"})
    assert wrong.status_code == 422 and wrong.context["form"].errors["identifier"]
    assert pair.patient.family not in wrong.content.decode()
    answer = stranger.post(address, data)
    assert answer.url == f"/patients/{pair.patient.pk}/"
    assert stranger.get(answer.url).status_code == 200
    line = Access.objects.get(purpose="emergency")
    assert (line.reason, line.user_id) == ("Без сознания, нужны аллергии", actor.user_id)
    assert sign_in(clinics.make_actor(Role.OFFICE)).get(address).status_code == 403
    for _ in range(FAILURES):
        stranger.post(address, data | {"birth_date": "1970-05-18"})
    shut = stranger.post(address, data)
    assert shut.status_code == 429
    page = shut.content.decode()
    assert str(TooManyFailures.title) in page and data["reason"] in page


def test_consents_are_recorded_and_taken_back(pair, referrer):
    Consent.objects.all().delete()
    address = f"/patients/{pair.patient.pk}/consent/"
    today = timezone.localdate().isoformat()
    assert referrer.get(address).status_code == 200
    assert referrer.post(address, {"kind": "transfer", "given_on": "2199-01-01"}).status_code == 422
    assert referrer.post(address, {"kind": "transfer", "given_on": today, "paper": "№ 12"}).status_code == 303
    consent = Consent.objects.get()
    page = referrer.get(f"/patients/{pair.patient.pk}/").content.decode()
    assert "№ 12" in page and "действует" in page
    answer = referrer.post(f"{address}{consent.pk}/withdraw/", follow=True)
    assert "отозвано" in answer.content.decode()


def test_type_ahead_is_for_staff(pair, referrer, client, sign_in):
    for address in (
        "/lookups/diagnoses/?q=I48",
        "/lookups/services/?q=кардио",
        "/lookups/clinic-services/?q=кардио",
    ):
        answer = referrer.get(address)
        assert answer.status_code == 200 and answer.json()["results"]
        assert client.get(address).status_code == 302
        assert sign_in(clinics.make_actor(Role.OFFICE)).get(address).status_code == 403
