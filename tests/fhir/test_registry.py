"""The registry by FHIR: what is shown, searched and included, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import urlencode

from clinics.models import Slot
from clinics.states import Audience, ClinicStatus, SlotState
from cluster_portal.fhir.resources import RESOURCES
from tests.factories import clinics as make
from tests.fhir.support import ROOT, Reader, judged

pytestmark = pytest.mark.django_db

MAKE = {
    "Organization": lambda n: make.make_organization(),
    "Location": lambda n: make.make_clinic(),
    "HealthcareService": lambda n: make.make_service(service_type=f"type-{n}"),
    "Practitioner": lambda n: make.make_qualification(make.make_practitioner()).practitioner,
    "PractitionerRole": lambda n: make.make_practitioner(),
    "Endpoint": lambda n: make.make_organization(),
    "Schedule": lambda n: make.make_service(service_type=f"type-{n}"),
    "Slot": lambda n: make.make_slot(make.make_service(service_type=f"type-{n}")),
}


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_what_the_door_can_do_is_told_to_everybody() -> None:
    response = Client().get(f"{ROOT}/metadata")
    statement = judged(response.json())
    assert response["Content-Type"] == "application/fhir+json"
    assert statement["fhirVersion"] == "4.0.1"
    described = {resource["type"]: resource for resource in statement["rest"][0]["resource"]}
    assert described.keys() == RESOURCES.keys()
    assert {"name": "start", "type": "date"} in described["Slot"]["searchParam"]
    assert described["Slot"]["searchInclude"] == ["Slot:schedule"]


@pytest.mark.parametrize("kind", MAKE)
def test_one_and_many(reader: Reader, kind: str) -> None:
    row = MAKE[kind](1)
    single = reader.read(f"{kind}/{row.pk}")
    assert single["resourceType"] == kind and single["id"] == str(row.pk)
    assert single in reader.found(f"{kind}?_count=500")
    assert reader.found(f"{kind}?_id={row.pk},nobody") == [single]


@pytest.mark.parametrize("kind", MAKE)
def test_a_page_costs_the_same_for_one_and_for_thirty(reader: Reader, kind: str) -> None:
    steps = [f"{kind}:{name}" for name in RESOURCES[kind].includes]
    iterate = ["Schedule:actor", "Location:organization"]
    path = f"{ROOT}/{kind}?" + urlencode({"_include": steps, "_include:iterate": iterate}, doseq=True)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert reader.get(path).status_code == 200
        return len(seen)

    MAKE[kind](1)
    few = queries()
    for n in range(2, 31):
        MAKE[kind](n)
    assert queries() == few <= 10


def test_a_site_in_full(reader: Reader) -> None:
    clinic = make.make_clinic(
        opening_hours={"1": ["08:00", "20:00"], "6": ["00:00", "24:00"]}, phone="+7 4242 00-00-00",
        time_zone="Asia/Sakhalin", lat=46.96, lon=142.74, country="RU",
    )  # fmt: skip
    shown = reader.read(f"Location/{clinic.pk}")
    assert shown["extension"][0]["valueCode"] == "Asia/Sakhalin"
    assert shown["status"] == "active"
    assert shown["hoursOfOperation"] == [
        {"daysOfWeek": ["mon"], "openingTime": "08:00:00", "closingTime": "20:00:00"},
        {"daysOfWeek": ["sat"], "allDay": True},
    ]
    assert shown["managingOrganization"]["reference"] == f"Organization/{clinic.organization_id}"
    assert shown["telecom"] == [{"system": "phone", "value": "+7 4242 00-00-00"}]


def test_searches_of_the_registry(reader: Reader) -> None:
    here = make.make_clinic(name_ru="Больница на берегу", city_ru="Корсаков", lat=46.63, lon=142.78)
    there = make.make_clinic(name_ru="Дальняя", lat=55.75, lon=37.61, status=ClinicStatus.CLOSED,
                             closed_on="2026-01-01", close_reason="переезд")  # fmt: skip
    service = make.make_service(here, "neurologist")
    person = make.make_practitioner(here, family="Ли", specialties=["neurology"])
    organization = here.organization
    for path, row in {
        "Location?name=больница на": here,
        "Location?name:contains=берегу": here,
        "Location?status=inactive": there,
        "Location?address-city=корс": here,
        "Location?near=46.6|142.7|30|km": here,
        f"Location?organization=Organization/{organization.pk}": here,
        f"Organization?identifier=urn:oid:1.2.643.100.4|{organization.inn}": organization,
        f"HealthcareService?location={here.pk}&service-type=neurologist": service,
        f"Schedule?actor=Location/{here.pk}": service,
        f"Schedule?actor=HealthcareService/{service.pk}": service,
        "Practitioner?family:exact=Ли": person,
        f"PractitionerRole?location=Location/{here.pk}&specialty=neurology": person,
        f"Endpoint?organization={organization.pk}&status=active": organization,
    }.items():
        if row is organization and "identifier" in path and not organization.inn:
            continue
        assert reader.ids(path) == [str(row.pk)], path
    assert reader.ids("Location?near=46.6|142.7|30|km&status=inactive") == []
    assert reader.ids("Practitioner?family=Ли&_lastUpdated=lt2020-01-01") == []
    system = reader.read(f"HealthcareService/{service.pk}")["type"][0]["coding"][0]["system"]
    assert reader.ids(f"HealthcareService?service-type={system}|neurologist") == [str(service.pk)]
    assert reader.ids("HealthcareService?service-type=http://elsewhere|neurologist") == []


def test_what_comes_along(reader: Reader) -> None:
    slot = make.make_slot()
    clinic, service = slot.clinic, slot.service
    path = f"Slot?_id={slot.pk}&_include=Slot:schedule&_include:iterate=Schedule:actor"
    assert reader.ids(path) == [str(slot.pk)]
    found = reader.found(path, "include")
    assert [r["resourceType"] for r in found] == ["Schedule", "HealthcareService", "Location"]
    assert [r["id"] for r in found] == [str(service.pk), str(service.pk), str(clinic.pk)]
    # What the token may not read does not come along either.
    narrow = Reader(granted=frozenset({"slots:read"}))
    assert narrow.found(path, "include") == []
    assert narrow.read("Schedule", status=403)["issue"][0]["code"] == "forbidden"
    assert "There is no such parameter" in str(reader.read("Slot?_include=Slot:patient", status=400))


class TestSlots:
    """A search for times."""

    def test_the_window_and_the_schedule(self, reader: Reader) -> None:
        service = make.make_service()
        slots = [make.make_slot(service, start=make.at(day, 10)) for day in (1, 2, 3)]
        first, last = make.at(2, 0).isoformat(), make.at(3, 0).isoformat()
        window = urlencode([("start", f"ge{first}"), ("start", f"lt{last}")])
        path = f"Slot?schedule=Schedule/{service.pk}&status=free&service-type={service.service_type_id}"
        assert reader.ids(f"{path}&{window}") == [str(slots[1].pk)]
        # An offset is said; a plus that nobody escaped is one all the same.
        assert reader.ids(f"{path}&start=ge{first}&start=lt{last}") == [str(slots[1].pk)]
        shown = reader.found(f"{path}&{window}")[0]
        assert shown["start"] == slots[1].start.astimezone(make.at(2, 10).tzinfo).isoformat()
        refusal = reader.read("Slot?start=ge2026-11-26T09:00:00", status=400)["issue"][0]
        assert refusal["expression"] == ["start"] and "offset" in refusal["details"]["text"]

    def test_what_is_free_to_whom(self, reader: Reader) -> None:
        service = make.make_service()
        free = make.make_slot(service, start=make.at(2, 9))
        full = make.make_slot(service, start=make.at(2, 10))
        Slot.objects.filter(pk=full.pk).update(taken=1)
        kept = make.make_slot(service, start=make.at(2, 11), audience=Audience.OWN)
        draft = make.make_slot(service, start=make.at(2, 12), state=SlotState.DRAFT)
        where = f"Slot?schedule={service.pk}"
        assert reader.ids(f"{where}&status=free") == [str(free.pk)]
        assert reader.ids(f"{where}&status=busy") == [str(full.pk)]
        shown = {r["id"]: r["status"] for r in reader.found(where)}
        assert shown == {str(free.pk): "free", str(full.pk): "busy", str(kept.pk): "busy-unavailable"}
        reader.read(f"Slot/{draft.pk}", status=404)
        own = Reader(service.clinic.organization)
        assert own.read(f"Slot/{kept.pk}")["status"] == "free"
        assert own.read(f"Slot/{draft.pk}")["status"] == "busy-unavailable"
        assert reader.read(f"{where}&status=gone", status=400)["issue"][0]["expression"] == ["status"]

    def test_who_sees_the_patient_then(self, reader: Reader) -> None:
        slot = make.make_slot()
        person = slot.practitioner
        shown = reader.read(f"Slot/{slot.pk}")
        if person is not None:
            assert shown["extension"][0]["valueReference"]["reference"] == f"Practitioner/{person.pk}"
            assert reader.ids(f"Slot?schedule.actor=Practitioner/{person.pk}") == [str(slot.pk)]
        assert reader.ids(f"Slot?schedule.actor=Location/{slot.clinic_id}") == [str(slot.pk)]


class TestForms:
    """Pages, versions, refusals."""

    def test_pages_follow_one_another(self, reader: Reader) -> None:
        made = {str(make.make_clinic().pk) for _ in range(5)}
        seen, url, pages = [], f"{ROOT}/Location?_count=2&_total=accurate&_sort=_lastUpdated", 0
        while url:
            bundle = reader.body(reader.get(url))
            assert bundle["total"] == 5
            seen += [entry["resource"]["id"] for entry in bundle["entry"]]
            url, pages = {link["relation"]: link["url"] for link in bundle["link"]}.get("next"), pages + 1
        assert pages == 3 and len(seen) == 5 and set(seen) == made
        assert reader.read("Location?_summary=count")["total"] == 5
        assert "entry" not in reader.read("Location?_count=0")

    def test_an_unknown_name(self, reader: Reader) -> None:
        clinic = make.make_clinic()
        refusal = reader.read("Location?colour=blue", status=400)
        assert refusal["issue"][0]["expression"] == ["colour"]
        lenient = {"Prefer": "handling=lenient"}
        bundle = reader.read("Location?colour=blue", headers=lenient)
        assert "colour" not in bundle["link"][0]["url"]
        assert bundle["entry"][0]["resource"]["id"] == str(clinic.pk)
        assert bundle["entry"][1]["search"] == {"mode": "outcome"}
        # A modifier may turn a condition round: it is never left out.
        reader.read("Location?status:not=active", status=400, headers=lenient)

    def test_a_search_in_the_body(self, reader: Reader) -> None:
        clinic = make.make_clinic()
        response = reader.post(
            f"{ROOT}/Location/_search", f"_id={clinic.pk}", "application/x-www-form-urlencoded"
        )
        assert [e["resource"]["id"] for e in reader.body(response)["entry"]] == [str(clinic.pk)]
        narrow = Reader(granted=frozenset({"clinics:read"}))
        form = "application/x-www-form-urlencoded"
        assert narrow.post(f"{ROOT}/Location/_search", "", form).status_code == 200
        assert narrow.post(f"{ROOT}/Location/_search", "_id=%00", form).status_code == 400

    def test_versions(self, reader: Reader) -> None:
        clinic = make.make_clinic()
        path = f"{ROOT}/Location/{clinic.pk}"
        first = reader.get(path)
        assert first["ETag"] == f'W/"{first.json()["meta"]["versionId"]}"'
        assert reader.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
        type(clinic).objects.filter(pk=clinic.pk).update(
            phone="+7 1", updated_at=timezone.now() + timedelta(seconds=1)
        )
        assert reader.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("Nonsense/1", 404, "not-found"),
            ("Location/nonsense", 404, "not-found"),
            ("Location/0190aaaa-0000-7000-8000-000000000000", 404, "not-found"),
            ("Location?_count=many", 400, "invalid"),
            ("Location?_cursor=stale", 400, "invalid"),
            ("Location?_sort=phone", 400, "invalid"),
            ("Location?organization=Patient/1", 400, "invalid"),
            ("Location?near=here", 400, "invalid"),
            ("Location?_format=xml", 400, "invalid"),
        ],
    )
    def test_refusals_are_outcomes(self, reader: Reader, path: str, status: int, code: str) -> None:
        issue = reader.read(path, status=status)["issue"][0]
        assert issue["code"] == code and issue["severity"] == "error"
        assert "request " in issue["diagnostics"]

    def test_refusals_speak_the_readers_language(self, reader: Reader) -> None:
        visitor = Client().get(f"{ROOT}/Location", headers={"Accept-Language": "en"})
        assert visitor.status_code == 401 and visitor["WWW-Authenticate"].startswith("Bearer")
        assert judged(visitor.json())["issue"][0]["code"] == "login"
        words = {
            language: reader.read("Location/nobody", status=404, headers={"Accept-Language": language})
            for language in ("ru", "kk", "en")
        }
        assert len({str(answer["issue"][0]["details"]["text"]) for answer in words.values()}) == 3
