"""The search for a free time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.models import Slot
from clinics.selectors.offers import clinics_for
from clinics.selectors.slots import choices, first_free, free_slots
from clinics.states import Audience, ClinicStatus, Payment, ServiceMode, SlotState
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return make.make_service()


def found(*args, **kwargs) -> list[Slot]:
    return list(free_slots(*args, **kwargs))


class TestFreeSlots:
    def test_full_closed_and_strangers_own_slots_are_left_out(self, service):
        free = make.make_slot(service)
        make.make_slot(service, start=make.at(2), taken=1)
        make.make_slot(service, start=make.at(3), state=SlotState.DRAFT)
        make.make_slot(service, start=make.at(4), block_reason="leave")
        own = make.make_slot(service, start=make.at(5), audience=Audience.OWN)
        assert found(make.make_organization().pk) == [free]
        assert found(service.clinic.organization_id) == [free, own]

    def test_full_of_lapsed_holds_is_free(self, service, bookings):
        slot = make.make_slot(service, taken=1)
        bookings(lapsed=lambda _now: [slot.pk])
        assert found(None) == [slot]

    def test_no_licence_on_the_day_no_slot(self, service):
        licence = service.clinic.licences.get()
        inside, _outside = make.make_slot(service), make.make_slot(service, start=make.at(3))
        licence.valid_to = make.day_of(inside.start)
        licence.save()
        assert found(None) == [inside]

    def test_by_type_service_clinic_payment_and_mode(self, service):
        other = make.make_service(
            service_type=make.make_service_type("ecg"), payments=[Payment.PAID], mode=ServiceMode.TELEMEDICINE
        )
        one, another = make.make_slot(service), make.make_slot(other)
        assert found(None, service_type="cardiologist") == [one]
        assert found(None, service_ids=[other.pk]) == [another]
        assert found(None, clinic_ids=[service.clinic_id]) == [one]
        assert found(None, payment=Payment.OMS) == [one]
        assert found(None, mode=ServiceMode.TELEMEDICINE) == [another]
        service.is_active = False
        service.save()
        assert found(None) == [another]

    def test_days_are_the_clinics_own(self, service):
        # 00:10 in Yuzhno-Sakhalinsk is still the day before in London.
        slot = make.make_slot(service, start=make.at(2, 0, 10))
        day = make.day_of(slot.start)
        assert found(None, first_day=day, last_day=day) == [slot]
        assert found(None, last_day=day - timedelta(days=1)) == []
        assert found(None, first_day=day + timedelta(days=1)) == []

    @pytest.mark.parametrize("number", [1, 30])
    def test_two_queries(self, service, number, django_assert_num_queries):
        """Licences and slots; a third asks for lapsed holds where bookings are plugged in."""
        make.make_slots(service, number)
        with django_assert_num_queries(2):
            assert len(found(None, service_type="cardiologist")) == number


class TestFirstFree:
    def test_of_each_service_that_has_one(self, service, django_assert_num_queries):
        make.make_slot(service, start=make.at(3))
        first = make.make_slot(service)
        other = make.make_service(service_type=make.make_service_type("ecg"))
        with django_assert_num_queries(2):
            assert first_free([service.pk, other.pk]) == {service.pk: first.start}

    def test_on_licensed_days_only(self, service):
        make.make_slot(service)
        later = make.make_slot(service, start=make.at(4))
        service.clinic.licences.update(valid_from=make.day_of(make.at(3)))
        endless = make.make_slot(make.make_service())
        found = first_free([service.pk, endless.service_id])
        assert found == {service.pk: later.start, endless.service_id: endless.start}

    def test_for_a_visitor_what_is_kept_for_others_does_not_count(self, service):
        make.make_slot(service, audience=Audience.OWN)
        make.make_slot(service, start=make.at(2), audience=Audience.URGENT, release_at=make.at(2))
        assert first_free([service.pk]) == {}
        assert first_free([service.pk], priority="urgent")[service.pk] == make.at(2)


class TestChoices:
    def test_free_and_taken_times_of_every_day(self, service, django_assert_num_queries):
        free, taken = make.make_slots(service, 2)
        Slot.objects.filter(pk=taken.pk).update(taken=1)
        make.make_slot(service, start=make.at(2), audience=Audience.OWN)
        day, stranger = make.day_of(free.start), make.make_organization().pk
        with django_assert_num_queries(2):
            days = choices(service, stranger, first_day=day, number_of_days=3, payment="oms")
        assert list(days) == [day, day + timedelta(days=1), day + timedelta(days=2)]
        assert [(choice.slot, choice.is_free) for choice in days[day]] == [(free, True), (taken, False)]
        assert days[day + timedelta(days=1)] == []


class TestOffers:
    def test_what_a_referrer_compares(self, service):
        service.median_wait_days = 4
        service.save()
        near = make.make_service(make.make_clinic(lat=46.64, lon=142.77, languages=["ru", "ko"]))
        make.make_slot(service, start=make.at(5))
        make.make_slot(near, start=make.at(2), capacity=3, taken=1)
        make.make_slot(near, start=make.at(3))
        offers = clinics_for("cardiologist", None, place=(46.9591, 142.738))
        assert [offer.service for offer in offers] == [near, service]
        first = offers[0]
        assert (first.free, list(first.by_day.values())) == (3, [2, 1])
        assert first.first_free == make.at(2)
        assert first.first_day == make.day_of(make.at(2))
        assert 35 < first.distance_km < 36
        assert offers[1].distance_km == 0
        assert offers[1].median_wait_days == 4
        assert first.languages == ["ru", "ko"]
        assert first.licence == near.clinic.licences.get()

    def test_without_a_licence_it_stands_there_closed(self, service):
        service.clinic.licences.update(valid_to=make.day_of(make.at(-1)))
        make.make_slot(service)
        (offer,) = clinics_for("cardiologist", None)
        assert (offer.licence, offer.first_free, offer.free) == (None, None, 0)

    def test_a_licence_that_ends_in_between(self, service):
        make.make_slot(service, start=make.at(1))
        make.make_slot(service, start=make.at(3))
        service.clinic.licences.update(valid_to=make.day_of(make.at(2)))
        (offer,) = clinics_for("cardiologist", None)
        assert offer.free == 1

    def test_full_clinics_come_last(self, service):
        busy = make.make_service()
        make.make_slot(busy, taken=1)
        make.make_slot(service)
        assert [offer.service for offer in clinics_for("cardiologist", None)] == [service, busy]

    def test_closed_clinics_are_no_offer(self, service):
        clinic = service.clinic
        clinic.status, clinic.closed_on, clinic.close_reason = ClinicStatus.CLOSED, timezone.now(), "переезд"
        clinic.save()
        assert clinics_for("cardiologist", None) == []

    def test_whom_it_takes(self):
        service = make.make_service(age_min=18, age_max=40, sex="f")
        (offer,) = clinics_for("cardiologist", None)
        assert offer.service == service
        assert offer.fits(age=18, sex="f")
        assert not offer.fits(age=41)
        assert not offer.fits(sex="m")

    @pytest.mark.parametrize("number", [1, 30])
    def test_four_queries_at_most(self, number, bookings, django_assert_num_queries):
        for _n in range(number):
            make.make_slot(make.make_service())
        # The fourth is the question for lapsed holds, which the socket's owner asks.
        bookings(lapsed=lambda _now: [])
        with django_assert_num_queries(3):
            offers = clinics_for("cardiologist", None, place=(47.0, 142.0))
            assert len([offer.clinic.organization.ownership for offer in offers]) == number
