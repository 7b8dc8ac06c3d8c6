"""Slots by REST: who sees what of them, what is free, how the search is narrowed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.api.serializers import SlotSerializer
from clinics.models import Slot
from clinics.states import Audience, Direction, SlotState
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db
URL = "/api/v1/slots/"


@pytest.fixture
def caller() -> Caller:
    return Caller()


def rows(response) -> list[dict]:
    assert response.status_code == 200, response.content
    return response.json()["results"]


def ids(response) -> list[str]:
    return [row["id"] for row in rows(response)]


def test_a_row_is_what_the_schema_says(caller: Caller) -> None:
    slot = make.make_slot()
    row = rows(caller.get(URL))[0]
    assert set(row) == set(SlotSerializer().fields)
    assert row == caller.get(f"{URL}{slot.pk}/").json()
    assert row["start"].endswith("Z") and row["time_zone"] == make.ZONE
    assert row["price"] == "1800.00" and row["free"] == 1
    assert row["service_name"] == "Cardiologist consultation"


def test_drafts_are_their_owner_s(caller: Caller) -> None:
    draft = make.make_slot(state=SlotState.DRAFT)
    mine = make.make_slot(make.make_service(make.make_clinic(caller.organization)), state=SlotState.DRAFT)
    assert ids(caller.get(URL)) == [str(mine.pk)]
    assert_problem(caller.get(f"{URL}{draft.pk}/"), 404, "not_found")


def test_how_time_is_divided_is_the_owner_s_own_business(caller: Caller) -> None:
    foreign = make.make_slot()
    mine = make.make_slot(make.make_service(make.make_clinic(caller.organization)))
    shown = {row["id"]: row for row in rows(caller.get(URL))}
    assert shown[str(foreign.pk)]["audience"] is None and shown[str(foreign.pk)]["release_at"] is None
    assert shown[str(mine.pk)]["audience"] == Audience.CLUSTER


def test_free_is_what_may_be_booked_now(caller: Caller) -> None:
    service = make.make_service()
    free = make.make_slot(service, start=make.at(1, 9))
    make.make_slot(service, start=make.at(1, 10), audience=Audience.OWN)
    urgent = make.make_slot(service, start=make.at(1, 11), audience=Audience.URGENT)
    full = make.make_slot(service, start=make.at(1, 12))
    Slot.objects.filter(pk=full.pk).update(taken=1)
    make.make_slot(service, start=make.at(-1, 12))
    assert ids(caller.get(URL + "?free=true")) == [str(free.pk)]
    assert ids(caller.get(URL + "?free=true&priority=urgent")) == [str(free.pk), str(urgent.pk)]
    assert len(ids(caller.get(URL + "?free=false"))) == 5
    assert_problem(caller.get(URL + "?free=perhaps"), 400, "invalid")


def test_narrowed_by_what_and_where(caller: Caller) -> None:
    slot = make.make_slot()
    other = make.make_slot(
        make.make_service(service_type=make.make_service_type("gym", direction=Direction.REHABILITATION))
    )
    for query, expected in (
        (f"service={slot.service_id}", slot), ("service_type=gym", other), (f"clinic={slot.clinic_id}", slot),
        ("direction=rehabilitation", other), (f"organization={other.organization_id}", other),
    ):  # fmt: skip
        assert ids(caller.get(f"{URL}?{query}")) == [str(expected.pk)], query
    assert len(ids(caller.get(URL + "?payment=oms"))) == 2
    assert ids(caller.get(URL + "?payment=vmp")) == []
    assert_problem(caller.get(URL + "?payment=barter"), 400, "invalid")


def test_days_are_the_caller_s_calendar(caller: Caller) -> None:
    """The caller's clinic lies in Sakhalin: its day begins at 13:00 UTC of the day before."""
    make.make_cluster()
    make.make_clinic(caller.organization)
    service = make.make_service()
    early, late = (
        make.make_slot(service, start=make.at(3, 0, 30)),
        make.make_slot(service, start=make.at(3, 23, 30)),
    )
    make.make_slot(service, start=make.at(2, 23, 30)), make.make_slot(service, start=make.at(4, 0, 0))
    day = make.at(3).date().isoformat()
    assert ids(caller.get(f"{URL}?date_from={day}&date_to={day}")) == [str(early.pk), str(late.pk)]
    assert_problem(caller.get(URL + "?date_from=21.11.2026"), 400, "invalid")
    assert_problem(caller.get(URL + "?date_to=2026-02-30"), 400, "invalid")


def test_near(caller: Caller) -> None:
    here = make.make_slot(make.make_service(make.make_clinic(lat=46.95, lon=142.73)))
    make.make_slot(make.make_service(make.make_clinic(lat=50.9, lon=142.15)))
    found = rows(caller.get(URL + "?near=46.96,142.74"))
    assert [(row["id"], row["distance_km"]) for row in found] == [(str(here.pk), 1.3)]
    assert len(rows(caller.get(URL + "?near=46.96,142.74&radius_km=600"))) == 2


def test_pages_in_the_order_of_time(caller: Caller) -> None:
    service = make.make_service()
    slots = make.make_slots(service, 12)
    seen, url = [], URL + "?limit=5"
    while url:
        page = caller.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == [str(slot.pk) for slot in sorted(slots, key=lambda slot: (slot.start, slot.pk))]


def test_one_query_for_a_page(caller: Caller) -> None:
    make.make_slots(make.make_service(), 30, minutes=10)
    with CaptureQueriesContext(connection) as seen:
        assert len(rows(caller.get(URL + "?limit=100"))) == 30
    # The token with its program and that one's membership, and the slots.
    assert len(seen) == 2


def test_past_slots_are_history_for_lists(caller: Caller) -> None:
    past = make.make_slot(start=make.at(-3))
    assert ids(caller.get(URL)) == [str(past.pk)]
    later = (past.start + timedelta(days=1)).astimezone().date().isoformat()
    assert ids(caller.get(f"{URL}?date_from={later}")) == []
