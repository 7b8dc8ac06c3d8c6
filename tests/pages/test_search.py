"""One box over everything, as far as the policies let each see."""

import pytest
from django.urls import reverse

from cluster_portal.accounts.roles import Role
from tests.factories.clinics import make_clinic, make_cluster, make_member, make_organization
from tests.factories.patients import make_patient, make_referral

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cluster():
    return make_cluster()


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def signed_in(client, clinic):
    client.force_login(make_member(Role.REFERRER, organization=clinic.organization))
    client.cookies["language"] = "en"
    return client


def search(client, text):
    return client.get(reverse("pages:search"), {"q": text})


def test_visitor_searches_the_catalogue(client):
    response = search(client, "кардиолог")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("clinics:catalogue") + "?q=")


def test_number_leads_to_the_referral_however_it_is_written(signed_in, clinic):
    referral = make_referral(source=clinic)
    for text in (
        referral.number,
        referral.number.lower(),
        referral.number.replace("-", ""),
        f"  {referral.number} ",
    ):
        response = search(signed_in, text)
        assert response.status_code == 302, text
        assert response["Location"] == reverse("patients:referral", args=[referral.pk])


def test_strangers_number_is_not_there(signed_in):
    referral = make_referral()
    response = search(signed_in, referral.number)
    assert response.status_code == 200
    text = response.content.decode()
    assert "There is no such referral" in text
    assert str(referral.pk) not in text


def test_damaged_number_is_said_to_be_damaged(signed_in, clinic):
    number = make_referral(source=clinic).number
    wrong = number[:-1] + ("A" if number[-1] != "A" else "B")
    assert "This number has a mistake" in search(signed_in, wrong).content.decode()


def test_patients_are_found_with_typing_errors_and_by_policy(signed_in, clinic):
    make_patient(clinic.organization, family="Мартынова", given="Зоя", patronymic="Петровна")
    make_patient(make_organization(), family="Мартынова", given="Чужая")
    response = search(signed_in, "Мартынва зоя")
    text = response.content.decode()
    assert "Мартынова Зоя Петровна" in text
    assert "Чужая" not in text
    assert [patient.given for patient in search(signed_in, "мартынова").context["found"].patients] == ["Зоя"]


def test_clinics_are_found_by_name_and_town_with_typing_errors(signed_in):
    make_clinic(name_ru="Диагностический центр «Прибой»", short_name_ru="Прибой", city_ru="Холмск")
    make_clinic(name_ru="Поликлиника", short_name_ru="Поликлиника", city_ru="Невельск")
    for text in ("прибой", "Прибй", "холмск"):
        names = [row["name"] for row in search(signed_in, text).context["found"].clinics]
        assert len(names) == 1, text


def test_many_results_lead_to_their_own_lists(signed_in, clinic):
    for n in range(12):
        make_patient(clinic.organization, family="Ким", given=f"Имя{chr(1072 + n)}")
        make_clinic(name_ru=f"Кимовская клиника {n}")
    response = search(signed_in, "ким")
    text = response.content.decode()
    assert len(response.context["found"].patients) == 10
    assert len(response.context["found"].clinics) == 8
    assert "/patients/?q=" in text
    assert "/clinics/?q=" in text


@pytest.mark.parametrize(
    "text", ["", " ", "нет такого слова нигде", "\x00", "%_'\"<script>", "a" * 5000, "-" * 50, "1"]
)
def test_odd_texts_are_answered_in_words(signed_in, text):
    response = search(signed_in, text)
    assert response.status_code == 200
    assert "<script>" not in response.content.decode().split("<body")[1].split("search-page", 1)[-1]


def test_office_finds_clinics_but_no_patients(client, clinic):
    client.force_login(make_member(Role.OFFICE))
    make_patient(clinic.organization, family="Мартынова", given="Зоя")
    response = search(client, "Мартынова")
    assert response.status_code == 200
    assert response.context["found"].patients == []


def test_at_most_eight_queries_however_many_rows(signed_in, clinic, django_assert_max_num_queries):
    signed_in.get(reverse("pages:search"))
    counts = []
    for n in (1, 30):
        for _ in range(n):
            make_patient(clinic.organization, family="Иванова", given="Мария", patronymic="Сергеевна")
            make_clinic(name_ru="Ивановская клиника")
        signed_in.get(reverse("pages:search"))
        with django_assert_max_num_queries(8) as captured:
            search(signed_in, "Ивнова Мари Сергевна")
        counts.append(len(captured))
    assert counts[0] == counts[1]
