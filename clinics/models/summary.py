"""Sums by day over the slots, for the screens."""

from __future__ import annotations

from django.db import models

from clinics.models.clinic import Clinic
from cluster_portal.common.models import DayCell


class PlacesDay(DayCell):
    """Places of published slots of a clinic on a day. What is past and not used has lapsed."""

    KEYS = ("clinic",)
    SUMS = ("offered", "used")

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="+", db_index=False)
    offered = models.IntegerField()
    used = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "day", "clinic"], name="placesday_one")]

    def __str__(self) -> str:
        return f"{self.day}: {self.used} of {self.offered}"
