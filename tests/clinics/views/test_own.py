"""The organisation's own record."""

import pytest
from django.urls import reverse

from cluster_portal.accounts.roles import Role
from cluster_portal.audit.selectors import history
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

OWN = "/my-clinic/"


@pytest.fixture
def clinic():
    service = make.make_service()
    make.make_practitioner(service.clinic, family="Ковалёва", given="Анна")
    return service.clinic


def sign_in(client, role, organization=None):
    client.force_login(make.make_member(role, organization=organization))
    return client


def form_of(**fields):
    hours = {f"open{day}_{end}": "" for day in range(1, 8) for end in ("starts", "ends")}
    data = {
        "description_ru": "Принимаем каждый день", "address_ru": "ул. Мира, 430", "phone": "+7 4242 00-00-00",
        "languages": ["ru", "ko"], "open1_starts": "08:00", "open1_ends": "20:00",
    }  # fmt: skip
    return hours | data | fields


def test_everything_of_the_organisation_is_there(client, clinic):
    html = sign_in(client, Role.REFERRER, clinic.organization).get(OWN).content.decode()
    for text in (clinic.name_ru, "Консультация кардиолога", "Ковалёва Анна", clinic.licences.get().number):
        assert text in html
    assert reverse("clinics:own_edit", args=[clinic.pk]) not in html


@pytest.mark.parametrize(("left", "words"), [(20, "заканчивается"), (-2, "закрыты для записи")])
def test_licences_that_end_are_said_first(client, clinic, left, words):
    clinic.licences.update(valid_to=make.day_of(make.at(left)))
    html = sign_in(client, Role.MANAGER, clinic.organization).get(OWN).content.decode()
    assert "Лицензии, которым нужно внимание" in html
    assert words in html


@pytest.mark.parametrize("number", [1, 15])
def test_queries_do_not_grow(client, clinic, number, django_assert_max_num_queries):
    for n in range(number):
        other = make.make_clinic(clinic.organization)
        make.make_service(other, make.make_service_type(f"type{n}"))
        make.make_practitioner(other)
    sign_in(client, Role.MANAGER, clinic.organization).get(OWN)
    with django_assert_max_num_queries(15):
        client.get(OWN)


def test_the_manager_changes_it_and_the_journal_keeps_what_it_was(client, clinic):
    url = reverse("clinics:own_edit", args=[clinic.pk])
    sign_in(client, Role.MANAGER, clinic.organization)
    assert client.get(url).status_code == 200
    assert client.post(url, form_of()).status_code == 303
    clinic.refresh_from_db()
    assert clinic.description_ru == "Принимаем каждый день"
    assert clinic.languages == ["ru", "ko"]
    assert clinic.opening_hours == {"1": ["08:00", "20:00"]}
    entry = history(clinic).last()
    assert entry.action == "update_clinic"
    assert "description_ru" in entry.after


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "нет"}, "email"), ({"open1_ends": ""}, "open1_ends"), ({"open1_ends": "07:00"}, "open1_ends"),
        ({"address_ru": ""}, "address_ru"), ({"languages": ["xx"]}, "languages"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(client, clinic, fields, field):
    sign_in(client, Role.MANAGER, clinic.organization)
    page = client.post(reverse("clinics:own_edit", args=[clinic.pk]), form_of(**fields))
    assert page.status_code == 422
    assert field in page.context["form"].errors


@pytest.mark.parametrize(
    ("role", "own", "status"), [(Role.COORDINATOR, True, 403), (Role.MANAGER, False, 403)]
)
def test_who_may_not(client, clinic, role, own, status):
    sign_in(client, role, clinic.organization if own else None)
    url = reverse("clinics:own_edit", args=[clinic.pk])
    assert client.get(url).status_code == status
    assert client.post(url, form_of()).status_code == status


def test_the_office_may_everywhere(client, clinic):
    sign_in(client, Role.OFFICE)
    assert client.get(reverse("clinics:own_edit", args=[clinic.pk])).status_code == 200


def test_whoever_serves_nobody_is_told(client):
    client.force_login(make.make_user())
    page = client.get(OWN)
    assert page.status_code == 200
    assert "Вы не представляете организацию" in page.content.decode()
