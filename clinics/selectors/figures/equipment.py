"""What was planned and what came, year by year; and how long equipment stood still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Min,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, JSONObject, Least
from django.utils import timezone

from clinics.models import Equipment
from clinics.policies import downtime_report_policy, equipment_report_policy
from clinics.selectors.figures.numbers import CHUNK
from clinics.states import ARRIVED, EquipmentState
from cluster_portal.common.translated import localized

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cluster_portal.common.actor import Actor

#: What a row of the programme tells, in its order.
FIGURES = ("planned", "ordered", "delivered", "in_use", "in_repair", "written_off")
#: Beside the year, what a row may stand for, and where its words come from.
GROUPS = {"clinic": "clinic__short_name", "organization": "organization__short_name", "type": "type__name"}

_COUNTS = {
    "planned": Count("pk"),
    "ordered": Count("pk", filter=~Q(state=EquipmentState.PLANNED)),
    "delivered": Count("pk", filter=Q(state__in=ARRIVED)),
    "in_use": Count("pk", filter=Q(state=EquipmentState.COMMISSIONED)),
    "in_repair": Count("pk", filter=Q(state=EquipmentState.IN_REPAIR)),
    "written_off": Count("pk", filter=Q(state=EquipmentState.WRITTEN_OFF)),
}


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the programme. `ordered` and `delivered` count what has come at least so far, whatever became of it."""

    year: int
    planned: int
    ordered: int
    delivered: int
    in_use: int
    in_repair: int
    written_off: int

    @property
    def awaited(self) -> int:
        return self.planned - self.delivered


def programme(
    actor: Actor, *, by: Sequence[str] = (), year: int | None = None, **chosen: Any
) -> Iterator[tuple[Any, ...]]:
    """A row for each programme year, the latest first, and for each group `by` in it: the year, the words of the
    groups, then FIGURES. `chosen` narrows by organisation, clinic, type or funding. What no programme pays for is not
    counted.
    """
    rows = equipment_report_policy.queryset(actor).filter(programme_year__isnull=False)
    rows = rows.filter(**{name: value for name, value in {**chosen, "programme_year": year}.items() if value})
    words = {f"word_{name}": localized(GROUPS[name]) for name in by}
    keys = {f"key_{name}": F(f"{name}_id") for name in by}
    return (
        rows.order_by()
        .annotate(**words)
        .values("programme_year", *words, **keys)
        .annotate(**_COUNTS)
        .order_by("-programme_year", *words, *keys)
        .values_list("programme_year", *words, *_COUNTS)
        .iterator(chunk_size=CHUNK)
    )


def years(actor: Actor) -> list[Year]:
    """The programme year by year, the first at the front. One query."""
    return [Year(*row) for row in programme(actor)][::-1]


def downtime(actor: Actor, since: datetime, until: datetime, **chosen: Any) -> Iterator[tuple[Any, ...]]:
    """A row for each unit that stood still in a period, the longest first: organisation, clinic, type, model, inventory
    number, how many times, hours within the period, since when it stands still now (None: it works).

    Downtime that lasts counts up to the end of the period, or to now where that lies ahead.
    """
    until = min(until, timezone.now())
    rows = downtime_report_policy.queryset(actor).filter(
        Q(ends__isnull=True) | Q(ends__gt=since), starts__lt=until
    )
    rows = rows.filter(**{f"equipment__{name}": value for name, value in chosen.items() if value})
    begin, end = (Value(moment, output_field=DateTimeField()) for moment in (since, until))
    length = ExpressionWrapper(
        Least(Coalesce("ends", end), end) - Greatest("starts", begin), output_field=DurationField()
    )
    words = {
        "word_organization": localized("equipment__organization__short_name"),
        "word_clinic": localized("equipment__clinic__short_name"),
        "word_type": localized("equipment__type__name"),
        "unit_model": F("equipment__model"),
        "number": F("equipment__inventory_number"),
    }
    found = (
        rows.order_by()
        .annotate(**words)
        .values("equipment", *words)
        .annotate(times=Count("pk"), length=Sum(length), still=Min("starts", filter=Q(ends__isnull=True)))
        .order_by("-length", "number")
        .values_list(*words, "times", "length", "still")
        .iterator(chunk_size=CHUNK)
    )
    for *told, stood, still in found:
        yield (*told, stood.total_seconds() / 3600, still)


def standing_still(actor: Actor) -> int:
    """How many units are in repair now."""
    return equipment_report_policy.queryset(actor).filter(state=EquipmentState.IN_REPAIR).count()


def latest_year() -> Subquery:
    """Inside another query: the whole cluster's programme of the latest year, as what `Year` is made of; or null."""
    rows = (
        Equipment.objects.filter(programme_year__isnull=False)
        .values("programme_year")
        .order_by("-programme_year")
    )
    told = JSONObject(year="programme_year", **{name: name for name in FIGURES})
    return Subquery(rows.annotate(**_COUNTS).values(told=told)[:1])
