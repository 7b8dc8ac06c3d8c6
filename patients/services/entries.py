"""Rows of the waiting list, written under the lock of their referral: coming, going, the end of an offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from clinics.models import Slot
from cluster_portal.common.background import enqueue
from patients.events import OFFER_TIMES
from patients.models import WaitlistEntry, WaitlistOffer
from patients.models.referral import NO_DEADLINE
from patients.models.waitlist import OPEN_OFFER, WAITING
from patients.selectors.matching import RANKS
from patients.states import WAITLIST_OFFER, EntryEnd

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from cluster_portal.common.actor import Actor
    from patients.models import Referral

#: Why somebody is no longer on the list, by the step that took the referral off it.
ENDS = {
    "book": EntryEnd.BOOKED,
    "accept_offer": EntryEnd.BOOKED,
    "stop_waiting": EntryEnd.STOPPED,
    "cancel": EntryEnd.CANCELLED,
}


def enter(actor: Actor, referral: Referral, wishes: dict[str, Any]) -> WaitlistEntry:
    """Put a referral on the list and look for a time after the commit."""
    entry = WaitlistEntry.objects.create(
        referral=referral,
        patient_id=referral.patient_id,
        service_type_id=referral.service_type_id,
        source_organization_id=referral.source_organization_id,
        rank=RANKS[referral.priority],
        # The database makes it; what was read a moment ago stands in the deadline itself.
        due_order=referral.due_order,
        since=timezone.now(),
        joined_by_id=actor.user_id,
        **wishes,
    )
    look_for_times(referral.service_type_id)
    return entry


def follow(referral: Referral) -> None:
    """Move a waiting referral to the place that its priority and deadline give it now, and look for a time anew."""
    entry = entry_of(referral)
    if entry is not None:
        entry.rank, entry.due_order = RANKS[referral.priority], referral.due_on or NO_DEADLINE
        entry.save(update_fields=["rank", "due_order", "updated_at"])
        look_for_times(entry.service_type_id)


def entry_of(referral: Referral) -> WaitlistEntry | None:
    """The referral's place on the list, while it has one."""
    return WaitlistEntry.objects.filter(WAITING, referral=referral).first()


def open_offer_of(referral: Referral) -> WaitlistOffer | None:
    """The offer that has not been answered; its time may have passed."""
    return (
        WaitlistOffer.objects.filter(OPEN_OFFER, entry__referral=referral)
        .select_related("entry", "booking", "slot__clinic")
        .first()
    )


def leave(actor: Actor, referral: Referral, action: str, slot_id: str = "") -> None:
    """Take a referral off the list because of a step of its story; `slot_id` is the time that it took, if it did.

    An open offer of that time counts as accepted, another one is withdrawn. The place itself is the caller's.
    """
    entry = entry_of(referral)
    if entry is None:
        return
    for offer in WaitlistOffer.objects.filter(OPEN_OFFER, entry=entry):
        close(actor, offer, "accept" if str(offer.slot_id) == slot_id else "withdraw")
    entry.ended_at, entry.end_reason = timezone.now(), ENDS[action]
    entry.save(update_fields=["ended_at", "end_reason", "updated_at"])


def close(actor: Actor, offer: WaitlistOffer, verb: str, *, reason: str = "", comment: str = "") -> None:
    """End an open offer by its state table (its place is the caller's)."""
    WAITLIST_OFFER.move(offer, verb)
    offer.ended_at, offer.ended_by_id = timezone.now(), actor.user_id
    offer.reason, offer.comment = reason, comment.strip()[:300]
    offer.save(update_fields=["state", "ended_at", "ended_by", "reason", "comment"])


def look_for_times(service_type: str) -> None:
    """Let those who wait for a service be offered what is free, after the commit."""
    enqueue(OFFER_TIMES, {"service_type": service_type})


def places_are_free(slot_ids: Iterable[uuid.UUID]) -> None:
    """Places of these slots were given back: offer them, where anybody waits for such a time."""
    types = Slot.objects.filter(pk__in=list(slot_ids)).values("service_type")
    waited_for = WaitlistEntry.objects.filter(WAITING, service_type__in=types).order_by()
    for service_type in waited_for.values_list("service_type", flat=True).distinct():
        look_for_times(service_type)
