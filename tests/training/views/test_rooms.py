"""Pages of rooms: the calendar by day, week and month, booking with the taken times listed first, the feed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from tests.factories import clinics as make
from tests.factories import training as rows
from training.models import RoomBooking, TeachingRoom

pytestmark = pytest.mark.django_db

CALENDAR = "/rooms/"


@pytest.fixture
def room(hospital):
    return rows.make_teaching_room(make.make_clinic(hospital))


@pytest.fixture
def staff(client, hospital):
    client.force_login(make.make_member("training"))
    return client


def typed(day, starts="10:00", ends="12:00", **more):
    at = (make.today() + timedelta(days=day)).isoformat()
    return {"title": "Семинар", "day": at, "starts": starts, "ends": ends} | more


def test_the_calendar_shows_each_booking_on_its_day(staff, room):
    booking = rows.make_room_booking(room)
    rows.make_room_booking(room, hour=15, state="cancelled")
    waiting = rows.make_room_booking(room, hour=15, state="pending")
    over_night = rows.make_room_booking(
        room, starts=make.at(4, 22), ends=make.at(6, 0), state="blocked", title="Ремонт"
    )
    day = make.today() + timedelta(days=3)
    for kind, days in (("day", 1), ("week", 7), ("month", None)):
        shown = staff.get(f"{CALENDAR}?view={kind}&day={day}").context["calendar"]
        assert days is None or len(shown.columns) == days
        assert next(column for column in shown.columns if column.day == day).bookings == [booking, waiting]
    lines = staff.get(f"{CALENDAR}?view=day&day={day}").context["lines"]
    assert [part.booking for part in lines[0][1]] == [None, booking, None, waiting, None]
    # What ends at midnight is not of the day that begins then.
    for ahead, held in ((4, [over_night]), (5, [over_night]), (6, [])):
        shown = staff.get(f"{CALENDAR}?view=day&day={make.today() + timedelta(days=ahead)}").context[
            "calendar"
        ]
        assert shown.columns[0].bookings == held
    for query in ("view=year", "day=9999-12-31", "day=0001-01-01&view=month", "room=x"):
        assert staff.get(f"{CALENDAR}?{query}").status_code == 200
    part = staff.get(f"{CALENDAR}?view=month", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="rooms-calendar"')


def test_the_cost_of_the_calendar_and_the_lists_does_not_grow(staff, room):
    rows.make_room_booking(room)
    pages = [f"{CALENDAR}?view={kind}" for kind in ("day", "week", "month")]
    pages += ["/rooms/all/", "/rooms/bookings/", f"/rooms/{room.pk}/"]

    def cost(page):
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(page).status_code == 200
        return len(queries)

    for page in pages:
        staff.get(page)
    before = [cost(page) for page in pages]
    hours = room.opening_hours
    more = [
        TeachingRoom(clinic=room.clinic, name_ru=f"Зал {n}", capacity=9, opening_hours=hours)
        for n in range(29)
    ]
    TeachingRoom.objects.bulk_create(more)
    for n, one in enumerate(more):
        rows.make_room_booking(one, days=n % 5 + 1)
        rows.make_room_booking(room, days=n + 4)
    assert [cost(page) for page in pages] == before


def test_taken_times_are_listed_before_anything_is_booked(staff, room):
    rows.make_room_booking(room, days=10)
    address = f"/rooms/{room.pk}/book/"
    until = (make.today() + timedelta(days=17)).isoformat()
    repeated = typed(3, repeats="WEEKLY", until=until)
    looked = staff.post(address, repeated | {"look": "1"})
    assert looked.status_code == 200 and [one.why for one in looked.context["looked"]] == ["", "taken", ""]
    refused = staff.post(address, repeated)
    assert refused.status_code == 422 and refused.context["free"] == 2
    assert RoomBooking.objects.count() == 1
    skip = refused.context["refused"][0].starts.isoformat()
    answer = staff.post(address, repeated | {"skip": skip})
    assert answer.status_code == 303 and RoomBooking.objects.filter(series__isnull=False).count() == 2
    for wrong, field in (
        ({"ends": "09:00"}, "ends"), ({"people": "31"}, "people"), ({"title": ""}, "title"),
        ({"repeats": "DAILY"}, "until"), ({"skip": "x"}, "starts"),
    ):  # fmt: skip
        page = staff.post(address, typed(3) | wrong)
        assert page.status_code == 422 and list(page.context["form"].errors) == [field], wrong
    closed = staff.post(f"/rooms/{room.pk}/close/", typed(20, reason="Ремонт"))
    assert closed.status_code == 303 and RoomBooking.objects.get(state="blocked").title == "Ремонт"


def test_the_way_of_a_request(client, staff, hospital, room):
    room.needs_consent = True
    room.save()
    manager = client.__class__()
    manager.force_login(make.make_member("manager", organization=hospital))
    assert manager.post(f"/rooms/{room.pk}/book/", typed(3)).status_code == 303
    booking = RoomBooking.objects.get()
    assert booking.state == "pending"
    own = f"/rooms/bookings/{booking.pk}/"
    assert [name for name, _act in manager.get(own).context["acts"]] == ["cancel"]
    assert [name for name, _act in staff.get(own).context["acts"]] == ["confirm", "reject", "cancel"]
    assert staff.get("/rooms/bookings/?state=pending").context["page"].items[0]["booking"] == booking
    moved = manager.post(f"{own}move/", typed(4) | {"target": str(room.pk)})
    assert moved.status_code == 303
    assert staff.post(f"{own}reject/", {"reason": ""}).status_code == 422
    assert staff.post(f"{own}confirm/").status_code == 303
    assert manager.post(f"{own}move/", typed(5) | {"target": str(room.pk)}).status_code == 422
    assert manager.post(f"{own}cancel/", {"reason": "Болезнь"}).status_code == 303
    booking.refresh_from_db()
    assert (booking.state, booking.starts) == ("cancelled", make.at(4, 10))
    assert manager.get("/rooms/bookings/").context["page"].items[0]["booking"] == booking


def test_the_office_keeps_rooms(staff, room):
    form = {"clinic": str(room.clinic_id), "name_ru": "Зал", "kind": "hall", "capacity": "120", "features": ["sound"],
            "open1_starts": "09:00", "open1_ends": "21:00"}  # fmt: skip
    assert staff.post("/rooms/new/", form | {"open2_starts": "09:00"}).status_code == 422
    assert staff.post("/rooms/new/", form).status_code == 303
    hall = TeachingRoom.objects.get(name_ru="Зал")
    assert hall.opening_hours == {"1": ["09:00", "21:00"]} and not hall.needs_consent
    twice = staff.post("/rooms/new/", form)
    assert twice.status_code == 422 and list(twice.context["form"].errors) == ["name_ru"]
    assert staff.get(f"/rooms/{hall.pk}/edit/").context["form"].initial["capacity"] == 120


def test_a_calendar_address_of_a_room(client, staff, room):
    booking = rows.make_room_booking(room, title="Школа заведующих; отделение, 2\\3: " + "хирургия " * 10)
    rows.make_room_booking(room, hour=15, state="cancelled")
    page = staff.post(f"/rooms/{room.pk}/calendar/")
    address = page.context["address"]
    visitor = client.__class__()
    calendar = Calendar.from_ical(visitor.get(address).content)
    [event] = calendar.walk("VEVENT")
    assert not calendar.errors and not event.errors and event["UID"].startswith(f"{booking.pk}@")
    assert str(event["SUMMARY"]).strip() == booking.title.strip()
    assert (event.start, event.end) == (booking.starts, booking.ends)
    # One address for each person and room; whoever revokes it makes another one.
    assert staff.post(f"/rooms/{room.pk}/calendar/").status_code == 303
    feed = staff.get(f"/rooms/{room.pk}/").context["feed"]
    assert feed.read_at
    assert staff.post(f"/rooms/calendars/{feed.pk}/revoke/").status_code == 303
    assert visitor.get(address).status_code == 404


def test_a_session_gets_a_room_and_a_small_one_is_told(staff, room):
    intake = rows.make_intake(seats=40)
    day = (intake.starts_on - make.today()).days
    data = typed(day, title_ru="Лекция", hall=str(room.pk))
    answer = staff.post(f"/training/intakes/{intake.pk}/sessions/new/", data, follow=True)
    words = [str(message) for message in answer.context["messages"]]
    assert any("30" in text and "40" in text for text in words)
    session = intake.sessions.get()
    assert session.room_bookings.get().room == room
    assert staff.get(f"/training/sessions/{session.pk}/").context["form"].initial["hall"] == room.pk
    rows.make_room_booking(room, days=day, hour=14)
    taken = staff.post(f"/training/sessions/{session.pk}/", data | {"starts": "14:00", "ends": "15:00"})
    assert taken.status_code == 422 and list(taken.context["form"].errors) == ["hall"]
    shown = staff.get(f"/programmes/{intake.programme_id}/?intake={intake.pk}").context["found"].days
    assert shown[0].sessions[0].halls[0].room == room
