"""Workers offer side by side while people answer: each time goes to one patient. Without the lock it does not."""

from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone

from clinics.models import Slot
from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.models import OutboxMessage
from patients import tasks
from patients.models import Booking, Referral, WaitlistEntry, WaitlistOffer
from patients.services import booking, offering, waitlist
from patients.services.steps import RELATED
from patients.states import OCCUPYING
from tests.concurrency.support import deadlocks, together
from tests.factories import clinics, patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]

WORKERS, ENTRIES = 12, 24


class Queue:
    """Patients who wait, in an order that is known, and free times of their service."""

    def __init__(self, slots: int, entries: int = ENTRIES, capacity: int = 1) -> None:
        clinics.make_cluster()
        self.pair = patients.make_pair()
        self.referrals = [self._waiting(n) for n in range(entries)]
        self.slots = clinics.make_slots(self.pair.service, slots, first=clinics.at(3, 8), capacity=capacity)
        self.type = self.pair.service.service_type_id
        OutboxMessage.objects.all().delete()

    def _waiting(self, n: int) -> Referral:
        person = patients.make_patient(self.pair.source.organization)
        patients.make_consent(person)
        due = timezone.localdate() + timedelta(days=30 + n)
        return self.pair.referral("waitlisted", patient=person, due_on=due)

    def offered(self) -> list:
        """Whose turn it was, in the order of the queue."""
        rows = WaitlistOffer.objects.filter(state="open").order_by("entry__due_order")
        return list(rows.values_list("entry__referral", flat=True))


def drain() -> int:
    """A worker: offers until nothing is left to offer."""
    made = 0
    while offering.offer_next(SYSTEM, service_type="cardiologist"):
        made += 1
    return made


def check_places() -> None:
    counted = Slot.objects.annotate(n=Count("bookings", filter=Q(bookings__state__in=OCCUPYING)))
    assert not counted.exclude(taken=F("n")).exists()


def test_workers_side_by_side_offer_each_time_once_to_the_first_in_the_queue():
    queue, before = Queue(slots=16), deadlocks()
    outcome = together(*[drain] * WORKERS)
    assert outcome.unexpected == []
    assert set(outcome.refused) <= {"busy"}
    drain()
    assert queue.offered() == [referral.pk for referral in queue.referrals[:16]]
    slots = WaitlistOffer.objects.values_list("slot", flat=True)
    assert len(set(slots)) == len(slots) == 16
    assert sum(outcome.results) <= 16
    assert deadlocks() == before
    check_places()


def test_people_answer_and_book_while_workers_offer():
    """Half of the times go to people who book without the list; every patient ends with one place or still waits."""
    queue, before = Queue(slots=20), deadlocks()
    buyers = [
        queue.pair.referral("accepted", patient=patients.make_patient(queue.pair.source.organization), due_on=None)
        for _ in range(6)
    ]  # fmt: skip
    for buyer in buyers:
        patients.make_consent(buyer.patient)
    actor = queue.pair.referrer

    def buy(n):
        booking.book_referral(actor, referral_id=buyers[n].pk, slot_id=queue.slots[3 * n].pk)

    def answer(n):
        """Declines what is offered, and takes the next."""
        referral = queue.referrals[n]
        for _try in range(40):
            drain()
            try:
                if _try % 2:
                    waitlist.accept_offer(actor, referral_id=referral.pk)
                    return
                waitlist.decline_offer(actor, referral_id=referral.pk, reason="time")
            except offering.PortalError as error:
                assert error.code in {"offer_gone", "illegal_transition", "busy"}, error.code
                if (
                    error.code == "illegal_transition"
                    and Referral.objects.get(pk=referral.pk).state == "booked"
                ):
                    return

    outcome = together(
        *(partial(buy, n) for n in range(6)), *(partial(answer, n) for n in range(6)), drain, drain
    )
    assert outcome.unexpected == []
    assert set(outcome.refused) <= {"slot_taken", "busy"}
    drain()
    assert deadlocks() == before
    check_places()
    pairs = list(WaitlistOffer.objects.values_list("entry", "slot"))
    assert len(set(pairs)) == len(pairs)
    for referral in Referral.objects.filter(pk__in=[r.pk for r in queue.referrals]):
        assert referral.state in {"waitlisted", "booked"}
        active = WaitlistEntry.objects.filter(referral=referral, ended_at=None).count()
        assert active == (referral.state == "waitlisted")
        live = Booking.objects.filter(referral=referral, state__in=["held", "booked"]).count()
        assert live <= 1


def test_relays_side_by_side_lead_the_same_work():
    """The messages, not the function: as workers do it, each message in its own transaction."""
    queue = Queue(slots=10)
    for _ in range(4):
        background.enqueue("patients.offer_times", {"service_type": queue.type})
    outcome = together(*[lambda: background.relay(limit=60)] * 6)
    assert outcome.unexpected == []
    tasks.sweep_waiting_list()
    assert queue.offered() == [referral.pk for referral in queue.referrals[:10]]
    assert not OutboxMessage.objects.filter(failed_at__isnull=False).exists()
    check_places()


#: What stands behind the lock: as (table, constraint or index).
WALLS = (
    ("patients_waitlistoffer", "waitlist_offer_one_open"), ("patients_waitlistoffer", "waitlist_offer_once"),
    ("patients_booking", "booking_one_active"), ("patients_booking", "booking_patient_overlap"),
)  # fmt: skip


@contextmanager
def without_walls():
    """The constraints are away: what they would refuse is seen. They come back as they were."""
    again = []
    with connection.cursor() as cursor:
        for table, name in WALLS:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            if found := cursor.fetchone():
                again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {found[0]}")
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            else:
                cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [name])
                again.append(cursor.fetchone()[0])
                cursor.execute(f"DROP INDEX {name}")
    try:
        yield
    finally:
        WaitlistOffer.objects.all().delete()
        Booking.objects.filter(state="held").update(state="cancelled")
        with connection.cursor() as cursor:
            for statement in again:
                cursor.execute(statement)


def careless_lock(actor, referral_id):
    """Reads the referral and locks nothing."""
    return Referral.objects.select_related(*RELATED).get(pk=referral_id)


def double_offers() -> int:
    rows = WaitlistOffer.objects.filter(state="open").values("entry").annotate(n=Count("pk"))
    return rows.filter(n__gt=1).count()


def test_without_the_lock_somebody_is_asked_twice_at_once(monkeypatch):
    """The negative control: the race is a real one, and the referral's lock is what wins it."""
    monkeypatch.setattr(offering, "_lock", careless_lock)
    with without_walls():
        Queue(slots=4, capacity=WORKERS)
        together(*[drain] * WORKERS)
        assert double_offers() > 0


def test_without_the_lock_the_constraint_still_stands(monkeypatch):
    monkeypatch.setattr(offering, "_lock", careless_lock)
    queue = Queue(slots=16)
    outcome = together(*[drain] * WORKERS)
    assert outcome.unexpected == []
    assert double_offers() == 0
    drain()
    assert queue.offered() == [referral.pk for referral in queue.referrals[:16]]
    check_places()
