"""The registry by REST: what is shown, how lists are narrowed, how many queries they take."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.states import ClinicStatus, Direction, LicenceStatus, Ownership, Payment, ServiceMode
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller() -> Caller:
    return Caller()


def ids(response) -> set[str]:
    assert response.status_code == 200, response.content
    return {row.get("id") or row["code"] for row in response.json()["results"]}


RESOURCES = {
    "organizations": lambda n: make.make_organization(),
    "clinics": lambda n: make.make_clinic(),
    "services": lambda n: make.make_service(service_type=f"type-{n}"),
    "service-types": lambda n: make.make_service_type(f"type-{n}"),
    "practitioners": lambda n: make.make_practitioner(),
    "licences": lambda n: make.make_licence(make.make_clinic()),
    "accreditations": lambda n: make.make_accreditation(make.make_clinic()),
}
WRITTEN = {"schedules", "services", "practitioners", "licences", "accreditations", "clinics", "organizations"}


@pytest.mark.parametrize("resource", RESOURCES)
def test_list_and_single(caller: Caller, resource: str) -> None:
    row = RESOURCES[resource](1)
    assert str(row.pk) in ids(caller.get(f"/api/v1/{resource}/"))
    answer = caller.get(f"/api/v1/{resource}/{row.pk}/")
    assert answer.status_code == 200
    assert answer.json() in caller.get(f"/api/v1/{resource}/?limit=500").json()["results"]


@pytest.mark.parametrize("resource", RESOURCES)
def test_queries_do_not_grow_with_the_rows(caller: Caller, resource: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            caller.get(f"/api/v1/{resource}/")
        return len(seen)

    RESOURCES[resource](1)
    few = queries()
    for n in range(2, 6):
        RESOURCES[resource](n)
    assert queries() == few <= 4


@pytest.mark.parametrize("resource", [*RESOURCES, "schedules", "slots"])
def test_scope_is_asked_for(resource: str) -> None:
    assert_problem(
        Caller(granted=frozenset({"patients:read"})).get(f"/api/v1/{resource}/"), 403, "insufficient_scope"
    )


@pytest.mark.parametrize("resource", sorted({*RESOURCES, "schedules", "slots"} - WRITTEN))
def test_nothing_is_written_here(caller: Caller, resource: str) -> None:
    assert_problem(caller.post(f"/api/v1/{resource}/", {}), 405, "method_not_allowed")


def test_names_follow_the_language_and_are_all_there(caller: Caller) -> None:
    row = make.make_organization(name_ru="Больница", name_en="Hospital")
    english = caller.get(f"/api/v1/organizations/{row.pk}/").json()
    kazakh = caller.get(f"/api/v1/organizations/{row.pk}/", headers={"Accept-Language": "kk"}).json()
    assert english["name"] == "Hospital"
    assert kazakh["name"] == "Больница"
    assert english["names"] == {"ru": "Больница", "en": "Hospital", "kk": ""}


def test_organisations_are_narrowed(caller: Caller) -> None:
    private = make.make_organization(ownership=Ownership.PRIVATE, name_ru="Клиника Сердце", inn="6501025296")
    foreign = make.make_organization(ownership=Ownership.FOREIGN, country="KR")
    url = "/api/v1/organizations/"
    assert ids(caller.get(f"{url}?ownership=private&ownership=foreign")) == {str(private.pk), str(foreign.pk)}
    assert ids(caller.get(f"{url}?country=KR")) == {str(foreign.pk)}
    assert ids(caller.get(f"{url}?inn=6501025296")) == {str(private.pk)}
    assert ids(caller.get(f"{url}?q=сердце")) == {str(private.pk)}
    assert caller.get(f"{url}{foreign.pk}/").json()["is_oecd"] is True
    assert_problem(caller.get(f"{url}?ownership=secret"), 400, "invalid")


def test_clinics_by_what_they_offer(caller: Caller) -> None:
    service_type = make.make_service_type("mri", direction=Direction.CLINICAL)
    both = make.make_service(service_type=service_type, payments=[Payment.OMS]).clinic
    # One service is of the type and another one is paid for by the insurance: that is not the same clinic.
    mixed = make.make_clinic()
    make.make_service(mixed, service_type, payments=[Payment.PAID])
    make.make_service(mixed, "other", payments=[Payment.OMS])
    url = "/api/v1/clinics/"
    assert ids(caller.get(f"{url}?service_type=mri")) == {str(both.pk), str(mixed.pk)}
    assert ids(caller.get(f"{url}?service_type=mri&payment=oms")) == {str(both.pk)}
    assert ids(caller.get(f"{url}?payment=dms")) == set()


def test_the_filters_of_the_catalogue(caller: Caller) -> None:
    url = "/api/v1/clinics/"
    always = {str(day): ["00:00", "23:59"] for day in range(1, 8)}
    here = make.make_clinic(caller.organization, opening_hours=always, languages=["ru", "ko"])
    there = make.make_clinic(opening_hours={}, lat=50.9, lon=142.15, city_ru="Углегорск")
    closed = make.make_clinic(
        opening_hours=always, status=ClinicStatus.CLOSED, closed_on="2026-01-01", close_reason="переезд"
    )
    make.make_slot(make.make_service(here), start=make.at(2))
    make.make_slot(
        make.make_service(
            there, make.make_service_type("massage", "massage", direction=Direction.REHABILITATION)
        )
    )
    make.make_equipment(here)
    make.make_accreditation(there)
    mine, other, both = {str(here.pk)}, {str(there.pk)}, {str(here.pk), str(there.pk)}
    for query, found in (
        ("open_now=true", mine),
        ("open_now=false", other | {str(closed.pk)}),
        ("open_weekends=true&open_evenings=true&round_the_clock=true&status=open", mine),
        ("round_the_clock=false&status=open", other),
        ("free_within_days=1", other),
        ("free_within_days=7", both),
        ("direction=rehabilitation", other),
        ("language=ko", mine),
        ("equipment=ct", mine),
        ("accreditation=jci", other),
        ("near=46.96,142.74&distance_km=50&status=open", mine),
        ("q=кардеолог", mine),
        ("q=углигорск", other),
        ("q=rfhlbjkju", mine),
    ):
        assert ids(caller.get(f"{url}?{query}")) == found, query
    for wrong in (
        "free_within_days=-1",
        "free_within_days=x",
        "open_now=maybe",
        "accreditation=x",
        "distance_km=-1",
    ):
        assert_problem(caller.get(f"{url}?{wrong}"), 400, "invalid")


def test_clinics_near(caller: Caller) -> None:
    here = make.make_clinic(lat=46.95, lon=142.73)
    far = make.make_clinic(lat=50.9, lon=142.15)
    url = "/api/v1/clinics/"
    near = caller.get(f"{url}?near=46.96,142.74").json()["results"]
    assert [(row["id"], row["distance_km"]) for row in near] == [(str(here.pk), 1.3)]
    assert ids(caller.get(f"{url}?near=46.96,142.74&radius_km=600")) == {str(here.pk), str(far.pk)}
    for wrong in ("near=here", "near=91,0", "near=1,2,3", "near=1,2&radius_km=-1", "near=nan,1"):
        assert_problem(caller.get(f"{url}?{wrong}"), 400, "invalid")


def test_clinics_by_words_and_state(caller: Caller) -> None:
    clinic = make.make_clinic(name_ru="Диагностический центр «Ёлочка»", status=ClinicStatus.PLANNED)
    url = "/api/v1/clinics/"
    assert ids(caller.get(f"{url}?q=елочка")) == {str(clinic.pk)}
    assert ids(caller.get(f"{url}?status=planned")) == {str(clinic.pk)}
    assert ids(caller.get(f"{url}?organization={clinic.organization_id}")) == {str(clinic.pk)}


def test_services_practitioners_and_licences_are_narrowed(caller: Caller) -> None:
    service = make.make_service(mode=ServiceMode.TELEMEDICINE)
    make.make_service(service_type="other", payments=[Payment.PAID])
    person = make.make_practitioner(service.clinic, specialties=["neurology"])
    make.make_practitioner()
    old = make.make_licence(service.clinic, "neurology", valid_to=date(2024, 12, 31))
    for url, expected in (
        ("services/?mode=telemedicine", service),
        (f"services/?clinic={service.clinic_id}", service),
        ("services/?payment=oms", service),
        (f"practitioners/?clinic={service.clinic_id}", person),
        ("practitioners/?specialty=neurology", person),
        ("licences/?activity=neurology", old),
        ("licences/?activity=neurology&valid_on=2024-12-31", old),
    ):
        assert ids(caller.get(f"/api/v1/{url}")) == {str(expected.pk)}, url
    assert ids(caller.get("/api/v1/licences/?activity=neurology&valid_on=2025-01-01")) == set()
    assert ids(caller.get(f"/api/v1/licences/?status={LicenceStatus.SUSPENDED}")) == set()


def test_changes_since(caller: Caller) -> None:
    row = make.make_organization()
    moment = row.updated_at.isoformat()
    url = "/api/v1/organizations/?updated_since="
    assert ids(caller.get(url + moment)) == {str(row.pk)}
    assert ids(caller.get(url + moment.replace("+", "%2B"))) == {str(row.pk)}
    assert ids(caller.get(url + "9999-12-31T23:59:59-19:02")) == set()
    assert len(ids(caller.get(url + "0001-01-01T00:00:00%2B14:00"))) == 2
    for wrong in ("2026-11-21", "2026-11-21T10:00:00", "", "2026-13-45T00:00:00Z"):
        assert_problem(caller.get(url + wrong), 400, "invalid")


def test_schedules_are_one_s_own(caller: Caller) -> None:
    clinic = make.make_clinic(caller.organization)
    mine = make.make_schedule(make.make_service(clinic), make.make_practitioner(clinic))
    other = make.make_schedule(make.make_service())
    assert ids(caller.get("/api/v1/schedules/")) == {str(mine.pk)}
    shown = caller.get(f"/api/v1/schedules/{mine.pk}/").json()
    assert shown["hours"][0] == {"weekday": 1, "starts": "09:00", "ends": "13:00"}
    assert_problem(caller.get(f"/api/v1/schedules/{other.pk}/"), 404, "not_found")
