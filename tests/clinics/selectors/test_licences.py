"""What a site may do, and what is about to end."""

from datetime import date, timedelta

import pytest

from clinics.models import Service
from clinics.selectors.licences import bookable, cover_of, days_left, expiring, warning_level
from clinics.states import LicenceStatus
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("left", "level"), [(None, None), (91, None), (90, 90), (31, 90), (30, 30), (7, 7), (0, 7), (-1, -1)]
)
def test_warnings_come_90_30_and_7_days_before(left, level):
    ends = None if left is None else TODAY + timedelta(days=left)
    licence = make.make_licence(make.make_clinic(), valid_to=ends)
    assert days_left(licence, TODAY) == left
    assert warning_level(licence, TODAY) == level


def test_what_is_about_to_end_soonest_first():
    clinic = make.make_clinic()
    later = make.make_licence(clinic, valid_to=TODAY + timedelta(days=80))
    lapsed = make.make_licence(clinic, valid_to=TODAY - timedelta(days=3))
    make.make_licence(clinic, valid_to=TODAY + timedelta(days=91))
    make.make_licence(clinic)
    make.make_licence(clinic, valid_to=TODAY, status=LicenceStatus.CANCELLED)
    make.make_licence(make.make_clinic(), valid_to=TODAY)
    assert expiring(clinic.organization_id, TODAY) == [lapsed, later]


def test_cover_answers_for_any_day_from_one_query(django_assert_num_queries):
    clinic, other = make.make_clinic(), make.make_clinic()
    short = make.make_licence(clinic, "cardiology", "neurology", valid_to=TODAY)
    with django_assert_num_queries(1):
        cover = cover_of([clinic.pk, other.pk])
        assert cover.on(clinic.pk, "neurology", TODAY) == short
        assert cover.on(clinic.pk, "neurology", TODAY + timedelta(days=1)) is None
        assert cover.on(clinic.pk, "surgery", TODAY) is None
        assert cover.on(other.pk, "cardiology", TODAY) is None


class TestBookable:
    def test_endless_and_far_licences_need_no_bounds(self):
        endless = make.make_service()
        far = make.make_service(licensed=False)
        make.make_licence(far.clinic, valid_to=make.day_of(make.at(2000)))
        found = bookable(Service.objects.all())
        assert {span: set(ids) for span, ids in found.stretches.items()} == {
            (None, None): {endless.pk, far.pk}
        }

    def test_renewal_without_a_gap_is_one_stretch(self):
        service = make.make_service(licensed=False)
        make.make_licence(service.clinic, valid_to=make.day_of(make.at(5)))
        make.make_licence(service.clinic, valid_from=make.day_of(make.at(6)))
        assert bookable(Service.objects.all()).stretches == {(None, None): [service.pk]}

    def test_a_gap_makes_two(self):
        service = make.make_service(licensed=False)
        make.make_licence(service.clinic, valid_to=make.day_of(make.at(5)))
        make.make_licence(service.clinic, valid_from=make.day_of(make.at(8)))
        assert bookable(Service.objects.all()).stretches == {
            (None, make.at(6, 0)): [service.pk],
            (make.at(8, 0), None): [service.pk],
        }

    def test_days_asked_for_are_the_clinics_own(self):
        service = make.make_service()
        day = make.day_of(make.at(3))
        found = bookable(Service.objects.all(), first_day=day, last_day=day)
        assert found.stretches == {(make.at(3, 0), make.at(4, 0)): [service.pk]}

    def test_another_specialty_or_a_lapsed_one_covers_nothing(self):
        service = make.make_service(licensed=False)
        make.make_licence(service.clinic, "neurology")
        make.make_licence(service.clinic, valid_to=make.day_of(make.at(-5)))
        assert bookable(Service.objects.all()).stretches == {}
