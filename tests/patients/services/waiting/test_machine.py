"""The waiting list under everything that may happen, in any order: nobody is skipped, nobody is asked twice.

A machine publishes, books, frees, closes, answers, waits and kills workers; beside the portal's query runs the rule in
plain Python (`Oracle`), written anew. Every offer must be the one that the rule names, and when the work is done the
rule must find nobody left whom a free time suits.

Shown by taking them away one by one, the test fails without: each column of the queue's order (urgency, deadline,
since when, id), the earliest time first and the id between equal times, passing over who is asked already, an end not
before its time, the end of an offer whose time the clinic has closed (in the round and in the service), and each
condition of what suits: room, whose the time is, urgency, consent, clinics, weekdays, parts of the day, dates, the way,
a time that was offered before, a patient who is elsewhere then or for whom somebody keeps a time. What is asked again
under the lock needs a race (`tests/concurrency`).
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinics.models import Slot
from clinics.services import slots as slot_services
from cluster_portal.common import background
from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import Busy, PortalError
from cluster_portal.common.models import OutboxMessage
from patients import tasks
from patients.models import Referral, WaitlistEntry, WaitlistOffer
from patients.services import booking, decisions, offering, waitlist
from patients.services.actions import is_offered
from patients.states import OCCUPYING, OfferState
from tests.factories import clinics, patients
from tests.patients.services.waiting.drawing import CORNERS, PATIENTS, TIMES, WISHES
from tests.patients.services.waiting.oracle import ZONE, Oracle

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """A worker is gone, as by kill -9: nothing of its transaction stays."""


#: What the machines of this run came to, so that a dull one is noticed.
LIVED: Counter[str] = Counter()


class WaitingList(RuleBasedStateMachine):
    """Two clinics of one service, some patients, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.travel = time_machine.travel(timezone.now(), tick=False)
        self.clock = self.travel.start()
        self.real = tasks.offer_next
        tasks.offer_next = self.offer_and_compare
        self.offers, self.wrong = 0, []
        offering.log.addFilter(self.hear)

    def teardown(self) -> None:
        LIVED.update(WaitlistOffer.objects.values_list("state", flat=True))
        LIVED["joined"] += WaitlistEntry.objects.count()
        LIVED["published"] += Slot.objects.count()
        tasks.offer_next = self.real
        offering.log.removeFilter(self.hear)
        self.travel.stop()
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def hear(self, record) -> bool:
        """The query names a time that booking refuses: the next pair is tried, so no offer would tell of it."""
        self.wrong.append((record.getMessage(), record.error))
        return False

    def offer_and_compare(self, actor, *, service_type):
        expected = Oracle().first()
        try:
            offer = self.real(actor, service_type=service_type)
        except Busy:
            # Nobody is faster here: the one that the query names is not to be asked.
            self.wrong.append(("nobody", expected))
            raise
        made = offer and (offer.entry_id, offer.slot_id)
        if made != expected:
            # The relay would take an assertion here for a message that failed.
            self.wrong.append((made, expected))
        self.offers += offer is not None
        return offer

    @initialize(
        people=st.lists(PATIENTS, min_size=4, max_size=6),
        times=st.lists(TIMES, min_size=3, max_size=6),
        corner=CORNERS,
    )
    def build(self, people, times, corner) -> None:
        clinics.make_cluster(offer_hours=24)
        self.pair = patients.make_pair()
        self.services = [self.pair.service, clinics.make_service()]
        self.planners = [
            clinics.make_actor("coordinator", organization=service.clinic.organization) for service in self.services
        ]  # fmt: skip
        for person in people:
            self.join_list(**person)
        for time_ in times:
            self.publish_time(**time_)
        self.all_the_work_is_done()
        self.somebody_is_faster(times[0], corner)

    # Patients ----------------------------------------------------------------------------------------------

    def a_referral(self, priority="planned", due=10, consent=True, person=None) -> Referral:
        known, person = person, person or patients.make_patient(self.pair.source.organization)
        if consent and not known:
            patients.make_consent(person)
        due_on = timezone.localdate() + timedelta(days=due)
        return self.pair.referral("accepted", patient=person, priority=priority, due_on=due_on)

    def wishes(self, drawn: dict) -> dict:
        first, last = drawn["days"]
        today = timezone.now().astimezone(ZONE).date()
        return {
            **{name: drawn[name] for name in ("weekdays", "parts", "notice_hours")},
            "clinics": [self.services[n].clinic_id for n in drawn["clinics"]],
            "earliest_on": today + timedelta(days=first) if first is not None else None,
            "latest_on": today + timedelta(days=last) if last is not None else None,
        }

    @precondition(lambda self: WaitlistEntry.objects.filter(ended_at=None).count() < 7)
    @rule(person=PATIENTS)
    def join(self, person) -> None:
        self.join_list(**person)

    def join_list(self, wishes, priority, due, consent, waited) -> None:
        referral = self.a_referral(priority, due, consent)
        waitlist.wait_referral(self.pair.referrer, referral_id=referral.pk, **self.wishes(wishes))
        # Some waited on paper before: who came first is not always who was entered first.
        since = timezone.now() - timedelta(hours=waited)
        WaitlistEntry.objects.filter(referral=referral).update(since=since)

    def some(self, dice: int, **state) -> Referral | None:
        rows = list(Referral.objects.filter(**state).order_by("pk"))
        return rows[dice % len(rows)] if rows else None

    @rule(dice=st.integers(0, 99), wishes=WISHES)
    def wish_anew(self, dice, wishes) -> None:
        if referral := self.some(dice, state="waitlisted"):
            waitlist.change_preferences(self.pair.referrer, referral_id=referral.pk, **self.wishes(wishes))

    @rule(dice=st.integers(0, 99), answer=st.sampled_from(["accept", "decline", "decline"]))
    def answer(self, dice, answer) -> None:
        offered = [
            row for row in Referral.objects.filter(state="waitlisted").order_by("pk") if is_offered(row)
        ]
        if not offered:
            return
        call = {"referral_id": offered[dice % len(offered)].pk}
        # A closed time may be refused here; then the round takes it back.
        try:
            if answer == "accept":
                waitlist.accept_offer(self.pair.referrer, late_reason="как есть", **call)
            else:
                waitlist.decline_offer(self.pair.referrer, reason="time", **call)
        except PortalError as error:
            assert error.code == "slot_closed"

    @rule(dice=st.integers(0, 99), cancelled=st.booleans())
    def leave(self, dice, cancelled) -> None:
        if referral := self.some(dice, state="waitlisted"):
            call = {"referral_id": referral.pk}
            if cancelled:
                decisions.cancel_referral(self.pair.referrer, reason="recovered", **call)
            else:
                waitlist.stop_waiting(self.pair.referrer, **call)

    @rule(dice=st.integers(0, 99), which=st.integers(0, 99), back=st.booleans())
    def book(self, dice, which, back) -> None:
        """Somebody books a time without the list, or gives one back."""
        booked = self.some(dice, state="booked")
        if booked is not None and back:
            booking.cancel_booking(self.pair.referrer, referral_id=booked.pk, reason="patient_asked")
        else:
            self.take_a_time(booking.book_referral, self.a_referral(), which, late_reason="как есть")

    @rule(time_=TIMES, corner=CORNERS)
    def somebody_is_faster(self, time_, corner) -> None:
        """Times come, and before a worker looks, something happens to the one who would be asked first.

        They decline the time that they were offered; somebody keeps one for them; they get an appointment then by
        another referral of theirs; the clinic closes the time that was offered. Each time there is room for one more,
        and a time on the next day, so only the rule itself keeps them from being asked.
        """
        for days in (0, 1):
            drawn = {"capacity": 2, "audience": "cluster", "twin": False, "day": time_["day"] + days + 1}
            self.publish_time(**time_ | drawn)
        found = Oracle().first()
        if found is None:
            return
        entry, slot = WaitlistEntry.objects.get(pk=found[0]), found[1]
        LIVED[corner] += 1
        if corner == "kept":
            booking.hold_slot(self.pair.referrer, referral_id=entry.referral_id, slot_id=slot)
        elif corner == "elsewhere":
            another = self.a_referral(person=entry.patient)
            booking.book_referral(
                self.pair.referrer, referral_id=another.pk, slot_id=slot, late_reason="как есть"
            )
        else:
            offering.offer_next(SYSTEM, service_type=entry.service_type_id)
            if corner == "declined":
                waitlist.decline_offer(self.pair.referrer, referral_id=entry.referral_id, reason="time")
            else:
                self.close(Slot.objects.get(pk=slot))
        self.all_the_work_is_done()

    def take_a_time(self, act, referral, which, **said) -> None:
        """The first time that can be had, from some one on."""
        slots = list(Slot.objects.filter(state="published").order_by("start", "id"))
        for n in range(len(slots)):
            try:
                act(
                    self.pair.referrer,
                    referral_id=referral.pk,
                    slot_id=slots[(which + n) % len(slots)].pk,
                    **said,
                )
            except PortalError:
                continue
            return

    # Times -------------------------------------------------------------------------------------------------

    @rule(time_=TIMES)
    def publish(self, time_) -> None:
        self.publish_time(**time_)

    def publish_time(self, where, day, hour, capacity, audience, release, twin) -> None:
        if twin:
            # The same time at the other clinic: which of the two is offered is decided by their ids.
            self.publish_time(1 - where, day, hour, capacity, audience, release, twin=False)
        start = clinics.at((timezone.now() + timedelta(days=day)).astimezone(ZONE).date(), hour)
        if start <= timezone.now():
            return
        clinics.make_slot(
            self.services[where], start=start, capacity=capacity, audience=audience, state="draft",
            release_at=start - timedelta(hours=release),
        )  # fmt: skip
        day = start.astimezone(ZONE).date()
        slot_services.publish_slots(
            self.planners[where], clinic_id=self.services[where].clinic_id, first_day=day, last_day=day
        )

    @rule(dice=st.integers(0, 99))
    def close_or_open(self, dice) -> None:
        slots = list(Slot.objects.filter(start__gt=timezone.now()).order_by("start", "id"))
        if not slots:
            return
        offered = set(WaitlistOffer.objects.filter(state="open").values_list("slot", flat=True))
        asked = [slot for slot in slots if slot.pk in offered]
        slot = asked[0] if asked and dice % 2 else slots[dice % len(slots)]
        if slot.state == "blocked" or slot.block_reason:
            slot_services.reopen_slots(self.planner(slot), slot_ids=[slot.pk])
        else:
            self.close(slot)

    def planner(self, slot):
        return self.planners[slot.service_id != self.services[0].pk]

    def close(self, slot) -> None:
        slot_services.block_slots(self.planner(slot), slot_ids=[slot.pk], reason="Ремонт", keep_booked=True)

    # Time and workers --------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([0.2, 1, 13, 30]))
    def pass_time(self, hours) -> None:
        self.clock.shift(timedelta(hours=hours))

    @rule(messages=st.integers(1, 4))
    def work_a_little(self, messages) -> None:
        background.relay(limit=messages)

    @rule(point=st.sampled_from(["occupy", "note", "end_bookings", "close"]), call=st.integers(0, 1))
    def a_worker_dies(self, point, call) -> None:
        """In the middle of an offer or of its end: what it did is undone, its message stays."""
        real, calls = getattr(offering, point), []

        def die(*args, **kwargs):
            calls.append(1)
            result = real(*args, **kwargs)
            if len(calls) > call:
                raise Killed
            return result

        setattr(offering, point, die)
        try:
            background.relay(limit=20)
        except Killed:
            pass
        finally:
            setattr(offering, point, real)

    @rule(dice=st.integers(0, 99))
    def an_end_is_asked_for(self, dice) -> None:
        """Of an offer whose time to answer may not have passed: then nothing happens."""
        offers = list(WaitlistOffer.objects.filter(state="open").select_related("slot").order_by("pk"))
        if not offers:
            return
        offer = offers[dice % len(offers)]
        due = offer.until <= timezone.now() or self.is_closed(offer.slot)
        assert offering.end_offer(SYSTEM, offer_id=offer.pk) == due

    @staticmethod
    def is_closed(slot) -> bool:
        return slot.state != "published" or bool(slot.block_reason) or slot.start <= timezone.now()

    @rule()
    def all_the_work_is_done(self) -> None:
        """After it nobody is left whom a free time suits."""
        while background.relay():
            pass
        tasks.sweep_waiting_list()
        while background.relay():
            pass
        assert Oracle().first() is None
        for offer in WaitlistOffer.objects.filter(state="open").select_related("slot"):
            assert offer.until > timezone.now() and not self.is_closed(offer.slot)

    def check_rows(self) -> None:
        now = timezone.now()
        pairs, asked = [], []
        for offer in WaitlistOffer.objects.select_related("booking", "entry"):
            pairs.append((offer.entry_id, offer.slot_id))
            assert offer.booking.slot_id == offer.slot_id
            if offer.state == "open":
                asked.append(offer.entry_id)
                assert offer.entry.ended_at is None
                if offer.until > now:
                    assert (offer.booking.state, offer.booking.offered) == ("held", True)
                    assert offer.booking.held_until == offer.until
        assert len(set(pairs)) == len(pairs), "the same time was offered to somebody twice"
        assert len(set(asked)) == len(asked), "somebody was asked about two times at once"

    @invariant()
    def everything_agrees(self) -> None:
        assert self.wrong == [], "another one was to be asked, or about another time"
        assert not OutboxMessage.objects.exclude(error="").exists()
        self.check_rows()
        waiting = set(Referral.objects.filter(state="waitlisted").values_list("pk", flat=True))
        entries = WaitlistEntry.objects.filter(ended_at=None).values_list("referral", flat=True)
        assert sorted(entries) == sorted(waiting)
        for slot in Slot.objects.all():
            assert slot.taken == slot.bookings.filter(state__in=OCCUPYING).count() <= slot.capacity


@pytest.mark.slow
def test_nobody_is_skipped_and_nobody_is_asked_twice() -> None:
    run_state_machine_as_test(
        WaitingList,
        settings=settings(
            max_examples=14,
            stateful_step_count=22,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        ),
    )
    print(f"\n{dict(LIVED)}")
    assert LIVED["joined"] > 20 and LIVED["published"] > 20, LIVED
    assert sum(LIVED[state] for state in OfferState.values) > 8, LIVED
