"""What the figures mean, told apart by referrals and visits whose fate is known."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinics.models import Slot
from clinics.selectors import measures as places
from clinics.selectors.measures import Period
from clinics.states import SlotState
from cluster_portal.common.aggregates import WholePercentile
from patients.models import Booking, Referral, ReferralStep
from patients.selectors import measures
from patients.states import BookingState
from tests.factories import clinics, patients
from tests.factories.clinics import at

pytestmark = pytest.mark.django_db


def day(number):
    return places.today_at(clinics.ZONE) + timedelta(days=number)


def sent(pair, state, ago, *, due=None, **fields):
    """A referral of its own patient, submitted so many days ago at noon."""
    return pair.referral(
        state,
        patient=patients.make_patient(pair.source.organization),
        submitted_at=at(-ago, 12),
        due_on=None if due is None else day(due),
        **fields,
    )


def ids(q, **aliases):
    return set(Referral.objects.alias(**aliases).filter(q).values_list("pk", flat=True))


def test_period_is_of_the_clusters_days(pair):
    first = sent(pair, "accepted", 0, due=1)
    inside = Referral.objects.filter(pk=first.pk)
    period = Period(day(-2), day(-1))
    for moment, expected in (
        (at(-2, 0), True),
        (at(-1, 23, 59), True),
        (at(0, 0), False),
        (at(-3, 23, 59), False),
    ):
        inside.update(submitted_at=moment)
        assert inside.filter(measures.submitted_in(period)).exists() is expected, moment
    assert len(list(period)) == period.days == 2
    assert period.before() == Period(day(-4), day(-3))
    assert Period.of_last(30).days == 30 and Period.of_last(30).last == day(0)


def test_wait_is_counted_in_days_of_the_clinics_calendar(pair):
    pair.target.time_zone = "Europe/Moscow"
    pair.target.save()
    zone = ZoneInfo("Europe/Moscow")
    # 02:00 in Yuzhno-Sakhalinsk is still the day before in Moscow.
    submitted = at(-10, 2)
    start = datetime.combine(submitted.astimezone(zone).date() + timedelta(days=7), datetime.min.time(), zone)
    slot = pair.slot(start + timedelta(hours=19))
    referral = sent(pair, "completed", 10, slot=slot)
    Referral.objects.filter(pk=referral.pk).update(submitted_at=submitted)
    rows = Referral.objects.annotate(days=measures.waiting_days(), allowed=measures.allowed_days())
    assert rows.values_list("days", "allowed").get() == (7, None)
    Referral.objects.update(due_on=day(-10) + timedelta(days=14))
    assert rows.get().allowed == 14


def test_percentile_of_waits_is_one_of_the_waits(pair):
    for wait in (1, 2, 3, 10):
        sent(pair, "completed", 11, slot=pair.slot(at(wait - 11, 9 + wait)))
    found = Referral.objects.annotate(days=measures.waiting_days()).aggregate(
        half=WholePercentile("days", measures.HALF), most=WholePercentile("days", measures.MOST)
    )
    assert found == {"half": 2, "most": 10}


def test_norm_is_kept_or_broken_by_the_visit_or_by_the_days_that_passed(pair):
    ahead = sent(pair, "booked", 9, due=2, slot=pair.slot(at(3, 17)))
    kept = sent(pair, "completed", 20, due=-4, slot=pair.slot(at(-4, 18)))
    late = sent(pair, "in_care", 20, due=-5, slot=pair.slot(at(-4)))
    unmarked = sent(pair, "booked", 9, due=-1, slot=pair.slot(at(-1)))
    forgotten = sent(pair, "returned", 20, due=-1)
    last_day = sent(pair, "accepted", 9, due=0)
    refused = sent(pair, "rejected", 20, due=-9)
    withdrawn = sent(pair, "cancelled", 20, due=-9)
    without = sent(pair, "accepted", 200)
    alias = {"visit_day": measures.visit_day()}
    assert ids(measures.overdue(), **alias) == {forgotten.pk}
    assert ids(measures.overdue(day(3)), **alias) == {ahead.pk, forgotten.pk, last_day.pk}
    assert ids(measures.breached(), **alias) == {late.pk, forgotten.pk}
    assert ids(measures.seen_within_norm(), **alias) == {kept.pk}
    assert ids(measures.judged(), **alias) == {kept.pk, late.pk, forgotten.pk}
    undecided = {ahead.pk, unmarked.pk, last_day.pk, refused.pk, withdrawn.pk, without.pk}
    assert not undecided & ids(measures.judged(), **alias)


def test_visit_in_another_zone_is_in_time_by_that_zones_calendar(pair):
    pair.target.time_zone = "Europe/Moscow"
    pair.target.save()
    moscow = datetime.combine(day(5), datetime.min.time(), ZoneInfo("Europe/Moscow"))
    slot = pair.slot(moscow + timedelta(hours=18))
    sent(pair, "booked", 5, due=5, slot=slot)
    seen = datetime.combine(day(-5), datetime.min.time(), ZoneInfo("Europe/Moscow"))
    kept = sent(pair, "completed", 9, due=-5, slot=pair.slot(seen + timedelta(hours=18)))
    alias = {"visit_day": measures.visit_day()}
    assert ids(measures.seen_within_norm(), **alias) == {kept.pk}
    assert not ids(measures.overdue(day(6)), **alias)


def test_parts_sum_to_what_was_sent(pair):
    for state in ("submitted", "returned", "accepted", "waitlisted", "booked", "in_care"):
        sent(pair, state, 3, due=9)
    for state in ("completed", "rejected", "cancelled", "completed"):
        sent(pair, state, 3, due=9)
    pair.referral("draft", patient=patients.make_patient(pair.source.organization))
    sent(pair, "accepted", 40)
    found = measures.referrals_of(Period.of_last(30)).aggregate(**measures.counted())
    assert found["sent"] == 10
    assert {name: found[name] for name in ("without_time", "booked", "seen", "completed")} == {
        "without_time": 4, "booked": 1, "seen": 3, "completed": 2,
    }  # fmt: skip
    assert found["refused"] == found["cancelled"] == 1
    parts = ("without_time", "booked", "seen", "refused", "cancelled")
    assert sum(found[name] for name in parts) == found["sent"]


def test_returned_counts_once_whatever_happened_after(pair):
    back = sent(pair, "booked", 9, slot=pair.slot(at(2)))
    for ago in (8, 6):
        ReferralStep.objects.create(
            referral=back, at=at(-ago), action="return_for_info", from_state="submitted", to_state="returned"
        )
    passed_on = sent(pair, "submitted", 9)
    ReferralStep.objects.create(
        referral=passed_on, at=at(-8), action="redirect", from_state="submitted", to_state="submitted"
    )
    assert ids(measures.was_returned()) == {back.pk}
    assert ids(measures.was_redirected()) == {passed_on.pk}


def test_visits_are_told_apart_and_holds_are_none(pair):
    def visit(state, number, **fields):
        referral = sent(pair, "accepted", 9)
        return patients.make_booking(referral, pair.slot(at(-1, 8 + number)), state, **fields)

    held = visit(BookingState.CANCELLED, 0, booked_at=None, end_reason="lapsed")
    missed = visit(BookingState.NO_SHOW, 1)
    off = visit(BookingState.CANCELLED, 2, end_reason="patient_asked")
    put_off = visit(BookingState.CANCELLED, 3, end_reason="rescheduled")
    here = visit(BookingState.ARRIVED, 4)
    done = visit(BookingState.FULFILLED, 5)
    tomorrow = patients.make_booking(sent(pair, "accepted", 9), pair.slot(at(1)))
    rows = Booking.objects.filter(measures.visits_of(Period(day(-1), day(-1))))

    def found(q):
        return set(rows.filter(q).values_list("pk", flat=True))

    assert set(rows.values_list("pk", flat=True)) == {missed.pk, off.pk, put_off.pk, here.pk, done.pk}
    assert found(measures.came()) == {here.pk, done.pk}
    assert found(measures.no_show()) == {missed.pk}
    assert found(measures.moved()) == {put_off.pk}
    assert found(measures.called_off()) == {off.pk}
    ahead = Booking.objects.filter(measures.visits_of(Period(day(1), day(1))))
    assert [row.pk for row in ahead] == [tomorrow.pk]
    assert held.pk not in set(
        Booking.objects.filter(measures.visits_of(Period(day(-9), day(9)))).values_list("pk", flat=True)
    )


def test_decisions_are_of_the_day_on_which_they_were_taken(pair):
    referral = sent(pair, "accepted", 40)
    for action, ago in (("return_for_info", 30), ("submit", 29), ("return_for_info", 3), ("accept", 0)):
        ReferralStep.objects.create(referral=referral, at=at(-ago, 12), action=action, to_state="accepted")
    steps = ReferralStep.objects.filter(measures.decisions_of(Period.of_last(7)))
    assert sorted(steps.values_list("action", flat=True)) == ["accept", "return_for_info"]


def test_places_offered_used_and_lapsed(pair):
    def slot(number, **fields):
        return pair.slot(at(fields.pop("on", 1), 8 + number), **fields)

    free, closing = slot(0, capacity=3), slot(1, capacity=4)
    slot(2, state=SlotState.DRAFT)
    slot(3, state=SlotState.BLOCKED)
    patients.make_booking(sent(pair, "accepted", 9), free)
    patients.make_booking(sent(pair, "accepted", 9), closing)
    Slot.objects.filter(pk=closing.pk).update(block_reason="the doctor is away")
    past = slot(0, on=-1, capacity=2)
    patients.make_booking(sent(pair, "accepted", 9), past, BookingState.FULFILLED)
    found = Slot.objects.aggregate(
        offered=places.places_offered(), used=places.places_used(), lapsed=places.places_lapsed()
    )
    assert found == {"offered": 3 + 1 + 2, "used": 3, "lapsed": 1}


def test_share_of_nothing_is_unknown():
    assert measures.share(1, 4) == 0.25
    assert measures.share(None, 4) == 0
    assert measures.share(0, 0) is None
