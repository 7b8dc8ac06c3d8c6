"""Rows of training for tests: every function fills what a test does not name, and saves."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.db.models import F
from django.utils import timezone

from clinics.models import Organization
from tests.factories.clinics import ZONE, at, make_organization, make_specialty
from training.models import Intake, IntakeSession, Nomination, Programme, Specialist, SpecialistPaper
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
