"""The counter of an intake's seats: the only code that writes it.

A seat is taken by one conditional UPDATE, so that two who look at the last one do not both get it; the CHECK
`intake_seats` stands behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from training.models import Intake
from training.states import GIVING

if TYPE_CHECKING:
    import uuid


def take_seat(intake_id: uuid.UUID) -> bool:
    """Take a seat; False where none is free, or the intake gives none out."""
    rows = Intake.objects.filter(pk=intake_id, state__in=GIVING, taken__lt=F("seats"))
    return bool(rows.update(taken=F("taken") + 1))


def give_back(intake_id: uuid.UUID) -> None:
    """A seat is free again."""
    Intake.objects.filter(pk=intake_id).update(taken=F("taken") - 1)
