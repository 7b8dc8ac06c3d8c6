"""The cluster office's pages of the registry: entering, changing, deciding, closing."""

import pytest
from django.urls import reverse

from clinics.models import ChangeRequest, Clinic, Organization
from clinics.services.records import update_clinic
from cluster_portal.accounts.roles import Role
from tests.factories import clinics as make
from tests.factories.records import make_beds, make_change, make_link, make_photo, make_room

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cluster():
    return make.make_cluster()


@pytest.fixture
def clinic():
    return make.make_clinic(phone="0")


@pytest.fixture
def office(client):
    client.force_login(make.make_member(Role.OFFICE))
    return client


def shown(client, url, **fields):
    """What the page's form would send, with some fields typed anew."""
    form = client.get(url).context["form"]
    return {b.html_name: b.value() for b in form if b.value() not in (None, "", False)} | fields


def test_a_point_that_can_hardly_be_right_is_shown_before_it_is_written(office, clinic):
    url = reverse("clinics:record_clinic", args=[clinic.pk])
    make.make_clinic(city_ru=clinic.city_ru)
    for lat, lon, why in (("55.75", "37.62", "вне региона"), ("51.0", "142.7", "ближайшей другой клиники")):
        typed = shown(office, url, lat=lat, lon=lon)
        doubted = office.post(url, typed)
        assert doubted.status_code == 422 and why in doubted.content.decode(), why
        clinic.refresh_from_db()
        assert clinic.lat != float(lat)
    assert 'name="placed"' in doubted.content.decode()
    assert office.post(url, typed | {"placed": "1"}).status_code == 303
    clinic.refresh_from_db()
    assert clinic.lat == 51.0


def test_an_organisation_and_its_clinic_are_entered(office):
    page = reverse("clinics:record_organization_new")
    made = office.post(
        page,
        shown(
            office, page, name_ru="Ясень", short_name_ru="Ясень", ownership="private", sector="research",
            status="member", country="RU",
        ),
    )  # fmt: skip
    organization = Organization.objects.get(name_ru="Ясень")
    assert made["Location"] == reverse("clinics:record_organization", args=[organization.pk])
    new = reverse("clinics:record_clinic_new") + f"?organization={organization.pk}"
    typed = shown(
        office, new, name_ru="Корпус", short_name_ru="Корпус", type="hospital", city_ru="Холмск",
        address_ru="ул. Мира, 1", lat="47.05", lon="142.05", status="planned", organization=organization.pk,
    )  # fmt: skip
    made = office.post(new, typed)
    site = Clinic.objects.get(name_ru="Корпус")
    assert made["Location"] == reverse("clinics:record_clinic", args=[site.pk])
    assert (site.status, site.organization, site.time_zone) == ("planned", organization, "Asia/Sakhalin")
    html = office.get(reverse("clinics:record_organization", args=[organization.pk])).content.decode()
    assert reverse("clinics:record_clinic", args=[site.pk]) in html


def test_what_looks_like_it_is_shown_before_it_is_entered_twice(office, clinic):
    page = reverse("clinics:record_organization_new")
    known = clinic.organization
    typed = shown(
        office,
        page,
        name_ru=known.name_ru,
        short_name_ru="Другая",
        ownership="state",
        country="RU",
        status="member",
    )
    asked = office.post(page, typed)
    html = asked.content.decode()
    assert asked.status_code == 422
    assert reverse("clinics:record_organization", args=[known.pk]) in html and "похожее название" in html
    assert 'name="distinct"' in html
    assert office.post(page, typed | {"distinct": "1"}).status_code == 303
    assert Organization.objects.filter(name_ru=known.name_ru).count() == 2


def test_what_the_database_refuses_is_said_in_our_words_at_its_field(office, clinic):
    """Django's own check of the constraints, by which they are named to the reader, is left to the services."""
    make.make_organization(inn="7707083893")
    page = reverse("clinics:record_organization", args=[clinic.organization_id])
    refused = office.post(page, shown(office, page, country="RU", inn="7707083893"))
    assert refused.status_code == 422
    errors = refused.context["form"].errors
    assert dict(errors) == {"inn": ["Организация с таким ИНН уже есть в реестре."]}
    typed = {"number": "7", "kind": "consulting", "opened_on": "2026-05-02", "closed_on": "2026-05-01"}
    refused = office.post(reverse("clinics:room_new", args=[clinic.pk]), typed)
    assert dict(refused.context["form"].errors) == {"closed_on": ["Конец раньше начала."]}


def test_the_office_changes_a_record_at_once_and_over_nobody(office, clinic):
    url = reverse("clinics:record_clinic", args=[clinic.pk])
    typed = shown(office, url, phone="1")
    update_clinic(make.make_actor("office"), clinic_id=clinic.pk, data={"email": "other@example.org"})
    late = office.post(url, typed)
    html = late.content.decode()
    assert late.status_code == 422 and "other@example.org" in html and "вы ввели" in html
    clinic.refresh_from_db()
    assert (clinic.phone, clinic.email) == ("0", "other@example.org")
    again = typed | {"seen": late.context["form"]["seen"].value(), "email": "other@example.org"}
    assert office.post(url, again).status_code == 303
    clinic.refresh_from_db()
    assert (clinic.phone, clinic.email) == ("1", "other@example.org")


