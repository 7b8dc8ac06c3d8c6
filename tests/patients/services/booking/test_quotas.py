"""A payer's volume of a service for a month: who counts, when it is used up, what gives it back."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinics.errors import QuotaUsedUp
from clinics.models import Quota
from clinics.selectors.offers import clinics_for
from clinics.selectors.quotas import month_after
from clinics.selectors.slots import choices, free_slots
from clinics.services.quotas import plan_quotas, set_quota
from clinics.states import Payment
from cluster_portal.accounts.roles import Role
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from patients.models import Booking, Referral
from patients.selectors.matching import first_match
from patients.selectors.referrals import kept_quota
from patients.services.booking import cancel_booking
from patients.services.visits import mark_no_show
from patients.states import OCCUPYING
from tests.factories import clinics, patients
from tests.patients.services.booking.support import book, hold, move

pytestmark = pytest.mark.django_db

#: The first of two months that lie wholly ahead.
MONTH = month_after(timezone.localdate().replace(day=1))
NEXT = month_after(MONTH)


@pytest.fixture
def planner(pair):
    return clinics.make_actor(Role.COORDINATOR, organization=pair.target.organization)


def quota(planner, pair, volume, month=MONTH, payment=Payment.OMS):
    return set_quota(planner, service_id=pair.service.pk, payment=payment, month=month, volume=volume)


def used() -> list[tuple[date, int]]:
    """Every quota's counter, after a look at the bookings that it should count."""
    rows = Quota.objects.order_by("month", "payment")
    for row in rows:
        assert row.used == Booking.objects.filter(quota=row, state__in=OCCUPYING).count()
    return [(row.month, row.used) for row in rows]


def fresh(pair, **fields):
    patient = patients.make_patient(pair.source.organization)
    patients.make_consent(patient)
    return pair.referral("accepted", patient=patient, due_on=None, **fields)


def free(pair, day=3, month=MONTH, hour=9):
    return pair.slot(clinics.at(month.replace(day=day), hour))


def test_the_last_of_the_volume_is_the_last(pair, planner):
    quota(planner, pair, 2)
    for day in (3, 4):
        book(pair.referrer, fresh(pair), free(pair, day))
    with pytest.raises(QuotaUsedUp) as refused, transaction.atomic():
        book(pair.referrer, fresh(pair), free(pair, 5))
    assert refused.value.field == "slot"
    assert used() == [(MONTH, 2)]


def test_a_used_up_month_is_free_for_nobody_but_who_counts_in_it(pair, planner):
    quota(planner, pair, 1)
    counted = fresh(pair)
    book(pair.referrer, counted, free(pair, 3))
    slot = free(pair, 4)
    day = clinics.day_of(slot.start)

    def free_for(referral, payment=Payment.OMS):
        asked = {"payment": payment, "kept_quota": kept_quota(referral)}
        (offer,) = clinics_for("cardiologist", pair.source.organization_id, **asked)
        days = choices(pair.service, pair.source.organization_id, first_day=day, number_of_days=1, **asked)
        (choice,) = days[day]
        assert offer.free == choice.is_free
        return choice.is_free

    assert not free_for(fresh(pair))
    assert free_for(fresh(pair), Payment.DMS)
    assert free_for(counted)
    found = {payment: list(free_slots(None, payment=payment)) for payment in (Payment.OMS, None)}
    assert found == {Payment.OMS: [], None: [slot]}
    quota(planner, pair, 2)
    assert free_for(fresh(pair))


def test_what_is_offered_instead_can_be_booked(pair, planner):
    quota(planner, pair, 1)
    book(pair.referrer, fresh(pair), free(pair, 3))
    free(pair, 6)
    after = pair.slot(clinics.at(NEXT, 9))
    with pytest.raises(QuotaUsedUp) as refused, transaction.atomic():
        book(pair.referrer, fresh(pair), pair.slot(clinics.at(month_after(MONTH) - timedelta(days=1), 9)))
    assert [row["slot"] for row in refused.value.extra["alternatives"]] == [str(after.pk)]


