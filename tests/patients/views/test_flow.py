"""A new referral in one sitting, with plain forms: every step keeps what was done, every refusal is in words."""

import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from clinics.states import BookingMode
from patients.models import Booking, Consent, Diagnosis, Patient, Referral
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def dictionary():
    Diagnosis.objects.update_or_create(code="I48.0", defaults={"name_ru": "Фибрилляция предсердий"})


def reason(pair, **fields):
    return {
        "diagnosis_code": "I48.0", "service_type": pair.service.service_type_id, "priority": "planned",
        "suspicion": "", "payment": "oms", "reason": "Приступы сердцебиения с марта.", "question": "",
        "referrer_name": "Гусева Л. А.", "referrer_position": "Терапевт", "conditions": "1", "care_kind": "1",
        "source_clinic": str(pair.source.pk),
    } | fields  # fmt: skip


def begin(client, pair):
    answer = client.post("/referrals/new/", {"patient": str(pair.patient.pk)})
    assert answer.status_code == 303
    return answer.url.split("/")[2]


def test_from_the_patient_to_the_booking(pair, referrer):
    slot = pair.slot()
    found = referrer.get("/referrals/new/", {"q": pair.patient.family.lower()}).content.decode()
    assert str(pair.patient.pk) in found
    assert pair.patient.snils not in found
    pk = begin(referrer, pair)
    assert referrer.get(f"/referrals/{pk}/reason/").status_code == 200
    answer = referrer.post(f"/referrals/{pk}/reason/", reason(pair))
    assert answer.url == f"/referrals/{pk}/time/"
    times = referrer.get(answer.url).content.decode()
    assert f'value="{slot.pk}"' in times
    answer = referrer.post(f"/referrals/{pk}/time/", {"slot": str(slot.pk), "query": ""})
    assert answer.status_code == 303
    assert "data-countdown" in referrer.get(answer.url).content.decode()
    confirm = referrer.get(f"/referrals/{pk}/confirm/").content.decode()
    assert "Отправить и записать" in confirm
    answer = referrer.post(f"/referrals/{pk}/confirm/", {"slot": str(slot.pk)})
    assert answer.url == f"/referrals/{pk}/"
    page = referrer.get(answer.url).content.decode()
    assert "пациент записан" in page
    referral = Referral.objects.get(pk=pk)
    assert (referral.state, referral.appointment_at, referral.diagnosis_text) == (
        "booked", slot.start, "Фибрилляция предсердий",
    )  # fmt: skip
    # A second click on the last button.
    again = referrer.post(f"/referrals/{pk}/confirm/", {"slot": str(slot.pk)}, follow=True)
    assert "уже отправлено" in again.content.decode()
    assert Booking.objects.count() == 1


def test_a_patient_registered_on_the_way(pair, referrer):
    form = referrer.get("/referrals/new/?register=1&q=петров-водкин иван 03.02.1980").content.decode()
    assert 'value="Петров-Водкин"' in form and 'value="Иван"' in form and 'value="1980-02-03"' in form
    person = {
        "family": "Петров",
        "given": "Иван",
        "birth_date": "1980-02-03",
        "sex": "m",
        "snils": "112-233-445 95",
    }
    bad = referrer.post("/referrals/new-patient/", person | {"snils": "112-233-445 96"})
    assert bad.status_code == 422
    assert bad.context["form"].errors["snils"]
    assert 'value="112-233-445 96"' in bad.content.decode()
    future = referrer.post("/referrals/new-patient/", person | {"birth_date": "2199-01-01"})
    assert future.context["form"].errors["birth_date"]
    answer = referrer.post("/referrals/new-patient/", person)
    assert answer.status_code == 303 and answer.url.endswith("/reason/")
    assert Patient.objects.get(snils="11223344595").registered_by == pair.source.organization


def test_the_same_identifier_leads_to_the_record(pair, referrer, sign_in):
    person = {
        "family": "Другой",
        "given": "Иван",
        "birth_date": "1980-02-03",
        "sex": "m",
        "snils": pair.patient.snils,
    }
    answer = referrer.post("/referrals/new-patient/", person)
    assert answer.status_code == 422
    assert f'value="{pair.patient.pk}"' in answer.content.decode()
    stranger = sign_in(clinics.make_actor())
    answer = stranger.post("/referrals/new-patient/", person)
    assert answer.status_code == 422
    assert str(pair.patient.pk) not in answer.content.decode()
    assert "/patients/emergency/" in answer.content.decode()


