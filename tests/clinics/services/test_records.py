"""The office enters organisations and clinics, and is asked before it enters one twice."""

import pytest

from clinics.errors import BinTaken, InnTaken, LikelyDuplicate
from clinics.models import Organization
from clinics.selectors.likeness import like_clinic, like_organization
from clinics.selectors.records import organizations_listed
from clinics.services.records import create_clinic, create_organization, update_organization
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

ORGANIZATION = {
    "name_ru": "Сахалинский морской госпиталь", "short_name_ru": "Морской госпиталь", "ownership": "private",
    "country": "RU",
}  # fmt: skip
CLINIC = {
    "name_ru": "Корпус на Приморской", "short_name_ru": "Корпус", "type": "hospital", "address_ru": "ул. Приморская, 1",
    "city_ru": "Корсаков", "country": "RU", "lat": 46.63, "lon": 142.78, "time_zone": "Asia/Sakhalin",
}  # fmt: skip


@pytest.fixture
def office():
    make.make_cluster()
    return make.make_actor("office")


def candidates(error):
    return [(one["name"], one["signs"]) for one in error.value.extra["candidates"]]


def test_an_organisation_is_entered(office):
    made = create_organization(
        office, data=ORGANIZATION | {"status": "member", "name_en": " Marine hospital "}
    )
    made.refresh_from_db()
    assert (made.name_en, made.status) == ("Marine hospital", "member")


@pytest.mark.parametrize(
    ("name", "is_it"),
    [
        ("Сахалинский морской госпиталь", True), ("САХАЛИНСКИЙ  МОРСКОЙ ГОСПИТАЛЬ", True),
        ("Сахалинский морской госпитль", True), ("Морской госпиталь", True), ("Сахалинская областная больница", False),
        ("Курильский рыбный порт", False),
    ],
)  # fmt: skip
def test_names_that_are_alike_are_asked_about(office, name, is_it):
    create_organization(office, data=ORGANIZATION)
    found = like_organization({"name_ru": name})
    assert bool(found) is is_it
    if is_it:
        with pytest.raises(LikelyDuplicate):
            create_organization(office, data=ORGANIZATION | {"name_ru": name, "short_name_ru": "Другое"})


def test_saying_that_it_is_another_one_goes_on(office):
    create_organization(office, data=ORGANIZATION)
    with pytest.raises(LikelyDuplicate) as caught:
        create_organization(office, data=ORGANIZATION)
    assert candidates(caught) == [(ORGANIZATION["name_ru"], ["name"])]
    create_organization(office, data=ORGANIZATION, confirmed_distinct=True)
    assert Organization.objects.filter(name_ru=ORGANIZATION["name_ru"]).count() == 2


def test_numbered_names_are_told_apart_by_their_number(office):
    make.make_organization(name_ru="Городская поликлиника № 1", short_name_ru="Поликлиника 1")
    assert like_organization({"name_ru": "Городская поликлиника № 2"}) == []
    assert like_organization({"name_ru": "Городская поликлиника 1"})


def test_the_same_number_is_asked_about_or_refused(office):
    make.make_organization(name_ru="Первая", short_name_ru="П", ogrn="1027700132195", inn="7707083893")
    make.make_organization(
        name_ru="Second", short_name_ru="S", country="KR", foreign_number="110-81-1", inn=""
    )
    with pytest.raises(LikelyDuplicate) as caught:
        create_organization(office, data=ORGANIZATION | {"ogrn": "1027700132195"})
    assert candidates(caught) == [("Первая", ["number"])]
    # Two organisations with one ИНН cannot be, whatever anybody says.
    with pytest.raises(InnTaken):
        create_organization(office, data=ORGANIZATION | {"inn": "7707083893"}, confirmed_distinct=True)
    korean = ORGANIZATION | {"country": "KR", "foreign_number": "110-81-1"}
    with pytest.raises(LikelyDuplicate):
        create_organization(office, data=korean)
    create_organization(office, data=korean | {"country": "JP"})


def test_a_bin_in_use_is_refused(office):
    make.make_organization(bin="990140000011")
    with pytest.raises((BinTaken, Invalid)):
        create_organization(office, data=ORGANIZATION | {"bin": "990140000011"})


def test_a_clinic_next_door_is_asked_about(office):
    organization = make.make_organization()
    create_clinic(office, organization_id=organization.pk, data=CLINIC)
    # 0.0017 degrees of latitude are 189 metres, 0.0019 are 211.
    near = CLINIC | {"name_ru": "Стоматология", "short_name_ru": "Зубной", "lat": 46.6317}
    with pytest.raises(LikelyDuplicate) as caught:
        create_clinic(office, organization_id=organization.pk, data=near)
    (one,) = caught.value.extra["candidates"]
    assert (one["signs"], one["metres"]) == (["near"], 189)
    assert like_clinic(near | {"lat": 46.6319}) == []
    create_clinic(office, organization_id=organization.pk, data=near, confirmed_distinct=True)


def test_a_clinic_begins_before_its_closing(office):
    organization = make.make_organization()
    made = create_clinic(office, organization_id=organization.pk, data=CLINIC | {"status": "planned"})
    assert (made.status, made.organization) == ("planned", organization)
    with pytest.raises(Invalid) as caught:
        create_clinic(office, organization_id=organization.pk, data=CLINIC | {"status": "closed"})
    assert list(caught.value.errors) == ["status"]


def test_everything_that_is_missing_is_named_at_once(office):
    with pytest.raises(Invalid) as caught:
        create_clinic(office, organization_id=make.make_organization().pk, data={"name_ru": "Корпус"})
    assert caught.value.errors.keys() == {
        "short_name_ru", "type", "address_ru", "city_ru", "country", "lat", "lon", "time_zone",
    }  # fmt: skip


def test_who_may_enter(office):
    manager = make.make_actor("manager")
    for call in (
        lambda: create_organization(manager, data=ORGANIZATION),
        lambda: create_clinic(manager, organization_id=manager.organization_id, data=CLINIC),
        lambda: update_organization(manager, organization_id=manager.organization_id, data={"phone": "1"}),
    ):
        with pytest.raises(Forbidden):
            call()
    with pytest.raises(NotFound):
        create_clinic(office, organization_id=make.make_actor().user_id, data=CLINIC)


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_takes_one_query(office, number, django_assert_num_queries):
    for n in range(number):
        make.make_clinic(make.make_organization(sector="education", short_name_ru=f"Вуз {n:02}"))
    with django_assert_num_queries(1):
        rows = list(organizations_listed(office, sector="education"))
    assert [row.sites for row in rows] == [1] * number
    assert rows[0].short_name_ru == "Вуз 00"
    assert not organizations_listed(office, sector="education", status="left")
    assert len(organizations_listed(office, text="вуз 00")) == 1