def test_other_payments_months_and_services_are_not_limited(pair, planner):
    quota(planner, pair, 0)
    book(pair.referrer, fresh(pair, payment=Payment.PAID), free(pair, 3))
    book(pair.referrer, fresh(pair), free(pair, 3, NEXT))
    other = patients.make_pair()
    book(other.referrer, fresh(other), free(other, 3))
    assert used() == [(MONTH, 0)]


def test_a_month_without_an_entered_volume_is_not_limited(pair, planner):
    quota(planner, pair, 1)
    quota(planner, pair, None)
    for day in (3, 4):
        book(pair.referrer, fresh(pair), free(pair, day))
    assert used() == [(MONTH, 2)]


def test_the_month_is_the_clinic_s_own(pair, planner):
    """The last evening of a month in Yuzhno-Sakhalinsk is its last day, and half past midnight is the next month's."""
    quota(planner, pair, 1)
    quota(planner, pair, 1, NEXT)
    last = clinics.at(NEXT - timedelta(days=1), 23, 30)
    book(pair.referrer, fresh(pair), pair.slot(last))
    book(pair.referrer, fresh(pair), pair.slot(last + timedelta(hours=1)))
    assert used() == [(MONTH, 1), (NEXT, 1)]


class TestGivingBack:
    def test_cancelling(self, pair, planner):
        quota(planner, pair, 1)
        referral = fresh(pair)
        book(pair.referrer, referral, free(pair))
        cancel_booking(pair.referrer, referral_id=referral.pk, reason="other", comment="Передумал")
        assert used() == [(MONTH, 0)]
        book(pair.referrer, fresh(pair), free(pair, 4))

    def test_moving_within_a_used_up_month_and_out_of_it(self, pair, planner):
        quota(planner, pair, 1)
        quota(planner, pair, 3, NEXT)
        referral = fresh(pair)
        book(pair.referrer, referral, free(pair))
        move(pair.referrer, referral, free(pair, 4))
        assert used() == [(MONTH, 1), (NEXT, 0)]
        move(pair.referrer, referral, free(pair, 4, NEXT))
        assert used() == [(MONTH, 0), (NEXT, 1)]

    def test_moving_into_a_used_up_month_is_refused(self, pair, planner):
        quota(planner, pair, 0)
        referral = fresh(pair)
        book(pair.referrer, referral, free(pair, 4, NEXT))
        with pytest.raises(QuotaUsedUp), transaction.atomic():
            move(pair.referrer, referral, free(pair))
        assert Booking.objects.get(referral=referral, state="booked").start.date().month == NEXT.month

    def test_a_visit_that_was_missed(self, pair, planner):
        referral = patients.make_referral(
            fresh(pair).patient, state="booked", service=pair.service, source=pair.source,
            slot=pair.slot(timezone.now() - timedelta(minutes=30)),
        )  # fmt: skip
        row = quota(planner, pair, 5, timezone.now().astimezone(pair_zone(pair)).date())
        assert row.used == 1
        mark_no_show(pair.coordinator, referral_id=referral.pk)
        assert [number for _month, number in used()] == [0]


def pair_zone(pair):
    from zoneinfo import ZoneInfo

    return ZoneInfo(pair.target.time_zone)


