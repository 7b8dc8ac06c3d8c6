"""Rows of training for tests: every function fills what a test does not name, and saves."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from clinics.models import Organization
from tests.factories.clinics import make_organization, make_specialty
from training.models import Specialist, SpecialistPaper
from training.states import PaperKind

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
