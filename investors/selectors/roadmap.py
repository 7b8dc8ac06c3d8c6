"""The roadmap as its readers see it: overdue items first, with what waits for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Prefetch, Q

from clinics.models import Organization
from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.common.asking import Asking
from investors.models import RoadmapItem
from investors.policies.roadmap import roadmap_policy
from investors.states import OPEN_ROADMAP, ROADMAP

if TYPE_CHECKING:
    import uuid
    from datetime import date

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor
    from investors.models import RoadmapMove

#: What is late comes first, the latest of all foremost.
ORDER = ("-late", "ends_on", "begins_on", "id")


@dataclass(frozen=True, slots=True)
class RoadmapAsked(Asking):
    """What the bar above the roadmap asks for."""

    section: str = ""
    state: str = ""
    owner: str = ""
    overdue: bool = False


def today() -> date:
    """The day in the cluster."""
    return today_at(current_cluster().time_zone)


def roadmap(actor: Actor, asked: RoadmapAsked) -> QuerySet[RoadmapItem]:
    """The items that the actor may see, each with `late`, whether its end has passed, and what it `needs` of them."""
    late = Q(state__in=OPEN_ROADMAP, ends_on__lt=today())
    rows = roadmap_policy.queryset(actor).annotate(late=ExpressionWrapper(late, BooleanField()))
    for name in ("section", "state", "owner"):
        if value := getattr(asked, name):
            rows = rows.filter(**{name: value})
    if asked.overdue:
        rows = rows.filter(late)
    return (
        rows.select_related("owner")
        .prefetch_related(Prefetch("needs", roadmap_policy.queryset(actor), to_attr="awaited"))
        .order_by(*ORDER)
    )


@dataclass(frozen=True, slots=True)
class RoadmapFigures:
    """How many items stand in the roadmap, are done, are late."""

    whole: int
    done: int
    late: int


def figures(actor: Actor) -> RoadmapFigures:
    """The state of what the actor may see of the roadmap; what was dropped is not counted."""
    late = Q(state__in=OPEN_ROADMAP, ends_on__lt=today())
    found = roadmap_policy.queryset(actor).aggregate(
        whole=Count("pk", filter=~Q(state="dropped")), done=Count("pk", filter=Q(state="done")),
        late=Count("pk", filter=late),
    )  # fmt: skip
    return RoadmapFigures(**found)


@dataclass(frozen=True, slots=True)
class ItemFile:
    """An item with what it waits for, what waits for it, and how its end was moved."""

    item: RoadmapItem
    followers: list[RoadmapItem]
    moves: list[RoadmapMove]
    actions: list[str]
    may_edit: bool


def item_file(actor: Actor, item_id: uuid.UUID) -> ItemFile:
    """Everything of one item that the actor may read. Raises NotFound."""
    item = roadmap_policy.get(actor, "view", item_id, queryset=roadmap(actor, RoadmapAsked()))
    return ItemFile(
        item,
        list(roadmap_policy.queryset(actor).filter(links__needed=item).order_by("begins_on", "id")),
        moves_of(item),
        ROADMAP.available(item.state, roadmap_policy.sides(actor, item)),
        roadmap_policy.allows(actor, "edit", item),
    )


def moves_of(item: RoadmapItem) -> list[RoadmapMove]:
    """How the planned end of an item was moved, the last move first."""
    return list(item.moves.order_by("-created_at", "-id"))


def item_to_edit(actor: Actor, item_id: uuid.UUID) -> RoadmapItem:
    """An item that the actor writes. Raises NotFound, Forbidden."""
    return roadmap_policy.get(actor, "edit", item_id)


def items_to_need(actor: Actor, item: RoadmapItem | None) -> QuerySet[RoadmapItem]:
    """For what an item may be said to wait: the database refuses circles, the list leaves out the item itself."""
    rows = roadmap_policy.queryset(actor).order_by("begins_on", "id")
    return rows.exclude(pk=item.pk) if item else rows


def owners() -> QuerySet[Organization]:
    """Who may answer for an item."""
    return Organization.objects.order_by(F("short_name_ru"), "id")


def owners_of(actor: Actor) -> QuerySet[Organization]:
    """Who answers for an item that the actor may see."""
    return owners().filter(pk__in=roadmap_policy.queryset(actor).values("owner"))