class TestHolds:
    def test_a_hold_counts_and_its_booking_is_no_second_one(self, pair, planner):
        quota(planner, pair, 1)
        referral, slot = fresh(pair), free(pair)
        hold(pair.referrer, referral, slot)
        with pytest.raises(QuotaUsedUp), transaction.atomic():
            book(pair.referrer, fresh(pair), free(pair, 4))
        book(pair.referrer, referral, slot)
        assert used() == [(MONTH, 1)]

    def test_a_lapsed_hold_makes_way(self, pair, planner):
        quota(planner, pair, 1)
        hold(pair.referrer, fresh(pair), free(pair))
        Booking.objects.update(held_until=timezone.now() - timedelta(minutes=1))
        book(pair.referrer, fresh(pair), free(pair, 4))
        assert used() == [(MONTH, 1)]

    def test_a_draft_s_payment_that_changed_meanwhile(self, pair, planner):
        oms, paid = quota(planner, pair, 5), quota(planner, pair, 5, payment=Payment.PAID)
        referral, slot = fresh(pair), free(pair)
        assert hold(pair.referrer, referral, slot).pk
        assert Booking.objects.get().quota == oms
        Referral.objects.filter(pk=referral.pk).update(payment=Payment.PAID)
        book(pair.referrer, referral, slot)
        assert Booking.objects.get().quota == paid
        used()


class TestPlanning:
    def test_bookings_that_are_there_count(self, pair, planner):
        for day in (3, 4):
            book(pair.referrer, fresh(pair), free(pair, day))
        book(pair.referrer, fresh(pair, payment=Payment.PAID), free(pair, 5))
        with pytest.raises(Invalid) as refused, transaction.atomic():
            quota(planner, pair, 1)
        assert list(refused.value.errors) == ["volume"]
        assert quota(planner, pair, 2).used == 2
        assert used() == [(MONTH, 2)]

    def test_never_below_what_is_booked(self, pair, planner):
        row = quota(planner, pair, 5)
        book(pair.referrer, fresh(pair), free(pair))
        with pytest.raises(Invalid), transaction.atomic():
            quota(planner, pair, 0)
        with pytest.raises(IntegrityError, match="quota_volume"), transaction.atomic():
            Quota.objects.filter(pk=row.pk).update(volume=0)
        assert quota(planner, pair, 1).left == 0

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"payment": Payment.VMP}, "payment"),
            ({"month": date(2020, 1, 1)}, "month"),
            ({"volume": -1}, "volume"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, pair, planner, fields, field):
        with pytest.raises(Invalid) as refused:
            quota(planner, pair, **{"volume": 5} | fields)
        assert list(refused.value.errors) == [field]

    def test_whose_it_is(self, pair):
        for role in (Role.COORDINATOR, Role.MANAGER):
            with pytest.raises(Forbidden):
                quota(clinics.make_actor(role), pair, 5)
        with pytest.raises(Forbidden):
            quota(clinics.make_actor(Role.REFERRER, organization=pair.target.organization), pair, 5)
        assert quota(clinics.make_actor(Role.OFFICE), pair, 5).volume == 5

    def test_a_grid_is_saved_whole_or_not_at_all(self, pair, planner):
        cells = {(pair.service.pk, MONTH): 4, (pair.service.pk, NEXT): -1}
        with pytest.raises(Invalid) as refused:
            plan_quotas(planner, payment=Payment.OMS, volumes=cells)
        assert list(refused.value.errors) == [f"q-{pair.service.pk}-{NEXT:%Y-%m}"]
        assert not Quota.objects.exists()
        assert plan_quotas(planner, payment=Payment.OMS, volumes=cells | {(pair.service.pk, NEXT): None}) == 2

    def test_a_stranger_s_service_is_not_there(self, planner):
        with pytest.raises(NotFound):
            set_quota(
                planner,
                service_id="00000000-0000-7000-8000-000000000000",
                payment="oms",
                month=MONTH,
                volume=1,
            )


def test_the_waiting_list_offers_nothing_beyond_the_volume(pair, planner):
    quota(planner, pair, 0)
    free(pair)
    patients.make_referral(
        fresh(pair).patient, state="waitlisted", service=pair.service, source=pair.source, due_on=None
    )
    assert first_match(pair.service.service_type_id) is None
    quota(planner, pair, 1)
    assert first_match(pair.service.service_type_id) is not None


def test_a_booking_past_the_services_is_refused_too(pair, planner):
    quota(planner, pair, 0)
    slot = free(pair)
    with pytest.raises(IntegrityError, match="quota_volume"), transaction.atomic():
        patients.make_booking(fresh(pair), slot)
