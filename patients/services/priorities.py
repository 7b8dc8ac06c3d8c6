"""How urgent a referral is: what the receiving side makes of it, and the deadline that follows from that."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cluster_portal.common.errors import Invalid
from cluster_portal.common.service import service
from cluster_portal.web import wording
from patients.services.deadlines import due_from_the_start
from patients.services.entries import follow
from patients.services.steps import lock_referral, move
from patients.states import Priority, ReferralState, Suspicion

if TYPE_CHECKING:
    import uuid

    from cluster_portal.common.actor import Actor
    from patients.models import Referral


@service
def change_priority(
    actor: Actor,
    *,
    referral_id: uuid.UUID,
    priority: str = "",
    suspicion: str | None = None,
    comment: str = "",
) -> Referral:
    """Judge the urgency anew, with a comment: another `priority`, another `suspicion` ("" takes it away), or both.

    What is not said stays. The deadline is counted anew from the first submission, where the clock began; without a
    norm there is none. A booked time stays booked, a place on the waiting list moves. Raises Invalid where nothing
    changes, and without words.
    """
    referral = lock_referral(actor, "change_priority", referral_id)
    details, changed = reassess(referral, priority=priority, suspicion=suspicion, comment=comment)
    if not details:
        raise Invalid({"priority": [_("Nothing changes. Please choose another priority or suspicion.")]})
    move(actor, referral, "change_priority", comment=comment, details=details, changed=changed)
    if referral.state == ReferralState.WAITLISTED:
        follow(referral)
    return referral


def reassess(
    referral: Referral, *, priority: str, suspicion: str | None, comment: str
) -> tuple[dict[str, list[str | None]], tuple[str, ...]]:
    """Write another priority or suspicion and the deadline that follows on the referral (not saved).

    Returns what changed, as pairs of before and after for its story, and the fields to save; both empty where nothing
    does. Raises Invalid.
    """
    if priority and priority not in Priority.values:
        raise Invalid({"priority": [_("Please choose a priority.")]})
    if suspicion and suspicion not in Suspicion.values:
        raise Invalid({"suspicion": [_("Please choose a suspicion, or none.")]})
    asked = {
        "priority": priority or referral.priority,
        "suspicion": referral.suspicion if suspicion is None else suspicion,
    }
    details: dict[str, list[str | None]] = {
        name: [str(getattr(referral, name)), str(value)]
        for name, value in asked.items()
        if value != getattr(referral, name)
    }
    if not details:
        return {}, ()
    if not comment.strip():
        raise Invalid({"comment": [_("Please say why it changes.")]})
    for name, value in asked.items():
        setattr(referral, name, value)
    before, referral.due_on = referral.due_on, due_from_the_start(referral)
    if referral.due_on != before:
        details["due_on"] = [day and day.isoformat() for day in (before, referral.due_on)]
    return details, ("priority", "suspicion", "due_on")


def words_of(details: dict[str, Any]) -> str:
    """What `reassess` changed, in the reader's language: "Priority: planned → urgent. …"; empty where it did not."""
    parts = [
        (name, *details[name]) for name in ("priority", "suspicion", "due_on") if _is_pair(details.get(name))
    ]
    labels = {"priority": _("Priority"), "suspicion": _("Suspicion"), "due_on": _("Deadline")}
    change = _("%(what)s: %(before)s → %(after)s.")
    return " ".join(
        change % {"what": labels[name], "before": _shown(name, before), "after": _shown(name, after)}
        for name, before, after in parts
    )


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _shown(name: str, value: str | None) -> str:
    if name == "due_on":
        return wording.day_month(date.fromisoformat(value)) if value else _("no norm set")
    if name == "suspicion":
        return str(Suspicion(value).label) if value else _("none")
    return str(Priority(value).label)


__all__ = ["change_priority", "reassess", "words_of"]
