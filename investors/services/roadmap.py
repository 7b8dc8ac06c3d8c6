"""The cluster office plans what is to be done, and says how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.selectors.calendar import today_at
from clinics.selectors.cluster import current_cluster
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill, require_words
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from investors.models import RoadmapItem, RoadmapLink, RoadmapMove
from investors.policies.roadmap import roadmap_policy
from investors.states import ROADMAP

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Mapping
    from datetime import date

    from cluster_portal.common.actor import Actor

#: What is entered of a new item; of one that stands the end is moved by postponing alone.
FIELDS = (*columns("title"), "section", "owner", "post", "begins_on", "ends_on", "funding", "is_public")
EDIT_FIELDS = tuple(name for name in FIELDS if name != "ends_on")


def _today() -> date:
    return today_at(current_cluster().time_zone)


def _dates(item: RoadmapItem) -> dict[str, list[Any]]:
    if item.begins_on and item.ends_on and item.ends_on < item.begins_on:
        return {"begins_on": [_("The beginning lies after the end.")]}
    return {}


@service
def plan_item(actor: Actor, *, data: Mapping[str, Any], needs: Iterable[uuid.UUID] = ()) -> RoadmapItem:
    """Put an item on the roadmap; `data` holds FIELDS, `needs` are the items for which it waits.

    Raises Forbidden, Invalid.
    """
    roadmap_policy.require(actor, "create")
    item = RoadmapItem()
    fill(item, data, FIELDS, _dates)
    item.save(force_insert=True)
    _link(actor, item, needs)
    return item


@service
def correct_item(
    actor: Actor, *, item_id: uuid.UUID, data: Mapping[str, Any], needs: Iterable[uuid.UUID] | None = None
) -> RoadmapItem:
    """Correct an item; `data` holds EDIT_FIELDS, without `needs` it waits for what it waited for.

    Raises NotFound, Forbidden, Invalid, RoadmapCircle (at `needs`).
    """
    item = roadmap_policy.get(actor, "edit", item_id, lock=True)
    fill(item, data, EDIT_FIELDS, _dates)
    item.save()
    if needs is not None:
        _link(actor, item, needs)
    return item


@service
def start_item(actor: Actor, *, item_id: uuid.UUID) -> RoadmapItem:
    """Work has begun. Raises NotFound, Forbidden, IllegalTransition."""
    item = roadmap_policy.get(actor, "edit", item_id, lock=True)
    ROADMAP.move(item, "start")
    item.started_on = item.started_on or _today()
    item.save(update_fields=["state", "started_on", "updated_at"])
    return item


@service
def finish_item(actor: Actor, *, item_id: uuid.UUID) -> RoadmapItem:
    """It is done, today. Raises NotFound, Forbidden, IllegalTransition."""
    item = roadmap_policy.get(actor, "edit", item_id, lock=True)
    ROADMAP.move(item, "finish")
    item.finished_on = _today()
    item.save(update_fields=["state", "finished_on", "updated_at"])
    return item


@service
def postpone_item(actor: Actor, *, item_id: uuid.UUID, reason: str, ends_on: date) -> RoadmapItem:
    """Move the planned end to a later day; the old one is kept.

    Raises NotFound, Forbidden, IllegalTransition, Invalid.
    """
    item = roadmap_policy.get(actor, "edit", item_id, lock=True)
    require_words("reason", reason)
    if ends_on <= max(item.ends_on, _today()):
        raise Invalid({"ends_on": [_("The new day has to be later than the old one and than today.")]})
    ROADMAP.move(item, "postpone")
    move = RoadmapMove(
        item=item, was=item.ends_on, becomes=ends_on, reason=reason.strip()[:300], author_id=actor.user_id
    )
    move.save(force_insert=True)
    item.ends_on, item.reason = ends_on, move.reason
    item.save(update_fields=["state", "ends_on", "reason", "updated_at"])
    return item


@service
def drop_item(actor: Actor, *, item_id: uuid.UUID, reason: str) -> RoadmapItem:
    """It will not be done. Raises NotFound, Forbidden, IllegalTransition, Invalid."""
    item = roadmap_policy.get(actor, "edit", item_id, lock=True)
    require_words("reason", reason)
    ROADMAP.move(item, "drop")
    item.reason = reason.strip()[:300]
    item.save(update_fields=["state", "reason", "updated_at"])
    return item


def _link(actor: Actor, item: RoadmapItem, needs: Iterable[uuid.UUID]) -> None:
    """Let the item wait for these and no others; the database refuses a circle."""
    wanted = set(needs)
    known = set(roadmap_policy.queryset(actor).filter(pk__in=wanted).values_list("pk", flat=True))
    if known != wanted:
        raise Invalid({"needs": [_("Choose items of the roadmap.")]})
    standing = set(item.links.values_list("needed_id", flat=True))
    item.links.filter(needed_id__in=standing - wanted).delete()
    RoadmapLink.objects.bulk_create(
        RoadmapLink(item=item, needed_id=key) for key in sorted(wanted - standing)
    )
