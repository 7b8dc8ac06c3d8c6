"""What a query string asks of a collection's items. Anything that cannot be understood is refused, never ignored."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cluster_portal.api.filters import DayField, MomentField
from cluster_portal.common.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from cluster_portal.ogc.collections import Box, Collection

DEFAULT_LIMIT, MOST = 100, 1000
#: Beyond there is nothing in any cluster, and no database has to count up to it.
FURTHEST = 1_000_000
#: Names that every collection takes beside its own properties.
PARAMETERS = frozenset({"f", "bbox", "datetime", "limit", "offset"})


@dataclass(slots=True)
class Asked:
    """A page of a collection: `conditions` by columns, `since` and `until` of the last change."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    box: Box | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    conditions: dict[str, Any] = field(default_factory=dict)

    def narrow(self, collection: Collection) -> QuerySet:
        """The rows that fit, in an order that holds."""
        rows = collection.rows().filter(**self.conditions)
        if self.box is not None:
            rows = rows.filter(collection.within(self.box))
        if self.since is not None:
            rows = rows.filter(updated_at__gte=self.since)
        if self.until is not None:
            rows = rows.filter(updated_at__lte=self.until)
        return rows.order_by("id")


def read(collection: Collection, query: Mapping[str, str]) -> Asked:
    """The query string of `items`. Raises Invalid.

    A `limit` above the largest page is brought down to it, as the standard asks.
    """
    asked = Asked(
        limit=min(_whole(query, "limit", DEFAULT_LIMIT, least=1), MOST),
        offset=min(_whole(query, "offset", 0, least=0), FURTHEST),
    )
    if "bbox" in query:
        asked.box = _box(query["bbox"])
    if "datetime" in query:
        asked.since, asked.until = _interval(query["datetime"])
    for name, one in collection.asked.items():
        if name in query:
            asked.conditions[one.column] = _value(name, one.schema, query[name])
    return asked


def _whole(query: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = query.get(name, str(default))
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if value < least:
        raise Invalid({name: _("A whole number, %(least)s or more.") % {"least": least}})
    return value


def _box(text: str) -> Box:
    """Four numbers, or six where heights are named, which land has not."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) == 4 and all(map(math.isfinite, numbers)):
        west, south, east, north = numbers
        if abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90:
            return west, south, east, north
    raise Invalid({"bbox": _("Write the box as west,south,east,north in degrees: 37.34,55.68,37.36,55.70.")})


def _interval(text: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    """A moment or a day, or two of them with a slash; `..` or nothing is an open end."""
    start, slash, end = text.partition("/")
    edges = (_edge(start, dt.time.min), _edge(end if slash else start, dt.time.max))
    if edges == (None, None) or (None not in edges and edges[0] > edges[1]):
        raise _bad_interval()
    return edges


def _edge(text: str, time: dt.time) -> dt.datetime | None:
    if text in {"", ".."}:
        return None
    try:
        if "T" in text:
            return MomentField().clean(text)
        return dt.datetime.combine(DayField().clean(text), time, dt.UTC)
    except ValidationError:
        raise _bad_interval() from None


def _bad_interval() -> Invalid:
    return Invalid(
        {
            "datetime": _(
                "Write a moment, or an interval such as 2026-11-01T00:00:00Z/2026-11-30T23:59:59Z or …/.."
            )
        }
    )


def _value(name: str, schema: Mapping[str, Any], text: str) -> Any:
    """What a property is compared with."""
    codes = schema.get("enum")
    if codes is not None and text not in codes:
        raise Invalid({name: _("One of: %(codes)s.") % {"codes": ", ".join(codes)}})
    if schema["type"] == "boolean":
        if text not in {"true", "false"}:
            raise Invalid({name: _("Either true or false.")})
        return text == "true"
    if schema["type"] == "integer":
        return _whole({name: text}, name, 0, least=0)
    return text
