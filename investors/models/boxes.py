"""Boxes of PostgreSQL: what lies in a part of the map, asked of an index without PostGIS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import BooleanField, Field, Func, Value

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


class _BoxField(Field):
    """The type of the expression; no column has it."""

    def db_type(self, connection) -> str:
        return "box"


class _Point(Func):
    function = "point"
    output_field = _BoxField()


class Box(Func):
    """The box from `west`, `south` to `east`, `north` (columns or numbers, degrees)."""

    function = "box"
    output_field = _BoxField()

    def __init__(self, *sides, **extra) -> None:
        # Django copies an expression by its constructor, with the two points.
        points = sides if len(sides) == 2 else (_Point(*sides[:2]), _Point(*sides[2:]))
        super().__init__(*points, **extra)


class _Meets(Func):
    template, arg_joiner = "%(expressions)s", " && "
    output_field = BooleanField()


def meets(west: float, south: float, east: float, north: float) -> Combinable:
    """A condition: the row's own box has a point in common with this one. It is asked of the index over `Box`."""
    return _Meets(Box("west", "south", "east", "north"), Box(*map(Value, (west, south, east, north))))
