"""The feed of changes: who is told what. Its order among writers is proved in `tests/concurrency/test_changes.py`."""

import pytest
from django.core import signing
from django.db import connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext

from clinics.models import Clinic, Slot
from clinics.states import SlotState
from cluster_portal.api import changes
from cluster_portal.audit import feed
from cluster_portal.audit.feed import Position
from cluster_portal.audit.models import Entry
from patients.models import Referral
from patients.services.decisions import redirect_referral
from tests.api.support import Caller, assert_problem
from tests.factories import clinics, patients

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/changes/"


@pytest.fixture
def pair():
    clinics.make_cluster()
    return patients.make_pair(triage=True)


@pytest.fixture
def place(monkeypatch):
    """The place behind all that this test has written so far, as a cursor.

    A test never commits, so the end of what may be read is set behind its own transaction.
    """
    server = feed.horizon().server
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        [own] = cursor.fetchone()
    monkeypatch.setattr(feed, "horizon", lambda: Position(server, own + 1))

    def here() -> str:
        last = Entry.objects.aggregate(last=Max("id"))["last"] or 0
        return changes.pack(Position(server, own, last))

    return here


def told(caller: Caller, after: str, **params) -> list[tuple[str, str, str]]:
    answer = caller.get(ADDRESS, {"after": after, **params})
    assert answer.status_code == 200, answer.content
    return [(row["type"], row["id"], row["kind"]) for row in answer.json()["results"]]


def test_both_sides_are_told_and_a_stranger_is_not(pair, place) -> None:
    sender, receiver, stranger = Caller(pair.source.organization), Caller(pair.target.organization), Caller()
    start = place()
    referral = pair.referral("submitted")
    made = ("referrals", str(referral.pk), "created")
    for caller in (sender, receiver):
        assert told(caller, start, types="referrals")[0] == made
    assert told(stranger, start, types="referrals") == []
    middle = place()
    Referral.objects.filter(pk=referral.pk).update(diagnosis_code="I50.0")
    assert told(sender, middle) == [("referrals", str(referral.pk), "updated")]
    [row] = sender.get(ADDRESS, {"after": middle}).json()["results"]
    assert sender.get(row["url"].removeprefix("http://testserver")).json()["id"] == str(referral.pk)
    assert set(row) == {"type", "id", "kind", "at", "url"}


def test_who_loses_a_row_is_told_so_once_and_nothing_later(pair, place) -> None:
    referral = pair.referral("submitted")
    third = patients.make_pair(triage=True)
    clinics.make_licence(third.target, "cardiology")
    receiver, start = Caller(pair.target.organization), place()
    redirect_referral(
        pair.coordinator, referral_id=referral.pk, service_id=third.service.pk, comment="Ближе к дому"
    )
    rows = [row for row in told(receiver, start, types="referrals") if row[1] == str(referral.pk)]
    assert {kind for *_row, kind in rows} == {"updated"}, "who passed it on reads along"
    start = place()
    Referral.objects.filter(pk=referral.pk).update(past_targets=[])
    Referral.objects.filter(pk=referral.pk).update(diagnosis_code="I50.0")
    assert told(receiver, start) == [("referrals", str(referral.pk), "no_longer_visible")]
    assert told(Caller(), start, types="referrals") == []


def test_a_row_that_was_deleted_was_visible_to_those_who_saw_it(place) -> None:
    clinic = clinics.make_clinic()
    start = place()
    with connection.cursor() as cursor:
        key = clinic.pk
        cursor.execute("DELETE FROM clinics_clinic WHERE id = %s", [key])
    assert told(Caller(), start, types="clinics") == [("clinics", str(key), "no_longer_visible")]


def test_a_state_that_hides_a_row_is_told_to_those_who_saw_it(pair, place) -> None:
    sender, slot = Caller(pair.source.organization), pair.slot(clinics.at(3))
    start = place()
    Slot.objects.filter(pk=slot.pk).update(state=SlotState.BLOCKED)
    kinds = {kind for _type, key, kind in told(sender, start, types="slots") if key == str(slot.pk)}
    seen = Slot.objects.filter(pk=slot.pk).exists() and sender.get(f"/api/v1/slots/{slot.pk}/").status_code
    assert kinds == ({"updated"} if seen == 200 else {"no_longer_visible"})


def test_pages_join_without_a_seam(place) -> None:
    caller, start = Caller(), place()
    made = [str(clinics.make_clinic().pk) for _ in range(7)]
    found, cursor, more = [], start, True
    while more:
        page = caller.get(ADDRESS, {"after": cursor, "limit": 2, "types": "clinics"}).json()
        found += [row["id"] for row in page["results"]]
        cursor, more = page["cursor"], page["has_more"]
    assert found == made
    assert told(caller, cursor, types="clinics") == []


def test_the_first_call_begins_at_the_present(place) -> None:
    clinics.make_clinic()
    page = Caller().get(ADDRESS).json()
    assert (page["results"], page["has_more"]) == ([], False)


def test_a_narrow_token_is_told_of_its_own_resources(pair, place) -> None:
    caller, start = Caller(pair.source.organization, frozenset({"clinics:read"})), place()
    pair.referral("submitted")
    clinic = clinics.make_clinic()
    assert {row[0] for row in told(caller, start)} == {"clinics"}
    assert ("clinics", str(clinic.pk), "created") in told(caller, start)
    problem = assert_problem(caller.get(ADDRESS, {"types": "referrals"}), 403, "insufficient_scope")
    assert problem["required_scope"] == "referrals:read"


def test_an_old_a_foreign_and_a_broken_place(place, monkeypatch) -> None:
    caller, now = Caller(), feed.horizon()
    for elsewhere in (Position("another", now.xid), Position(now.server, now.xid + 1)):
        assert_problem(caller.get(ADDRESS, {"after": changes.pack(elsewhere)}), 410, "cursor_expired")
    assert_problem(caller.get(ADDRESS, {"after": "1"}), 400, "invalid")
    assert_problem(caller.get(ADDRESS, {"after": signing.dumps([1], salt=changes.SALT)}), 400, "invalid")
    assert_problem(caller.get(ADDRESS, {"types": "secrets"}), 400, "invalid")
    old = place()
    later = signing.time.time() + changes.KEEP.total_seconds() + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert_problem(Caller(caller.organization).get(ADDRESS, {"after": old}), 410, "cursor_expired")


def test_a_page_costs_the_same_for_one_row_and_for_thirty(pair, place) -> None:
    stranger, costs = Caller(), []
    for count in (1, 30):
        start = place()
        for _ in range(count):
            clinics.make_clinic()
            pair.referral("submitted", patient=patients.make_patient(pair.source.organization))
        Referral.objects.update(diagnosis_code=f"I5{len(costs)}.0")
        with CaptureQueriesContext(connection) as seen:
            assert told(stranger, start, limit=500)
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_every_resource_can_say_who_saw_a_row_before(place) -> None:
    """The rule of each resource is asked of an earlier version of its rows: the statement must be one that runs."""
    caller = Caller()
    actor = clinics.actor_of_client(caller.api_client, caller.organization)
    assert Clinic._meta.db_table in {source.table for source in changes.sources().values()}
    for source in changes.sources().values():
        assert feed.seen_before(source.policy.queryset(actor), [Entry(pk=1)]) == set()
