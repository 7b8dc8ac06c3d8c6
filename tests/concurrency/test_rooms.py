"""Twenty people and one room: the same hour, and series that cross each other."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.concurrency.support import deadlocks, together
from tests.factories import clinics as make
from tests.factories import training as rows
from training.models import RoomBooking, TeachingRoom
from training.services import room_bookings as services

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

CLIENTS = 20


@pytest.fixture
def room(db):
    make.make_cluster()
    return rows.make_teaching_room()


def managers(number=CLIENTS):
    organization = make.make_organization()
    return [make.make_actor("manager", organization=organization) for _n in range(number)]


def booking(actor, room, day, hour=10, **fields):
    start = make.at(day, hour)
    return lambda: services.book_room(
        actor, room_id=room.pk, starts=start, ends=start + timedelta(hours=2), title="Семинар", **fields
    )


def overlapping():
    """Pairs of bookings that have the same room at once."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT count(*) FROM training_roombooking a JOIN training_roombooking b
              ON a.id < b.id AND a.room_id = b.room_id AND a.starts < b.ends AND b.starts < a.ends
             WHERE a.state = 'confirmed' AND b.state = 'confirmed'
        """)
        return cursor.fetchone()[0]


def test_one_of_twenty_gets_the_hour(room):
    before = deadlocks()
    outcome = together(*[booking(actor, room, 3, 10 + n % 2) for n, actor in enumerate(managers())])
    assert outcome.unexpected == [] and deadlocks() == before
    assert len(outcome.results) == 1 and outcome.refused == {"room_taken": CLIENTS - 1}
    assert RoomBooking.objects.count() == 1


def test_series_that_cross_neither_overlap_nor_deadlock(room):
    before = deadlocks()
    jobs = [
        booking(actor, room, 3 + n % 3, 9 + n % 5, rule="FREQ=DAILY;COUNT=6")
        for n, actor in enumerate(managers(12))
    ]
    outcome = together(*jobs)
    assert outcome.unexpected == [] and deadlocks() == before and set(outcome.refused) == {"room_taken"}
    # A series is had whole or not at all.
    assert RoomBooking.objects.count() == 6 * len(outcome.results) > 0
    assert overlapping() == 0


def test_without_the_lock_and_the_constraint_it_is_given_twice(room, monkeypatch):
    """The negative control: the race is a real one."""

    class Careless:
        def get(self, actor, action, pk, **_asked):
            return TeachingRoom.objects.select_related("clinic").get(pk=pk)

    monkeypatch.setattr(services, "teaching_room_policy", Careless())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'roombooking_overlap'"
        )
        (definition,) = cursor.fetchone()
        cursor.execute("ALTER TABLE training_roombooking DROP CONSTRAINT roombooking_overlap")
    try:
        together(*[booking(actor, room, 3) for actor in managers()])
        assert overlapping() > 0
    finally:
        RoomBooking.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE training_roombooking ADD CONSTRAINT roombooking_overlap {definition}"
            )
