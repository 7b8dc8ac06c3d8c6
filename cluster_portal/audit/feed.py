"""The journal as a feed: every committed change once, in an order that no later commit can get in front of.

Neither the journal's own key nor its time will do: both are given out before the commit, so a slow writer's line would
appear behind a reader who has passed it. A line carries its transaction's id (`xid`), and only lines below
`pg_snapshot_xmin` are read: every transaction below it has ended, so what is there is all that will ever be there.
A transaction that stays open holds the feed back and loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from cluster_portal.audit.models import Entry
from cluster_portal.common.keyset import RowComparison

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two lines: all up to it was read. `server` names the database that gave out the ids.

    Transaction ids mean nothing in a restored copy, which counts from elsewhere; so its name holds the timeline too.
    """

    server: str
    xid: int
    line: int = 0


def horizon() -> Position:
    """The first place behind which lines may still appear."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier || left(pg_walfile_name(pg_current_wal_lsn()), 8),"
            " pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM pg_control_system()"
        )
        return Position(*cursor.fetchone())


def lines(tables: Collection[str], *, after: Position, until: Position, limit: int) -> list[Entry]:
    """At most `limit` changes of `tables` between two places, in their order; `until` is a `horizon` read before."""
    between = Q(RowComparison(["xid", "id"], [after.xid, after.line], ">"), xid__lt=until.xid)
    rows = Entry.objects.filter(between, table_name__in=tables)
    return list(
        rows.order_by("xid", "id").only("id", "xid", "at", "table_name", "row_id", "operation")[:limit]
    )


# `cells` is the row before a line: as it is now (or nothing, where it was deleted), covered by what each line since has
# replaced, the oldest last. A CTE of the table's name stands before the table, so the rule is asked of that version.
BEFORE = """
WITH version AS (
    SELECT line.id, coalesce(to_jsonb(present), '{{}}') || coalesce((
               SELECT jsonb_object_agg(cell.key, cell.value ORDER BY later.id DESC)
                 FROM audit_entry later, jsonb_each(later.before) cell
                WHERE later.table_name = line.table_name AND later.row_id = line.row_id AND later.id >= line.id
                  AND jsonb_typeof(later.before) = 'object'), '{{}}') AS cells
      FROM audit_entry line
      LEFT JOIN {table} present ON present.{pk} = line.row_id::{kind}
     WHERE line.id = ANY(%s) AND line.before IS NOT NULL
)
SELECT version.id FROM version WHERE EXISTS (
    WITH {table} AS (SELECT (jsonb_populate_record(NULL::{table}, version.cells)).*) {rule}
)
"""


def seen_before(allowed: QuerySet, entries: Iterable[Entry]) -> set[int]:
    """The keys of those lines (of one table) whose row was among `allowed` just before the change.

    What the rule asks of other tables is asked of them as they are now.
    """
    quote, pk = connection.ops.quote_name, allowed.model._meta.pk
    try:
        rule, params = allowed.order_by().values("pk").query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return set()
    statement = BEFORE.format(
        table=quote(allowed.model._meta.db_table),
        pk=quote(pk.column),
        kind=pk.rel_db_type(connection),
        rule=rule,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [[entry.pk for entry in entries], *params])
        return {key for (key,) in cursor.fetchall()}
