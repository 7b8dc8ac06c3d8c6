"""Filters of lists: strict about what they are given."""

from __future__ import annotations

import datetime as dt

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

#: Moments that every calendar on the way (Python's, PostgreSQL's) can hold with any offset.
EARLIEST, LATEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC), dt.datetime(2200, 1, 1, tzinfo=dt.UTC)


def _moment(text: str) -> dt.datetime:
    # In an address a plus that nobody escaped arrives as a blank.
    try:
        value = parse_datetime(text.strip().replace(" ", "+") if "T" in text else text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ValidationError(
            _("Write the moment with its offset, as in 2026-11-21T10:00:00+11:00."), "invalid"
        )
    # Nothing lies beyond, and what lies there is more than some calendar on the way can hold.
    return min(max(value, EARLIEST), LATEST).astimezone(dt.UTC)


# A parameter that is missing arrives as None and filters nothing; one that is empty is a mistake.


class MomentField(forms.CharField):
    """A moment with its offset, as UTC."""

    def clean(self, value: str) -> dt.datetime | None:
        return None if value is None else _moment(super().clean(value))


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentFilter(django_filters.Filter):
    """A moment, which has to say its offset."""

    field_class = MomentField


class DayField(forms.CharField):
    """A calendar day as ISO 8601 writes it."""

    def clean(self, value: str) -> dt.date | None:
        if value is None:
            return None
        try:
            day = parse_date(super().clean(value))
        except ValueError:
            day = None
        if day is None:
            raise ValidationError(_("Write the date as 2026-11-21."), "invalid")
        return min(max(day, EARLIEST.date()), LATEST.date())


@extend_schema_field(OpenApiTypes.DATE)
class DayFilter(django_filters.Filter):
    """A calendar day."""

    field_class = DayField


class FlagField(forms.CharField):
    """true or false; nothing else."""

    def clean(self, value: str) -> bool | None:
        if value is None:
            return None
        text = super().clean(value).lower()
        if text not in {"true", "false", "1", "0"}:
            raise ValidationError(_("Either true or false."), "invalid")
        return text in {"true", "1"}


@extend_schema_field(OpenApiTypes.BOOL)
class FlagFilter(django_filters.Filter):
    """A yes-or-no filter that says when it is given something else."""

    field_class = FlagField


@extend_schema_field(OpenApiTypes.INT)
class WholeFilter(django_filters.Filter):
    """A number of days, years, places…: without fractions."""

    field_class = forms.IntegerField


class PlaceField(forms.CharField):
    """`lat,lon` in degrees (WGS 84)."""

    def clean(self, value: str) -> tuple[float, float] | None:
        if value is None:
            return None
        try:
            lat, lon = (float(part) for part in super().clean(value).split(","))
        except ValueError:
            raise ValidationError(
                _("Write the place as lat,lon in degrees: 46.96,142.74."), "invalid"
            ) from None
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise ValidationError(
                _("Latitude is from -90 to 90, longitude from -180 to 180."), "out_of_range"
            )
        return lat, lon


@extend_schema_field(OpenApiTypes.STR)
class PlaceFilter(django_filters.Filter):
    """A place near which to look."""

    field_class = PlaceField
