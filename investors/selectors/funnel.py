"""How interests come from stage to stage: how many reach each, how long they stay, and where they are lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from cluster_portal.common.aggregates import MedianTime
from investors.models import Interest, InterestMove
from investors.states import OPEN_INTEREST, InterestState

if TYPE_CHECKING:
    from clinics.selectors.measures import Period

#: The stages in their order; a lost interest has come as far as it had before.
STAGES = (*OPEN_INTEREST, InterestState.AGREEMENT)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the pipeline. `reached` came to it or farther, whether they stood at it or went past; `here` stand at
    it now, `lost` were lost at it and are still. `days` is the median stay of those that left it, None before any did.
    """

    state: InterestState
    reached: int
    here: int
    lost: int
    days: float | None


def stages(period: Period | None = None) -> list[Stage]:
    """The interests of all companies (told in a period), by the stage that each has come to. Two statements."""
    rows = Interest.objects.order_by()
    if period:
        first, end = period.moments()
        rows = rows.filter(created_at__gte=first, created_at__lt=end)
    passed = InterestMove.objects.filter(interest=OuterRef("pk")).order_by().values("interest")
    highest = passed.annotate(found=Max(Greatest(_place("was"), _place("becomes")))).values("found")
    standing = rows.annotate(farthest=Greatest(_place("state"), Coalesce(Subquery(highest), Value(0))))
    counted = list(standing.values_list("farthest", "state").annotate(Count("pk")))
    stayed = ExpressionWrapper(F("created_at") - F("since"), output_field=DurationField())
    left = InterestMove.objects.filter(interest__in=rows.values("pk")).exclude(was=InterestState.LOST)
    days = dict(left.order_by().values_list("was").annotate(stay=MedianTime(stayed)))
    found = []
    for place, state in enumerate(STAGES):
        stay = days.get(state)
        found.append(
            Stage(
                state,
                reached=sum(number for at, _now, number in counted if at >= place),
                here=sum(number for _at, now, number in counted if now == state),
                lost=sum(number for at, now, number in counted if at == place and now == InterestState.LOST),
                days=None if stay is None else stay.total_seconds() / 86_400,
            )
        )
    return found


def _place(column: str) -> Case:
    """Which stage a column names, from 0; the first where it names none of them."""
    return Case(
        *(When(**{column: state}, then=Value(n)) for n, state in enumerate(STAGES)),
        default=Value(0), output_field=IntegerField(),
    )  # fmt: skip
