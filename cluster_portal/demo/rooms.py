"""Where the demo's cluster teaches: the hall and the simulation centre of its diagnostic building, and who has them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from clinics.models import Clinic, Membership
from clinics.selectors.calendar import days, monday_of, today_at
from clinics.states import ClinicType
from cluster_portal.accounts.roles import Role
from cluster_portal.common.translated import LANGUAGES
from training.models import IntakeSession, RoomBooking, RoomSeries, TeachingRoom
from training.states import Feature, Format, HallKind, RoomBookingState

if TYPE_CHECKING:
    from datetime import date

    from cluster_portal.demo.chance import Chance

_S, F = RoomBookingState, Feature
WORKDAYS = {str(day): ["08:00", "20:00"] for day in range(1, 6)} | {"6": ["09:00", "18:00"]}
EVERY_DAY = {str(day): ["08:00", "20:00"] for day in range(1, 8)}
#: Name in three languages, kind, places, what it has, whether the training office agrees.
ROOMS = (
    (("Конференц-зал", "Conference hall", "Конференц-зал"), HallKind.HALL, 120,
     [F.PROJECTOR, F.SOUND, F.VIDEO, F.INTERPRETER, F.ACCESS], True),
    (("Симуляционный центр", "Simulation centre", "Симуляциялық орталық"), HallKind.SIMULATION, 16,
     [F.MANIKINS, F.VIDEO, F.ACCESS], True),
    (("Учебный класс 1", "Classroom 1", "1-оқу сыныбы"), HallKind.CLASSROOM, 30, [F.PROJECTOR, F.VIDEO], False),
    (("Компьютерный класс", "Computer room", "Компьютер сыныбы"), HallKind.CLASSROOM, 18,
     [F.COMPUTERS, F.PROJECTOR], False),
)  # fmt: skip
#: What stands in a room each week: its place in ROOMS, weekday, hour, hours, what for, people.
WEEKLY = (
    (0, 1, 15, 2, "Клиническая конференция", 80), (1, 0, 10, 3, "Сердечно-лёгочная реанимация", 12),
    (1, 3, 14, 4, "Трудные дыхательные пути", 10), (2, 2, 9, 2, "Школа заведующих отделениями", 24),
    (2, 4, 13, 2, "Английский для медиков", 20), (3, 0, 14, 2, "Электронная медицинская карта", 16),
    (3, 2, 15, 3, "Работа в портале кластера", 15),
)  # fmt: skip
#: What is wanted now and then.
ONCE = (
    "Телемедицинский консилиум", "Врачебное общество: заседание", "Разбор клинических случаев",
    "Встреча с делегацией партнёров", "Подготовка к аккредитации",
)  # fmt: skip
BACK, AHEAD = 4, 6


def fill_rooms(chance: Chance, now: datetime) -> int:
    """Rooms with the bookings of past and coming weeks. Returns how many bookings."""
    sites = Clinic.objects.filter(status="open").select_related("organization")
    site = sites.filter(type=ClinicType.DIAGNOSTIC).order_by("-level", "id").first()
    site = site or sites.order_by("-level", "-beds", "id").first()
    rooms = [
        TeachingRoom(
            id=UUID(chance.key(now - timedelta(days=300))), clinic=site, kind=kind, capacity=places, features=features,
            opening_hours=EVERY_DAY if kind == HallKind.SIMULATION else WORKDAYS, needs_consent=consent,
            release_after=30,
            **{f"name_{language}": text for language, text in zip(("ru", "en", "kk"), names, strict=True)
               if language in LANGUAGES},
        )
        for names, kind, places, features, consent in ROOMS
    ]  # fmt: skip
    TeachingRoom.objects.bulk_create(rooms)
    bookings = _Diary(chance, now, site, rooms).fill()
    RoomSeries.objects.bulk_create({row.series.pk: row.series for row in bookings if row.series}.values())
    RoomBooking.objects.bulk_create(bookings, batch_size=1000)
    return len(bookings)


class _Diary:
    """The bookings of some rooms on their way into the table."""

    def __init__(self, chance: Chance, now: datetime, site: Clinic, rooms: list[TeachingRoom]) -> None:
        self.chance, self.now, self.rooms = chance, now, rooms
        self.zone = ZoneInfo(site.time_zone)
        self.today = today_at(site.time_zone, now)
        self.rows: list[RoomBooking] = []
        people = Membership.objects.filter(is_active=True, user__isnull=False).select_related("user")
        self.office = people.filter(role=Role.TRAINING).order_by("id").first()
        self.managers = list(people.filter(role=Role.MANAGER).order_by("id")[:40])

    def fill(self) -> list[RoomBooking]:
        """Sessions of intakes, courses of every week, single meetings, a repair, and requests that wait."""
        first = monday_of(self.today) - timedelta(weeks=BACK)
        self._teach()
        for place, weekday, hour, hours, title, people in WEEKLY:
            series = RoomSeries(
                id=UUID(self.chance.key(self.now)), rule=f"FREQ=WEEKLY;COUNT={BACK + AHEAD + 1}"
            )
            for week in range(BACK + AHEAD + 1):
                day = first + timedelta(weeks=week, days=weekday)
                self._add(self.rooms[place], day, hour, hours, title, people=people, series=series)
        for day in days(first, self.today + timedelta(weeks=AHEAD)):
            if day.weekday() < 5 and self.chance.yes(0.45):
                room = self.rooms[self.chance.choice((0, 0, 1, 2, 3))]
                self._add(room, day, self.chance.choice((9, 11, 17)), 2, self.chance.choice(ONCE), people=10)
        repair = monday_of(self.today) + timedelta(days=9)
        self._add(self.rooms[1], repair, 8, 2, "Обслуживание тренажёров", state=_S.BLOCKED)
        for number, title in enumerate(ONCE[:3]):
            asked = monday_of(self.today) + timedelta(days=8 + number)
            self._add(self.rooms[0], asked, 12, 2, title, people=60, state=_S.PENDING)
        return self.rows

    def _teach(self) -> None:
        """The coming sessions of what is taught on the site: by a member, at a place that is named."""
        sessions = IntakeSession.objects.filter(
            ends__gt=self.now, is_break=False, intake__programme__host_organization__isnull=False,
        ).exclude(intake__place_ru="")  # fmt: skip
        for session in sessions.select_related("intake__programme").order_by("starts", "id"):
            simulated = session.intake.programme.format == Format.SIMULATION
            room = self.rooms[1 if simulated else 0]
            if str(session.starts.astimezone(self.zone).isoweekday()) in room.opening_hours:
                self._book(room, session.starts, session.ends, session.title_ru, self.office, session=session)

    def _add(
        self,
        room: TeachingRoom,
        day: date,
        hour: int,
        hours: int,
        title: str,
        state: str = "",
        **fields: object,
    ) -> None:
        starts = datetime.combine(day, time(hour), self.zone)
        ends = starts + timedelta(hours=hours)
        by = (
            None
            if state == _S.BLOCKED
            else self.chance.choice(self.managers)
            if self.managers
            else self.office
        )
        self._book(room, starts, ends, title, by, state, **fields)

    def _book(
        self,
        room: TeachingRoom,
        starts: datetime,
        ends: datetime,
        title: str,
        by: Membership | None,
        state: str = "",
        **fields: object,
    ) -> None:
        if any(row.room is room and row.starts < ends and row.ends > starts for row in self.rows):
            return
        booking = RoomBooking(
            id=UUID(self.chance.key(min(self.now, starts) - timedelta(days=5))), room=room, starts=starts, ends=ends,
            title=title, state=state or self._state(starts), user=by and by.user,
            organization_id=by and by.organization_id, booked_by=by.user.get_full_name() if by else "", **fields,
        )  # fmt: skip
        self.rows.append(booking)

    def _state(self, starts: datetime) -> str:
        """What is over was taken up, but for one in ten."""
        if starts + timedelta(minutes=30) >= self.now:
            return _S.CONFIRMED
        return _S.RELEASED if self.chance.yes(0.1) else _S.TAKEN_UP
