"""What the portal does with the waiting list: it offers free times to the first whom they suit, and ends offers.

Each offer is a transaction of its own, so a worker that dies leaves either the whole of it or nothing, and never holds
the locks of two referrals. Lock order as everywhere: the referral, its bookings, the slot last. Who is first is asked
of the database before the lock, and what suits is asked again under it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clinics.errors import SlotTaken
from clinics.selectors.calendar import working_hours_later
from clinics.selectors.cluster import current_cluster
from clinics.states import SlotState
from cluster_portal.common.background import enqueue
from cluster_portal.common.errors import Busy, PortalError
from cluster_portal.common.ids import uuid7
from cluster_portal.common.service import service
from patients.events import OFFER_ENDS
from patients.models import WaitlistEntry, WaitlistOffer
from patients.models.waitlist import OPEN_OFFER
from patients.selectors.matching import LEAST_ANSWER, earliest_match, first_match
from patients.services.booking import slot_for
from patients.services.entries import close, entry_of, look_for_times, open_offer_of
from patients.services.occupancy import active_bookings, end_bookings, occupy
from patients.services.steps import lock_referral, note
from patients.states import BookingState, ReferralState

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Referral

log = logging.getLogger(__name__)

#: How often others may be faster before the message is put off.
TRIES = 50


@service
def offer_next(actor: Actor, *, service_type: str) -> WaitlistOffer | None:
    """Offer one free time of a service to the first in its queue whom any suits. None: nobody is left whom one suits.

    Called again until it answers None, it leaves no free time beside a patient whom it suits. Raises Busy where others
    were faster too often.
    """
    refused: list[tuple[uuid.UUID, uuid.UUID]] = []
    for _attempt in range(TRIES):
        found = first_match(service_type, without=refused)
        if found is None:
            return None
        entry_id, slot_id = found
        try:
            # Of an attempt that comes to nothing no lock may stay: it would be the first of two.
            with transaction.atomic():
                if offer := _offer(actor, entry_id, refused):
                    return offer
        except SlotTaken:
            continue
        except PortalError as error:
            # The conditions of the query and the rules of booking have come apart: others must not wait for that.
            refused.append((entry_id, slot_id))
            log.warning(
                "a time that seemed to suit was refused",
                extra={"entry_id": str(entry_id), "slot_id": str(slot_id), "error": error.code},
            )
    raise Busy


def _offer(actor: Actor, entry_id: uuid.UUID, refused: list) -> WaitlistOffer | None:
    """Hold the earliest suitable time for an entry and tell the referring clinic; None: the entry has moved on."""
    referral_id = WaitlistEntry.objects.values_list("referral", flat=True).get(pk=entry_id)
    referral = _lock(actor, referral_id)
    entry = entry_of(referral)
    if referral.state != ReferralState.WAITLISTED or entry is None or open_offer_of(referral):
        return None
    now = timezone.now()
    slot_id = earliest_match(entry, now, refused)
    if slot_id is None:
        return None
    slot, current = slot_for(actor, referral, slot_id)
    if any(b.referral_id == referral.pk and b.held_until and b.held_until > now for b in current):
        return None
    clinic = referral.source_clinic
    until = answer_by(
        now, start=slot.start, notice_hours=entry.notice_hours, hours=current_cluster().offer_hours,
        time_zone=clinic.time_zone, country=clinic.country,
    )  # fmt: skip
    booking_id = uuid7()
    offer = WaitlistOffer.objects.create(
        entry=entry, slot=slot, booking_id=booking_id, made_at=now, until=until
    )
    referral.offer_until = until
    referral.save(update_fields=["offer_until", "updated_at"])
    note(
        actor, referral, "offer", came_from=referral.state,
        details={"at": slot.start.isoformat(), "clinic": str(slot.clinic_id), "slot": str(slot.pk),
                 "zone": slot.clinic.time_zone, "until": until.isoformat()},
    )  # fmt: skip
    enqueue(OFFER_ENDS, {"offer": str(offer.pk)}, delay=until - now)
    occupy(
        actor, referral, slot, current, pk=booking_id, state=BookingState.HELD, held_until=until, offered=True
    )
    return offer


@service
def end_offer(actor: Actor, *, offer_id: uuid.UUID) -> bool:
    """End an offer that was not answered in time, or whose time the clinic has closed. Whether it was ended now.

    The place goes to the next one in the queue. Doing it again, or too early, changes nothing.
    """
    found = WaitlistOffer.objects.filter(pk=offer_id).values_list("entry__referral", flat=True).first()
    if found is None:
        return False
    referral = _lock(actor, found)
    offer = open_offer_of(referral)
    if offer is None or offer.pk != offer_id:
        return False
    lapsed = offer.until <= timezone.now()
    if not lapsed and not _is_closed(offer):
        return False
    close(actor, offer, "lapse" if lapsed else "withdraw")
    referral.offer_until = None
    referral.save(update_fields=["offer_until", "updated_at"])
    note(actor, referral, "offer_lapsed" if lapsed else "offer_withdrawn", came_from=referral.state,
         details={"at": offer.slot.start.isoformat(), "clinic": str(offer.slot.clinic_id)})  # fmt: skip
    # A hold of the same place that somebody has made since then is not the offer's any more.
    held = [b for b in active_bookings(referral) if b.pk == offer.booking_id and b.offered]
    end_bookings(actor, held, reason="lapsed" if lapsed else "withdrawn")
    look_for_times(offer.entry.service_type_id)
    return True


def offers_to_end() -> list[uuid.UUID]:
    """Open offers whose time to answer has passed, or whose slot takes nobody any more."""
    closed = (
        ~Q(slot__state=SlotState.PUBLISHED) | ~Q(slot__block_reason="") | Q(slot__start__lte=timezone.now())
    )
    rows = WaitlistOffer.objects.filter(OPEN_OFFER).filter(Q(until__lte=timezone.now()) | closed)
    return list(rows.order_by("until", "id").values_list("pk", flat=True))


def _is_closed(offer: WaitlistOffer) -> bool:
    slot = offer.slot
    return slot.state != SlotState.PUBLISHED or bool(slot.block_reason) or slot.start <= timezone.now()


def _lock(actor: Actor, referral_id: uuid.UUID) -> Referral:
    """The referral, before anything else. A function of its own: the race without it is a test."""
    return lock_referral(actor, "view", referral_id)


def answer_by(
    now: datetime, *, start: datetime, notice_hours: int, hours: int, time_zone: str, country: str
) -> datetime:
    """Until when an offered time is kept.

    `hours` from now, of which days off at the referring clinic do not count; never more than half of what is left until
    the patient has to set out, so that the next one can be asked too; at least `LEAST_ANSWER`.
    """
    set_out = start - timedelta(hours=notice_hours)
    half = now + (set_out - now) / 2
    return max(now + LEAST_ANSWER, min(half, working_hours_later(now, hours, time_zone, country)))


__all__ = ["answer_by", "end_offer", "offer_next", "offers_to_end"]
