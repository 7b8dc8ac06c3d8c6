"""Readers of the feed beside writers: nothing is skipped and nothing comes twice. 60 seconds with `--full-size`."""

import threading
import time
from collections import Counter

import pytest
from django.db import connection, transaction

import cluster_portal.api_router  # noqa: F401 - tells the feed which resources there are
from clinics.models import Clinic
from cluster_portal.api import changes
from cluster_portal.audit import feed
from cluster_portal.audit.models import Entry
from tests.concurrency.support import together
from tests.factories import clinics

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
WRITERS, READERS = 8, 3
#: Other databases of the server hold the feed back too, while a test of theirs is open.
PATIENCE = 60


@pytest.fixture
def actor():
    return clinics.make_actor("manager")


def read_on(actor, place):
    told = [changes.sources()["clinics"]]
    return changes.read_changes(actor, told, after=place, now=feed.horizon(), limit=20)


def write(clinic, n, pause):
    """One change, and a while until it is committed, in which others overtake it."""
    with transaction.atomic():
        Clinic.objects.filter(pk=clinic.pk).update(short_name_en=f"{n}")
        time.sleep(pause)


def overtaken(read, clinics_of_both):
    """What `read` gets to know of two changes of which the second is committed first, in two readings."""
    first, second = clinics_of_both
    written, seen = threading.Event(), threading.Event()
    found = []

    def slow():
        with transaction.atomic():
            Clinic.objects.filter(pk=first.pk).update(short_name_en="slow")
            written.set()
            assert seen.wait(30)

    def quick():
        assert written.wait(30)
        Clinic.objects.filter(pk=second.pk).update(short_name_en="quick")
        found.extend(read())
        seen.set()

    outcome = together(slow, quick)
    assert not outcome.unexpected
    until = time.monotonic() + PATIENCE
    while len(found) < 2 and time.monotonic() < until:
        more = read()
        found.extend(more)
        if read.impatient:
            break
    return found


class BySequence:
    """What a feed ordered by the journal's own key does: the negative control."""

    impatient = True

    def __init__(self):
        self.last = Entry.objects.order_by("-id").values_list("id", flat=True).first()

    def __call__(self):
        rows = list(Entry.objects.filter(id__gt=self.last, table_name="clinics_clinic").order_by("id"))
        self.last = rows[-1].pk if rows else self.last
        return [row.row_id for row in rows]


class ByCommit:
    impatient = False

    def __init__(self, actor, both):
        self.actor, self.place = actor, feed.horizon()
        # Where others hold the feed back, what was written earlier is still ahead.
        self.own = {str(clinic.pk) for clinic in both}

    def __call__(self):
        rows, self.place, _more = read_on(self.actor, self.place)
        return [
            entry.row_id
            for entry, _source, kind in rows
            if kind == changes.UPDATED and entry.row_id in self.own
        ]


def test_a_change_that_is_overtaken_is_lost_by_sequence_and_not_by_the_feed(actor):
    both = clinics.make_clinic(), clinics.make_clinic()
    assert overtaken(BySequence(), both) == [str(both[1].pk)]
    both = clinics.make_clinic(), clinics.make_clinic()
    assert sorted(overtaken(ByCommit(actor, both), both)) == sorted(str(clinic.pk) for clinic in both)


def test_readers_end_with_what_writers_wrote(actor, request):
    seconds = 60 if request.config.getoption("full_size") else 1.5
    own = [clinics.make_clinic() for _ in range(WRITERS)]
    start, written, left = feed.horizon(), Counter(), [WRITERS]
    lock, until = threading.Lock(), time.monotonic() + seconds

    def writer(n):
        def run():
            count = 0
            try:
                while time.monotonic() < until:
                    count += 1
                    write(own[n], count, pause=0.002 * ((n + count) % 5))
            finally:
                with lock:
                    written[str(own[n].pk)] += count
                    left[0] -= 1

        return run

    def reader():
        place, found = start, []
        patience = until + PATIENCE
        while True:
            over = left[0] == 0
            rows, place, more = read_on(actor, place)
            # Where the feed was held back, the clinics' own creation is still ahead.
            found += [(entry.pk, entry.row_id) for entry, _source, kind in rows if kind == changes.UPDATED]
            if over and not more and len(found) >= sum(written.values()):
                return found
            if time.monotonic() > patience:
                return found
            time.sleep(0.01)

    outcome = together(*[writer(n) for n in range(WRITERS)], *[reader] * READERS)
    assert not outcome.unexpected
    readings = [result for result in outcome.results if result is not None]
    assert len(readings) == READERS
    ids = set(Entry.objects.filter(xid__gte=start.xid, operation="UPDATE").values_list("id", flat=True))
    for found in readings:
        keys = [key for key, _row in found]
        assert len(keys) == len(set(keys)), "twice"
        names = Counter(row for key, row in found if key in ids)
        assert names == written
    assert sum(written.values()) > WRITERS * 5


def test_an_open_transaction_holds_the_feed_back_and_loses_nothing(actor):
    clinic, place = clinics.make_clinic(), feed.horizon()
    with transaction.atomic():
        Clinic.objects.filter(pk=clinic.pk).update(short_name_en="open")
        rows, place, _more = read_on(actor, place)
        assert str(clinic.pk) not in [entry.row_id for entry, *_rest in rows if entry.operation == "UPDATE"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            [own] = cursor.fetchone()
        assert place.xid <= own