def test_similar_patients_are_shown_first(pair, referrer):
    person = {
        "family": pair.patient.family,
        "given": "Пётр",
        "patronymic": "Ильич",
        "birth_date": "1970-05-17",
        "sex": "m",
    }
    answer = referrer.post("/referrals/new-patient/", person)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "всё равно зарегистрировать" in page and f'value="{pair.patient.pk}"' in page
    answer = referrer.post("/referrals/new-patient/", person | {"ignore_similar": "1"})
    assert answer.status_code == 303
    assert Patient.objects.filter(family=pair.patient.family).count() == 2


def test_errors_stand_at_the_field_and_what_was_typed_stays(pair, referrer):
    pk = begin(referrer, pair)
    answer = referrer.post(
        f"/referrals/{pk}/reason/", reason(pair, diagnosis_code="XX", question="Нужна ли абляция?")
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["diagnosis_code"] == ["Код МКБ-10 выглядит так: I48.0."]
    assert "Нужна ли абляция?" in answer.content.decode()
    # What was good of it is on record.
    referral = Referral.objects.get(pk=pk)
    assert (referral.question, referral.diagnosis_code) == ("Нужна ли абляция?", "")
    answer = referrer.post(f"/referrals/{pk}/reason/", reason(pair, service_type=""))
    assert answer.context["form"].errors["service_type"]


def test_without_javascript_the_typed_text_is_enough(pair, referrer):
    pk = begin(referrer, pair)
    typed = reason(pair)
    typed |= {"diagnosis_code": "", "diagnosis_code_text": "i480 мерцание", "service_type": "",
              "service_type_text": "консультация кардиолога"}  # fmt: skip
    assert referrer.post(f"/referrals/{pk}/reason/", typed).status_code == 303
    referral = Referral.objects.get(pk=pk)
    assert (referral.diagnosis_code, referral.service_type_id) == ("I48.0", "cardiologist")


def test_the_draft_saves_itself(pair, referrer, sign_in):
    pk = begin(referrer, pair)
    answer = referrer.post(f"/referrals/{pk}/save/", reason(pair, diagnosis_code="I4", reason="Начал писать"))
    assert answer.status_code == 200
    assert "Черновик сохранён" in answer.json()["saved"]
    referral = Referral.objects.get(pk=pk)
    assert (referral.reason, referral.diagnosis_code, referral.service_type_id) == (
        "Начал писать",
        "",
        "cardiologist",
    )
    assert sign_in(clinics.make_actor()).post(f"/referrals/{pk}/save/", reason(pair)).status_code == 404


def test_consent_is_asked_where_it_is_missing(pair, referrer):
    Consent.objects.all().delete()
    pk = begin(referrer, pair)
    assert "consent-signed" in referrer.get(f"/referrals/{pk}/reason/").content.decode()
    # It may wait until the end, and then it must be there.
    assert referrer.post(f"/referrals/{pk}/reason/", reason(pair)).status_code == 303
    answer = referrer.post(f"/referrals/{pk}/confirm/", {"slot": ""})
    assert answer.status_code == 422
    assert answer.context["consent"].errors["signed"]
    signed = {
        "slot": "",
        "consent-signed": "on",
        "consent-given_on": timezone.localdate().isoformat(),
        "consent-paper": "№ 7",
    }
    future = (timezone.localdate() + timedelta(days=2)).isoformat()
    assert (
        referrer.post(f"/referrals/{pk}/confirm/", signed | {"consent-given_on": future}).status_code == 422
    )
    assert referrer.post(f"/referrals/{pk}/confirm/", signed).status_code == 303
    assert Consent.objects.get().paper == "№ 7"
    assert Referral.objects.get(pk=pk).state == "accepted"


def test_a_lost_race_shows_three_free_times_and_loses_nothing(pair, referrer):
    slot = pair.slot()
    others = [pair.slot(at(1, 10 + n)) for n in range(4)]
    pk = begin(referrer, pair)
    referrer.post(f"/referrals/{pk}/reason/", reason(pair))
    referrer.post(f"/referrals/{pk}/time/", {"slot": str(slot.pk)})
    # The hold lapsed, and somebody else was faster.
    Booking.objects.update(held_until=timezone.now() - timedelta(minutes=1))
    rival = pair.referral("accepted", patient=patients.make_patient(pair.source.organization))
    from patients.services.booking import book_referral

    book_referral(pair.coordinator, referral_id=rival.pk, slot_id=slot.pk)
    answer = referrer.post(f"/referrals/{pk}/confirm/", {"slot": str(slot.pk)})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert [f'value="{one.pk}"' in page for one in others] == [True, True, True, False]
    assert Referral.objects.get(pk=pk).state == "draft"
    # One click on an alternative keeps it, and the sending works.
    referrer.post(f"/referrals/{pk}/time/", {"slot": str(others[0].pk)})
    assert referrer.post(f"/referrals/{pk}/confirm/", {"slot": str(others[0].pk)}).status_code == 303
    assert Referral.objects.get(pk=pk).appointment_at == others[0].start


def test_a_time_beyond_the_norm_asks_why(pair, referrer):
    slot = pair.slot(at(60))
    pk = begin(referrer, pair)
    referrer.post(f"/referrals/{pk}/reason/", reason(pair))
    referrer.post(f"/referrals/{pk}/time/", {"slot": str(slot.pk)})
    assert 'name="late_reason"' in referrer.get(f"/referrals/{pk}/confirm/").content.decode()
    answer = referrer.post(f"/referrals/{pk}/confirm/", {"slot": str(slot.pk)})
    assert answer.context["form"].errors["late_code"]
    answer = referrer.post(
        f"/referrals/{pk}/confirm/", {"slot": str(slot.pk), "late_code": "patient_asked", "late_reason": ""}
    )
    assert answer.status_code == 303


def test_an_incomplete_draft_says_what_is_missing(pair, referrer):
    pk = begin(referrer, pair)
    page = referrer.get(f"/referrals/{pk}/confirm/").content.decode()
    assert "диагноз, обоснование" in page
    assert referrer.post(f"/referrals/{pk}/confirm/", {"slot": ""}).status_code == 422
    assert referrer.get(f"/referrals/{pk}/time/").url == f"/referrals/{pk}/reason/"


def test_a_clinic_that_decides_first(pair, referrer):
    deciding = clinics.make_service(None, pair.service.service_type, booking_mode=BookingMode.TRIAGE)
    pk = begin(referrer, pair)
    referrer.post(f"/referrals/{pk}/reason/", reason(pair))
    page = referrer.get(f"/referrals/{pk}/time/?service={deciding.pk}").content.decode()
    assert "Выбрать эту клинику" in page
    answer = referrer.post(f"/referrals/{pk}/time/", {"service": str(deciding.pk)})
    assert answer.url == f"/referrals/{pk}/confirm/"
    referrer.post(answer.url, {"slot": ""})
    assert Referral.objects.get(pk=pk).state == "submitted"


def test_strangers_get_nothing_at_any_step(pair, referrer, sign_in, coordinator):
    pk = begin(referrer, pair)
    for client in (sign_in(clinics.make_actor()), coordinator):
        for step in ("reason", "time", "confirm"):
            for answer in (
                client.get(f"/referrals/{pk}/{step}/"),
                client.post(f"/referrals/{pk}/{step}/", {}),
            ):
                assert answer.status_code == 404, step
                assert pair.patient.family not in answer.content.decode()
    assert (
        sign_in(clinics.make_actor()).post("/referrals/new/", {"patient": str(pair.patient.pk)}).status_code
        == 404
    )
    assert referrer.post("/referrals/new/", {"patient": str(uuid.uuid4())}).status_code == 404
    assert referrer.post("/referrals/new/", {"patient": "nonsense"}).status_code == 404


def test_a_returned_referral_says_why_and_can_be_sent_again(triage_pair, sign_in):
    from patients.services.decisions import return_referral

    pair = triage_pair
    referral = pair.referral("submitted")
    return_referral(
        pair.coordinator, referral_id=referral.pk, reason="tests_missing", comment="Сдайте креатинин"
    )
    client = sign_in(pair.referrer)
    page = client.get(f"/referrals/{referral.pk}/reason/").content.decode()
    assert "Сдайте креатинин" in page and "не хватает обследований" in page.lower()
    client.post(f"/referrals/{referral.pk}/reason/", reason(pair, reason="Креатинин 80, СКФ 90."))
    assert client.post(f"/referrals/{referral.pk}/confirm/", {"slot": ""}).status_code == 303
    referral.refresh_from_db()
    assert (referral.state, referral.reason) == ("submitted", "Креатинин 80, СКФ 90.")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "тен ирина викторовна 14.03.1961",
            {"family": "Тен", "given": "Ирина", "patronymic": "Викторовна", "birth_date": date(1961, 3, 14)},
        ),
        ("112-233-445 95", {"snils": "11223344595"}),
        ("14.03.1961", {"birth_date": date(1961, 3, 14)}),
        ("1234", {}),
        ("<script>", {}),
    ],
)  # fmt: skip
def test_a_search_that_found_nobody_fills_the_form(text, found):
    from patients.forms.patients import guess

    assert guess(text) == found
