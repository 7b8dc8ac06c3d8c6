"""The table of what people and programs can do with a referral: one list for buttons, the API and the views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.selectors.openness import day_of
from patients.policies import referral_policy
from patients.services import (
    attachments,
    booking,
    decisions,
    drafts,
    follow_up,
    priorities,
    visits,
    waitlist,
)
from patients.states import REFERRAL, REFERRING, ReferralState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from cluster_portal.common.actor import Actor
    from patients.models import Referral


@dataclass(frozen=True, slots=True)
class Action:
    """One verb: its service, the inputs that it takes (all of them, required ones first), its button's text."""

    name: str
    run: Callable[..., Any]
    inputs: tuple[str, ...]
    label: Any
    danger: bool = False


_ALL = [
    Action("submit", drafts.submit_referral, (), _("Submit the referral")),
    Action("accept_offer", waitlist.accept_offer, ("late_code", "late_reason"), _("Take the offered time")),
    Action(
        "accept", decisions.accept_referral, ("priority", "suspicion", "comment"), _("Accept the referral")
    ),
    Action("book", booking.book_referral, ("slot_id", "late_code", "late_reason"), _("Choose a time")),
    Action("arrive", visits.mark_arrived, (), _("Mark the arrival")),
    Action(
        "complete",
        attachments.complete_with_files,
        ("text", "diagnosis_code", "diagnosis_text", "recommendations", "practitioner_name", "files"),
        _("Write the conclusion"),
    ),
    Action(
        "reschedule",
        booking.reschedule_referral,
        ("slot_id", "late_code", "late_reason", "comment"),
        _("Move the booking"),
    ),
    Action("decline_offer", waitlist.decline_offer, ("reason", "comment"), _("Decline the offered time")),
    Action("wait", waitlist.wait_referral, waitlist.WISHES, _("Put the patient on the waiting list")),
    Action("change_preferences", waitlist.change_preferences, waitlist.WISHES, _("Change what suits")),
    Action("stop_waiting", waitlist.stop_waiting, ("comment",), _("Take off the waiting list")),
    Action("return_for_info", decisions.return_referral, ("reason", "comment"), _("Return for information")),
    Action(
        "redirect",
        decisions.redirect_referral,
        ("service_id", "comment", "reason"),
        _("Redirect to another service"),
    ),
    Action("reject", decisions.reject_referral, ("reason", "comment"), _("Reject the referral"), danger=True),
    Action("record_call", follow_up.record_call, ("reason", "comment"), _("Record a call")),
    Action(
        "hand_back",
        follow_up.hand_back_referral,
        ("reason", "comment"),
        _("Hand back to the referring clinic"),
    ),
    Action(
        "change_priority",
        priorities.change_priority,
        ("priority", "suspicion", "comment"),
        _("Change the priority"),
    ),
    Action("no_show", visits.mark_no_show, ("reason", "comment"), _("Did not come")),
    Action(
        "cancel_booking", booking.cancel_booking, ("reason", "comment"), _("Cancel the booking"), danger=True
    ),
    Action("cancel", decisions.cancel_referral, ("reason", "comment"), _("Cancel the referral"), danger=True),
]
ACTIONS: dict[str, Action] = {action.name: action for action in _ALL}


def available_actions(actor: Actor, referral: Referral) -> list[str]:
    """What the actor can do with the referral right now, the likeliest next step first. Never a dead button.

    Reads nothing but the referral (with `appointment_clinic`), so lists can call it for every row.
    """
    possible = REFERRAL.leaving(referral.state)
    names = [
        name
        for name in ACTIONS
        if name in possible and possible[name] & referral_policy.sides(actor, referral, name)
    ]
    if referral.state == ReferralState.BOOKED:
        names = [name for name in names if name not in _untimely(referral)]
    if referral.state == ReferralState.WAITLISTED and not is_offered(referral):
        names = [name for name in names if name not in ("accept_offer", "decline_offer")]
    if not referral.no_shows:
        names = [name for name in names if name != "hand_back"]
    if referral.state in drafts.EDITABLE and REFERRING in referral_policy.sides(actor, referral):
        names.insert(0, "edit")
    return names


def is_offered(referral: Referral) -> bool:
    """Whether a time is offered to the patient and kept, now."""
    return referral.offer_until is not None and referral.offer_until > timezone.now()


def _untimely(referral: Referral) -> set[str]:
    """Arriving is for the day of the visit, not coming for after its beginning."""
    now, at = timezone.now(), referral.appointment_at
    zone = referral.appointment_clinic.time_zone
    late = set() if day_of(now, zone) == day_of(at, zone) else {"arrive"}
    return late if at <= now else late | {"no_show"}


def perform(actor: Actor, *, referral_id: uuid.UUID, action: str, data: dict[str, Any]) -> Any:
    """Run an action by its name with the inputs that it takes; others are ignored."""
    verb = ACTIONS[action]
    return verb.run(actor, referral_id=referral_id, **{k: v for k, v in data.items() if k in verb.inputs})
