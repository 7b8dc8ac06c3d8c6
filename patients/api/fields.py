"""Fields of what the API takes in and gives out of patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clinics.policies import clinic_policy

if TYPE_CHECKING:
    from django.db.models import QuerySet


@extend_schema_field({"type": ["string", "null"], "format": "date-time"})
class LocalTimeField(serializers.Field):
    """A moment as the clock of a clinic shows it, with its offset (`2026-11-26T09:00:00+11:00`)."""

    def __init__(self, *, clinic: str, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)
        self.clinic = clinic

    def get_attribute(self, instance: Any) -> str | None:
        moment, clinic = super().get_attribute(instance), getattr(instance, self.clinic)
        if moment is None or clinic is None:
            return None
        return moment.astimezone(ZoneInfo(clinic.time_zone)).isoformat()

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field(OpenApiTypes.UUID)
class ClinicReference(serializers.PrimaryKeyRelatedField):
    """The id of a clinic of the registry."""

    def get_queryset(self) -> QuerySet:
        return clinic_policy.queryset(self.context["request"].actor)
