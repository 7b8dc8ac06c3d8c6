"""The offices plan where the cluster presents itself, and keep whom they met there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from clinics.selectors.wording import is_country
from cluster_portal.common.errors import Invalid
from cluster_portal.common.filling import fill
from cluster_portal.common.service import service
from cluster_portal.common.translated import columns
from investors.models import RoadshowContact, RoadshowEvent
from investors.policies import investor_policy
from investors.policies.roadshow import contact_policy, event_policy

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from cluster_portal.common.actor import Actor

EVENT_FIELDS = (
    *columns("title"), *columns("city"), "country", "place", "begins_on", "ends_on", *columns("outcome"), "is_public",
)  # fmt: skip
CONTACT_FIELDS = (
    "company", "country", "person", "post", "email", "phone", "direction", "interest", "next_step", "next_on",
    "investor",
)  # fmt: skip


@service
def plan_event(actor: Actor, *, data: Mapping[str, Any]) -> RoadshowEvent:
    """Enter an event; `data` holds EVENT_FIELDS. Raises Forbidden, Invalid."""
    event_policy.require(actor, "create")
    event = RoadshowEvent()
    fill(event, data, EVENT_FIELDS, _days)
    event.save(force_insert=True)
    return event


@service
def correct_event(actor: Actor, *, event_id: uuid.UUID, data: Mapping[str, Any]) -> RoadshowEvent:
    """Correct an event, or tell how it went. Raises NotFound, Forbidden, Invalid."""
    event = event_policy.get(actor, "edit", event_id, lock=True)
    fill(event, data, EVENT_FIELDS, _days)
    event.save()
    return event


@service
def note_contact(actor: Actor, *, event_id: uuid.UUID, data: Mapping[str, Any]) -> RoadshowContact:
    """Keep whom the offices met at an event; `data` holds CONTACT_FIELDS. Raises NotFound, Forbidden, Invalid."""
    contact = RoadshowContact(event=event_policy.get(actor, "edit", event_id))
    return _write(actor, contact, data)


@service
def correct_contact(actor: Actor, *, contact_id: uuid.UUID, data: Mapping[str, Any]) -> RoadshowContact:
    """Correct a contact, plan the next step, or say which company of the portal came of it.

    Raises NotFound, Forbidden, Invalid.
    """
    return _write(actor, contact_policy.get(actor, "edit", contact_id, lock=True), data)


def _write(actor: Actor, contact: RoadshowContact, data: Mapping[str, Any]) -> RoadshowContact:
    fill(contact, data, CONTACT_FIELDS, _country)
    if contact.investor and not investor_policy.queryset(actor).filter(pk=contact.investor_id).exists():
        raise Invalid({"investor": [_("Choose a company.")]})
    contact.save()
    return contact


def _days(event: RoadshowEvent) -> dict[str, list[Any]]:
    if event.begins_on and event.ends_on and event.ends_on < event.begins_on:
        return {"ends_on": [_("The beginning lies after the end.")]}
    return _country(event)


def _country(row: RoadshowEvent | RoadshowContact) -> dict[str, list[Any]]:
    return {} if is_country(row.country) else {"country": [_("There is no such country.")]}
