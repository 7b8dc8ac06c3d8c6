"""Weekly patterns, days without reception and slots by REST: a hospital's own system plans its time."""

from datetime import timedelta

import pytest

from clinics.models import ScheduleException, Slot
from clinics.services.places import take_place
from clinics.states import SlotState
from tests.api.support import Caller, assert_problem
from tests.factories import clinics as make

pytestmark = pytest.mark.django_db

API = "/api/v1/"
TODAY = make.today()


@pytest.fixture
def service():
    make.make_cluster()
    return make.make_service()


@pytest.fixture
def program(service):
    return Caller(service.clinic.organization)


@pytest.fixture
def body(service):
    """Every day from nine to ten, three visits."""
    return {
        "service": str(service.pk), "practitioner": str(make.make_practitioner(service.clinic).pk), "room": "312",
        "valid_from": TODAY.isoformat(), "works_on_holidays": True,
        "hours": [{"weekday": day, "starts": "09:00", "ends": "10:00"} for day in range(1, 8)],
    }  # fmt: skip


@pytest.fixture
def pattern(program, body):
    made = program.post(f"{API}schedules/", body)
    assert made.status_code == 201, made.content
    return made["Location"]


def on(number):
    within = (make.at(number, 0), make.at(number + 1, 0))
    return Slot.objects.filter(start__range=within).order_by("start")


def test_a_pattern_lives_through_the_api(program, body, pattern):
    assert program.get(pattern).json()["published_at"] is None
    assert on(2).filter(state=SlotState.DRAFT).count() == 3
    assert program.post(f"{pattern}publish/").json()["published_at"]
    assert on(2).filter(state=SlotState.PUBLISHED).count() == 3
    stale = program.patch(pattern, {"room": "7"}, headers={"If-Match": '"old"'})
    assert_problem(stale, 412, "stale_version")
    changed = program.patch(pattern, {"room": "7"})
    assert (changed.json()["room"], len(changed.json()["hours"])) == ("7", 7)
    on(3).delete()
    assert program.post(f"{pattern}generate/").status_code == 200
    assert on(3).count() == 3
    last = TODAY + timedelta(days=2)
    assert (
        program.post(f"{pattern}end/", {"last_day": last.isoformat()}).json()["valid_to"] == last.isoformat()
    )
    assert not on(3).exclude(state=SlotState.BLOCKED).exists()


def test_what_is_wrong_is_told_at_its_field(program, body):
    hours = [{"weekday": 1, "starts": "12:00", "ends": "09:00"}]
    problem = assert_problem(program.post(f"{API}schedules/", body | {"hours": hours}), 400, "invalid")
    assert problem["errors"][0]["field"].startswith("hours")
    shares = {"share_own": 50, "share_cluster": 10, "share_urgent": 10}
    problem = assert_problem(program.post(f"{API}schedules/", body | shares), 400, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["share_own"]
    foreign = body | {"service": str(make.make_service().pk)}
    assert_problem(program.post(f"{API}schedules/", foreign), 404, "not_found")


def test_hours_of_a_change_are_whole(program, pattern):
    """A change may leave out fields, its rows may not."""
    for hours in ([{"weekday": 1, "starts": "18:00"}], [{"starts": "18:00", "ends": "19:00"}]):
        assert_problem(program.patch(pattern, {"hours": hours}), 400, "invalid")


def test_nothing_strands_a_booking(program, body, pattern):
    program.post(f"{pattern}publish/")
    booked = on(2)[1]
    assert take_place(booked.pk)
    for answer in (
        program.patch(pattern, {"hours": [{"weekday": 1, "starts": "18:00", "ends": "19:00"}]}),
        program.post(f"{pattern}end/", {"last_day": TODAY.isoformat()}),
        program.post(f"{API}slots/block/", {"slots": [str(booked.pk)], "reason": "Ремонт"}),
    ):
        problem = assert_problem(answer, 409, "stranded_bookings")
        assert [row["slot"] for row in problem["slots"]] == [str(booked.pk)]
    leave = {
        "practitioner": body["practitioner"], "clinic": str(booked.clinic_id), "reason": "leave",
        "first_day": (TODAY + timedelta(days=1)).isoformat(), "last_day": "9999-12-31",
    }  # fmt: skip
    assert_problem(program.post(f"{API}schedule-exceptions/", leave), 409, "stranded_bookings")
    assert not ScheduleException.objects.exists()
    made = program.post(f"{API}schedule-exceptions/", leave | {"keep_booked": True})
    assert made.status_code == 201, made.content
    states = on(2).values_list("state", "block_reason")
    assert [tuple(row) for row in states] == [
        ("blocked", "leave"),
        ("published", "leave"),
        ("blocked", "leave"),
    ]
    [row] = program.get(f"{API}schedule-exceptions/?date_from=2100-01-01").json()["results"]
    assert row["id"] == made.json()["id"]
    assert program.delete(made["Location"]).status_code == 204
    assert on(2).filter(state=SlotState.PUBLISHED, block_reason="").count() == 3


def test_slots_are_published_closed_and_opened(program, body, pattern):
    clinic = program.get(pattern).json()["clinic"]
    days = {
        "first_day": (TODAY + timedelta(days=2)).isoformat(),
        "last_day": (TODAY + timedelta(days=3)).isoformat(),
    }
    assert program.post(f"{API}slots/publish/", {"clinic": clinic, **days}).json() == {"count": 6}
    day = {
        "practitioner": body["practitioner"], "starts": make.at(2, 9).isoformat(), "ends": make.at(2, 10).isoformat(),
        "reason": "Совещание",
    }  # fmt: skip
    assert program.post(f"{API}slots/block/", day).json() == {"count": 3}
    ids = [str(pk) for pk in on(2).values_list("pk", flat=True)]
    assert program.post(f"{API}slots/reopen/", {"slots": ids[:2]}).json() == {"count": 2}
    off = {"clinic": clinic, "days": [(TODAY + timedelta(days=n)).isoformat() for n in (2, 3)]}
    assert program.post(f"{API}schedule-exceptions/days-off/", off).json() == {"count": 5}
    assert_problem(Caller().post(f"{API}slots/reopen/", {"slots": ids}), 404, "not_found")
    assert_problem(program.post(f"{API}slots/block/", {"reason": "Ремонт"}), 400, "invalid")
