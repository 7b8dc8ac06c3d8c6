"""Search parameters of FHIR as conditions on rows.

Values joined by a comma are alternatives, a parameter that is repeated has to hold each time.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from clinics.selectors.calendar import end_of, start_of
from cluster_portal.api.filters import EARLIEST, LATEST
from cluster_portal.common.errors import Invalid
from cluster_portal.common.policy import NOBODY
from cluster_portal.fhir import systems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import QuerySet

    from cluster_portal.fhir.shapes import Reader

#: Alternatives that one parameter may name.
MOST = 100
PREFIXES = ("eq", "ge", "gt", "le", "lt", "sa", "eb")


class Unfit(ValueError):
    """A value that the parameter cannot take; holds the words for the reader."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`kind` is FHIR's type of parameter. `condition(value, reader)` is the `Q` of one alternative.

    `narrow(rows, values, reader)` takes its place where the alternatives are better asked together.
    """

    kind: str
    condition: Callable[[str, Reader], Q] | None = None
    documentation: str = ""
    narrow: Callable[[QuerySet, Sequence[str], Reader], QuerySet] | None = None

    def apply(self, rows: QuerySet, name: str, text: str, reader: Reader) -> QuerySet:
        """The rows that this occurrence of the parameter leaves. Raises Invalid."""
        values = [value.replace("\\,", ",") for value in re.split(r"(?<!\\),", text) if value]
        if not values or len(values) > MOST:
            raise Invalid({name: _("From 1 to %(most)s values, joined by commas.") % {"most": MOST}})
        try:
            if self.narrow is not None:
                return self.narrow(rows, values, reader)
            found = self.condition(values[0], reader)
            for value in values[1:]:
                found |= self.condition(value, reader)
        except Unfit as exc:
            raise Invalid({name: exc.args[0]}) from None
        return rows.filter(found)


def key(column: str = "pk") -> Parameter:
    """`_id`: ids of the portal; what is none of them finds nothing."""
    return Parameter("token", lambda value, _reader: _key_q(column, value))


def _key_q(column: str, value: str) -> Q:
    try:
        return Q(**{column: uuid.UUID(value)})
    except ValueError:
        return NOBODY


def reference(column: str, *targets: str) -> Parameter:
    """`Organization/…`, the bare id, or the whole address of the resource."""
    return Parameter("reference", lambda value, _reader: _key_q(column, referred(value, *targets)))


def referred(value: str, *targets: str) -> str:
    """The id in a reference to one of `targets`. Raises Unfit for a reference to something else."""
    *before, last = value.rstrip("/").split("/")
    if before and before[-1] not in targets:
        raise Unfit(_("A reference to %(targets)s is wanted here.") % {"targets": " / ".join(targets)})
    return last


def actors(columns: Mapping[str, str]) -> Parameter:
    """A reference to resources of several types, each with a column of its own."""

    def condition(value: str, _reader: Reader) -> Q:
        found = referred(value, *columns)
        kind = value.rstrip("/").split("/")[-2] if "/" in value else ""
        wanted = [columns[kind]] if kind else columns.values()
        q = NOBODY
        for column in wanted:
            q |= _key_q(column, found)
        return q

    return Parameter("reference", condition)


def token(column: str, system: str = "", *, lookup: str = "exact", empty: bool = True) -> Parameter:
    """`code` or `system|code`, where another system finds nothing."""
    return tokens({system: column}, lookup=lookup, empty=empty)


def tokens(columns: Mapping[str, str], *, lookup: str = "exact", empty: bool = True) -> Parameter:
    """As `token`, of several systems: without one, whichever column holds the value."""

    def condition(value: str, _reader: Reader) -> Q:
        system, bar, code = value.rpartition("|")
        if not code:
            if not empty:
                raise Unfit(_("Write it as system|value."))
            return NOBODY
        wanted = [
            column
            for name, column in columns.items()
            if not bar or (systems.matches(system, name) if name else not system)
        ]
        q = NOBODY
        for column in wanted:
            q |= Q(**{f"{column}__{lookup}": [code] if lookup == "contains" else code})
        return q

    return Parameter("token", condition)


def coded(codes: Mapping[str, Q]) -> Parameter:
    """A code of a fixed list, each with its condition; others are a mistake."""

    def condition(value: str, _reader: Reader) -> Q:
        code = value.rpartition("|")[2]
        if code not in codes:
            raise Unfit(_("One of: %(codes)s.") % {"codes": ", ".join(codes)})
        return codes[code]

    return Parameter("token", condition)


def flag(yes: Q) -> Parameter:
    return coded({"true": yes, "false": ~yes})


def string(*columns: str, lookup: str = "istartswith") -> Parameter:
    """The beginning of one of the columns, whatever the case; `:contains` and `:exact` are parameters of their own."""

    def condition(value: str, _reader: Reader) -> Q:
        q = NOBODY
        for column in columns:
            q |= Q(**{f"{column}__{lookup}": value[:200]})
        return q

    return Parameter("string", condition)


def strings(name: str, *columns: str) -> dict[str, Parameter]:
    """A string parameter with its modifiers."""
    return {
        name: string(*columns),
        f"{name}:contains": string(*columns, lookup="icontains"),
        f"{name}:exact": string(*columns, lookup="exact"),
    }


def moment(column: str) -> Parameter:
    """`ge2026-11-26T09:00:00+11:00`. A day without a time is a day by the clock of the reader's organisation."""

    def condition(value: str, reader: Reader) -> Q:
        prefix, first, last = window(value, reader.actor.time_zone)
        if prefix == "eq":
            return Q(**{f"{column}__gte": first, f"{column}__lt": last})
        edge, lookup = {
            "ge": (first, "gte"), "gt": (last, "gte"), "sa": (last, "gte"),
            "le": (last, "lt"), "lt": (first, "lt"), "eb": (first, "lt"),
        }[prefix]  # fmt: skip
        return Q(**{f"{column}__{lookup}": edge})

    return Parameter("date", condition)


def window(value: str, zone: str) -> tuple[str, dt.datetime, dt.datetime]:
    """The prefix, and the moments from which and before which the value lies. Raises Unfit."""
    prefix, text = (value[:2], value[2:]) if value[:2] in PREFIXES else ("eq", value)
    # In an address a plus that nobody escaped arrives as a blank.
    text = text.strip().replace(" ", "+")
    try:
        if "T" not in text:
            found = parse_date(text)
            if found is not None:
                found = min(max(found, EARLIEST.date()), LATEST.date())
                return prefix, start_of(found, zone), end_of(found, zone)
        elif (parsed := parse_datetime(text)) is not None and parsed.tzinfo is not None:
            start = min(max(parsed, EARLIEST), LATEST).astimezone(dt.UTC)
            step = dt.timedelta(milliseconds=1) if start.microsecond else dt.timedelta(seconds=1)
            return prefix, start, start + step
    except (ValueError, OverflowError):
        pass
    raise Unfit(_("Write the moment with its offset, as in ge2026-11-21T10:00:00+11:00, or a day."))


def birthday(column: str) -> Parameter:
    """One calendar day."""

    def condition(value: str, _reader: Reader) -> Q:
        try:
            found = parse_date(value.removeprefix("eq"))
        except ValueError:
            found = None
        if found is None:
            raise Unfit(_("Write the date as 2026-11-21."))
        return Q(**{column: found})

    return Parameter("date", condition)


def common() -> dict[str, Any]:
    """What every resource is searched by."""
    return {"_id": key(), "_lastUpdated": moment("updated_at")}
