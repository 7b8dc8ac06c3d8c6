"""Moving a referral: the state, the line in its story, the news to the other side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_portal.common.background import enqueue_with
from cluster_portal.common.errors import Forbidden, Invalid, NotFound
from patients.events import REFERRAL_MOVED
from patients.models import Referral, ReferralStep
from patients.policies import referral_policy
from patients.selectors.reasons import find_reason
from patients.services.entries import leave
from patients.states import MAY_BE_REASONED, REFERRAL, ReferralState

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet

    from cluster_portal.common.actor import Actor

RELATED = ("service_type", "service__clinic", "source_clinic", "target_clinic", "patient")


def lock_referral(
    actor: Actor, action: str, referral_id: uuid.UUID, *, rows: QuerySet[Referral] | None = None
) -> Referral:
    """The referral, locked first as every service does; with `RELATED`, or as `rows` read it.

    Raises NotFound or Forbidden by the policy, and IllegalTransition where an action of the state table is not possible
    (any more): before anything else is looked at, so that a button pressed twice is told just that.
    """
    if rows is None:
        rows = Referral.objects.select_related(*RELATED)
    try:
        referral = referral_policy.get(actor, action, referral_id, lock=True, queryset=rows)
    except (NotFound, Forbidden):
        # Whoever waited for the lock while the patient's record was merged joins it to a patient who is gone from it:
        # asked anew, the row is there.
        referral = referral_policy.get(actor, action, referral_id, lock=True, queryset=rows)
    if action in REFERRAL.actions:
        REFERRAL.find(referral.state, action)
    return referral


def check_reason(
    kind: str,
    code: str,
    comment: str,
    *,
    booked: bool = False,
    known: str = "",
    fields: tuple[str, str] = ("reason", "comment"),
) -> None:
    """Raise Invalid unless `code` may be chosen today for that kind of act, with words where they are compulsory.

    Of a `booked` referral only a reason that cancels the appointment will do: the act closes the referral, and its
    time is given back with it. A code that is `known`, because it stands there already, may stay after its last day.
    `fields` are the names under which the code and the words were sent. No code at all is
    fine for the kinds in `MAY_BE_REASONED`.
    """
    if not code and kind in MAY_BE_REASONED:
        return
    reason = find_reason(kind, code)
    if reason is None:
        raise Invalid({fields[0]: [_("Please choose a reason.")]})
    if code != known and not reason.is_valid_on(timezone.localdate()):
        raise Invalid({fields[0]: [_("This reason is not used any more. Please choose another one.")]})
    if booked and not reason.cancels_appointment:
        raise Invalid(
            {
                fields[0]: [
                    _("This reason does not give the booked time back. Please cancel the booking first.")
                ]
            }
        )
    if reason.needs_comment and not comment.strip():
        raise Invalid({fields[1]: [_("Please say it in words.")]})


def move(
    actor: Actor,
    referral: Referral,
    action: str,
    *,
    target: str | None = None,
    reason: str = "",
    comment: str = "",
    details: dict[str, Any] | None = None,
    changed: tuple[str, ...] = (),
) -> None:
    """Move `referral` by the state table and save it together with the fields in `changed`.

    Whichever step takes it off the waiting list, its entry there ends with it.
    """
    came_from = referral.state
    REFERRAL.move(referral, action, target)
    fields = ["state", "updated_at", *changed]
    if referral.state != came_from:
        referral.state_since = timezone.now()
        fields.append("state_since")
    if came_from == ReferralState.WAITLISTED != referral.state:
        leave(actor, referral, action, (details or {}).get("slot", ""))
        referral.offer_until = None
        fields.append("offer_until")
    referral.save(update_fields=fields)
    note(actor, referral, action, came_from=came_from, reason=reason, comment=comment, details=details)


def note(
    actor: Actor,
    referral: Referral,
    action: str,
    *,
    came_from: str = "",
    reason: str = "",
    comment: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Write a line of the story and tell the other side after the commit."""
    step = ReferralStep(
        referral=referral,
        at=timezone.now(),
        action=action,
        from_state=came_from,
        to_state=referral.state,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        actor_name=actor.name,
        reason=reason,
        comment=comment.strip(),
        details=details or {},
    )
    enqueue_with(
        REFERRAL_MOVED,
        {
            "referral": str(referral.pk),
            "action": action,
            "organization": actor.organization_id and str(actor.organization_id),
        },
        row=step,
        key="step",
    )
