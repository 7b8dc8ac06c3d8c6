"""By when a patient must be seen: the norms of the law as data, counted in the country's own working days."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import CalendarDay
from clinics.selectors.calendar import working_days
from patients.models import Referral, WaitingNorm
from patients.selectors import worklists
from patients.selectors.measures import judged, normed, visit_day
from patients.services.deadlines import add_working_days, due_day, is_working_day, norm_for
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 4, 6)


def referral(**fields):
    """A referral without a database row: what a norm looks at."""
    kind = clinics.make_service_type(
        f"svc-{fields.get('care_type', 'specialist')}", care_type=fields.pop("care_type", "specialist")
    )
    return Referral(service_type=kind, **{"priority": "planned", "suspicion": ""} | fields)


def days(on=MONDAY, country="RU", **fields):
    norm = norm_for(referral(**fields), country=country, on=on)
    return norm and (norm.days, norm.calendar_days)


class TestTheProgrammeOf2026:
    """Resolution 2188 of 29.12.2025, for 2026–2028."""

    @pytest.mark.parametrize(
        ("care_type", "plain", "suspected"),
        [
            ("specialist", 14, 3),
            ("diagnostic", 14, 7),
            ("tomography", 14, 7),
            ("inpatient", 14, 7),
            ("rehabilitation", 14, 14),
        ],
    )
    def test_by_kind_of_care_and_suspicion(self, care_type, plain, suspected):
        assert days(care_type=care_type) == (plain, False)
        for suspicion in ("oncology", "cardiovascular"):
            assert days(care_type=care_type, suspicion=suspicion) == (suspected, False)

    def test_a_general_practitioner_sees_within_a_day(self):
        assert days(care_type="primary") == (1, True)
        saturday = date(2026, 4, 11)
        assert due_day(referral(care_type="primary"), country="RU", on=saturday) == date(2026, 4, 12)

    def test_urgency_comes_before_all_of_it(self):
        for care_type in ("specialist", "inpatient"):
            assert days(care_type=care_type, priority="urgent") == (1, False)
            assert days(care_type=care_type, priority="emergency") == (0, False)

    def test_heart_disease_is_new_in_2026_and_the_programme_ends_with_2028(self):
        assert days(on=date(2025, 12, 31), suspicion="cardiovascular") == (14, False)
        assert days(on=date(2026, 1, 1), suspicion="cardiovascular") == (3, False)
        assert days(on=date(2025, 12, 31), suspicion="oncology") == (3, False)
        assert days(on=date(2028, 12, 31)) == (14, False)
        assert days(on=date(2029, 1, 1)) is None

    def test_every_row_names_its_source(self):
        rows = WaitingNorm.objects.filter(country="RU")
        assert rows.count() == 14 and all(row.source for row in rows)
        assert all("2188" in row.source for row in rows if row.valid_from == date(2026, 1, 1))


class TestAnotherCountry:
    def test_its_norms_are_rows_and_its_days_are_its_own(self):
        assert days(country="KZ") is None
        WaitingNorm.objects.create(country="KZ", days=3, valid_from=date(2026, 1, 1), source="Регламент")
        # Nauryz: 21–23 March, and two weekdays for the days off that it falls on.
        assert due_day(referral(), country="KZ", on=date(2026, 3, 20)) == date(2026, 3, 30)

    def test_a_country_without_a_calendar_rests_at_weekends(self):
        assert add_working_days(date(2026, 4, 10), 1, "XX") == date(2026, 4, 13)


class TestTheCalendar:
    def test_transferred_days_of_the_package(self):
        # Saturday 1 November 2025 was worked for Monday 3 November; 9 January 2026 is off for 3 January.
        assert is_working_day(date(2025, 11, 1), "RU") and not is_working_day(date(2025, 11, 3), "RU")
        assert not is_working_day(date(2026, 1, 9), "RU")

    def test_the_cluster_corrects_it_both_ways(self):
        wednesday, saturday = date(2026, 4, 8), date(2026, 4, 11)
        assert add_working_days(MONDAY, 3, "RU") == date(2026, 4, 9)
        CalendarDay.objects.create(country="RU", day=wednesday, note="указ губернатора")
        assert add_working_days(MONDAY, 3, "RU") == date(2026, 4, 10)
        CalendarDay.objects.create(country="RU", day=saturday, is_working=True, note="перенос")
        assert add_working_days(MONDAY, 4, "RU") == saturday
        assert add_working_days(MONDAY, 3, "KZ") == date(2026, 4, 9)

    @pytest.mark.parametrize("many", [0, 1, 14, 120])
    def test_counting_agrees_with_a_calendar_walked_day_by_day(self, many):
        start = date(2025, 12, 29)
        expected = [start, *working_days("RU", date(2025, 12, 30), date(2026, 12, 31))][many]
        with CaptureQueriesContext(connection) as queries:
            assert add_working_days(start, many, "RU") == expected
        assert len(queries) <= 1


class TestWithoutANorm:
    @pytest.fixture(autouse=True)
    def cluster(self):
        clinics.make_cluster()

    def test_lists_and_counters_of_the_overdue_leave_it_out(self):
        pair = patients.make_pair(triage=True)
        none, late = (
            pair.referral("submitted", due_on=None),
            pair.referral("submitted", due_on=date(2026, 1, 12)),
        )
        queue = worklists.QUEUES[worklists.IN]["overdue"]
        assert list(worklists.in_queue(pair.coordinator, worklists.IN, queue)) == [late]
        numbers = worklists.counters(pair.coordinator)
        assert (numbers["in.overdue"], numbers["in.triage"]) == (1, 2)
        rows = worklists.in_queue(pair.coordinator, worklists.IN, worklists.QUEUES[worklists.IN]["triage"])
        assert list(rows.order_by("due_order", "id")) == [late, none]

    def test_measures_call_it_neither_kept_nor_broken(self):
        pair = patients.make_pair()
        pair.referral("booked", due_on=None, slot=pair.slot(clinics.at(40)))
        rows = Referral.objects.alias(visit_day=visit_day())
        assert not rows.filter(judged()).exists() and not rows.filter(normed()).exists()
