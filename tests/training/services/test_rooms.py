"""Rooms for teaching: who gets one when, what repeats, what follows a session, what is released."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import override

from cluster_portal.common.background import relay
from cluster_portal.common.errors import Forbidden, IllegalTransition, Invalid, NotFound
from cluster_portal.common.models import OutboxMessage
from cluster_portal.notifications.models import Notice
from tests.factories import clinics as make
from tests.factories import training as rows
from training.errors import AskToMove, BelongsToSession, NotNow, RoomTaken
from training.events import ROOM_ACTED
from training.models import RoomBooking
from training.selectors import rooms as selectors
from training.selectors.recurrence import MOST, occurrences, words_of
from training.services import programmes, rooms
from training.services import room_bookings as services
from training.services.room_notices import tell_of_rooms
from training.tasks import release_rooms

pytestmark = pytest.mark.django_db

at = make.at


@pytest.fixture
def room(hospital):
    return rows.make_teaching_room(make.make_clinic(hospital))


def book(actor, room, day=3, hour=10, hours=2, **fields):
    times = {"starts": at(day, hour), "ends": at(day, hour) + timedelta(hours=hours)}
    return services.book_room(actor, room_id=room.pk, **({"title": "Семинар"} | times | fields))


def states(*bookings):
    return list(
        RoomBooking.objects.filter(pk__in=[b.pk for b in bookings])
        .order_by("starts")
        .values_list("state", flat=True)
    )


def test_the_database_itself_keeps_two_apart(room):
    booking = rows.make_room_booking(room)
    insert = """
        INSERT INTO training_roombooking
               (id, created_at, updated_at, room_id, starts, ends, title, booked_by, state, end_reason)
        VALUES (gen_random_uuid(), now(), now(), %s, %s, %s, 'x', '', %s, '')
    """
    later = booking.starts + timedelta(minutes=119)
    with connection.cursor() as cursor:
        for state in ("confirmed", "taken_up", "blocked"):
            with pytest.raises(IntegrityError, match="roombooking_overlap"), transaction.atomic():
                cursor.execute(insert, [room.pk, later, later + timedelta(hours=1), state])
        # Who only asks keeps nobody out, and one may follow another at once.
        cursor.execute(insert, [room.pk, later, later + timedelta(hours=1), "pending"])
        cursor.execute(insert, [room.pk, booking.ends, booking.ends + timedelta(hours=1), "confirmed"])
        with pytest.raises(IntegrityError, match="roombooking_times"), transaction.atomic():
            cursor.execute(insert, [room.pk, later, later, "pending"])
        with pytest.raises(Exception, match="Invalid transition"), transaction.atomic():
            cursor.execute("UPDATE training_roombooking SET state = 'pending' WHERE state = 'confirmed'")


def test_who_keeps_rooms_and_who_asks(manager, office, room):
    data = {
        "clinic": room.clinic,
        "name_ru": "Зал",
        "capacity": 100,
        "opening_hours": {"1": ["09:00", "18:00"]},
    }
    for actor in (manager, make.make_actor("office")):
        with pytest.raises(Forbidden):
            rooms.add_room(actor, data=data)
    hall = rooms.add_room(office, data=data)
    assert (
        hall.needs_consent
        and rooms.update_room(office, room_id=hall.pk, data={"capacity": 90}).capacity == 90
    )
    for wrong, field in (
        ({"opening_hours": {"9": ["09:00", "18:00"]}}, "opening_hours"), ({"capacity": 0}, "capacity"),
        ({"features": ["jacuzzi"]}, "features"), ({"name_ru": " "}, "name_ru"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            rooms.update_room(office, room_id=hall.pk, data=wrong)
        assert list(caught.value.errors) == [field]
    with pytest.raises(NotFound):
        book(make.make_actor("referrer"), room)
    with pytest.raises(Forbidden):
        book(make.make_actor("office"), room)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"day": -1}, "past"), ({"hour": 7}, "closed"), ({"hour": 19, "hours": 2}, "closed"),
        ({"hour": 19, "hours": 24}, "closed"), ({"hour": 11}, "taken"), ({"hour": 14}, "blocked"),
    ],
)  # fmt: skip
def test_why_a_room_cannot_be_had(manager, room, fields, why):
    rows.make_room_booking(room)
    rows.make_room_booking(room, hour=14, state="blocked")
    with pytest.raises(RoomTaken) as caught:
        book(manager, room, **fields)
    assert [one["why"] for one in caught.value.extra["occurrences"]] == [why]
    assert caught.value.field == "starts"


def test_what_is_wrong_with_a_booking_is_told_at_the_field(manager, room):
    for wrong, field in (
        ({"title": " "}, "title"), ({"people": 31}, "people"), ({"hours": 0}, "ends"),
        ({"rule": "FREQ=YEARLY"}, "rule"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            book(manager, room, **wrong)
        assert list(caught.value.errors) == [field]


def test_times_that_cannot_be_had_are_left_out_only_when_they_were_seen(manager, room):
    rows.make_room_booking(room, days=10)
    rows.make_room_booking(room, days=17, hour=11)
    rule = {"rule": "FREQ=WEEKLY;COUNT=4"}
    with pytest.raises(RoomTaken) as caught:
        book(manager, room, **rule)
    refused = caught.value.extra["occurrences"]
    assert [one["starts"] for one in refused] == [at(10, 10).isoformat(), at(17, 10).isoformat()]
    # One that nobody has seen is never left out.
    with pytest.raises(RoomTaken) as caught:
        book(manager, room, **rule, skip=[at(10, 10)])
    assert len(caught.value.extra["occurrences"]) == 1
    made = book(manager, room, **rule, skip=[at(10, 10), at(17, 10)])
    assert [one.starts for one in made] == [at(3, 10), at(24, 10)]
    assert made[0].series == made[1].series and made[0].series.rule == rule["rule"]
    # The rest of a series goes with one of it.
    services.cancel_booking(manager, booking_id=made[0].pk, reason="Нет лектора", and_later=True)
    assert states(*made) == ["cancelled", "cancelled"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;COUNT=3", ["03-02", "03-03", "03-04"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20260331", ["03-02", "03-16", "03-30"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260312T090000Z", ["03-02", "03-05", "03-09", "03-12"]),
        ("FREQ=MONTHLY;BYDAY=1MO;COUNT=3", ["03-02", "04-06", "05-04"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", ["03-31", "04-30"]),
    ],
)
def test_rules_by_the_wall_clock(rule, expected):
    zone = ZoneInfo("Europe/Berlin")
    found = occurrences(
        datetime(2026, 3, 2, 10, tzinfo=zone), datetime(2026, 3, 2, 12, tzinfo=zone), rule, zone.key
    )
    assert [f"{start:%m-%d}" for start, _end in found] == expected
    # Ten o'clock before and after the clocks change.
    assert {f"{start:%H:%M}–{end:%H:%M}" for start, end in found} == {"10:00–12:00"}


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY;COUNT=2", "FREQ=DAILY", "FREQ=DAILY;COUNT=2;UNTIL=20300101", "COUNT=2", "FREQ=DAILY;COUNT=101",
        "FREQ=WEEKLY;COUNT=100", "FREQ=DAILY;BYDAY=MO;INTERVAL=7;COUNT=2", "FREQ=WEEKLY;BYDAY=1MO;COUNT=2", "x",
        "FREQ=DAILY;UNTIL=20309999", "FREQ=DAILY;UNTIL=20200101", "FREQ=DAILY;COUNT=2;BYHOUR=1",
        "FREQ=DAILY;COUNT=2;COUNT=3",
    ],
)  # fmt: skip
def test_rules_that_are_refused(rule):
    with pytest.raises(Invalid) as caught:
        occurrences(at(3, 10), at(3, 12), rule, make.ZONE)
    assert list(caught.value.errors) == ["rule"] and MOST == 100


def test_requests_wait_and_the_first_confirmed_gets_the_room(manager, office, room):
    room.needs_consent = True
    room.save()
    other = make.make_actor("manager", organization=make.make_organization())
    (asked,), (rival,), (beside,) = (
        book(manager, room),
        book(other, room, hour=11),
        book(other, room, hour=12),
    )
    assert states(asked, rival, beside) == ["pending"] * 3
    for action in (services.confirm_booking, services.reopen_room):
        with pytest.raises(Forbidden):
            action(manager, booking_id=asked.pk)
    with pytest.raises(Forbidden):
        services.cancel_booking(other, booking_id=asked.pk, reason="Моё")
    services.confirm_booking(office, booking_id=asked.pk)
    assert states(asked, rival, beside) == ["confirmed", "rejected", "pending"]
    rival.refresh_from_db()
    assert rival.end_reason
    with pytest.raises(RoomTaken):
        book(office, room, hour=11)
    with pytest.raises(AskToMove):
        services.move_booking(manager, booking_id=asked.pk, starts=at(4, 10), ends=at(4, 12))
    # The office's own is confirmed at once, and whoever asked for that time is told.
    book(office, room, hour=13)
    assert states(beside) == ["rejected"]
    with pytest.raises(IllegalTransition):
        services.confirm_booking(office, booking_id=beside.pk)


def test_whoever_booked_hears_what_others_do(manager, office, room):
    room.needs_consent = True
    room.save()
    other = make.make_actor("manager", organization=make.make_organization())
    (asked,) = book(manager, room)
    book(other, room, hour=11)
    weekly = book(manager, room, day=4, rule="FREQ=WEEKLY;COUNT=3")
    (by_program,) = book(manager, room, day=6)
    RoomBooking.objects.filter(pk=by_program.pk).update(user=None)
    services.confirm_booking(office, booking_id=asked.pk)
    services.move_booking(office, booking_id=asked.pk, starts=at(5, 10), ends=at(5, 12))
    services.cancel_booking(office, booking_id=weekly[0].pk, reason="Выборы", and_later=True)
    services.close_room(office, room_id=room.pk, starts=at(6, 8), ends=at(6, 20), reason="Ремонт")
    # Of what one does oneself one hears nothing.
    services.cancel_booking(manager, booking_id=asked.pk, reason="Перенесли")
    told = list(OutboxMessage.objects.filter(task=ROOM_ACTED).values_list("payload", flat=True))
    relay()
    assert [tell_of_rooms(**message_of(payload)) for payload in told] == [0] * len(told)
    heard = set(Notice.objects.values_list("user", "kind"))
    kinds = {f"training.room_{act}" for act in ("confirm", "move", "cancel", "reject")}
    assert heard == {(manager.user_id, kind) for kind in kinds} | {(other.user_id, "training.room_reject")}
    several = Notice.objects.get(kind="training.room_cancel")
    assert "2" in several.params["when"]["ru"]
    by_program.refresh_from_db()
    assert "Ремонт" in by_program.end_reason


def message_of(payload):
    return {"ids": payload["bookings"], **{name: payload[name] for name in ("act", "by", "at")}}


def test_moving_to_another_time_and_room(manager, room):
    small = rows.make_teaching_room(room.clinic, capacity=5)
    (booking,) = book(manager, room, people=20)
    rows.make_room_booking(room, days=4)
    move = {"booking_id": booking.pk, "starts": at(4, 10), "ends": at(4, 12)}
    with pytest.raises(RoomTaken):
        services.move_booking(manager, **move)
    with pytest.raises(Invalid):
        services.move_booking(manager, **move, room_id=small.pk)
    # A little later, over its own old time.
    moved = services.move_booking(manager, booking_id=booking.pk, starts=at(3, 11), ends=at(3, 13))
    assert moved.starts == at(3, 11) and not selectors.look_at_times(room, [(at(3, 9), at(3, 11))])[0].why


def test_taking_up_and_releasing(manager, room):
    room.release_after = 15
    room.opening_hours = {str(day): ["00:00", "23:59"] for day in range(1, 8)}
    room.save()
    now = timezone.now()
    late, soon, came, later = (
        rows.make_room_booking(
            room, starts=now + timedelta(minutes=start), ends=now + timedelta(minutes=end),
            organization_id=manager.organization_id,
        )
        for start, end in ((-60, -30), (-20, 10), (15, 40), (120, 180))
    )  # fmt: skip
    with pytest.raises(NotNow):
        services.take_up_booking(manager, booking_id=later.pk)
    services.take_up_booking(manager, booking_id=came.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE table_name = 'training_roombooking'")
        (before,) = cursor.fetchone()
        assert release_rooms() == 2 and release_rooms() == 0
        cursor.execute("SELECT count(*) FROM audit_entry WHERE table_name = 'training_roombooking'")
        assert cursor.fetchone()[0] == before + 2
    assert states(late, soon, came, later) == ["released", "released", "taken_up", "confirmed"]

    with pytest.raises(IllegalTransition):
        services.cancel_booking(manager, booking_id=late.pk, reason="Поздно")


def test_the_room_of_a_session_follows_it(manager, office, room):
    intake = rows.make_intake()
    day = (intake.starts_on - make.today()).days
    data = {"starts": at(day, 9), "ends": at(day, 11), "title_ru": "Лекция", "hall": room.pk}
    session = programmes.add_session(office, intake_id=intake.pk, data=data)
    booking = RoomBooking.objects.get(session=session)
    assert (booking.state, booking.starts, booking.room) == ("confirmed", at(day, 9), room)
    # Another time: the booking goes with it. What is not said of the room leaves it.
    programmes.update_session(
        office, session_id=session.pk, data={"starts": at(day, 10), "ends": at(day, 12)}
    )
    booking.refresh_from_db()
    assert booking.starts == at(day, 10)
    other = rows.make_teaching_room(room.clinic)
    rows.make_room_booking(other, days=day)
    with pytest.raises(RoomTaken) as caught:
        programmes.update_session(office, session_id=session.pk, data={"hall": other.pk, "title_ru": "Новое"})
    assert caught.value.field == "hall"
    session.refresh_from_db()
    booking.refresh_from_db()
    assert booking.room == room
    for act, more in (
        (services.cancel_booking, {"reason": "x"}), (services.move_booking, {"starts": at(3, 9), "ends": at(3, 10)}),
    ):  # fmt: skip
        with pytest.raises(BelongsToSession):
            act(office, booking_id=booking.pk, **more)
    with pytest.raises(RoomTaken):
        book(manager, room, day=day, hour=11)
    programmes.update_session(office, session_id=session.pk, data={"hall": None})
    assert states(booking) == ["cancelled"]
    programmes.update_session(office, session_id=session.pk, data={"hall": room.pk})
    programmes.cancel_intake(office, intake_id=intake.pk, reason="Нет лектора")
    assert states(*session.room_bookings.all()) == ["cancelled", "cancelled"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20261220T235959",
            "every 2 weeks, Mon, Thu, until 20 Dec 2026",
        ),
        ("FREQ=DAILY;COUNT=1", "every day, 1 time"),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=5", "FREQ=MONTHLY;BYDAY=2TU;COUNT=5"),
    ],
)
def test_a_rule_in_words(rule, words):
    with override("en"):
        assert words_of(rule).replace("\xa0", " ") == words
