"""Many wait, times come free, and workers are killed in the middle of their work: 1,000 and 300 with `--full-size`."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from cluster_portal.common import background
from cluster_portal.common.models import OutboxMessage
from patients.models import Booking, WaitlistEntry, WaitlistOffer
from patients.services.booking import cancel_booking
from tests.factories import clinics, patients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency, pytest.mark.slow]

WORKERS = 8
#: How long the whole work may take before it counts as hanging (seconds).
PATIENCE = 900


class Workers:
    """Eight processes that lead messages; one that was killed is replaced at once."""

    def __init__(self) -> None:
        self.alive: list[int] = []
        self.killed = 0

    def __enter__(self) -> Workers:
        place = connection.settings_dict
        login = f"{place['USER']}:{quote(place['PASSWORD'], safe='')}@{place['HOST']}:{place['PORT']}"
        self.parent = subprocess.Popen(
            [sys.executable, "-m", "tests.concurrency.relaying"],
            env={**os.environ, "DATABASE_URL": f"postgresql://{login}/{place['NAME']}"},
            cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self.alive = [self._start() for _ in range(WORKERS)]
        return self

    def __exit__(self, *_exc: object) -> None:
        self.parent.stdin.close()
        self.parent.wait()

    def _start(self) -> int:
        self.parent.stdin.write("another\n")
        return int(self.parent.stdout.readline())

    def kill_one(self, chance: random.Random) -> None:
        """As the kernel does when memory runs out: no farewell."""
        n = chance.randrange(len(self.alive))
        os.kill(self.alive[n], signal.SIGKILL)
        self.alive[n] = self._start()
        self.killed += 1


def pending() -> int:
    """Messages that could be led now; each offer leaves one for the end of its time."""
    messages = OutboxMessage.objects.filter(done_at__isnull=True, failed_at__isnull=True)
    return messages.filter(due_at__lte=timezone.now()).count()


def test_each_time_goes_to_one_patient_in_order_whoever_is_killed(request):
    entries, freed = (1000, 300) if request.config.getoption("full_size") else (200, 60)
    clinics.make_cluster()
    pair = patients.make_pair()
    today = timezone.localdate()
    waiting = [
        pair.referral(
            "waitlisted", patient=patients.make_patient(pair.source.organization),
            due_on=today + timedelta(days=30 + n),
        )
        for n in range(entries)
    ]  # fmt: skip
    slots = clinics.make_slots(pair.service, freed, first=clinics.at(3, 0))
    booked = [
        pair.referral("booked", patient=patients.make_patient(pair.source.organization), slot=slot)
        for slot in slots
    ]
    OutboxMessage.objects.all().delete()

    chance, deadline = random.Random(20), time.monotonic() + PATIENCE
    chance.shuffle(booked)
    with Workers() as workers:
        for n, referral in enumerate(booked):
            cancel_booking(pair.referrer, referral_id=referral.pk, reason="patient_asked")
            if n % 7 == 3:
                workers.kill_one(chance)
        before = None
        while (left := pending()) and time.monotonic() < deadline:
            # By what was done, not by the clock: on a slow machine nobody would live to the end of a message.
            if left != before:
                workers.kill_one(chance)
            before = left
            time.sleep(0.2)
    # The beat's round each minute finds what a message that was lost would have found.
    while background.relay():
        pass

    assert workers.killed >= freed // 7
    assert pending() == 0
    assert not OutboxMessage.objects.filter(failed_at__isnull=False).exists()
    offers = WaitlistOffer.objects.filter(state="open")
    assert offers.count() == WaitlistOffer.objects.count() == freed
    asked = offers.order_by("entry__due_order").values_list("entry__referral", flat=True)
    assert list(asked) == [referral.pk for referral in waiting[:freed]]
    assert set(offers.values_list("slot", flat=True)) == {slot.pk for slot in slots}
    assert not offers.values("slot").annotate(n=Count("pk")).filter(n__gt=1).exists()
    held = Booking.objects.filter(state="held")
    assert held.count() == freed
    assert WaitlistEntry.objects.filter(ended_at=None).count() == entries
    for slot in slots:
        assert patients.taken_and_occupied(slot) == (1, 1)
