"""Licences about to lapse, and which services close with them."""

from __future__ import annotations

from datetime import date

import pytest

from clinics.states import LicenceStatus
from cluster_portal.common.errors import Invalid
from tests.factories import clinics
from tests.reports.support import made, moment

pytestmark = pytest.mark.django_db
CODE = "clinics.licences"
TODAY = moment(11, 22, 0, 30)


@pytest.fixture
def site():
    """A site whose licence for cardiology and radiology ends on 2 December; radiology is licensed once more."""
    site = clinics.make_clinic()
    clinics.make_licence(site, "cardiology", "radiology", valid_to=date(2026, 12, 2), number="A")
    clinics.make_licence(site, "radiology", valid_from=date(2026, 12, 3), number="B")
    clinics.make_service(site, licensed=False)
    clinics.make_service(site, licensed=False, mode="telemedicine")
    clinics.make_service(site, clinics.make_service_type("echo", "cardiology"), licensed=False)
    clinics.make_service(site, clinics.make_service_type("mri", "radiology"), licensed=False)
    clinics.make_service(site, clinics.make_service_type("exam", "therapy"), licensed=False)
    clinics.make_service(
        site, clinics.make_service_type("old", "cardiology"), licensed=False, is_active=False
    )
    return site


def test_what_closes_with_a_licence(site, office):
    (row,) = made(office, CODE, now=TODAY)
    assert row == {
        "organization": site.organization.short_name, "clinic": site.short_name,
        "what": "Лицензия", "number": "A",
        "authority": "Росздравнадзор", "valid_from": date(2020, 1, 1), "valid_to": date(2026, 12, 2),
        "days_left": 10, "closing": 3, "services": "Консультация кардиолога, Услуга echo",
    }  # fmt: skip


def test_another_licence_keeps_services_open_only_without_a_gap(site, office):
    clinics.make_licence(site, "cardiology", valid_from=date(2026, 12, 4))
    assert made(office, CODE, now=TODAY)[0]["closing"] == 3
    clinics.make_licence(site, "cardiology", status=LicenceStatus.SUSPENDED)
    assert made(office, CODE, now=TODAY)[0]["closing"] == 3
    clinics.make_licence(clinics.make_clinic(site.organization), "cardiology")
    assert made(office, CODE, now=TODAY)[0]["closing"] == 3
    clinics.make_licence(site, "cardiology", valid_from=date(2026, 12, 3))
    (row,) = made(office, CODE, now=TODAY)
    assert (row["closing"], row["services"]) == (0, "")


@pytest.mark.parametrize(("within", "numbers"), [(7, ["0", "7"]), (30, ["0", "7", "8"]), (90, list("0789"))])
def test_the_days_ahead_are_the_clinics(office, within, numbers):
    """At 00:30 in Sakhalin it is still 21 November in Moscow."""
    here, moscow = clinics.make_clinic(), clinics.make_clinic(time_zone="Europe/Moscow")
    ends = (date(2026, 11, 22), date(2026, 11, 29), date(2026, 11, 30), date(2027, 2, 20))
    for number, day in zip("0789", ends, strict=True):
        clinics.make_licence(here, number=number, valid_to=day)
    clinics.make_licence(here, number="lapsed", valid_to=date(2026, 11, 21))
    clinics.make_licence(here, number="later", valid_to=date(2027, 2, 21))
    clinics.make_licence(
        here, number="suspended", valid_to=date(2026, 11, 25), status=LicenceStatus.SUSPENDED
    )
    clinics.make_licence(here, number="endless")
    clinics.make_licence(moscow, number="there", valid_to=date(2026, 11, 21))
    rows = made(office, CODE, now=TODAY, within=within)
    assert [row["number"] for row in rows] == ["there", *numbers]
    assert [row["days_left"] for row in rows][:3] == [0, 0, 7]


def test_accreditations_stand_among_them_and_close_nothing(site, office):
    clinics.make_accreditation(site, valid_to=date(2026, 11, 30), number="J")
    clinics.make_accreditation(site, valid_to=date(2026, 12, 31), number="K", scheme="iso_9001")
    clinics.make_accreditation(site, number="endless")
    rows = made(office, CODE, now=TODAY)
    assert [(row["what"], row["number"], row["closing"]) for row in rows] == [
        ("JCI", "J", 0), ("Лицензия", "A", 3), ("ISO 9001", "K", 0),
    ]  # fmt: skip


def test_what_is_renewed_does_not_lapse(site, office):
    ending = site.licences.get(number="A")
    clinics.make_licence(site, "cardiology", number="C", valid_from=date(2026, 12, 3), renews=ending)
    assert made(office, CODE, now=TODAY) == []


def test_only_the_three_warnings_may_be_chosen(office):
    with pytest.raises(Invalid) as caught:
        made(office, CODE, within=12)
    assert list(caught.value.errors) == ["within"]


def test_a_manager_reads_only_of_their_own(site, analyst):
    other = clinics.make_clinic()
    clinics.make_licence(other, valid_to=date(2026, 12, 1))
    assert len(made(analyst, CODE, now=TODAY)) == 2
    assert len(made(analyst, CODE, now=TODAY, clinic=str(other.pk))) == 1
    assert len(made(analyst, CODE, now=TODAY, organization=str(site.organization_id))) == 1
    manager = clinics.make_actor("manager", organization=site.organization)
    assert [row["number"] for row in made(manager, CODE, now=TODAY)] == ["A"]
