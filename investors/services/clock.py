"""What the clock does to tenders: every act first brings the tender to where the clock has it, under its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from cluster_portal.common.background import enqueue
from cluster_portal.common.service import service
from investors.events import TENDER_MOVED
from investors.models import Tender
from investors.policies import tender_policy
from investors.states import BY_CLOCK, TENDER, TenderState

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from cluster_portal.common.actor import Actor

#: The step that the clock takes from each state.
STEPS = {
    TenderState.PUBLISHED: "take_questions",
    TenderState.QUESTIONS: "take_bids",
    TenderState.BIDDING: "close_bidding",
}


def lock_tender(actor: Actor, action: str, tender_id: uuid.UUID) -> tuple[Tender, datetime]:
    """The tender, locked and brought to where the clock has it, and the moment by which the act is judged.

    The clock is read after the lock was got, so whoever waited for it past a deadline is late.
    Raises NotFound, Forbidden.
    """
    tender = tender_policy.get(actor, action, tender_id, lock=True)
    now = timezone.now()
    bring_up(tender, now)
    return tender, now


def bring_up(tender: Tender, now: datetime) -> bool:
    """Take the steps that the clock has made due. The tender is locked. Returns whether there were any."""
    target, moved = tender.phase(now), False
    while tender.state != target:
        TENDER.move(tender, STEPS[TenderState(tender.state)])
        # Each state is written: the table knows no leaps.
        tender.save(update_fields=["state", "updated_at"])
        moved = True
    if moved:
        enqueue(TENDER_MOVED, {"tender": str(tender.pk), "state": tender.state})
    return moved


@service
def follow_clock(actor: Actor) -> int:
    """Bring every tender to where the clock has it. Returns how many moved. Doing it twice changes nothing."""
    now = timezone.now()
    due = Tender.objects.filter(
        Q(state=TenderState.PUBLISHED, questions_from__lte=now)
        | Q(state=TenderState.QUESTIONS, questions_until__lte=now)
        | Q(state__in=BY_CLOCK, bids_until__lte=now) & ~Q(state=TenderState.OPENING)
    )
    rows = due.select_for_update(no_key=True, skip_locked=True).order_by("id")
    return sum(bring_up(tender, now) for tender in rows)
