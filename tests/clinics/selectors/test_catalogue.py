"""The catalogue: filters, order, numbers, constant queries."""

import pytest

from clinics.models import Clinic
from clinics.selectors.catalogue import PAGE, search_catalogue
from clinics.states import Audience, ClinicStatus, OrganizationStatus, Ownership, Payment
from cluster_portal.audit.triggers import without_triggers
from cluster_portal.common.actor import ANONYMOUS
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


def names(**asked) -> list[str]:
    return [entry.clinic.short_name_ru for entry in search_catalogue(ANONYMOUS, **asked).entries]


@pytest.fixture
def two():
    """A state clinic that is free in five days, a private one that is free tomorrow."""
    state = make.make_clinic(short_name_ru="Областная", languages=["ru", "ko"])
    private = make.make_clinic(
        make.make_organization(ownership=Ownership.PRIVATE), short_name_ru="Залив", city_ru="Корсаков",
        interpreters=["ja"],
    )  # fmt: skip
    make.make_slot(make.make_service(state), start=make.at(5))
    make.make_slot(make.make_service(private, payments=[Payment.PAID], price=3200), start=make.at(1))
    return state, private


def test_who_is_free_first_stands_first(two):
    found = search_catalogue(ANONYMOUS)
    assert [(e.number, e.clinic, e.days_away) for e in found.entries] == [(1, two[1], 1), (2, two[0], 5)]
    assert found.total == 2


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
    ],
)
def test_filters(two, asked, expected):
    assert names(**asked) == expected


def test_counts_by_ownership_leave_their_own_filter_out(two):
    assert search_catalogue(ANONYMOUS, ownership=("state",)).by_ownership == {"state": 1, "private": 1}


def test_price_is_shown_where_nothing_is_insured(two):
    prices = {e.clinic.short_name_ru: e.price_from for e in search_catalogue(ANONYMOUS).entries}
    assert prices == {"Залив": 3200, "Областная": None}


def test_the_first_time_is_that_of_the_service_asked_for(two):
    other = make.make_service(two[0], make.make_service_type("ecg", name_ru="Электрокардиография"))
    make.make_slot(other, start=make.at(2))
    assert search_catalogue(ANONYMOUS, text="электрокардиография").entries[0].days_away == 2
    assert search_catalogue(ANONYMOUS, text="консультация кардиолога").entries[-1].days_away == 5


def test_times_kept_for_others_are_not_promised(two):
    service = two[0].services.get()
    make.make_slot(service, start=make.at(1), audience=Audience.OWN)
    assert search_catalogue(ANONYMOUS).entries[-1].days_away == 5


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


@pytest.mark.parametrize("number", [1, 30])
def test_ten_queries_at_most(number, django_assert_num_queries):
    for _n in range(number):
        make.make_slot(make.make_service())
    with django_assert_num_queries(10):
        found = search_catalogue(ANONYMOUS, text="кардиолог", payment=Payment.OMS)
        assert [e.profiles for e in found.entries] == [["Кардиология"]] * number
        assert found.entries[-1].page == 1 + (number - 1) // PAGE
