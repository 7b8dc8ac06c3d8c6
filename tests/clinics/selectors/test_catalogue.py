"""The catalogue: filters, order, numbers, constant queries."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from clinics.filters import wanted_in
from clinics.models import Clinic
from clinics.selectors.catalogue import hiding, search_catalogue
from clinics.selectors.quotas import month_after
from clinics.selectors.spots import PAGE, Wanted
from clinics.states import (
    Audience,
    ClinicStatus,
    Direction,
    EquipmentState,
    OrganizationStatus,
    Ownership,
    Payment,
    Scheme,
)
from cluster_portal.audit.triggers import without_triggers
from cluster_portal.common.actor import ANONYMOUS
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


def search(page=None, **asked):
    return search_catalogue(ANONYMOUS, Wanted(**asked), page=page)


def names(**asked) -> list[str]:
    return [entry.clinic.short_name_ru for entry in search(**asked).entries]


@pytest.fixture
def two():
    """A state clinic that is free in five days, a private one that is free tomorrow."""
    state = make.make_clinic(short_name_ru="Областная", languages=["ru", "ko"])
    private = make.make_clinic(
        make.make_organization(ownership=Ownership.PRIVATE), short_name_ru="Залив", city_ru="Корсаков",
        interpreters=["ja"], lat=46.63, lon=142.78,
    )  # fmt: skip
    make.make_equipment(state)
    make.make_equipment(private, state=EquipmentState.IN_REPAIR)
    make.make_accreditation(private)
    make.make_slot(make.make_service(state), start=make.at(5))
    make.make_slot(make.make_service(private, payments=[Payment.PAID], price=3200), start=make.at(1))
    return state, private


def test_who_is_free_first_stands_first(two):
    found = search()
    assert [(e.number, e.clinic, e.days_away) for e in found.entries] == [(1, two[1], 1), (2, two[0], 5)]


def test_the_nearest_stands_first_where_that_is_asked(two):
    there = (two[0].lat, two[0].lon)
    found = search(origin=there)
    assert [entry.clinic for entry in found.entries] == list(two)
    assert found.spots[0].km == 0 < found.spots[1].km
    assert [entry.clinic for entry in search(origin=(46.63, 142.78)).entries] == [two[1], two[0]]
    for query, origin in (
        ("order=near", None), (f"near={there[0]},{there[1]}", None), (f"near={there[0]},{there[1]}&order=near", there),
        ("town=Корсаков&order=near", (46.63, 142.78)), ("town=Корсаков&km=10&order=best", None),
    ):  # fmt: skip
        assert wanted_in(QueryDict(query)).origin == origin, query


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"town": "Корсаков"}, ["Залив"]),
        ({"payment": Payment.OMS}, ["Областная"]),
        ({"payment": Payment.DMS}, []),
        ({"language": "ko"}, ["Областная"]),
        ({"language": "ja"}, ["Залив"]),
        ({"within_days": 3}, ["Залив"]),
        ({"within_days": 5}, ["Залив", "Областная"]),
        ({"ownership": ("state",)}, ["Областная"]),
        ({"text": "кардиолог"}, ["Залив", "Областная"]),
        ({"text": "кардиолог", "town": "Корсаков"}, ["Залив"]),
        # The other keyboard layout, both ways round.
        ({"text": "rfhlbjkju"}, ["Залив", "Областная"]),
        ({"text": "сфквшщдщпшые"}, ["Залив", "Областная"]),
        ({"direction": Direction.CLINICAL}, ["Залив", "Областная"]),
        ({"direction": Direction.REHABILITATION}, []),
        ({"service_type": "cardiologist", "payment": Payment.PAID}, ["Залив", "Областная"]),
        ({"equipment": "ct"}, ["Областная"]),
        ({"accreditation": Scheme.JCI}, ["Залив"]),
        ({"place": (46.6, 142.8), "km": 10}, ["Залив"]),
        ({"place": (46.6, 142.8), "km": 100}, ["Залив", "Областная"]),
    ],
)
def test_filters(two, asked, expected):
    assert names(**asked) == expected


def test_counts_by_ownership_leave_their_own_filter_out(two):
    assert search(ownership=("state",)).by_ownership == {"state": 1, "private": 1}


def test_price_is_shown_where_nothing_is_insured(two):
    prices = {e.clinic.short_name_ru: e.price_from for e in search().entries}
    assert prices == {"Залив": 3200, "Областная": None}


def test_the_first_time_is_that_of_the_service_asked_for(two):
    other = make.make_service(two[0], make.make_service_type("ecg", name_ru="Электрокардиография"))
    make.make_slot(other, start=make.at(2))
    assert search(text="электрокардиография").entries[0].days_away == 2
    assert search(text="консультация кардиолога").entries[-1].days_away == 5


def test_times_kept_for_others_are_not_promised(two):
    service = two[0].services.get()
    make.make_slot(service, start=make.at(1), audience=Audience.OWN)
    assert search().entries[-1].days_away == 5


@pytest.mark.parametrize("what", ["closed", "planned", "candidate"])
def test_only_open_clinics_of_members(two, what):
    clinic = two[0]
    if what == "candidate":
        clinic.organization.status = OrganizationStatus.CANDIDATE
        clinic.organization.save()
    else:
        clinic.status, clinic.closed_on, clinic.close_reason = ClinicStatus(what), "2026-01-01", "переезд"
        # A site that has opened is never planned again: the guard of its states rests.
        with without_triggers([Clinic]):
            clinic.save()
    assert names() == ["Залив"]


@pytest.mark.parametrize(("hour", "expected"), [(7, []), (12, ["Залив", "Областная"]), (20, [])])
def test_open_now_by_the_clinics_own_clock(two, hour, expected):
    monday = make.at(0, hour) - timedelta(days=make.at(0).astimezone(ZoneInfo(make.ZONE)).weekday())
    found = search_catalogue(ANONYMOUS, Wanted(open_now=True), now=monday)
    assert sorted(spot.name for spot in found.spots) == sorted(
        clinic.name_ru for clinic in two if clinic.short_name_ru in expected
    )


def test_open_at_weekends_in_the_evening_and_round_the_clock(two):
    always = {str(day): ["00:00", "23:59"] for day in range(1, 8)}
    for clinic, hours in zip(two, (always, {"2": ["08:00", "20:00"], "7": ["09:00", "13:00"]}), strict=True):
        clinic.opening_hours = hours
        clinic.save()
    make.make_clinic(opening_hours={"5": ["08:00", "19:59"], "6": ["08:00", "21:00"]})
    make.make_clinic(opening_hours={})
    asked = [
        Wanted(weekend=True),
        Wanted(evening=True),
        Wanted(round_the_clock=True),
        Wanted(weekend=True, evening=True),
    ]
    assert [len(search_catalogue(ANONYMOUS, wanted).spots) for wanted in asked] == [3, 2, 1, 2]
    assert wanted_in(QueryDict("weekend=1&evening=1&always=1")) == Wanted(
        weekend=True, evening=True, round_the_clock=True
    )


def test_a_quota_that_is_used_up_gives_no_time_for_its_payment(two):
    for months in (0, 1):
        month = month_after(make.day_of(make.at(0)).replace(day=1), months)
        make.make_quota(two[0].services.get(), month=month, volume=0)
    assert [e.first_free for e in search(payment=Payment.OMS).entries] == [None]
    assert search(payment=Payment.PAID).entries[-1].days_away == 5


def test_an_empty_answer_names_the_filter_that_hides_all(two):
    asked = Wanted(text="кардиолог", language="ja", equipment="ct")
    assert not search_catalogue(ANONYMOUS, asked).spots
    assert hiding(ANONYMOUS, asked) == [("language", 1), ("equipment", 1)]
    assert hiding(ANONYMOUS, Wanted(town="Корсаков", language="zh", text="прейскурант")) == []
    assert hiding(ANONYMOUS, Wanted(ownership=("foreign",))) == [("ownership", 2)]


def test_a_page_is_brought_into_its_bounds_and_what_was_picked_comes_with_it(two):
    found = search_catalogue(ANONYMOUS, Wanted(), page=99, selected=str(two[1].pk))
    assert (found.page, found.selected.clinic, found.following.pk) == (1, two[1], two[0].pk)


@pytest.mark.parametrize("number", [1, 30])
def test_three_queries_whatever_the_data(number, django_assert_num_queries):
    for _n in range(number):
        make.make_slot(make.make_service())
    with django_assert_num_queries(3):
        found = search(text="кардиолог", payment=Payment.OMS)
        assert [e.profiles for e in found.entries] == [["Кардиология"]] * number
        assert found.entries[-1].spot.page == 1 + (number - 1) // PAGE


def test_of_many_clinics_the_page_and_the_picked_one_know_their_times(two, monkeypatch):
    few = [(spot.pk, spot.first_free) for spot in search().spots]
    monkeypatch.setattr("clinics.selectors.spots.FEW", 1)
    empty = make.make_clinic()
    monkeypatch.setattr("clinics.selectors.catalogue.PAGE", 1)
    found = search(1, text="кардиолог")
    assert [(s.pk, s.first_free, s.number) for s in found.spots] == [(*few[0], 1), (*few[1], 2)]
    far = search_catalogue(ANONYMOUS, Wanted(), selected=str(empty.pk))
    assert [(s.pk, s.first_free, s.number) for s in far.spots] == [
        (*few[0], 1),
        (*few[1], 2),
        (empty.pk, None, 0),
    ]
    assert (far.selected.clinic, far.selected.first_free, far.following) == (empty, None, None)
    near = search(1, origin=(two[0].lat, two[0].lon))
    assert (near.spots[0].first_free, near.spots[0].number) == (few[1][1], 1)
