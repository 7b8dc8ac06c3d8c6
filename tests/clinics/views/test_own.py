"""The organisation's own record."""

import pytest
from django.urls import reverse

from clinics.forms.records import ClinicForm
from clinics.models import ChangeRequest
from clinics.services.records import update_clinic
from cluster_portal.accounts.roles import Role
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

OWN = "/my-clinic/"


@pytest.fixture
def clinic():
    make.make_cluster()
    service = make.make_service()
    make.make_practitioner(service.clinic, family="Ковалёва", given="Анна")
    return service.clinic


def sign_in(client, role, organization=None):
    client.force_login(make.make_member(role, organization=organization))
    return client


def form_of(clinic, **fields):
    """The form as the page shows it, with some fields typed anew."""
    form = ClinicForm(instance=clinic, proposes=True)
    data = {}
    for bound in form:
        value = bound.value()
        if value not in (None, "", False):
            data[bound.html_name] = value
    return data | fields


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


def test_the_manager_proposes_and_the_record_waits(client, clinic):
    url = reverse("clinics:own_edit", args=[clinic.pk])
    sign_in(client, Role.MANAGER, clinic.organization)
    assert client.get(url).status_code == 200
    typed = {"description_ru": "Принимаем каждый день", "languages": ["ru", "ko"], "open6_starts": "09:00"}
    page = client.post(url, form_of(clinic, **typed, open6_ends="14:00", note="С декабря"))
    change = ChangeRequest.objects.get()
    assert (page.status_code, page["Location"]) == (303, reverse("clinics:change", args=[change.pk]))
    assert set(change.changes) == {"description_ru", "languages", "opening_hours"}
    assert change.note == "С декабря"
    before = clinic.description_ru
    clinic.refresh_from_db()
    assert clinic.description_ru == before
    shown = client.get(page["Location"]).content.decode()
    for text in ("Принимаем каждый день", "русский, корейский", "Отозвать запрос", "ждёт решения"):
        assert text in shown
    # While it waits, the form leads there, and a second one is refused in words.
    assert client.get(url)["Location"] == page["Location"]
    again = client.post(url, form_of(clinic, phone="1"))
    assert again.status_code == 422
    assert "уже ждёт решения" in again.content.decode()
    assert "Изменение ждёт решения офиса" in client.get(OWN).content.decode()
    withdrawn = client.post(reverse("clinics:change_action", args=[change.pk, "withdraw"]))
    assert withdrawn.status_code == 303
    assert client.get(url).status_code == 200


def test_the_organisation_s_own_record_waits_too(client, clinic):
    organization = clinic.organization
    sign_in(client, Role.MANAGER, organization)
    url = reverse("clinics:own_organization_edit", args=[organization.pk])
    form = client.get(url).context["form"]
    assert "status" not in form.fields and "cluster_role" not in form.fields
    data = {b.html_name: b.value() for b in form if b.value() not in (None, "", False)}
    page = client.post(url, data | {"phone": "+7 4242 30-30-30"})
    assert page.status_code == 303
    assert ChangeRequest.objects.get().changes == {"phone": ["", "+7 4242 30-30-30"]}


def test_what_another_hand_has_changed_is_shown_and_not_undone(client, clinic):
    url = reverse("clinics:own_edit", args=[clinic.pk])
    sign_in(client, Role.MANAGER, clinic.organization)
    typed = form_of(clinic, email="typed@example.org")
    update_clinic(make.make_actor("office"), clinic_id=clinic.pk, data={"phone": "+7 4242 77-77-77"})
    page = client.post(url, typed)
    html = page.content.decode()
    assert page.status_code == 422 and not ChangeRequest.objects.exists()
    assert "+7 4242 77-77-77" in html and "typed@example.org" in html
    seen = page.context["form"]["seen"].value()
    client.post(url, typed | {"seen": seen, "phone": "+7 4242 77-77-77"})
    assert set(ChangeRequest.objects.get().changes) == {"email"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "нет"}, "email"), ({"open1_ends": ""}, "open1_ends"), ({"open1_ends": "07:00"}, "open1_ends"),
        ({"address_ru": ""}, "address_ru"), ({"languages": ["xx"]}, "languages"), ({"lat": "95"}, "lat"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"), ({"country": "ZZ"}, "country"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(client, clinic, fields, field):
    sign_in(client, Role.MANAGER, clinic.organization)
    page = client.post(reverse("clinics:own_edit", args=[clinic.pk]), form_of(clinic, **fields))
    assert page.status_code == 422
    assert field in page.context["form"].errors


def test_nothing_new_is_said_so(client, clinic):
    sign_in(client, Role.MANAGER, clinic.organization)
    page = client.post(reverse("clinics:own_edit", args=[clinic.pk]), form_of(clinic))
    assert page.status_code == 422
    assert "Ничего не отличается" in page.content.decode()


@pytest.mark.parametrize(
    ("role", "own", "status"),
    [(Role.COORDINATOR, True, 403), (Role.MANAGER, False, 403), (Role.OFFICE, False, 403)],
)
def test_who_may_not(client, clinic, role, own, status):
    sign_in(client, role, clinic.organization if own else None)
    url = reverse("clinics:own_edit", args=[clinic.pk])
    assert client.get(url).status_code == status
    assert client.post(url, form_of(clinic)).status_code == status


def test_whoever_serves_nobody_is_told(client):
    client.force_login(make.make_user())
    page = client.get(OWN)
    assert page.status_code == 200
    assert "Вы не представляете организацию" in page.content.decode()
