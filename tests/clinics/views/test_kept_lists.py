"""What the lists of people and of papers cost: the same for one row and for thirty."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.accounts.roles import Role
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


def somebody(n: int) -> None:
    """A foreign clinic of its own with a doctor, whose papers, permit and regime fill every list by one."""
    clinic = make.make_clinic(make.make_organization(short_name_ru=f"Клиника {n}"))
    person = make.make_practitioner(clinic)
    make.make_qualification(person)
    make.make_regime(clinic)
    make.make_permit(clinic, person)
    make.make_method(clinic, make.make_service(clinic))


@pytest.fixture
def office(client):
    make.make_cluster()
    make.make_service_type("cardiologist")
    client.force_login(make.make_member(Role.OFFICE))
    # What every page remembers for a minute is not the lists' own.
    client.get("/practitioners/")
    return client


def test_the_lists_cost_the_same_for_one_and_for_thirty(office):
    lists = ("/practitioners/", "/regimes/", "/permits/", "/methods/")
    seen = {}
    for total, more in ((1, 1), (30, 29)):
        for n in range(more):
            somebody(total + n)
        for address in lists:
            with CaptureQueriesContext(connection) as caught:
                page = office.get(address).context["page"]
            assert len(page.items) == total
            assert seen.setdefault(address, len(caught)) == len(caught) <= 6, address


def test_the_page_of_somebody_costs_the_same_with_many_papers(office):
    somebody(0)
    person = make.make_practitioner()
    counts = set()
    for more in (1, 29):
        for _n in range(more):
            make.make_qualification(person)
            make.make_permit(person.clinics.get(), person)
        with CaptureQueriesContext(connection) as caught:
            page = office.get(f"/practitioners/{person.pk}/").context["page"]
        counts.add(len(caught))
    assert len(page.qualifications) == len(page.permits) == 30
    assert len(counts) == 1
