"""What the tests of the reports of land share."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.selectors.cluster import current_cluster
from cluster_portal.common.actor import Actor
from tests.reports.support import made

CODES = (
    "investors.land", "investors.tenders", "investors.pipeline", "investors.funnel", "investors.projects",
    "investors.milestones", "investors.money",
)  # fmt: skip
ALLOWED = ("land", "office", "analyst")


def told(found: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Some columns of the rows."""
    return [tuple(row[name] for name in names) for row in found]


def cost_of(actor: Actor, code: str, **asked: Any) -> int:
    """How many statements a report takes."""
    current_cluster()  # It is kept from here on.
    with CaptureQueriesContext(connection) as queries:
        made(actor, code, **asked)
    return len(queries)
