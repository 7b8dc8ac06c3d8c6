"""The roadshow as its readers see it: what is to come first, then what was; contacts for the offices alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from investors.models import Investor, RoadshowContact, RoadshowEvent
from investors.policies import investor_policy
from investors.policies.roadshow import contact_policy, event_policy
from investors.selectors.roadmap import today

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

ORDER = ("-begins_on", "id")


def events(actor: Actor) -> QuerySet[RoadshowEvent]:
    """The events that the actor may see, the latest first; each with `is_over` and how many `met` there."""
    is_over = ExpressionWrapper(Q(ends_on__lt=today()), BooleanField())
    return event_policy.queryset(actor).annotate(is_over=is_over, met=Count("contacts")).order_by(*ORDER)


def contacts(actor: Actor) -> QuerySet[RoadshowContact]:
    """Whom the offices met, the latest event first."""
    return (
        contact_policy.queryset(actor).select_related("event", "investor").order_by("-event__begins_on", "id")
    )


@dataclass(frozen=True, slots=True)
class EventFile:
    """An event with the contacts that the actor may read."""

    event: RoadshowEvent
    contacts: list[RoadshowContact]
    may_edit: bool


def event_file(actor: Actor, event_id: uuid.UUID) -> EventFile:
    """Everything of one event that the actor may read. Raises NotFound."""
    event = event_policy.get(actor, "view", event_id, queryset=events(actor))
    met = list(contacts(actor).filter(event=event).order_by("company", "id"))
    return EventFile(event, met, event_policy.allows(actor, "edit", event))


def event_to_edit(actor: Actor, event_id: uuid.UUID) -> RoadshowEvent:
    """An event for a form. Raises NotFound, Forbidden."""
    return event_policy.get(actor, "edit", event_id)


def contact_to_edit(actor: Actor, contact_id: uuid.UUID) -> RoadshowContact:
    """A contact for a form. Raises NotFound."""
    return contact_policy.get(actor, "edit", contact_id, queryset=contacts(actor))


def companies(actor: Actor) -> QuerySet[Investor]:
    """Which companies a contact may have become."""
    return investor_policy.queryset(actor).order_by("name_ru", "id")
