"""The patient's slip: when, where, how to prepare, in the patient's language; nothing that opens the lookup."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from clinics.models import Clinic, Service
from clinics.states import ServiceMode
from cluster_portal.audit.models import Access
from cluster_portal.common.errors import Invalid, NotFound
from patients import papers
from patients.errors import NotBookedYet
from patients.papers.slip import language_for
from tests.documents.support import fonts_of, pages_of, text_of
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Sakhalin")


@pytest.fixture
def pair():
    clinics.make_cluster()
    pair = patients.make_pair()
    Clinic.objects.filter(pk=pair.target.pk).update(
        time_zone="Asia/Sakhalin", city_ru="Южно-Сахалинск", city_en="Yuzhno-Sakhalinsk", city_kk="Южно-Сахалинск",
        address_ru="пр. Мира, 430", phone="+7 4242 00-00-00",
    )  # fmt: skip
    Service.objects.filter(pk=pair.service.pk).update(
        preparation_ru="Не есть 8 часов.", preparation_en="No food for 8 hours.", preparation_kk="8 сағат тамақ ішпеу.",
        documents_ru="Паспорт и полис.", phone="",
    )  # fmt: skip
    return pair


@pytest.fixture
def booked(pair):
    start = clinics.at(3, 10).astimezone(ZONE).replace(hour=14, minute=30)
    slot = pair.slot(start, room="214", practitioner=clinics.make_practitioner(pair.target))
    return pair.referral("booked", slot=slot)


def drawn(pair, referral, **options) -> str:
    return text_of(papers.slip(pair.referrer, referral.pk, **options)[0])


def test_it_says_when_where_and_how(pair, booked) -> None:
    content, name = papers.slip(pair.referrer, booked.pk)
    text, doctor = text_of(content), booked.bookings.get().slot.practitioner
    assert name == f"slip-{booked.number}-ru" and pages_of(content) == 1
    for words in (
        booked.number, "14:30", "местное время: Южно-Сахалинск, UTC+11", pair.target.name_ru, "пр. Мира, 430", "214",
        doctor.full_name, "Не есть 8 часов.", "Паспорт и полис.", "+7 4242 00-00-00", "/lookup/",
        pair.service.service_type.name_ru,
    ):  # fmt: skip
        assert words in text, words


def test_the_birth_date_and_the_diagnosis_are_not_on_it(pair, booked) -> None:
    text = drawn(pair, booked)
    for secret in (
        "1970",
        "17.05",
        "I48",
        booked.reason,
        pair.patient.given,
        pair.patient.snils,
        pair.patient.enp,
    ):
        assert secret not in text, secret
    assert pair.patient.short_name in text


def test_another_zone_is_named_beside(pair, booked) -> None:
    assert "Холмск:" not in drawn(pair, booked)
    Clinic.objects.filter(pk=pair.source.pk).update(time_zone="Europe/Moscow", city_ru="Москва")
    text = drawn(pair, booked)
    there: datetime = booked.appointment_at.astimezone(ZoneInfo("Europe/Moscow"))
    assert "14:30" in text and f"{there:%H:%M}" == "06:30" and "Москва:" in text and "06:30" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", ("Ваша запись", "Не есть 8 часов.", "Как подготовиться")),
        ("en", ("Your appointment", "No food for 8 hours.", "Yuzhno-Sakhalinsk")),
        ("kk", ("Сіздің жазылуыңыз", "8 сағат тамақ ішпеу.")),
    ],
)
def test_each_language_whoever_prints(pair, booked, language: str, words: tuple[str, ...]) -> None:
    with override("en"):
        content, _name = papers.slip(pair.coordinator, booked.pk, language=language)
    assert not [word for word in words if word not in text_of(content)]
    assert all(fonts_of(content).values())


@pytest.mark.parametrize(
    ("spoken", "printed"),
    [("ru", "ru"), ("kk", "kk"), ("en", "en"), ("ko", "en"), ("zh", "en"), ("uz", "ru")],
)
def test_the_language_is_the_patients(pair, booked, spoken: str, printed: str) -> None:
    pair.patient.language = spoken
    pair.patient.save()
    assert language_for(pair.patient) == printed
    assert papers.slip(pair.referrer, booked.pk)[1].endswith(f"-{printed}")


def test_a_language_without_slips_is_refused(pair, booked) -> None:
    with pytest.raises(Invalid) as refusal:
        papers.slip(pair.referrer, booked.pk, language="ko")
    assert list(refusal.value.errors) == ["language"]


def test_a_visit_by_video_sends_nobody_anywhere(pair, booked) -> None:
    Service.objects.filter(pk=pair.service.pk).update(mode=ServiceMode.TELEMEDICINE)
    text = drawn(pair, booked)
    assert "ехать никуда не нужно" in text and "пр. Мира" not in text
    # The room, not the end of a clinic's number.
    assert not re.search(r"\b214\b", text)


@pytest.mark.parametrize("state", ["draft", "submitted", "accepted", "completed", "cancelled"])
def test_without_a_time_there_is_no_slip(pair, state: str) -> None:
    with pytest.raises(NotBookedYet):
        papers.slip(pair.referrer, pair.referral(state).pk)


def test_a_hold_is_no_booking(pair) -> None:
    from patients.states import BookingState

    referral = pair.referral("accepted")
    patients.make_booking(referral, pair.slot(), BookingState.HELD)
    with pytest.raises(NotBookedYet):
        papers.slip(pair.referrer, referral.pk)


def test_it_is_journalled_and_closed_to_strangers(pair, booked) -> None:
    with pytest.raises(NotFound):
        papers.slip(clinics.make_actor("referrer"), booked.pk)
    assert not Access.objects.exists()
    papers.slip(pair.referrer, booked.pk)
    assert set(Access.objects.values_list("purpose", "subject_type")) == {
        ("print", "referral"),
        ("print", "patient"),
    }
