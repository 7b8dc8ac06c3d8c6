"""Rows of training for tests: every function fills what a test does not name, and saves."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.db.models import F
from django.utils import timezone

from clinics.models import Clinic, Organization
from tests.factories.clinics import ZONE, at, make_clinic, make_organization, make_specialty
from training.models import (
    Certificate,
    Expense,
    Intake,
    IntakeSession,
    JournalEntry,
    Nomination,
    Programme,
    Receipt,
    RoomBooking,
    Specialist,
    SpecialistPaper,
    TeachingRoom,
    TrainingTarget,
)
from training.services.certificates import new_number
from training.states import HOLDING, Format, IntakeState, NominationState, PaperKind, ProgrammeState

_number = count(1)


def make_specialist(organization: Organization | None = None, **fields: Any) -> Specialist:
    """A cardiologist at work, with English at B2; no account, no papers."""
    n = next(_number)
    defaults = {
        "family": f"Ветров{n:04}", "given": "Илья", "patronymic": "Олегович", "position": "Врач-кардиолог",
        "languages": {"en": "B2"}, "accredited_until": timezone.localdate() + timedelta(days=400),
    }  # fmt: skip
    if "specialty" not in fields:
        defaults["specialty"] = make_specialty()
    return Specialist.objects.create(organization=organization or make_organization(), **defaults | fields)


def make_paper(
    specialist: Specialist, kind: str = PaperKind.PASSPORT, *, days: int | None = 1000, **fields: Any
) -> SpecialistPaper:
    """A paper that holds for so many days from today; None: without an end."""
    until: date | None = None if days is None else timezone.localdate() + timedelta(days=days)
    defaults = {"number": f"76 {next(_number):07}", "valid_until": until}
    return SpecialistPaper.objects.create(specialist=specialist, kind=kind, **defaults | fields)


def make_programme(**fields: Any) -> Programme:
    """A published seminar of 16 hours in the Netherlands, for everybody, that asks for no papers."""
    n = next(_number)
    defaults = {
        "title_ru": f"Качество помощи {n:04}", "title_en": f"Quality of care {n:04}", "host_ru": "Университет Утрехта",
        "host_en": "Utrecht University", "country": "NL", "city_ru": "Утрехт", "city_en": "Utrecht",
        "format": Format.SEMINAR, "language": "en", "hours": 16, "credits": 16, "state": ProgrammeState.PUBLISHED,
    }  # fmt: skip
    return Programme.objects.create(**defaults | fields)


def make_intake(
    programme: Programme | None = None, *, begins: int = 60, days: int = 2, **fields: Any
) -> Intake:
    """An open intake of ten seats that begins in so many days; one nominates until ten days before."""
    first = timezone.localdate() + timedelta(days=begins)
    defaults = {
        "starts_on": first, "ends_on": first + timedelta(days=days - 1), "time_zone": ZONE, "seats": 10,
        "nominate_by": at(begins - 10, 18), "state": IntakeState.OPEN,
    }  # fmt: skip
    return Intake.objects.create(programme=programme or make_programme(), **defaults | fields)


def make_session(intake: Intake, hour: int = 9, **fields: Any) -> IntakeSession:
    """An hour of the intake's first day."""
    start = at(intake.starts_on, hour)
    defaults = {"starts": start, "ends": start + timedelta(hours=1), "title_ru": f"Занятие в {hour}"}
    return IntakeSession.objects.create(intake=intake, **defaults | fields)


def make_nomination(
    specialist: Specialist | None = None,
    intake: Intake | None = None,
    state: str = NominationState.ENDORSED,
    **fields: Any,
) -> Nomination:
    """A nomination in that state; its seat is counted where it holds one, its offer is kept for two days."""
    specialist, intake = specialist or make_specialist(), intake or make_intake()
    n, now = next(_number), timezone.now()
    defaults = {
        "number": f"EDU-26-{n:07}-X", "organization": specialist.organization, "starts_on": intake.starts_on,
        "ends_on": intake.ends_on, "nominated_at": now, "waiting_since": now,
        "offer_until": now + timedelta(days=2) if state == NominationState.OFFERED else None,
    }  # fmt: skip
    made = Nomination.objects.create(specialist=specialist, intake=intake, state=state, **defaults | fields)
    if state in HOLDING:
        Intake.objects.filter(pk=intake.pk).update(taken=F("taken") + 1)
    return made


def make_day(nomination: Nomination, **fields: Any) -> JournalEntry:
    """The intake's first day in the journal, not confirmed."""
    defaults = {"day": nomination.starts_on, "minutes": 360, "text": "Обходы"}
    return JournalEntry.objects.create(nomination=nomination, **defaults | fields)


def make_expense(intake: Intake, **fields: Any) -> Expense:
    """A fee that is planned."""
    defaults = {"kind": "fee", "title": "Обучение", "planned": 90000}
    return Expense.objects.create(intake=intake, **defaults | fields)


def make_receipt(expense: Expense, **fields: Any) -> Receipt:
    """A receipt whose content the test puts into the storage."""
    defaults = {
        "name": "Чек.pdf", "format": "pdf", "size": 4, "path": f"sent/receipt-{next(_number)}", "sha256": "0" * 64,
    }  # fmt: skip
    return Receipt.objects.create(expense=expense, **defaults | fields)


def make_certificate(nomination: Nomination, **fields: Any) -> Certificate:
    """A certificate whose words name nobody of the other rows; the nomination's state stays as it is."""
    programme = nomination.intake.programme
    content = {
        "name": "Образцова Нина", "name_latin": "", "title": {"ru": "Качество"}, "host": {"ru": "Университет"},
        "country": "NL", "city": {"ru": "Утрехт"}, "place": {}, "starts_on": "2026-04-26", "ends_on": "2026-04-27",
        "hours": 16, "credits": 16, "presence": 100, "assessed": True,
    }  # fmt: skip
    defaults = {
        "number": new_number(2026), "credits": programme.credits, "earned_on": nomination.ends_on, "content": content,
    }  # fmt: skip
    return Certificate.objects.create(nomination=nomination, **defaults | fields)


def make_teaching_room(clinic: Clinic | None = None, **fields: Any) -> TeachingRoom:
    """A classroom for thirty, open from eight to eight every day, that anybody may book at once."""
    defaults = {
        "name_ru": f"Класс {next(_number):04}", "capacity": 30, "needs_consent": False,
        "opening_hours": {str(day): ["08:00", "20:00"] for day in range(1, 8)},
    }  # fmt: skip
    return TeachingRoom.objects.create(clinic=clinic or make_clinic(), **defaults | fields)


def make_room_booking(room: TeachingRoom, *, days: int = 3, hour: int = 10, **fields: Any) -> RoomBooking:
    """Two hours in so many days."""
    start = at(days, hour)
    defaults = {"starts": start, "ends": start + timedelta(hours=2), "title": "Семинар", "state": "confirmed"}
    return RoomBooking.objects.create(room=room, **defaults | fields)


def make_target(**fields: Any) -> TrainingTarget:
    """Ten people in this year and the next two."""
    year = timezone.localdate().year
    defaults = {
        "title_ru": f"Цель {next(_number):04}",
        "people": 10,
        "first_year": year,
        "last_year": year + 2,
    }
    return TrainingTarget.objects.create(**defaults | fields)
