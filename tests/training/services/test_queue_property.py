"""Two intakes on overlapping days under everything that may happen, in any order: nobody is skipped, nobody is lost.

Beside the portal's query stands the rule in plain Python (`first_of`), written anew: of those who wait the one who has
waited longest, but for people who have a seat elsewhere then, or are being offered one that they like better. Every
offer that the waiting list makes must be the one that the rule names, and when the work is done the rule must find
nobody left beside a free seat.

Shown by taking them away one by one, the test fails without: the order of the list, passing over who is being offered
a better one, the end of a lapsed offer, and giving its seat back.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cluster_portal.common.actor import SYSTEM
from cluster_portal.common.errors import PortalError
from tests.factories import clinics as make
from tests.factories import training as rows
from training.models import Intake, Nomination
from training.services import nominations, offers
from training.states import HOLDING, PLACED

pytestmark = pytest.mark.django_db
PEOPLE, SEATS = 5, 1
ACTS = ("accept", "accept", "decline", "decline", "withdraw", "confirm", "later")
STEPS = st.tuples(st.sampled_from(ACTS), st.integers(0, PEOPLE - 1), st.integers(0, 1))

#: What the examples of this run came to, so that dull ones are noticed.
LIVED: Counter[str] = Counter()


def first_of(intake: Intake) -> Nomination | None:
    """Whom the rule names for the next seat of an intake."""
    everybody = list(Nomination.objects.select_related("intake"))
    waiting = [one for one in everybody if one.intake_id == intake.pk and one.state == "waitlisted"]
    for one in sorted(waiting, key=lambda row: (row.waiting_since, row.pk)):
        others = [
            other for other in everybody
            if other.specialist_id == one.specialist_id and other.pk != one.pk
            and other.starts_on <= one.ends_on and one.starts_on <= other.ends_on
        ]  # fmt: skip
        is_placed = any(other.state in PLACED for other in others)
        hopes = any(other.state == "offered" and other.choice < one.choice for other in others)
        if not is_placed and not hopes:
            return one
    return None


class World:
    """Five people and two intakes of one seat, of which each likes one better; all wait for both, in some order."""

    def __init__(self, choices: list[bool], queue: list[int]) -> None:
        make.make_cluster()
        hospital = make.make_organization()
        self.office = make.make_actor("training")
        self.manager = make.make_actor("manager", organization=hospital)
        self.intakes = [rows.make_intake(begins=60 + n, days=5, seats=SEATS) for n in range(2)]
        self.nominations = []
        for likes_first in choices:
            person = rows.make_specialist(hospital)
            self.nominations.append(
                [
                    rows.make_nomination(
                        person, intake, "waitlisted", choice=1 + (n == likes_first),
                        waiting_since=timezone.now() + timedelta(seconds=queue[2 * len(self.nominations) + n]),
                    )
                    for n, intake in enumerate(self.intakes)
                ]
            )  # fmt: skip
        self.real, self.wrong = offers._offer, []

    def offer(self, actor, nomination):
        """In place of the service's own: compares whom it chose."""
        expected = first_of(nomination.intake)
        made = self.real(actor, nomination)
        if expected is None or expected.pk != nomination.pk:
            self.wrong.append((nomination.number, expected and expected.number))
        return made

    def act(self, name, who, where):
        key = {"nomination_id": self.nominations[who][where].pk}
        match name:
            case "accept":
                offers.accept_offer(self.manager, **key)
            case "decline":
                offers.decline_offer(self.manager, reason="Нет замены", **key)
            case "withdraw":
                offers.withdraw_nomination(self.manager, reason="Передумал", **key)
            case "confirm":
                nominations.confirm_nomination(self.office, **key)

    def settle(self):
        """What the relay does with the messages: an offer that ended in one intake concerns the other."""
        for intake in self.intakes * 3:
            offers.move_queue(SYSTEM, intake_id=intake.pk)

    def check(self):
        assert self.wrong == [], "another one was to be asked"
        placed = Counter()
        for intake in self.intakes:
            intake.refresh_from_db()
            states = list(intake.nominations.values_list("specialist", "state"))
            assert len(states) == PEOPLE, "somebody is lost"
            assert intake.taken == sum(state in HOLDING for _person, state in states) <= SEATS
            if intake.taken < SEATS:
                assert first_of(intake) is None, "somebody waits beside a free seat"
            placed.update(person for person, state in states if state in PLACED)
        assert all(number == 1 for number in placed.values()), "two seats at once"


@settings(
    max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
)  # fmt: skip
@given(
    choices=st.lists(st.booleans(), min_size=PEOPLE, max_size=PEOPLE),
    queue=st.permutations(range(2 * PEOPLE)),
    steps=st.lists(STEPS, min_size=12, max_size=24),
)
def one_life(choices, queue, steps):
    travel = time_machine.travel(timezone.now(), tick=False)
    with transaction.atomic(), travel as clock, pytest.MonkeyPatch.context() as patch:
        world = World(choices, queue)
        patch.setattr(offers, "_offer", world.offer)
        world.settle()
        for name, who, where in steps:
            clock.shift(timedelta(hours=30) if name == "later" else timedelta(minutes=1))
            try:
                with transaction.atomic():
                    world.act(name, who, where)
            except PortalError as error:
                LIVED[error.code] += 1
            world.settle()
            world.check()
        LIVED.update(Nomination.objects.values_list("state", flat=True))
        transaction.set_rollback(True)


def test_nobody_is_skipped_nobody_is_lost():
    one_life()
    assert (
        min(LIVED[state] for state in ("waitlisted", "accepted", "declined", "expired", "withdrawn")) > 3
    ), LIVED
