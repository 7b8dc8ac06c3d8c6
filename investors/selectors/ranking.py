"""The ranks of a tender's admitted bids, by one question to the database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    import uuid
    from decimal import Decimal

    from investors.models import Tender

#: A mark is the average of those whom nobody has excluded; a computed one is 100 for the greatest figure, for the
#: others in proportion. The total weighs the marks. Equal totals are told apart by the mark of the weightiest
#: criterion (the first of those with the same weight), then by which bid came earlier.
SQL = """
WITH marks AS (
    SELECT bid.id AS bid, bid.submitted_at, criterion.id AS criterion, criterion.position, criterion.weight,
           round(coalesce(CASE WHEN criterion.figure = '' THEN (
               SELECT avg(score.value)
                 FROM investors_score score JOIN investors_evaluator person ON person.id = score.evaluator_id
                WHERE score.bid_id = bid.id AND score.criterion_id = criterion.id AND person.state = 'finished'
           ) ELSE
               100 * (offer.opened ->> criterion.figure)::numeric
               / nullif(max((offer.opened ->> criterion.figure)::numeric) OVER (PARTITION BY criterion.id), 0)
           END, 0), 4) AS mark
      FROM investors_bid bid
      JOIN investors_criterion criterion ON criterion.tender_id = bid.tender_id
      JOIN investors_envelope offer ON offer.bid_id = bid.id AND offer.kind = 'offer'
     WHERE bid.tender_id = %s AND bid.state = 'qualified'
), totals AS (
    SELECT bid, submitted_at, round(sum(weight * mark) / 100, 4) AS total,
           (array_agg(mark ORDER BY weight DESC, position))[1] AS first,
           jsonb_object_agg(criterion::text, mark::text) AS marks
      FROM marks GROUP BY bid, submitted_at
)
SELECT bid, row_number() OVER (ORDER BY total DESC, first DESC, submitted_at, bid), total, marks
  FROM totals ORDER BY 2
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A bid's rank, from 1; `total` out of 100; `marks` by the ids of criteria, as text."""

    bid: uuid.UUID
    rank: int
    total: Decimal
    marks: dict[str, str]


def ranking(tender: Tender) -> list[Place]:
    """The admitted bids of a tender by rank, as the marks of those who have finished make it."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, [tender.pk])
        rows = cursor.fetchall()
    return [
        Place(bid, rank, total, json.loads(marks) if isinstance(marks, str) else marks)
        for bid, rank, total, marks in rows
    ]
