"""Every list of land, tenders and residents costs as many statements for thirty rows as for one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import clinics as make
from tests.factories import groups, projects
from tests.factories import investors as rows

#: Addresses by whoever reads them; the company's person sees the own rows of each.
OFFICE = (
    "/land/", "/land/tenders/", "/land/companies/", "/interests/", "/agreements/", "/projects/", "/residents/",
    "/roadmap/groups/", "/roadmap/tasks/", "/roadmap/roadshow/", "/tenders/marks/",
)  # fmt: skip
COMPANY = (
    "/tenders/",
    "/interests/",
    "/agreements/",
    "/companies/",
    "/plots/watched/",
    "/residents/",
    "/projects/",
)


@pytest.fixture
def people(site):
    """Somebody of the land office, and somebody who acts for companies."""
    return make.make_member("land"), make.make_user()


def add(site, people, number: int) -> None:
    """One more row of every list: a plot in a tender with its bid and evaluator, a company with what it has."""
    land, person = people
    plot = rows.make_plot(site, at=(number % 6 * 2, number // 6 * 2), state="allocated")
    investor = rows.make_investor(person)
    tender = rows.make_tender(
        plot, state="evaluation", version=1, at=rows.timezone.now() - timedelta(days=41)
    )
    rows.make_version(tender)
    rows.make_opened_bid(tender, rows.make_investor())
    rows.make_evaluator(tender, land)
    rows.make_interest(investor, plot, next_step="Звонок", responsible=land)
    agreement = rows.make_agreement(investor, plot, state="in_force")
    project = projects.make_project(agreement)
    projects.make_milestone(project)
    projects.make_figure(project, confirmed=True)
    rows.make_search(person, direction="clinical")
    seat = groups.make_seat(user=land)
    groups.make_meeting(seat.group)
    groups.make_task(seat)
    groups.make_contact()


def test_as_many_statements_for_thirty_rows(client, site, people):
    addresses = [
        (person, address)
        for person, all_of in zip(people, (OFFICE, COMPANY), strict=True)
        for address in all_of
    ]

    def costs() -> dict[str, int]:
        found = {}
        for person, address in addresses:
            client.force_login(person)
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                page = client.get(address)
            assert page.status_code == 200, address
            found[f"{address} of {person.email}"] = len(asked)
        return found

    add(site, people, 0)
    one = costs()
    for number in range(1, 30):
        add(site, people, number)
    many = costs()
    assert {key: (one[key], many[key]) for key in one if many[key] > one[key]} == {}
