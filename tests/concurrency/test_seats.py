"""Forty people and the last ten seats: accepting, declining, lapsing and withdrawing at once."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from cluster_portal.audit.triggers import without_triggers
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import PortalError
from tests.concurrency.support import deadlocks, together
from tests.factories import clinics as make
from tests.factories import training as rows
from training.models import Intake, Nomination, NominationStep, Specialist
from training.services import offers, seats
from training.states import HOLDING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

CLIENTS, SEATS = 40, 10
#: What a person does with an offer: most take the seat, the others let the next one have it.
ACCEPT, DECLINE, LAPSE, REGRET = "accept", "decline", "lapse", "regret"


class Rush:
    """An intake with its last seats, a waiting list of forty, and what each of them will do."""

    def __init__(self) -> None:
        make.make_cluster()
        hospital = make.make_organization()
        self.intake = rows.make_intake(seats=SEATS)
        specialty = make.make_specialty()
        people = [
            Specialist(
                organization=hospital, family=f"Очередной{n:02}", given="Пётр", position="Врач", specialty=specialty
            )
            for n in range(CLIENTS)
        ]  # fmt: skip
        begun = timezone.now() - timedelta(hours=1)
        self.queue = [
            Nomination(
                number=f"EDU-RACE-{n:03}", specialist=person, organization=hospital, intake=self.intake,
                starts_on=self.intake.starts_on, ends_on=self.intake.ends_on, state="waitlisted",
                waiting_since=begun + timedelta(seconds=n),
            )
            for n, person in enumerate(people)
        ]  # fmt: skip
        with without_triggers([Specialist, Nomination]):
            Specialist.objects.bulk_create(people)
            Nomination.objects.bulk_create(self.queue)
        self.manager = make.make_actor("manager", organization=hospital)
        dice = random.Random(2026)
        self.minds = [dice.choice((ACCEPT, ACCEPT, DECLINE, LAPSE, REGRET)) for _n in range(CLIENTS)]

    def go(self):
        """Everybody asks for a seat, and answers the offer that came, all at the same time."""
        offers.move_queue(SYSTEM, intake_id=self.intake.pk)
        settled = threading.Event()
        return together(*[self._client(n, settled) for n in range(CLIENTS)])

    def _client(self, place, settled):
        nomination, mind = self.queue[place], self.minds[place]
        key = {"nomination_id": nomination.pk}

        def work():
            for _turn in range(60):
                row = Nomination.objects.only("state", "offer_until").get(pk=nomination.pk)
                if row.state == "waitlisted":
                    # Somebody who looks whether a seat is free: must never bring the queue out of order.
                    offers.move_queue(SYSTEM, intake_id=self.intake.pk)
                    if Intake.objects.filter(pk=self.intake.pk, taken__gte=F("seats")).exists():
                        settled.wait(0.02)
                    continue
                if row.state != "offered":
                    return row.state
                try:
                    self._answer(mind, key)
                except PortalError as error:
                    if error.code not in {"offer_lapsed", "illegal_transition"}:
                        raise
            return "waited"

        return work

    def _answer(self, mind, key):
        if mind == LAPSE:
            Nomination.objects.filter(pk=key["nomination_id"], state="offered").update(
                offer_until=timezone.now() - timedelta(seconds=1)
            )
            offers.accept_offer(self.manager, **key)
        elif mind == DECLINE:
            offers.decline_offer(self.manager, reason="Нет замены", **key)
        else:
            offers.accept_offer(self.manager, **key)
            if mind == REGRET:
                offers.withdraw_nomination(self.manager, reason="Передумал", **key)

    def holding(self):
        return self.intake.nominations.filter(state__in=HOLDING).count()


def test_forty_people_and_ten_seats():
    rush, before = Rush(), deadlocks()
    outcome = rush.go()
    offers.move_queue(SYSTEM, intake_id=rush.intake.pk)
    rush.intake.refresh_from_db()
    assert outcome.unexpected == [] and outcome.refused == {}
    assert deadlocks() == before
    # Never more than the seats, and the counter says what there is.
    assert rush.holding() == rush.intake.taken == SEATS
    # Offers went out in the order of the list, one to each.
    made = NominationStep.objects.filter(action="offer").order_by("id").values_list("nomination", flat=True)
    order = [one.pk for one in rush.queue]
    assert list(made) == order[: len(made)]
    # Nobody is lost: whoever was not reached waits, everybody else has an answer that fits what they did.
    states = dict(rush.intake.nominations.values_list("pk", "state"))
    ends = {ACCEPT: {"accepted"}, DECLINE: {"declined"}, LAPSE: {"expired"}, REGRET: {"withdrawn"}}
    for place, one in enumerate(rush.queue):
        expected = ends[rush.minds[place]] | {"offered"} if place < len(made) else {"waitlisted"}
        assert states[one.pk] in expected, (place, rush.minds[place])
    assert len(made) > SEATS, "nobody gave way: this was no race"


def careless_take_seat(intake_id):
    """Look first, then write: what every naive counter does."""
    intake = Intake.objects.get(pk=intake_id)
    if intake.taken >= intake.seats:
        return False
    Intake.objects.filter(pk=intake_id).update(taken=intake.taken + 1)
    return True


def careless_lock(ids):
    return {row.pk: row for row in Intake.objects.select_related("programme").filter(pk__in=set(ids))}


def test_without_the_lock_and_the_condition_it_oversells(monkeypatch):
    """The negative control: the race above is a real one, and what it leaves out is what wins it."""
    rush = Rush()
    rush.minds = [ACCEPT] * CLIENTS
    monkeypatch.setattr(seats, "take_seat", careless_take_seat)
    monkeypatch.setattr(offers, "lock_intakes", careless_lock)
    barrier = threading.Barrier(CLIENTS)

    def offer(place):
        def work():
            barrier.wait()
            nomination = Nomination.objects.select_related("specialist").get(pk=rush.queue[place].pk)
            nomination.intake = careless_lock([rush.intake.pk])[rush.intake.pk]
            from django.db import transaction

            with transaction.atomic():
                offers._offer(SYSTEM, nomination)

        return work

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE training_intake DROP CONSTRAINT intake_seats")
    try:
        together(*[offer(place) for place in range(CLIENTS)])
        assert rush.holding() > SEATS
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE training_intake SET seats = greatest(seats, taken)")
            cursor.execute("ALTER TABLE training_intake ADD CONSTRAINT intake_seats CHECK (taken <= seats)")
