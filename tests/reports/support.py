"""Making a report within a test: the way its job does, without a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import time_machine

from cluster_portal.common.actor import Actor
from cluster_portal.reports import base
from cluster_portal.reports.services.asking import find_report

ZONE = ZoneInfo("Asia/Sakhalin")
#: A period that every test's rows lie in, and its first and last moments by the cluster's clock.
QUARTER = {"period": "own", "since": "2026-07-01", "until": "2026-09-30"}
FIRST = datetime(2026, 7, 1, tzinfo=ZONE)
LAST = datetime(2026, 9, 30, 23, 59, 59, 999_999, tzinfo=ZONE)


def moment(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of 2026 by the cluster's clock."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


#: When the reports of tests are made, whenever the tests run.
NOW = moment(11, 22)


def made(actor: Actor, code: str, *, now: datetime = NOW, **asked: Any) -> list[dict[str, Any]]:
    """The rows of a report as the actor gets them, by the names of its columns."""
    with time_machine.travel(now, tick=False):
        report = find_report(actor, code)
        params = report.check(actor, asked)
        columns, rows = base.depersonalised(actor, report.columns(actor, params), report.rows(actor, params))
        names = [column.name for column in columns]
        return [dict(zip(names, row, strict=True)) for row in rows]


def percentile(values: list[float], fraction: float) -> float | None:
    """The value below which a fraction of the values lie, interpolated between two neighbours."""
    if not values:
        return None
    values = sorted(values)
    place = fraction * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)
