"""The extract from the registry."""

from __future__ import annotations

from datetime import date

import pytest

from clinics.states import LicenceStatus, OrganizationStatus, Ownership
from tests.factories import clinics
from tests.reports.support import made

pytestmark = pytest.mark.django_db
CODE = "clinics.registry"


@pytest.fixture
def hospital():
    """Two sites, one with licences and services of every kind, and a partner without any site."""
    organization = clinics.make_organization(
        name_ru="Больница Б", ownership=Ownership.PRIVATE, inn="6501000002", joined_on=date(2025, 5, 25)
    )
    site = clinics.make_clinic(organization, name_ru="Первый корпус", beds=75, level=2, city_ru="Холмск")
    clinics.make_clinic(organization, name_ru="Второй корпус", beds=5)
    clinics.make_licence(site, valid_from=date(2026, 1, 1), valid_to=date(2026, 11, 22))
    clinics.make_licence(site, valid_to=date(2026, 11, 21))
    clinics.make_licence(site, valid_from=date(2026, 11, 23))
    clinics.make_licence(site, status=LicenceStatus.SUSPENDED)
    clinics.make_service(site, licensed=False)
    clinics.make_service(site, "mri", licensed=False)
    clinics.make_service(site, "xray", licensed=False, is_active=False)
    clinics.make_practitioner(site)
    clinics.make_practitioner(site, is_active=False)
    clinics.make_organization(name_ru="Вуз", status=OrganizationStatus.CANDIDATE)
    return organization


def test_a_row_for_each_clinic_and_for_each_organisation_without_one(hospital, office):
    rows = [row for row in made(office, CODE) if row["organization"] in ("Больница Б", "Вуз")]
    second, first, alone = rows
    assert [row["clinic"] for row in rows] == ["Второй корпус", "Первый корпус", None]
    told = {
        "ownership": Ownership.PRIVATE.label, "inn": "6501000002", "joined_on": date(2025, 5, 25), "level": 2,
        "town": "Холмск", "beds": 75, "licences": 1, "services": 2, "practitioners": 1, "type": "поликлиника",
        "status": OrganizationStatus.MEMBER.label, "organization_country": "RU",
    }  # fmt: skip
    assert {name: first[name] for name in told} == told
    assert (second["beds"], second["licences"], second["services"], second["practitioners"]) == (5, 0, 0, 0)
    assert (alone["status"], alone["beds"], alone["licences"]) == ("кандидат", None, 0)


def test_it_is_narrowed_by_status_and_ownership(hospital, office):
    names = {row["organization"] for row in made(office, CODE, status="candidate")}
    assert names == {"Вуз"}
    assert len(made(office, CODE, status="member", ownership="private")) == 2
    assert len(made(office, CODE, organization=str(hospital.pk))) == 2


def test_a_manager_reads_only_of_their_own(hospital, analyst):
    assert len(made(analyst, CODE)) > 3
    manager = clinics.make_actor("manager", organization=hospital)
    assert {row["organization"] for row in made(manager, CODE)} == {"Больница Б"}
    assert len(made(manager, CODE)) == 2
