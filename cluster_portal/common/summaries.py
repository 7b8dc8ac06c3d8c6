"""Sums by day that the screens read instead of counting every row, brought up to date in the background.

What changes marks its day (`triggers.Marks`); a refresh takes the marks away and counts those days anew, in one
transaction. A mark commits together with its change, and the marks are taken before the days are counted: a change
that a count does not see has left a mark that the refresh did not take. So no order of commits loses one, a day may
be counted as often as one likes, and readers see the days of before or of after, never half of a refresh.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Q

from cluster_portal.common.models import DayCell, SummaryState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet

log = logging.getLogger(__name__)

#: How many days one transaction of a rebuild counts.
BATCH = 31


class Summary(ABC):
    """One summary: a name, its tables, and how their days are counted."""

    name: str
    tables: tuple[type[DayCell], ...]

    @abstractmethod
    def days_of(self, moments: Iterable[datetime]) -> set[date]:
        """The days on which rows of these moments may be counted (too many do no harm)."""

    @abstractmethod
    def cells(self, table: type[DayCell], days: list[date]) -> QuerySet:
        """The lines of these days as values named like the table's columns: `day`, its KEYS and its SUMS."""

    @abstractmethod
    def every_day(self) -> set[date]:
        """Every day on which something is counted now."""

    @abstractmethod
    def today(self) -> date:
        """The cluster's own day."""

    def turned(self, since: date, today: date) -> set[date]:
        """The days whose sums changed because the calendar went on from `since` to `today`."""
        return set()


_summaries: dict[str, Summary] = {}


def register(summary: Summary) -> None:
    """Let a summary be refreshed with the others."""
    if summary.name in _summaries:
        raise ValueError(f"two summaries named {summary.name!r}")
    _summaries[summary.name] = summary


def names() -> tuple[str, ...]:
    """The registered summaries."""
    return tuple(_summaries)


def refresh(name: str) -> int | None:
    """Count again what changed since the last time; the first time, everything. Returns how many days.

    None where somebody else is just doing it.
    """
    summary = _summaries[name]
    if not SummaryState.objects.filter(pk=name, as_of__isnull=False).exists():
        return rebuild(name)
    with transaction.atomic():
        state = SummaryState.objects.select_for_update(skip_locked=True).filter(pk=name).first()
        if state is None:
            return None
        as_of = _clock()
        today = summary.today()
        days = summary.days_of(_take_marks(name))
        if state.today is None or state.today < today:
            days |= summary.turned(state.today or today, today)
        _count(summary, sorted(days))
        state.as_of, state.today = as_of, max(today, state.today or today)
        state.save(update_fields=["as_of", "today"])
    if days:
        log.info("summary refreshed", extra={"summary": name, "days": len(days)})
    return len(days)


def rebuild(name: str, say: Callable[[str], object] = lambda text: None) -> int:
    """Count every day anew, `BATCH` days in a transaction: the screens go on reading. Returns how many days.

    Broken off in the middle it has lost nothing, and may be begun again.
    """
    summary = _summaries[name]
    SummaryState.objects.get_or_create(pk=name)
    as_of, today = _clock(), summary.today()
    stored = (table.objects.filter(month=False).values_list("day", flat=True) for table in summary.tables)
    days = sorted(summary.every_day().union(*(set(rows.distinct()) for rows in stored)))
    for first in range(0, len(days), BATCH):
        with transaction.atomic():
            SummaryState.objects.select_for_update().get(pk=name)
            _count(summary, days[first : first + BATCH])
        say(f"{name}: {min(first + BATCH, len(days))} of {len(days)} days")
    with transaction.atomic():
        state = SummaryState.objects.select_for_update().get(pk=name)
        # Marks older than this rebuild are still there, and the next refresh counts their days once more.
        state.as_of, state.today = max(as_of, state.as_of or as_of), state.today or today
        state.save(update_fields=["as_of", "today"])
    return len(days)


def as_of(*wanted: str) -> datetime | None:
    """The moment for which all of these summaries are right; None while one of them has never been counted."""
    return earliest(moments(*wanted), *wanted)


def moments(*wanted: str) -> dict[str, datetime]:
    """For which moment each of these summaries is right; those that were never counted are not there. One query."""
    rows = SummaryState.objects.filter(pk__in=wanted, as_of__isnull=False)
    return dict(rows.values_list("pk", "as_of"))


def earliest(known: dict[str, datetime], *wanted: str) -> datetime | None:
    """`as_of` of `moments` in hand."""
    return min(known[name] for name in wanted) if known.keys() >= set(wanted) else None


def of_days(first: date, last: date) -> Q:
    """The lines that together are the days from `first` to `last`: whole months as months, the rest by day."""
    months, month = [], first if first.day == 1 else _next_month(first)
    while _next_month(month) <= last + timedelta(days=1):
        months.append(month)
        month = _next_month(month)
    if not months:
        return Q(month=False, day__range=(first, last))
    lines = Q(month=True, day__in=months)
    if first < months[0]:
        lines |= Q(month=False, day__gte=first, day__lt=months[0])
    if month <= last:
        lines |= Q(month=False, day__range=(month, last))
    return lines


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def _take_marks(name: str) -> list[datetime]:
    # Every zone's days begin on a quarter of an hour: marks of the same one are of the same day anywhere.
    statement = """
        WITH taken AS (DELETE FROM common_changedmoment WHERE summary = %s RETURNING at)
        SELECT DISTINCT date_bin('15 minutes', at, timestamptz '2000-01-01 00:00+00') FROM taken
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [name])
        return [row[0] for row in cursor]


@dataclass(frozen=True, slots=True)
class _Names:
    """A table's name and columns as SQL has them."""

    table: str
    keys: list[str]
    sums: list[str]

    @classmethod
    def of(cls, table: type[DayCell]) -> _Names:
        quote = connection.ops.quote_name
        columns = {field.name: quote(field.column) for field in table._meta.concrete_fields}
        return cls(
            quote(table._meta.db_table), [columns[k] for k in table.KEYS], [columns[s] for s in table.SUMS]
        )


def _count(summary: Summary, days: list[date]) -> None:
    """Replace the lines of these days and of their months."""
    if not days:
        return
    months = sorted({day.replace(day=1) for day in days})
    # Names are those of our own tables and columns, quoted; values go beside the statements.
    for table in summary.tables:
        to = _Names.of(table)
        columns = ", ".join(["day", *to.keys, *to.sums])
        sql, params = summary.cells(table, days).query.sql_with_params()
        sums = ", ".join(f"sum({column})" for column in to.sums)
        group = ", ".join(["date_trunc('month', day)::date", *to.keys])
        statements = (
            (f"DELETE FROM {to.table} WHERE NOT month AND day = ANY(%s)", [days]),  # noqa: S608
            (
                f"INSERT INTO {to.table} (month, {columns}) SELECT false, {columns} FROM ({sql}) AS counted",  # noqa: S608
                params,
            ),
            (f"DELETE FROM {to.table} WHERE month AND day = ANY(%s)", [months]),  # noqa: S608
            (
                f"INSERT INTO {to.table} (month, {columns}) SELECT true, {group}, {sums} FROM {to.table}"  # noqa: S608
                " WHERE NOT month AND day >= %s AND day < %s AND date_trunc('month', day)::date = ANY(%s)"
                f" GROUP BY {group}",
                [months[0], _next_month(months[-1]), months],
            ),
        )
        with connection.cursor() as cursor:
            for statement, values in statements:
                cursor.execute(statement, values)
