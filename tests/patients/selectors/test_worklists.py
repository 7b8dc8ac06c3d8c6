"""The work lists: who is in which, in what order, and that the counters say the same as the lists."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.selectors.calendar import today_at
from cluster_portal.accounts.roles import Role
from cluster_portal.common.counting import count_together
from cluster_portal.common.errors import Forbidden
from cluster_portal.common.keyset import paginate
from patients.selectors import worklists
from patients.selectors.worklists import IN, OUT, QUEUES, Narrowing
from patients.states import ReferralState
from tests.factories import clinics, patients
from tests.factories.clinics import ZONE, at

pytestmark = pytest.mark.django_db


def numbers(actor, side, key, by=None):
    queue = QUEUES[side][key]
    found = worklists.narrow(actor, worklists.in_queue(actor, side, queue), by or Narrowing())
    return list(worklists.rows(found).order_by(*queue.order).values_list("number", flat=True))


@pytest.mark.parametrize(
    ("side", "key", "state"),
    [
        (OUT, "drafts", "draft"), (OUT, "returned", "returned"), (OUT, "submitted", "submitted"),
        (OUT, "accepted", "accepted"), (OUT, "waitlisted", "waitlisted"), (OUT, "booked", "booked"),
        (IN, "triage", "submitted"), (IN, "accepted", "accepted"), (IN, "waitlisted", "waitlisted"),
        (IN, "booked", "booked"), (IN, "in_care", "in_care"),
    ],
)  # fmt: skip
def test_a_state_has_its_list(pair, side, key, state):
    wanted = {referral.state: referral for referral in (pair.referral(s) for s in ReferralState)}
    actor = pair.referrer if side == OUT else pair.coordinator
    assert numbers(actor, side, key) == [wanted[state].number]


def test_the_counters_say_what_the_lists_hold(pair):
    today = today_at(ZONE)
    for state in ReferralState:
        pair.referral(state)
    pair.referral("accepted", due_on=today - timedelta(days=1))
    pair.referral("completed", conclusion_unread=False)
    for actor, side in ((pair.referrer, OUT), (pair.coordinator, IN)):
        plain = {name: rows.count() for name, rows in worklists.countable(actor).items()}
        counted = worklists.counters(actor) | plain
        for key in QUEUES[side]:
            if key != "all":
                assert counted[f"{side}.{key}"] == len(numbers(actor, side, key)), (side, key)
    assert worklists.counters(pair.referrer)["out.overdue"] == 1
    assert worklists.counters(pair.referrer)["out.conclusions"] == 1


def test_a_side_is_counted_in_one_query(pair):
    pair.referral("accepted")
    worklists.counters(pair.referrer)
    with CaptureQueriesContext(connection) as queries:
        worklists.counters(pair.referrer)
    assert len(queries) == 1


@pytest.mark.parametrize("role", [Role.REFERRER, Role.COORDINATOR])
def test_who_is_expected_today_is_counted_for_the_desk_and_for_those_who_decide(pair, role):
    actor = clinics.make_actor(role, organization=pair.target.organization)
    for state, moment in (
        ("booked", at(1, 9)), ("booked", at(1, 23, 30)), ("booked", at(2, 0)), ("in_care", at(1, 10))
    ):  # fmt: skip
        pair.referral(state, slot=pair.slot(moment))
    with time_machine.travel(at(1, 8)):
        plain = count_together(worklists.countable(actor))
        assert (worklists.counters(actor) | plain)["arrivals"] == 2


def test_the_other_side_does_not_see_a_draft(pair):
    pair.referral("draft")
    assert numbers(pair.coordinator, IN, "all") == []
    assert numbers(clinics.make_actor(), OUT, "all") == []


def test_the_office_has_no_lists(pair):
    with pytest.raises(Forbidden):
        worklists.of_side(clinics.make_actor(Role.OFFICE), OUT)


def test_a_visit_in_time_is_not_overdue_while_its_clinic_has_yet_to_mark_it(pair):
    today = today_at(ZONE)
    yesterday = today - timedelta(days=1)
    in_time = pair.referral("booked", slot=pair.slot(at(-1, 9)), due_on=yesterday)
    late = pair.referral("booked", slot=pair.slot(at(2, 9)), due_on=yesterday)
    waiting = pair.referral("accepted", due_on=yesterday - timedelta(days=1))
    pair.referral("accepted", due_on=today)
    assert numbers(pair.referrer, OUT, "overdue") == [waiting.number, late.number]
    assert in_time.number in numbers(pair.referrer, OUT, "booked")


def test_a_referral_without_a_deadline_comes_last_on_every_page(pair):
    today = today_at(ZONE)
    none = [pair.referral("accepted", due_on=None) for _ in range(3)]
    dated = [pair.referral("accepted", due_on=today + timedelta(days=n)) for n in (5, 1, 3)]
    queue = QUEUES[OUT]["accepted"]
    seen, cursor = [], None
    while True:
        found = worklists.rows(worklists.in_queue(pair.referrer, OUT, queue))
        page = paginate(found, order=queue.order, cursor=cursor, limit=2)
        seen += [row["number"] for row in page]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [dated[n].number for n in (1, 2, 0)] + [r.number for r in none]


def test_filters(pair):
    other = clinics.make_service(clinics.make_clinic(), "neurologist")
    mine = pair.referral("accepted", priority="urgent")
    theirs = pair.referral("accepted", service=other)
    actor = pair.referrer

    def found(**by):
        return numbers(actor, OUT, "all", Narrowing(**by))

    assert found(priority="urgent") == [mine.number]
    assert found(target_clinic=other.clinic_id) == [theirs.number]
    assert len(found(specialty=other.service_type.specialty_id)) == 2
    assert found(state="booked") == []
    assert found(created_from=timezone.localdate() + timedelta(days=1)) == []
    assert len(found(created_from=timezone.localdate() - timedelta(days=1))) == 2


def test_one_box_finds_a_number_a_part_of_it_and_a_patient(pair):
    patient = patients.make_patient(pair.source.organization, family="Ёлкина", given="Зоя", patronymic="")
    mine = pair.referral("accepted", patient=patient)
    pair.referral("accepted")
    actor = pair.referrer
    for text in (
        mine.number,
        mine.number.lower().replace("-", " "),
        mine.number[:14],
        "елкина зоя",
        "Елкинна",
    ):
        assert mine.number in numbers(actor, OUT, "all", Narrowing(text=text)), text
    assert numbers(actor, OUT, "all", Narrowing(text="Сидоренко")) == []


@pytest.mark.parametrize("count", [1, 30])
def test_the_rows_are_one_query(pair, count):
    for n in range(count):
        pair.referral("booked", slot=pair.slot(at(1 + n)))
    queue = QUEUES[OUT]["booked"]
    with CaptureQueriesContext(connection) as queries:
        page = paginate(
            worklists.rows(worklists.in_queue(pair.referrer, OUT, queue)), order=queue.order, limit=50
        )
    assert len(page) == count
    assert len(queries) <= 2  # the rows, and once a minute the cluster