def test_a_change_is_approved_from_its_page(office, clinic):
    change = make_change(clinic)
    assert "Изменения записей" in office.get("/changes/").content.decode()
    page = office.get(reverse("clinics:change", args=[change.pk])).content.decode()
    for text in (clinic.name_ru, "Телефон", "+7 4242 55-55-55", "Одобрить изменение", "Отказать"):
        assert text in page
    done = office.post(reverse("clinics:change_action", args=[change.pk, "approve"]), {"comment": "Верно"})
    assert done["Location"] == reverse("clinics:changes")
    clinic.refresh_from_db()
    assert clinic.phone == "+7 4242 55-55-55"
    after = office.get(reverse("clinics:change", args=[change.pk])).content.decode()
    assert "Верно" in after and "Одобрить изменение" not in after
    assert clinic.short_name_ru in office.get("/changes/?state=approved").content.decode()


def test_a_refusal_without_words_keeps_the_page(office, clinic):
    change = make_change(clinic)
    url = reverse("clinics:change_action", args=[change.pk, "refuse"])
    page = office.post(url, {"comment": " "})
    assert page.status_code == 422 and "Укажите причину" in page.content.decode()
    assert office.post(url, {"comment": "Номер не отвечает"}).status_code == 303
    assert ChangeRequest.objects.get().state == "refused"
    told = office.post(url, {"comment": "Ещё раз"}, follow=True).content.decode()
    assert "Ничего не изменено" in told


def test_a_conflict_is_decided_field_by_field(office, clinic):
    change = make_change(clinic)
    update_clinic(make.make_actor("office"), clinic_id=clinic.pk, data={"phone": "2"})
    url, page = (reverse(f"clinics:{name}", args=args) for name, args in (
        ("change_action", [change.pk, "approve"]), ("change", [change.pk])
    ))  # fmt: skip
    refused = office.post(url, {})
    assert refused.status_code == 409 and 'name="take-phone"' in refused.content.decode()
    clinic.refresh_from_db()
    assert clinic.phone == "2"
    seen = office.get(page).context["record"].updated_at.isoformat()
    assert office.post(url, {"take-phone": "asked", "seen": seen}).status_code == 303
    clinic.refresh_from_db()
    assert clinic.phone == "+7 4242 55-55-55"


def test_the_menu_counts_what_waits(office, clinic):
    make_change(clinic)
    html = office.get("/changes/").content.decode()
    assert "Изменения записей" in html and 'href="/changes/"' in html


def test_a_clinic_is_closed_from_its_page(office):
    service = make.make_service()
    clinic = service.clinic
    url = reverse("clinics:record_status", args=[clinic.pk, "close"])
    slot = make.make_slot(service, start=make.at(4), taken=1)
    day = make.day_of(make.at(0, 12)).isoformat()
    page = office.post(url, {"closed_on": day, "reason": "Переезд"})
    assert page.status_code == 422
    assert "keep_booked" in page.content.decode() and page.context["in_the_way"][0][0] == slot
    office.post(url, {"closed_on": day, "reason": "Переезд", "keep_booked": "1"})
    clinic.refresh_from_db()
    assert clinic.status == "open"
    type(slot).objects.filter(pk=slot.pk).update(taken=0)
    assert office.post(url, {"closed_on": day, "reason": "Переезд"}).status_code == 303
    clinic.refresh_from_db()
    assert clinic.status == "closed"
    html = office.get(reverse("clinics:record_clinic", args=[clinic.pk])).content.decode()
    assert "Переезд" in html and reverse("clinics:record_status", args=[clinic.pk, "reopen"]) in html
    assert office.get(reverse("clinics:record_status", args=[clinic.pk, "explode"])).status_code == 404


def test_the_manager_keeps_rooms_beds_and_photographs(client, clinic):
    client.force_login(make.make_member(Role.MANAGER, organization=clinic.organization))
    make_photo(clinic), make_link(spoke=clinic)
    base = reverse("clinics:premises", args=[clinic.pk])
    day = make.day_of(make.at(0, 12)).isoformat()
    for part, typed in (
        ("rooms/", {"number": "312", "kind": "consulting", "name_ru": "Кардиолог"}),
        ("beds/", {"profile": "therapy", "beds": "25", "valid_from": day}),
    ):
        assert client.get(base + part).status_code == 200
        assert client.post(base + part, typed)["Location"] == base
        assert client.post(base + part, {}).status_code == 422
    html = client.get(base).content.decode()
    for text in ("№ 312", "Кардиолог", "Терапия", "Главный вход"):
        assert text in html
    # Links bind two organisations: the office makes them.
    assert "Убрать связь" not in html
    room = clinic.rooms.get()
    assert (
        client.post(reverse("clinics:room", args=[room.pk]), {"number": "312", "kind": "ward"}).status_code
        == 303
    )
    again = client.post(base + "rooms/", {"number": "312", "kind": "ward"})
    assert again.status_code == 422 and "number" in again.context["form"].errors
    clinic.refresh_from_db()
    assert clinic.beds == 25


@pytest.mark.parametrize("number", [1, 30])
def test_lists_take_few_queries(office, number, django_assert_max_num_queries):
    for _n in range(number):
        clinic = make_change().clinic
        make_room(clinic), make_beds(clinic)
    for url in ("/changes/", "/registry/organizations/"):
        office.get(url)
        with django_assert_max_num_queries(9):
            assert office.get(url).status_code == 200
