"""Thirty-two people book at once: every place is given once. With the condition taken away, it is not."""

import random
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Count, F, Q

from clinics.models import Slot
from cluster_portal.audit.triggers import without_triggers
from cluster_portal.common.errors import PortalError
from patients.models import Booking, Patient, PatientLink, Referral
from patients.services import booking, occupancy
from patients.states import OCCUPYING, LinkKind, ReferralState
from tests.concurrency.support import deadlocks, together
from tests.factories import clinics, patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]

WORKERS = 32
#: Everybody chooses among the first free times that he sees, as people do: fewer of them than people.
SEEN = 24


class Crowd:
    """Slots of one service, and referrals that ask for it, made in bulk."""

    def __init__(self, slots: int, capacity: int, referrals: int) -> None:
        self.pair = pair = patients.make_pair()
        first, service = clinics.at(2, 0), pair.service
        self.slots = [
            Slot(
                service=service, service_type_id=service.service_type_id, clinic=pair.target,
                organization=pair.target.organization, start=first + timedelta(minutes=20 * n),
                end=first + timedelta(minutes=20 * n + 20), release_at=first + timedelta(minutes=20 * n),
                capacity=capacity, state="published",
            )
            for n in range(slots)
        ]  # fmt: skip
        base = random.randrange(10**8)
        people = [
            Patient(
                family="Толпа", given=str(n), birth_date="1980-01-01", sex="f", snils=patients.snils(base + n),
                registered_by=pair.source.organization,
            )
            for n in range(referrals)
        ]  # fmt: skip
        template = pair.referral("accepted", due_on=None)
        self.referrals = [self._referral(template, person, n) for n, person in enumerate(people)]
        links = [
            PatientLink(patient=person, organization=pair.source.organization, kind=LinkKind.REFERRED)
            for person in people
        ]
        with without_triggers([Slot, Patient, Referral, PatientLink]):
            for rows in (self.slots, people, self.referrals, links):
                type(rows[0])._default_manager.bulk_create(rows, batch_size=500)

    def _referral(self, template: Referral, person: Patient, n: int) -> Referral:
        columns = {
            name: getattr(template, name)
            for name in (
                "state_since", "source_organization", "source_clinic", "service", "service_type", "target_clinic",
                "target_organization", "diagnosis_code", "reason", "referrer_name", "submitted_at",
            )
        }  # fmt: skip
        number = f"RACE-{template.pk.hex[-6:]}-{n}"
        return Referral(patient=person, state=ReferralState.ACCEPTED, number=number, **columns)

    def book_everything(self):
        """Every worker books one referral after another until nobody sees a free time any more."""
        free = {slot.pk: slot.capacity for slot in self.slots}
        waiting, lock, times = list(self.referrals), threading.Lock(), []

        def work():
            dice, lost = random.Random(threading.get_ident()), 0
            with lock:
                referral = waiting.pop()
            while True:
                with lock:
                    seen = list(free)[:SEEN]
                if not seen:
                    return lost
                slot_id, begun = dice.choice(seen), time.perf_counter()
                try:
                    booking.book_referral(self.pair.referrer, referral_id=referral.pk, slot_id=slot_id)
                except PortalError as error:
                    if error.code != "slot_taken":
                        raise
                    lost += 1
                    with lock:
                        free.pop(slot_id, None)
                else:
                    with lock:
                        times.append(time.perf_counter() - begun)
                        # The list that people look at is brought up to date, a moment too late for some.
                        if slot_id in free:
                            free[slot_id] -= 1
                            if not free[slot_id]:
                                del free[slot_id]
                        if not waiting:
                            return lost
                        referral = waiting.pop()

        outcome = together(*[work] * WORKERS)
        return outcome, times

    def oversold(self) -> int:
        """Bookings beyond the capacity of their slot."""
        counted = self.occupied().filter(occupied__gt=F("capacity"))
        return sum(slot.occupied - slot.capacity for slot in counted)

    def occupied(self):
        return Slot.objects.filter(service=self.pair.service).annotate(
            occupied=Count("bookings", filter=Q(bookings__state__in=OCCUPYING))
        )


@pytest.mark.parametrize(("slots", "capacity"), [(1000, 1), (100, 10)])
def test_a_thousand_places_are_given_a_thousand_times(slots, capacity):
    crowd, before = Crowd(slots, capacity, referrals=1000 + 2 * WORKERS), deadlocks()
    begun = time.perf_counter()
    outcome, times = crowd.book_everything()
    seconds = time.perf_counter() - begun
    lost = sum(outcome.results)
    times.sort()
    print(
        f"\n{slots} slots of {capacity}: {len(times)} bookings by {WORKERS} workers in {seconds:.1f} s, "
        f"{lost} lost races, median {times[len(times) // 2] * 1000:.0f} ms, worst {times[-1] * 1000:.0f} ms, "
        f"{deadlocks() - before} deadlocks"
    )
    assert outcome.unexpected == []
    assert outcome.refused == {}
    assert Booking.objects.filter(slot__service=crowd.pair.service, state="booked").count() == 1000
    assert crowd.oversold() == 0
    assert not crowd.occupied().exclude(taken=F("occupied")).exists()
    assert not crowd.occupied().exclude(taken=F("capacity")).exists()
    booked = Referral.objects.filter(service=crowd.pair.service, state="booked")
    assert booked.count() == 1000
    assert lost > 50, "nobody met anybody: this was no race"
    assert deadlocks() == before


def careless_take_place(slot_id):
    """Look first, then write: what every naive booking does."""
    slot = Slot.objects.get(pk=slot_id)
    if slot.taken >= slot.capacity:
        return False
    Slot.objects.filter(pk=slot_id).update(taken=slot.taken + 1)
    return True


def test_without_the_condition_it_oversells(monkeypatch):
    """The negative control: the race above is a real one, and the condition is what wins it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clinics_slot DROP CONSTRAINT slot_capacity")
    monkeypatch.setattr(occupancy, "take_place", careless_take_place)
    try:
        crowd = Crowd(60, 1, referrals=200)
        outcome, times = crowd.book_everything()
        oversold = crowd.oversold()
        print(f"\nwithout the condition: {len(times)} bookings in 60 places, {oversold} of them oversold")
        assert outcome.unexpected == []
        assert oversold > 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clinics_slot SET capacity = taken WHERE taken > capacity")
            cursor.execute("ALTER TABLE clinics_slot ADD CONSTRAINT slot_capacity CHECK (taken <= capacity)")


def test_without_the_condition_the_constraint_still_stands(monkeypatch):
    """Somebody writes the counter without looking: the CHECK behind it turns the overflow into the same words."""
    monkeypatch.setattr(
        occupancy, "take_place", lambda slot_id: Slot.objects.filter(pk=slot_id).update(taken=F("taken") + 1)
    )
    crowd = Crowd(10, 1, referrals=80)
    outcome, _times = crowd.book_everything()
    assert outcome.unexpected == []
    assert crowd.oversold() == 0
    assert not crowd.occupied().exclude(taken=1).exists()
