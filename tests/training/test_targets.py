"""Targets of training: who writes them, what counts, and that every number has its list."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from tests.factories import clinics as make
from tests.factories import training as rows
from training.selectors import targets as selectors
from training.services import targets as services

pytestmark = pytest.mark.django_db


@pytest.fixture
def learned(hospital):
    """Placements at home and abroad, of a state and a private employer, one person twice."""
    private = make.make_organization(ownership="private")
    home = rows.make_programme(country="RU")
    year = make.today().year

    def place(person, state, programme=None, first=None):
        first = first or date(year, 3, 1)
        intake = rows.make_intake(programme, starts_on=first, ends_on=first + timedelta(days=1))
        return rows.make_nomination(person, intake, state)

    twice = rows.make_specialist(hospital)
    place(twice, "certified", home)
    place(twice, "in_progress", first=date(year, 5, 1))
    place(rows.make_specialist(private), "completed")
    place(rows.make_specialist(private, specialty=make.make_specialty("neurology")), "in_progress")
    place(rows.make_specialist(hospital), "confirmed", home)
    # These are not people who learn, or not in these years.
    place(rows.make_specialist(hospital), "accepted")
    place(rows.make_specialist(hospital), "withdrawn")
    place(rows.make_specialist(hospital), "certified", home, date(year - 5, 3, 1))
    return year


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({}, (2, 1, 1)), ({"where": "home"}, (1, 0, 1)),
        ({"where": "abroad"}, (1, 2, 0)), ({"country": "NL"}, (1, 2, 0)),
        ({"ownership": "private"}, (1, 1, 0)), ({"specialty_id": "neurology"}, (0, 1, 0)),
        ({"where": "home", "ownership": "private"}, (0, 0, 0)),
    ],
)  # fmt: skip
def test_a_person_counts_once_and_every_number_has_its_list(learned, office, narrowed, expected):
    target = rows.make_target(**narrowed)
    figures = selectors.reach_of(target).figures
    assert (figures.completed, figures.in_progress, figures.confirmed) == expected
    for part, number in zip(selectors.PARTS, expected, strict=True):
        assert selectors.behind(office, target, part).count() == number
    for by in (*selectors.DIVISIONS, selectors.WHERE):
        lines = selectors.division(target, by)
        assert sum(line.figures.people for line in lines) == sum(expected)
        for line in lines:
            assert line.words
            for part in selectors.PARTS:
                shown = selectors.behind(office, target, part, by, line.value).count()
                assert shown == getattr(line.figures, part)


def test_the_database_counts_as_people_would_by_hand(office):
    """Sixty placements of twenty people, counted one by one: the furthest state of each person, then the earliest."""
    chance, year = random.Random(6), make.today().year
    places = [rows.make_programme(country=country) for country in ("RU", "NL", "IL")]
    employers = [make.make_organization(ownership=ownership) for ownership in ("state", "private", "state")]
    people = [rows.make_specialist(employer) for employer in employers for _n in range(7)]
    order, placed = ["completed", "in_progress", "confirmed"], []
    for person in people:
        for n in range(3):
            first = date(year - n, chance.randint(1, 12), chance.randint(1, 20))
            state = chance.choice([*order, "certified", "withdrawn", "accepted"])
            intake = rows.make_intake(
                chance.choice(places), starts_on=first, ends_on=first + timedelta(days=1)
            )
            placed.append(rows.make_nomination(person, intake, state))
    targets = [
        rows.make_target(first_year=first, last_year=year, **narrowed)
        for first in (year - 2, year)
        for narrowed in (
            {},
            {"where": "home"},
            {"country": "NL"},
            {"ownership": "private", "where": "abroad"},
        )
    ]
    home = {"home": {"RU"}, "abroad": {"NL", "IL"}, "": {"RU", "NL", "IL"}}
    for reach in selectors.reached(office):
        target, best = reach.target, {}
        for row in placed:
            part = "completed" if row.state == "certified" else row.state
            country = row.intake.programme.country
            if (
                part in order and target.first_year <= row.starts_on.year <= target.last_year
                and country in home[target.where] and target.country in ("", country)
                and target.ownership in ("", row.organization.ownership)
            ):  # fmt: skip
                found = (order.index(part), row.starts_on, country)
                best[row.specialist_id] = min(best.get(row.specialist_id, found), found)
        counted = Counter(rank for rank, _first, _country in best.values())
        figures = reach.figures
        assert (figures.completed, figures.in_progress, figures.confirmed) == tuple(
            counted[n] for n in range(3)
        )
        countries = Counter(country for _rank, _first, country in best.values())
        lines = selectors.division(target, "country")
        assert {line.value: line.figures.people for line in lines} == countries
    assert len(targets) == 8


def test_the_forecast_goes_on_at_the_pace_of_a_year(hospital, office):
    today = make.today()
    person = rows.make_specialist(hospital)
    intake = rows.make_intake(begins=-30)
    rows.make_nomination(person, intake, "certified")
    over = rows.make_target(first_year=today.year - 1, last_year=today.year - 1)
    ahead = rows.make_target(first_year=today.year - 1, last_year=today.year + 2, people=3)
    assert selectors.reach_of(over).is_over and selectors.reach_of(over).forecast == 0
    reached = selectors.reach_of(ahead)
    days = (date(today.year + 2, 12, 31) - today).days
    assert reached.forecast == 1 + round(days / 365) and reached.is_kept


def test_who_writes_targets_and_what_is_refused(manager, office):
    data = {"title_ru": "Тысяча", "people": 1000, "first_year": 2020, "last_year": 2025}
    for actor in (manager, make.make_actor("office")):
        with pytest.raises(Forbidden):
            services.add_target(actor, data=data)
    target = services.add_target(office, data=data)
    for wrong, field in (
        ({"last_year": 2019}, "last_year"), ({"country": "ZZ"}, "country"), ({"people": 0}, "people"),
        ({"where": "moon"}, "where"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            services.update_target(office, target_id=target.pk, data=wrong)
        assert list(caught.value.errors) == [field]
    with pytest.raises(NotFound):
        services.remove_target(manager, target_id=target.pk)
    services.remove_target(office, target_id=target.pk)
    with pytest.raises(NotFound):
        selectors.see_target(office, target.pk)


def test_the_pages_and_their_cost(client, learned):
    client.force_login(make.make_member("training"))

    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/training/targets/")
        return len(queries), len(page.context["rows"])

    target = rows.make_target()
    client.get("/training/targets/")
    one, number = cost()
    for _n in range(29):
        rows.make_target()
    assert (number, cost()) == (1, (one, 30))
    own = f"/training/targets/{target.pk}/"
    assert {line.value for line in client.get(f"{own}?by=where").context["lines"]} == {"abroad", "home"}
    assert len(client.get(f"{own}people/?part=completed").context["page"].items) == 2
    for asked in ("year&value=x", "year&value=99999", "programme&value=x", "specialty&value=%00"):
        page = client.get(f"{own}people/?by={asked}")
        assert page.status_code == 200 and not page.context["page"].items
    form = {"title_ru": "Новая", "people": "7", "first_year": "2026", "last_year": "2025", "position": "0"}
    wrong = client.post("/training/targets/new/", form)
    assert wrong.status_code == 422 and list(wrong.context["form"].errors) == ["last_year"]
    assert (
        client.post("/training/targets/new/", form | {"last_year": "2027", "where": "home"}).status_code
        == 303
    )
    assert client.post(f"{own}remove/").status_code == 303 and client.get(own).status_code == 404
